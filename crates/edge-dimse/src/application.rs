//! The archive of the application, as associations need it.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use bianque_app::App;
use bianque_app::archive::peers::{self, Admitted};
use bianque_app::archive::{encoding, find, receive, retrieve, worklist};
use bianque_dimse::Status;
use tokio::io::{AsyncRead, AsyncWrite};

use crate::archive::{
    Announced, Archive, Destination, Identifier, Line, Model, NotAdmitted, Outgoing, Reading, Receiving,
    Refusal, Rights,
};

/// The use cases of the archive, and the way to other applications.
#[derive(Clone)]
pub struct Application {
    app: App,
    dial: Arc<dyn Dial>,
}

/// A stream of bytes to another application.
pub trait ByteStream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> ByteStream for S {}

/// A connection that is being opened; or why there is none, for people.
pub type Dialling<'a> = Pin<Box<dyn Future<Output = Result<Box<dyn ByteStream>, String>> + Send + 'a>>;

/// The way to other applications.
pub trait Dial: Send + Sync {
    /// Opens a connection.
    fn dial<'a>(&'a self, destination: &'a Destination) -> Dialling<'a>;
}

/// An object that comes.
pub struct Coming(receive::Receiving);

/// An object that goes.
pub struct Going(retrieve::Outgoing);

/// Bytes of an object that goes.
pub struct Encoded(encoding::Encoded);

impl Application {
    /// The use cases of the archive, and the way to other applications.
    pub fn new(app: App, dial: Arc<dyn Dial>) -> Self {
        Self { app, dial }
    }
}

impl Archive for Application {
    type Peer = Admitted;
    type Receiving = Coming;
    type Matches = find::Matches;
    type Outgoing = Going;
    type Stream = Box<dyn ByteStream>;

    async fn admit(
        &self,
        line: &Line,
        called: &str,
        calling: &str,
    ) -> Result<(Admitted, Rights), NotAdmitted> {
        let Line { address, secure, certificate } = line.clone();
        let line = peers::Line { address, secure, certificate };
        match peers::admit(&self.app, &line, called, calling).await {
            Ok(admitted) => {
                let rules = &admitted.peer.rules;
                let rights = Rights {
                    store: rules.store,
                    query: rules.query,
                    retrieve: rules.retrieve,
                    worklist: rules.worklist,
                };
                Ok((admitted, rights))
            }
            Err(peers::NotAdmitted::Called) => Err(NotAdmitted::Called),
            Err(peers::NotAdmitted::Calling) => Err(NotAdmitted::Calling),
            Err(peers::NotAdmitted::Line) => Err(NotAdmitted::Line),
            Err(peers::NotAdmitted::Unavailable) => Err(NotAdmitted::Unavailable),
        }
    }

    fn receive(&self, peer: &Admitted, announced: Announced) -> Coming {
        let Announced { class, instance, syntax, source } = announced;
        let announced = receive::Announced { class, instance, syntax, source };
        Coming(receive::Receiving::of_data_set(&self.app, &peer.context, announced))
    }

    async fn find(&self, peer: &Admitted, identifier: Identifier) -> Result<find::Matches, Refusal> {
        let Identifier { model, bytes, syntax } = identifier;
        find::find(&self.app, &peer.context, of(model), &bytes, &syntax).await.map_err(Refusal::from)
    }

    async fn worklist(&self, peer: &Admitted, identifier: Identifier) -> Result<find::Matches, Refusal> {
        let Identifier { bytes, syntax, .. } = identifier;
        worklist::worklist(&self.app, &peer.context, &bytes, &syntax).await.map_err(Refusal::from)
    }

    async fn retrieve(&self, peer: &Admitted, identifier: Identifier) -> Result<Vec<Going>, Refusal> {
        let Identifier { model, bytes, syntax } = identifier;
        let found = retrieve::by_identifier(&self.app, &peer.context, of(model), &bytes, &syntax).await?;
        Ok(found.into_iter().map(Going).collect())
    }

    async fn destination(&self, peer: &Admitted, title: &str) -> Result<Destination, Refusal> {
        let found = peers::destination(&self.app, &peer.context, title).await?;
        let peers::Destination { title, host, port, secure, certificate } = found;
        let certificate = (!certificate.is_empty()).then_some(certificate);
        Ok(Destination { title, host, port, secure, certificate })
    }

    async fn connect(&self, destination: &Destination) -> Result<Box<dyn ByteStream>, String> {
        self.dial.dial(destination).await
    }
}

impl Receiving for Coming {
    fn push(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        Ok(self.0.push(bytes)?)
    }

    async fn finish(self) -> Result<Option<Status>, Refusal> {
        self.0.finish().await?;
        Ok(None)
    }
}

impl Outgoing for Going {
    type Archive = Application;
    type Reading = Encoded;

    fn class(&self) -> &str {
        &self.0.class
    }

    fn instance(&self) -> &str {
        &self.0.instance
    }

    fn syntaxes(&self) -> Vec<String> {
        self.0.syntaxes()
    }

    fn open(&self, archive: &Application, peer: &Admitted, syntax: &str) -> Result<Encoded, Refusal> {
        self.0.open_as(&archive.app, &peer.context, syntax).map(Encoded).map_err(unreadable)
    }
}

impl Reading for Encoded {
    fn next_chunk(&mut self) -> Result<Option<Vec<u8>>, Refusal> {
        self.0.next_piece().map_err(unreadable)
    }
}

impl From<bianque_app::archive::Refusal> for Refusal {
    fn from(refusal: bianque_app::archive::Refusal) -> Self {
        Self { status: Status(refusal.status), comment: refusal.comment }
    }
}

/// Its cause is in the log, and is nothing for others.
fn unreadable(error: bianque_app::Error) -> Refusal {
    bianque_app::archive::Refusal::from(error).into()
}

fn of(model: Model) -> find::Model {
    match model {
        Model::Patient => find::Model::Patient,
        Model::Study => find::Model::Study,
    }
}
