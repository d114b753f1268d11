//! When a datagram came, as the kernel says: the load reads some of them late, which is no delay of the router's.

use std::io::IoSliceMut;
use std::net::{SocketAddr, SocketAddrV4, SocketAddrV6, UdpSocket};
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::Result;
use nix::sys::socket::{
    ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg, setsockopt, sockopt::ReceiveTimestampns,
};
use nix::sys::time::TimeSpec;

/// Reads datagrams, and tells when they came.
pub(crate) struct Reader {
    epoch: Instant,
    /// The wall clock, which the kernel stamps with, at the epoch.
    wall: Duration,
    control: Vec<u8>,
    pub(crate) buffer: Vec<u8>,
}

impl Reader {
    pub(crate) fn new(epoch: Instant) -> Result<Self> {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH)?.saturating_sub(epoch.elapsed());
        Ok(Self { epoch, wall, control: nix::cmsg_space!(TimeSpec), buffer: vec![0; 2048] })
    }

    /// Has the kernel stamp what comes to a socket.
    pub(crate) fn prepare(socket: &UdpSocket) -> Result<()> {
        Ok(setsockopt(socket, ReceiveTimestampns, &true)?)
    }

    /// Reads the next datagram into the buffer: its length, where it came from, and when it came.
    pub(crate) fn read(&mut self, socket: &UdpSocket) -> Option<(usize, SocketAddr, Instant)> {
        let mut buffer = [IoSliceMut::new(&mut self.buffer)];
        let control = Some(self.control.as_mut_slice());
        let told =
            recvmsg::<SockaddrStorage>(socket.as_raw_fd(), &mut buffer, control, MsgFlags::empty()).ok()?;
        let stamp = told.cmsgs().ok()?.find_map(|message| match message {
            ControlMessageOwned::ScmTimestampns(time) => Some(Duration::from(time)),
            _ => None,
        });
        let address = told.address?;
        let v4 = || address.as_sockaddr_in().map(|v4| SocketAddr::from(SocketAddrV4::from(*v4)));
        let from =
            address.as_sockaddr_in6().map(|v6| SocketAddr::from(SocketAddrV6::from(*v6))).or_else(v4)?;
        let came = stamp.map_or_else(Instant::now, |at| self.epoch + at.saturating_sub(self.wall));
        Some((told.bytes, from, came))
    }
}
