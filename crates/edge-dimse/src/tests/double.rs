//! An archive in memory, with faults on demand.

use std::sync::{Arc, Mutex};

use bianque_dimse::Status;
use tokio::io::DuplexStream;
use tokio::sync::mpsc;

use crate::archive::*;
use crate::{Associations, Limits};

#[derive(Clone)]
pub(super) struct Memory {
    pub(super) kept: Arc<Mutex<Vec<Thing>>>,
    pub(super) rights: Rights,
    pub(super) limits: Limits,
    /// Where connections to others arrive.
    pub(super) calls: Option<mpsc::UnboundedSender<DuplexStream>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Thing {
    pub(super) class: String,
    pub(super) instance: String,
    pub(super) syntax: String,
    pub(super) bytes: Vec<u8>,
}

/// A transfer syntax that is not the only one for what is kept in it.
pub(super) const BOTH_WAYS: &str = "1.2.840.10008.1.2.2";
/// The instance whose storing panics.
pub(super) const FAULTY: &str = "6.6.6";
/// The instance for which the disk is full.
pub(super) const LARGE: &str = "9.9.9";

pub(super) struct Coming(Memory, Thing);

pub(super) struct Going(Vec<u8>);

impl Memory {
    pub(super) fn new() -> Self {
        let rights = Rights { store: true, query: true, retrieve: true, worklist: true };
        Self { kept: Arc::default(), rights, limits: Limits::default(), calls: None }
    }

    pub(super) fn associations(&self) -> Associations<Self> {
        Associations::new(self.clone(), self.limits)
    }
}

fn refused(status: Status, comment: &str) -> Refusal {
    Refusal { status, comment: comment.to_owned() }
}

impl Archive for Memory {
    type Peer = ();
    type Receiving = Coming;
    type Matches = std::iter::RepeatN<Vec<u8>>;
    type Outgoing = Thing;
    type Stream = DuplexStream;

    async fn admit(&self, line: &Line, called: &str, calling: &str) -> Result<((), Rights), NotAdmitted> {
        match (called, calling) {
            ("BIANQUE", "CT1" | "WS1") | ("WS9", "BIANQUE") => Ok(((), self.rights)),
            ("BIANQUE", "SECURE") if !line.secure => Err(NotAdmitted::Line),
            ("BIANQUE", _) => Err(NotAdmitted::Calling),
            _ => Err(NotAdmitted::Called),
        }
    }

    fn receive(&self, (): &(), announced: Announced) -> Coming {
        let Announced { class, instance, syntax, .. } = announced;
        Coming(self.clone(), Thing { class, instance, syntax, bytes: Vec::new() })
    }

    async fn find(&self, (): &(), identifier: Identifier) -> Result<Self::Matches, Refusal> {
        assert_eq!(identifier.model, Model::Study);
        match &identifier.bytes[..] {
            b"all" => Ok(std::iter::repeat_n(vec![7; 1000], 1_000_000)),
            b"some" => Ok(std::iter::repeat_n(vec![7; 1000], 3)),
            _ => Err(refused(Status::DATA_SET_DOES_NOT_MATCH_CLASS, "no such level")),
        }
    }

    async fn worklist(&self, (): &(), _: Identifier) -> Result<Self::Matches, Refusal> {
        Ok(std::iter::repeat_n(vec![9; 10], 2))
    }

    async fn retrieve(&self, (): &(), _: Identifier) -> Result<Vec<Thing>, Refusal> {
        Ok(self.kept.lock().unwrap().clone())
    }

    async fn destination(&self, (): &(), title: &str) -> Result<Destination, Refusal> {
        if title == "NOBODY" {
            return Err(refused(Status::MOVE_DESTINATION_UNKNOWN, "nobody has this title"));
        }
        let host = "elsewhere".to_owned();
        Ok(Destination { title: title.to_owned(), host, port: 104, secure: false, certificate: None })
    }

    /// A connection whose far end is handed to the story; or nobody.
    async fn connect(&self, destination: &Destination) -> Result<DuplexStream, String> {
        if destination.title == "GONE" {
            return Err("nobody listens".to_owned());
        }
        let (near, far) = tokio::io::duplex(1 << 16);
        self.calls.as_ref().unwrap().send(far).unwrap();
        Ok(near)
    }
}

impl Receiving for Coming {
    fn push(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        self.1.bytes.extend_from_slice(bytes);
        if self.1.instance == LARGE && self.1.bytes.len() > 100_000 {
            return Err(refused(Status::OUT_OF_RESOURCES, "the disk is full"));
        }
        Ok(())
    }

    async fn finish(self) -> Result<Option<Status>, Refusal> {
        assert_ne!(self.1.instance, FAULTY, "a fault");
        self.0.kept.lock().unwrap().push(self.1);
        Ok(None)
    }
}

impl Outgoing for Thing {
    type Archive = Memory;
    type Reading = Going;

    fn class(&self) -> &str {
        &self.class
    }

    fn instance(&self) -> &str {
        &self.instance
    }

    /// What is kept as [`BOTH_WAYS`] can also be given as explicit little endian.
    fn syntaxes(&self) -> Vec<String> {
        let also = (self.syntax == BOTH_WAYS).then(|| "1.2.840.10008.1.2.1".to_owned());
        [self.syntax.clone()].into_iter().chain(also).collect()
    }

    fn open(&self, _: &Memory, (): &(), syntax: &str) -> Result<Going, Refusal> {
        let more = if syntax == self.syntax { 0 } else { 2 };
        Ok(Going([&self.bytes[..], &vec![0; more]].concat()))
    }
}

impl Reading for Going {
    fn next_chunk(&mut self) -> Result<Option<Vec<u8>>, Refusal> {
        let many = self.0.len().min(50_000);
        Ok((many > 0).then(|| self.0.drain(..many).collect()))
    }
}
