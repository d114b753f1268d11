//! Lines to other systems on which HL7 v2 goes out: bytes there and back. What is said on them is for who uses them.

use std::future::Future;
use std::pin::Pin;

use super::outbound::Failure;

/// The way to other systems.
pub trait Lines: Send + Sync {
    /// Opens a line.
    ///
    /// # Errors
    /// Why there is none.
    fn open<'a>(&'a self, end: &'a End) -> Awaited<'a, Box<dyn OpenLine>>;
}

/// A line that stands until it is dropped. After a failure it is of no use.
pub trait OpenLine: Send {
    /// Sends bytes, all of them.
    ///
    /// # Errors
    /// The other side is gone, or takes nothing for too long.
    fn write<'a>(&'a mut self, bytes: &'a [u8]) -> Awaited<'a, ()>;

    /// What comes next, at least a byte.
    ///
    /// # Errors
    /// The other side is gone, or says nothing for too long.
    fn read(&mut self) -> Awaited<'_, Vec<u8>>;
}

/// Something of a line that is awaited.
pub type Awaited<'a, T> = Pin<Box<dyn Future<Output = Result<T, Failure>> + Send + 'a>>;

/// The other end of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// A name, or an address.
    pub host: url::Host,
    /// The port.
    pub port: u16,
    /// Without TLS.
    pub plain: bool,
    /// SHA-256 of the certificate that it has to show, in hexadecimal; none: one that an authority vouches for.
    pub certificate: Option<String>,
    /// It may lie inside a network though configuration does not name it.
    pub inside: bool,
}

/// No lines.
#[derive(Debug, Clone, Copy)]
pub struct NoLines;

impl Lines for NoLines {
    fn open<'a>(&'a self, _: &'a End) -> Awaited<'a, Box<dyn OpenLine>> {
        Box::pin(std::future::ready(Err(Failure::Unreachable)))
    }
}
