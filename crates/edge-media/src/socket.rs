//! The UDP socket: large buffers, never blocking, IPv4 addresses always in their own form.

use std::io;
use std::net::{IpAddr, SocketAddr, SocketAddrV6, UdpSocket};
use std::os::fd::{AsFd, BorrowedFd};

use socket2::{Domain, Protocol, SockRef, Socket, Type};

use crate::addresses::is_dual_stack;

/// A second of some forty calls. The kernel gives less where `net.core.rmem_max` says so.
const BUFFER_BYTES: usize = 8 << 20;

pub(crate) struct MediaSocket {
    socket: UdpSocket,
    dual_stack: bool,
}

impl MediaSocket {
    /// The socket at an address that nobody has, not even this program.
    pub(crate) fn bind(address: SocketAddr) -> io::Result<Self> {
        Self::bind_one(address, false)
    }

    /// Lets others be bound to the same address; the kernel deals out among them what comes, by where it comes from.
    pub(crate) fn share(&self) -> io::Result<()> {
        SockRef::from(&self.socket).set_reuse_port(true)
    }

    /// Another at the address of one that is shared.
    pub(crate) fn beside(other: &Self) -> io::Result<Self> {
        Self::bind_one(other.local_addr()?, true)
    }

    /// The same socket once more.
    pub(crate) fn try_clone(&self) -> io::Result<Self> {
        Ok(Self { socket: self.socket.try_clone()?, dual_stack: self.dual_stack })
    }

    fn bind_one(address: SocketAddr, shared: bool) -> io::Result<Self> {
        let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
        let dual_stack = is_dual_stack(address);
        if address.is_ipv6() {
            socket.set_only_v6(!dual_stack)?;
        }
        if shared {
            socket.set_reuse_port(true)?;
        }
        socket.set_nonblocking(true)?;
        // Smaller buffers lose packets under load, and are no reason not to start.
        let _ = socket.set_recv_buffer_size(BUFFER_BYTES);
        let _ = socket.set_send_buffer_size(BUFFER_BYTES);
        let granted = socket.recv_buffer_size().unwrap_or(0);
        if granted < BUFFER_BYTES / 4 && !shared {
            tracing::info!(granted, wanted = BUFFER_BYTES, "small receive buffer: raise net.core.rmem_max");
        }
        socket.bind(&address.into())?;
        Ok(Self { socket: socket.into(), dual_stack })
    }

    pub(crate) fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// The next datagram that waits, or `None`.
    pub(crate) fn receive(&self, buffer: &mut [u8]) -> Option<(usize, SocketAddr)> {
        loop {
            match self.socket.recv_from(buffer) {
                Ok((length, from)) => return Some((length, canonical(from))),
                // An ICMP error about an earlier datagram of ours, or a signal; the next one is not concerned.
                Err(error) if retry(&error) => {}
                Err(_) => return None,
            }
        }
    }

    /// Answers whether the kernel took the datagram.
    pub(crate) fn send(&self, to: SocketAddr, bytes: &[u8]) -> bool {
        let to = if self.dual_stack { mapped(to) } else { to };
        self.socket.send_to(bytes, to).is_ok()
    }
}

impl AsFd for MediaSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

fn retry(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::Interrupted | io::ErrorKind::ConnectionRefused)
}

/// The address in its own form, IPv4 never inside IPv6.
pub(crate) fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

fn mapped(address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) => SocketAddrV6::new(ip.to_ipv6_mapped(), address.port(), 0, 0).into(),
        IpAddr::V6(_) => address,
    }
}
