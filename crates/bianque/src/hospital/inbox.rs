//! The hospital's ear: takes what a server tells it by HL7 v2, and answers. It keeps nothing.

use std::io;
use std::net::SocketAddr;

use bianque_hl7v2::{Ack, AckCode, Charset, Frames, Message, framed};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// Bytes of a message.
const LONGEST: usize = 8 << 20;

/// An ear on this machine.
pub(crate) struct Inbox(TcpListener);

impl Inbox {
    /// Listens on a port that is free.
    pub(crate) async fn open() -> io::Result<Self> {
        Ok(Self(TcpListener::bind("127.0.0.1:0").await?))
    }

    /// Where.
    pub(crate) fn address(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }

    /// Listens for ever.
    pub(crate) async fn run(self) {
        while let Ok((stream, _)) = self.0.accept().await {
            tokio::spawn(async move {
                if let Err(error) = listen(stream).await {
                    tracing::debug!(%error, "a line into the hospital ended");
                }
            });
        }
    }
}

async fn listen(mut stream: TcpStream) -> anyhow::Result<()> {
    let (mut frames, mut buffer) = (Frames::new(LONGEST), vec![0; 16 << 10]);
    loop {
        while let Some(frame) = frames.next_frame()? {
            let message = Message::parse(frame, Charset::UTF_8)?;
            let time = jiff::Zoned::now().strftime("%Y%m%d%H%M%S%z").to_string();
            let control = message.text("MSH-10").into_owned();
            let ack = Ack { code: AckCode::Accepted, control_id: &control, time: &time, faults: &[] };
            stream.write_all(&framed(&ack.to(&message)?)).await?;
        }
        let read = stream.read(&mut buffer).await?;
        if read == 0 {
            return Ok(());
        }
        frames.push(&buffer[..read]);
    }
}
