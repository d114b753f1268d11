//! How many requests one address may send: a bucket that fills again with time.
//!
//! Requests from this machine are not counted: behind a proxy they are everybody's, and a proxy has limits of its own.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use bianque_app::{Error, ErrorKind};

use crate::{Edge, Problem};

/// Requests that may come at once.
const BURST: f64 = 2000.0;
/// Requests per second that may go on for ever.
const PER_SECOND: f64 = 200.0;
/// Addresses that are remembered; the fullest buckets are forgotten first, which changes nothing for them.
const REMEMBERED: usize = 20_000;

/// The buckets.
#[derive(Default)]
pub(crate) struct Buckets(Mutex<HashMap<IpAddr, Bucket>>);

struct Bucket {
    left: f64,
    at: Instant,
}

/// Refuses an address that has used its bucket up.
pub(crate) async fn per_address(
    State(edge): State<Edge>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_canonical());
    if let Some(peer) = peer.filter(|peer| !peer.is_loopback())
        && !edge.buckets.take(network(peer), Instant::now())
    {
        let kind = ErrorKind::TooMany { retry_after_s: 1 };
        return Err(Error::new(kind, "requests.too-many", "too many requests from this address").into());
    }
    Ok(next.run(request).await)
}

impl Buckets {
    fn take(&self, address: IpAddr, now: Instant) -> bool {
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= REMEMBERED && !buckets.contains_key(&address) {
            buckets.retain(|_, bucket| bucket.filled(now) < BURST);
            if buckets.len() >= REMEMBERED {
                buckets.clear();
            }
        }
        let bucket = buckets.entry(address).or_insert(Bucket { left: BURST, at: now });
        bucket.left = bucket.filled(now);
        bucket.at = now;
        let allowed = bucket.left >= 1.0;
        if allowed {
            bucket.left -= 1.0;
        }
        allowed
    }
}

impl Bucket {
    fn filled(&self, now: Instant) -> f64 {
        (self.left + now.saturating_duration_since(self.at).as_secs_f64() * PER_SECOND).min(BURST)
    }
}

/// One household has one IPv4 address, or one /64 of IPv6.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(six) => {
            let [a, b, c, d, ..] = six.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_bucket_empties_and_fills_again_for_each_address_alone() {
        let buckets = Buckets::default();
        let (one, other) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        let now = Instant::now();
        assert!((0..2000).all(|_| buckets.take(one, now)));
        assert!(!buckets.take(one, now));
        assert!(buckets.take(other, now));
        assert!(buckets.take(one, now + Duration::from_secs(1)));
    }

    #[test]
    fn a_whole_ipv6_network_has_one_bucket() {
        let of = |text: &str| network(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2::5"), of("2001:db8:1:2:ffff::1"));
        assert_ne!(of("2001:db8:1:2::5"), of("2001:db8:1:3::5"));
    }
}
