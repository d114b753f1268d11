//! ICE over TCP: the rung for networks that drop UDP.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bianque_media::{Framing, Remote, Transport};
use tokio::io::{AsyncRead, AsyncWrite, split};

use crate::socket::canonical;

use super::lane::Lane;
use super::limits::Bucket;
use super::outbox::outbox;
use super::pump::{self, Frames};
use super::{OPENING, SILENCE, Streams};

impl Streams {
    /// Serves a TCP connection to the media port, until either side has enough.
    pub async fn ice_tcp(&self, stream: impl AsyncRead + AsyncWrite, peer: SocketAddr) {
        let remote = Remote { transport: Transport::Tcp, address: canonical(peer) };
        let (outbox, mut inbox) = outbox();
        let lane = Lane::new(&self.shards, outbox);
        let (reader, mut writer) = split(stream);
        let mut frames = Datagrams { lane, remote, bucket: Bucket::of_stream(), spoke: false };
        let writing = async {
            while let Some(datagrams) = inbox.take().await {
                pump::write(&mut writer, &framed(&datagrams)).await?;
            }
            Ok(())
        };
        let ended = tokio::select! {
            ended = pump::read(Box::pin(reader), Framing::Length, &mut frames) => ended,
            ended = writing => ended,
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "call over TCP");
        }
    }
}

struct Datagrams<'a> {
    lane: Lane<'a>,
    remote: Remote,
    bucket: Bucket,
    spoke: bool,
}

impl Frames for Datagrams<'_> {
    fn take(&mut self, frame: &[u8]) -> bool {
        // Nobody sends a call without asking first whether there is one: what begins otherwise is something else.
        if !self.spoke && frame.first() != Some(&0) {
            return false;
        }
        self.spoke = true;
        self.lane.carry(self.remote, frame)
    }

    fn pause(&mut self, bytes: usize, now: Instant) -> Duration {
        self.bucket.take(bytes, now)
    }

    fn patience(&self, _: Instant) -> Duration {
        if self.spoke { SILENCE } else { OPENING }
    }
}

/// Datagrams with their lengths before them.
fn framed(datagrams: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(datagrams.iter().map(|datagram| datagram.len() + 2).sum());
    for datagram in datagrams {
        let Ok(length) = u16::try_from(datagram.len()) else { continue };
        bytes.extend(length.to_be_bytes());
        bytes.extend(datagram);
    }
    bytes
}
