//! What the edge needs of an archive. Strings are what the network said, read as UIDs and titles and no more.

use std::future::Future;
use std::net::IpAddr;

use bianque_dimse::Status;
use tokio::io::{AsyncRead, AsyncWrite};

/// The line that somebody called on.
#[derive(Debug, Clone)]
pub struct Line {
    /// Where it comes from.
    pub address: IpAddr,
    /// Whether it is TLS.
    pub secure: bool,
    /// SHA-256 of the certificate that was shown, in hexadecimal.
    pub certificate: Option<String>,
}

/// What a peer may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a box that somebody ticks")]
pub struct Rights {
    /// Send objects.
    pub store: bool,
    /// Query.
    pub query: bool,
    /// Have objects sent, to itself or to others.
    pub retrieve: bool,
    /// Ask what is scheduled.
    pub worklist: bool,
}

/// Why somebody is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotAdmitted {
    /// Nobody of the called title is here.
    Called,
    /// Nobody knows the calling title.
    Calling,
    /// The title is known, and does not come as it must.
    Line,
    /// It cannot be told now.
    Unavailable,
}

/// That something is not done. The comment is shown to the peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Why, in DICOM's terms.
    pub status: Status,
    /// Why, for people; at most 64 characters.
    pub comment: String,
}

/// The levels that a query or retrieval begins at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Model {
    /// Patient Root.
    Patient,
    /// Study Root.
    Study,
}

/// An object that is announced.
#[derive(Debug, Clone)]
pub struct Announced {
    /// Its class, as the command names it.
    pub class: String,
    /// Its UID, as the command names it.
    pub instance: String,
    /// The transfer syntax of what comes.
    pub syntax: String,
    /// Who sends it: the calling AE title.
    pub source: String,
}

/// What identifies objects: a query's or retrieval's data set and how it is encoded.
#[derive(Debug, Clone)]
pub struct Identifier {
    /// Where its levels begin.
    pub model: Model,
    /// The data set.
    pub bytes: Vec<u8>,
    /// Its transfer syntax, and that of the matches.
    pub syntax: String,
}

/// Where objects are to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// Its title.
    pub title: String,
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Whether it is TLS.
    pub secure: bool,
    /// SHA-256 of the certificate that it has to show, in hexadecimal; none: one that an authority vouches for.
    pub certificate: Option<String>,
}

/// An archive, as one peer after the other sees it.
pub trait Archive: Clone + Send + Sync + 'static {
    /// A peer that was let in: who it is, and what it sees.
    type Peer: Clone + Send + Sync + 'static;
    /// An object that comes.
    type Receiving: Receiving;
    /// Matches, each encoded as the query was. They are made one by one.
    type Matches: Iterator<Item = Vec<u8>> + Send;
    /// An object that goes.
    type Outgoing: Outgoing<Archive = Self>;
    /// A connection to somewhere else.
    type Stream: AsyncRead + AsyncWrite + Unpin + Send;

    /// Lets somebody in.
    fn admit(
        &self,
        line: &Line,
        called: &str,
        calling: &str,
    ) -> impl Future<Output = Result<(Self::Peer, Rights), NotAdmitted>> + Send;

    /// Begins to take an object.
    fn receive(&self, peer: &Self::Peer, announced: Announced) -> Self::Receiving;

    /// What matches a query.
    fn find(
        &self,
        peer: &Self::Peer,
        identifier: Identifier,
    ) -> impl Future<Output = Result<Self::Matches, Refusal>> + Send;

    /// What is scheduled and matches.
    fn worklist(
        &self,
        peer: &Self::Peer,
        identifier: Identifier,
    ) -> impl Future<Output = Result<Self::Matches, Refusal>> + Send;

    /// What a retrieval is of.
    fn retrieve(
        &self,
        peer: &Self::Peer,
        identifier: Identifier,
    ) -> impl Future<Output = Result<Vec<Self::Outgoing>, Refusal>> + Send;

    /// Where a title is.
    fn destination(
        &self,
        peer: &Self::Peer,
        title: &str,
    ) -> impl Future<Output = Result<Destination, Refusal>> + Send;

    /// Opens a connection to there, with no delay of small packets. The comment says why there is none.
    fn connect(&self, destination: &Destination)
    -> impl Future<Output = Result<Self::Stream, String>> + Send;
}

/// An object that comes in pieces. Its calls may block, and are made where they may.
pub trait Receiving: Send + 'static {
    /// Takes a piece. After a refusal nothing more comes.
    fn push(&mut self, bytes: &[u8]) -> Result<(), Refusal>;

    /// It is whole. It is durable when this answers; dropped before, it never was. A status is something to tell.
    fn finish(self) -> impl Future<Output = Result<Option<Status>, Refusal>> + Send;
}

/// An object that goes.
pub trait Outgoing: Send + 'static {
    /// The archive that it is of.
    type Archive: Archive;
    /// Its bytes.
    type Reading: Reading;

    /// Its class.
    fn class(&self) -> &str;
    /// Its UID.
    fn instance(&self) -> &str;
    /// The transfer syntaxes that it can be given in, the one that it is kept in first.
    fn syntaxes(&self) -> Vec<String>;
    /// Opens its data set in one of them, without preamble and meta group. May block.
    fn open(
        &self,
        archive: &Self::Archive,
        peer: &<Self::Archive as Archive>::Peer,
        syntax: &str,
    ) -> Result<Self::Reading, Refusal>;
}

/// Bytes of an object. Its calls may block.
pub trait Reading: Send {
    /// What comes next; none at the end.
    fn next_chunk(&mut self) -> Result<Option<Vec<u8>>, Refusal>;
}
