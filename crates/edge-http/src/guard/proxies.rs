//! Who is at the other end, when proxies stand between: what a header says of it is believed of trusted proxies only.
//!
//! A proxy appends the address it was asked by to a list. The list is read from its end: hops of trusted proxies are
//! passed over, and the first that is not trusted is the client. What stands before it was written by that client and
//! means nothing. One header is read, the one that the proxies are known to write: another may have come through them
//! as the client sent it.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use ipnet::IpNet;

use super::forwarded::{self, Hop};
use crate::Edge;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// The header in which trusted proxies name clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ForwardedHeader {
    /// `X-Forwarded-For`, with `X-Forwarded-Proto` and `X-Forwarded-Host`.
    #[default]
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

/// The proxies that are trusted.
#[derive(Debug, Clone, Default)]
pub struct Proxies {
    networks: Arc<[IpNet]>,
    header: ForwardedHeader,
}

/// What is known of the other end of a request, after what trusted proxies said of it.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    /// The client's address, v4 as v4.
    pub(crate) address: IpAddr,
    /// The client speaks HTTPS with the proxy.
    pub(crate) secure: bool,
    /// The host that the client asked the proxy for.
    pub(crate) host: Option<String>,
    /// Somebody between says so, or claims to: the request was not made by a program on the address itself.
    pub(crate) relayed: bool,
}

impl Proxies {
    /// Trusts these addresses and networks, such as `10.0.0.7` or `2001:db8::/32`.
    ///
    /// # Errors
    /// The text that is neither.
    pub fn new(texts: &[String], header: ForwardedHeader) -> Result<Self, String> {
        let networks = texts
            .iter()
            .map(|text| network(text.trim()).ok_or_else(|| text.clone()))
            .collect::<Result<_, _>>()?;
        Ok(Self { networks, header })
    }

    /// Whether a connection from this address is a trusted proxy's.
    pub fn trust(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.networks.iter().any(|network| network.contains(&address))
    }

    /// Whether none is trusted.
    pub fn is_empty(&self) -> bool {
        self.networks.is_empty()
    }

    /// Whether any address of the internet is trusted, which trusts everybody.
    pub fn trusts_everybody(&self) -> bool {
        self.networks.iter().any(|network| network.prefix_len() == 0)
    }

    /// The other end of a request that came from `from` with these headers.
    pub(crate) fn peer(&self, from: IpAddr, headers: &HeaderMap) -> Peer {
        let from = from.to_canonical();
        let relayed = [X_FORWARDED_FOR, header::FORWARDED].iter().any(|name| headers.contains_key(name));
        let mut peer = Peer { address: from, secure: false, host: None, relayed };
        if !self.trust(from) {
            return peer;
        }
        let hops = match self.header {
            ForwardedHeader::XForwardedFor => x_forwarded(headers),
            ForwardedHeader::Forwarded => forwarded::elements(headers),
        };
        if let Some(nearest) = hops.last() {
            peer.secure = nearest.proto.as_deref().is_some_and(|proto| proto.eq_ignore_ascii_case("https"));
            peer.host.clone_from(&nearest.host);
        }
        for hop in hops.iter().rev() {
            // A hop that does not say who asked it is the farthest that is known.
            let Some(address) = hop.address else { break };
            peer.address = address;
            if !self.trust(address) {
                break;
            }
        }
        peer
    }
}

/// Finds out who is at the other end; everything after asks the request's extensions: [`Peer`], and the address alone
/// as `ConnectInfo`.
pub(crate) async fn resolve(State(edge): State<Edge>, mut request: Request, next: Next) -> Response {
    if let Some(ConnectInfo(from)) = request.extensions().get::<ConnectInfo<SocketAddr>>().copied() {
        let peer = edge.trust.proxies.peer(from.ip(), request.headers());
        if let Some(host) = peer.host.as_deref().and_then(|host| HeaderValue::from_str(host).ok()) {
            request.headers_mut().insert(header::HOST, host);
        }
        request.extensions_mut().insert(ConnectInfo(SocketAddr::new(peer.address, from.port())));
        request.extensions_mut().insert(peer);
    }
    next.run(request).await
}

/// An address, or a network; a v4 network that is written as v6 is the v4 one.
fn network(text: &str) -> Option<IpNet> {
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(address.to_canonical().into());
    }
    let network: IpNet = text.parse().ok()?;
    match (network.addr().to_canonical(), network.prefix_len()) {
        (IpAddr::V4(four), bits) if network.addr().is_ipv6() => {
            IpNet::new(four.into(), bits.checked_sub(96)?).ok()
        }
        _ => Some(network),
    }
}

