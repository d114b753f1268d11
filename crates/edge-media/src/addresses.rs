//! The addresses of the port: what browsers are told of them, and the listener for calls over TCP.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::slice;

use socket2::{Domain, Protocol, Socket, Type};

use crate::socket::{MediaSocket, canonical};

/// Connections that wait to be taken.
const BACKLOG: i32 = 1024;
/// How many ports are tried for one that is free for UDP and TCP, where the system chooses.
const CHOICES: usize = 16;

/// Whether a socket at this address takes IPv4 beside IPv6.
pub(crate) fn is_dual_stack(address: SocketAddr) -> bool {
    address.is_ipv6() && address.ip().is_unspecified()
}

/// What browsers are told: the public addresses, else the bound one. Port 0 means the bound port. There is one of each IP
/// version at most, because which one a client sent to is known by the version it comes from; the first counts.
///
/// `None` where that would be the unspecified address, to which nobody can send.
pub(crate) fn candidates(local: SocketAddr, public: &[SocketAddr]) -> Option<Vec<SocketAddr>> {
    let told = if public.is_empty() { slice::from_ref(&local) } else { public };
    let mut candidates: Vec<SocketAddr> = Vec::new();
    for address in told {
        let mut candidate = canonical(*address);
        if candidate.ip().is_unspecified() {
            return None;
        }
        if candidate.port() == 0 {
            candidate.set_port(local.port());
        }
        if !candidates.iter().any(|other| other.is_ipv4() == candidate.is_ipv4()) {
            candidates.push(candidate);
        }
    }
    Some(candidates)
}

/// The UDP socket at this address, and the listener for TCP at the same. Calls go on without the listener, so that a port
/// that is taken is no reason not to start.
pub(crate) fn open(bind: SocketAddr) -> io::Result<(MediaSocket, Option<TcpListener>)> {
    open_by(bind, listen)
}

/// Port 0 is whichever the system has free for UDP, and another program may have it for TCP: then the next is tried.
fn open_by(
    bind: SocketAddr,
    mut listen: impl FnMut(SocketAddr) -> io::Result<TcpListener>,
) -> io::Result<(MediaSocket, Option<TcpListener>)> {
    let choices = if bind.port() == 0 { CHOICES } else { 1 };
    // Those that were tried stay bound until one is chosen, so that the system gives another.
    let mut tried = Vec::new();
    loop {
        let socket = MediaSocket::bind(bind)?;
        let local = socket.local_addr()?;
        match listen(local) {
            Ok(listener) => return Ok((socket, Some(listener))),
            Err(_) if tried.len() + 1 < choices => tried.push(socket),
            Err(error) => {
                tracing::warn!(%local, %error, "no calls over TCP: the port is taken");
                return Ok((socket, None));
            }
        }
    }
}

/// The listener at the address of the UDP socket, for the same IP versions.
fn listen(local: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(local), Type::STREAM, Some(Protocol::TCP))?;
    if local.is_ipv6() {
        // The system may have it otherwise (net.ipv6.bindv6only).
        socket.set_only_v6(!is_dual_stack(local))?;
    }
    // A server that is started again does not wait for connections of the one before.
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&local.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(local: &str, public: &[&str]) -> Option<Vec<String>> {
        let public: Vec<SocketAddr> = public.iter().map(|address| address.parse().unwrap()).collect();
        let candidates = candidates(local.parse().unwrap(), &public)?;
        Some(candidates.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn browsers_are_told_one_address_of_each_version() {
        let both = ["203.0.113.5:9000", "[2001:db8::5]:0"];
        assert_eq!(told("[::]:10000", &both).unwrap(), ["203.0.113.5:9000", "[2001:db8::5]:10000"]);
        let twice = ["[2001:db8::5]:9000", "[2001:db8::6]:9000", "203.0.113.5:9000"];
        assert_eq!(told("[::]:10000", &twice).unwrap(), ["[2001:db8::5]:9000", "203.0.113.5:9000"]);
        // An IPv4 address inside an IPv6 one is the IPv4 address.
        assert_eq!(told("[::]:10000", &["[::ffff:203.0.113.5]:9000"]).unwrap(), ["203.0.113.5:9000"]);
        assert_eq!(told("[2001:db8::5]:10000", &[]).unwrap(), ["[2001:db8::5]:10000"]);
    }

    #[test]
    fn a_chosen_port_is_free_for_both_and_a_given_one_is_kept() {
        let mut refused = Vec::new();
        let (socket, listener) = open_by("127.0.0.1:0".parse().unwrap(), |local| {
            if refused.len() < 2 {
                refused.push(local);
                return Err(io::ErrorKind::AddrInUse.into());
            }
            listen(local)
        })
        .unwrap();
        let local = socket.local_addr().unwrap();
        assert_eq!(listener.unwrap().local_addr().unwrap(), local);
        assert!(refused.len() == 2 && !refused.contains(&local));

        let held = TcpListener::bind("127.0.0.1:0").unwrap();
        let (socket, listener) = open(held.local_addr().unwrap()).unwrap();
        assert_eq!(socket.local_addr().unwrap(), held.local_addr().unwrap());
        assert!(listener.is_none());
    }

    #[test]
    fn nobody_can_send_to_the_unspecified_address() {
        assert_eq!(told("[::]:10000", &[]), None);
        assert_eq!(told("0.0.0.0:10000", &[]), None);
        assert_eq!(told("[::]:10000", &["203.0.113.5:0", "[::]:9"]), None);
    }
}