/// `X-Forwarded-For` as hops; what the nearest proxy says of scheme and host stands with the last.
fn x_forwarded(headers: &HeaderMap) -> Vec<Hop> {
    let mut hops: Vec<Hop> = forwarded::values(headers, &X_FORWARDED_FOR)
        .map(|text| Hop { address: forwarded::address(text), ..Hop::default() })
        .collect();
    if let Some(last) = hops.last_mut() {
        last.proto = forwarded::values(headers, &X_FORWARDED_PROTO).last().map(str::to_owned);
        last.host = forwarded::values(headers, &X_FORWARDED_HOST).last().map(str::to_owned);
    }
    hops
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trusting(networks: &[&str], header: ForwardedHeader) -> Proxies {
        Proxies::new(&networks.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>(), header).unwrap()
    }

    fn asked(proxies: &Proxies, from: &str, pairs: &[(&'static str, &'static str)]) -> Peer {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_static(value));
        }
        proxies.peer(from.parse().unwrap(), &headers)
    }

    fn client(proxies: &Proxies, from: &str, pairs: &[(&'static str, &'static str)]) -> String {
        asked(proxies, from, pairs).address.to_string()
    }

    #[test]
    fn header_trust_nobody_is_believed_who_is_not_on_the_list() {
        let none = Proxies::default();
        let claim = [
            ("x-forwarded-for", "203.0.113.9"),
            ("forwarded", "for=203.0.113.9;proto=https"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "evil.example"),
        ];
        for proxies in [none, trusting(&["10.0.0.0/8"], ForwardedHeader::XForwardedFor)] {
            let peer = asked(&proxies, "198.51.100.1", &claim);
            assert_eq!(peer.address.to_string(), "198.51.100.1");
            assert!(!peer.secure && peer.host.is_none() && peer.relayed);
        }
    }

    #[test]
    fn header_trust_takes_the_rightmost_hop_that_is_not_a_proxy() {
        let proxies = trusting(&["10.0.0.0/8", "192.0.2.1"], ForwardedHeader::XForwardedFor);
        let of = |list| client(&proxies, "10.0.0.1", &[("x-forwarded-for", list)]);
        // What the client wrote itself stands to the left, and is passed over.
        assert_eq!(of("127.0.0.1, 203.0.113.9"), "203.0.113.9");
        assert_eq!(of("127.0.0.1, 203.0.113.9, 192.0.2.1, 10.9.9.9"), "203.0.113.9");
        assert_eq!(of("203.0.113.9:4711"), "203.0.113.9");
        assert_eq!(of("[2001:db8::9]:4711"), "2001:db8::9");
        // A hop that names nobody: the proxy that says so is all that is known.
        assert_eq!(of("203.0.113.9, unknown"), "10.0.0.1");
        assert_eq!(of("203.0.113.9, unknown, 10.2.2.2"), "10.2.2.2");
        assert_eq!(of(""), "10.0.0.1");
        // Everybody in the list is a proxy: the farthest.
        assert_eq!(of("10.3.3.3, 10.2.2.2"), "10.3.3.3");
        // The list may come in several lines.
        let lines = [("x-forwarded-for", "127.0.0.1"), ("x-forwarded-for", "203.0.113.9, 10.2.2.2")];
        assert_eq!(client(&proxies, "10.0.0.1", &lines), "203.0.113.9");
    }

    #[test]
    fn header_trust_knows_v4_that_is_written_as_v6() {
        let proxies = trusting(&["10.0.0.0/8"], ForwardedHeader::XForwardedFor);
        let list = [("x-forwarded-for", "::ffff:203.0.113.9, ::ffff:10.2.2.2")];
        assert_eq!(client(&proxies, "::ffff:10.0.0.1", &list), "203.0.113.9");
        let mapped = trusting(&["::ffff:10.0.0.0/104"], ForwardedHeader::XForwardedFor);
        assert!(mapped.trust("10.1.2.3".parse().unwrap()) && !mapped.trust("11.1.2.3".parse().unwrap()));
        // All of v6 is not all of v4.
        assert!(!trusting(&["::/0"], ForwardedHeader::XForwardedFor).trust("10.1.2.3".parse().unwrap()));
    }

    #[test]
    fn header_trust_reads_one_header_and_not_the_other() {
        let both = [("x-forwarded-for", "203.0.113.1"), ("forwarded", "for=203.0.113.2")];
        let one = trusting(&["10.0.0.1"], ForwardedHeader::XForwardedFor);
        let other = trusting(&["10.0.0.1"], ForwardedHeader::Forwarded);
        assert_eq!(client(&one, "10.0.0.1", &both), "203.0.113.1");
        assert_eq!(client(&other, "10.0.0.1", &both), "203.0.113.2");
    }

    #[test]
    fn scheme_and_host_are_those_of_the_nearest_proxy() {
        let proxies = trusting(&["10.0.0.0/8"], ForwardedHeader::XForwardedFor);
        let said = [
            ("x-forwarded-for", "203.0.113.9"),
            ("x-forwarded-proto", "http, https"),
            ("x-forwarded-host", "evil.example, clinic.example"),
        ];
        let peer = asked(&proxies, "10.0.0.1", &said);
        assert!(peer.secure);
        assert_eq!(peer.host.as_deref(), Some("clinic.example"));
        let proxies = trusting(&["10.0.0.0/8"], ForwardedHeader::Forwarded);
        let said =
            [("forwarded", "for=1.2.3.4;proto=http, for=\"[2001:db8::9]:5\";proto=HTTPS;host=\"a.example\"")];
        let peer = asked(&proxies, "10.0.0.1", &said);
        assert!(peer.secure);
        assert_eq!(
            (peer.address.to_string().as_str(), peer.host.as_deref()),
            ("2001:db8::9", Some("a.example"))
        );
    }
}
