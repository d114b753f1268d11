//! An archive of objects in a folder, or of none: `objects ADDRESS [FOLDER] [TITLE=HOST:PORT ...]`. Without a folder what comes is counted and
//! thrown away. It takes everybody, matches everything, and knows no data sets: it is for trying associations.
#![allow(clippy::unwrap_used, reason = "a tool for trying")]

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use bianque_dimse::Status;
use bianque_edge_dimse::archive::{
    Announced, Archive, Destination, Identifier, Line, NotAdmitted, Outgoing, Reading, Receiving, Refusal,
    Rights,
};
use bianque_edge_dimse::{Associations, Limits};
use tokio::net::{TcpListener, TcpStream};

#[derive(Clone)]
struct Folder {
    path: Option<PathBuf>,
    objects: Arc<Mutex<Vec<Object>>>,
    destinations: Arc<HashMap<String, (String, u16)>>,
}

#[derive(Clone)]
struct Object {
    class: String,
    instance: String,
    syntax: String,
    path: PathBuf,
}

struct Coming {
    folder: Folder,
    object: Option<Object>,
    file: Option<File>,
}

struct Going(File);

#[expect(clippy::needless_pass_by_value, reason = "to be mapped with")]
fn refused(error: std::io::Error) -> Refusal {
    Refusal { status: Status::OUT_OF_RESOURCES, comment: error.to_string() }
}

impl Archive for Folder {
    type Peer = ();
    type Receiving = Coming;
    type Matches = std::vec::IntoIter<Vec<u8>>;
    type Outgoing = Object;
    type Stream = TcpStream;

    async fn admit(&self, _: &Line, _: &str, _: &str) -> Result<((), Rights), NotAdmitted> {
        Ok(((), Rights { store: true, query: true, retrieve: true, worklist: true }))
    }

    fn receive(&self, (): &(), announced: Announced) -> Coming {
        let Announced { class, instance, syntax, .. } = announced;
        let many = self.objects.lock().unwrap().len();
        let object = self.path.as_ref().map(|path| {
            let path = path.join(format!("{many}-{}", std::process::id()));
            Object { class, instance, syntax, path }
        });
        let file = object.as_ref().and_then(|object| File::create(&object.path).ok());
        Coming { folder: self.clone(), object, file }
    }

    async fn find(&self, (): &(), identifier: Identifier) -> Result<Self::Matches, Refusal> {
        let objects = self.objects.lock().unwrap().clone();
        let explicit = identifier.syntax != bianque_dimse::transfer_syntax::IMPLICIT_LITTLE_ENDIAN.as_str();
        Ok(objects.iter().map(|object| of(&object.instance, explicit)).collect::<Vec<_>>().into_iter())
    }

    async fn worklist(&self, (): &(), _: Identifier) -> Result<Self::Matches, Refusal> {
        Ok(Vec::new().into_iter())
    }

    async fn retrieve(&self, (): &(), _: Identifier) -> Result<Vec<Object>, Refusal> {
        Ok(self.objects.lock().unwrap().clone())
    }

    async fn destination(&self, (): &(), title: &str) -> Result<Destination, Refusal> {
        let unknown = || Refusal { status: Status::MOVE_DESTINATION_UNKNOWN, comment: title.to_owned() };
        let (host, port) = self.destinations.get(title).cloned().ok_or_else(unknown)?;
        Ok(Destination { title: title.to_owned(), host, port, secure: false, certificate: None })
    }

    async fn connect(&self, destination: &Destination) -> Result<TcpStream, String> {
        let to = (destination.host.as_str(), destination.port);
        let stream = TcpStream::connect(to).await.map_err(|error| error.to_string())?;
        stream.set_nodelay(true).map_err(|error| error.to_string())?;
        Ok(stream)
    }
}

impl Receiving for Coming {
    fn push(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        self.file.as_mut().map_or(Ok(()), |file| file.write_all(bytes)).map_err(refused)
    }

    async fn finish(self) -> Result<Option<Status>, Refusal> {
        if let Some(file) = &self.file {
            file.sync_all().map_err(refused)?;
        }
        self.folder.objects.lock().unwrap().extend(self.object);
        Ok(None)
    }
}

impl Outgoing for Object {
    type Archive = Folder;
    type Reading = Going;

    fn class(&self) -> &str {
        &self.class
    }

    fn instance(&self) -> &str {
        &self.instance
    }

    fn syntaxes(&self) -> Vec<String> {
        vec![self.syntax.clone()]
    }

    fn open(&self, _: &Folder, (): &(), _: &str) -> Result<Going, Refusal> {
        File::open(&self.path).map(Going).map_err(refused)
    }
}

impl Reading for Going {
    fn next_chunk(&mut self) -> Result<Option<Vec<u8>>, Refusal> {
        let mut chunk = vec![0; 64 << 10];
        let many = self.0.read(&mut chunk).map_err(refused)?;
        chunk.truncate(many);
        Ok((many > 0).then_some(chunk))
    }
}

/// An identifier of two elements: SOP Instance UID and Query/Retrieve Level.
fn of(instance: &str, explicit: bool) -> Vec<u8> {
    let mut out = Vec::new();
    for (element, vr, value, pad) in [(0x0018u16, b"UI", instance, 0), (0x0052, b"CS", "IMAGE", b' ')] {
        let length = u16::try_from(value.len().next_multiple_of(2)).unwrap();
        out.extend_from_slice(&[8, 0]);
        out.extend_from_slice(&element.to_le_bytes());
        if explicit {
            out.extend_from_slice(vr);
            out.extend_from_slice(&length.to_le_bytes());
        } else {
            out.extend_from_slice(&u32::from(length).to_le_bytes());
        }
        out.extend_from_slice(value.as_bytes());
        out.resize(out.len() + usize::from(length) - value.len(), pad);
    }
    out
}

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().unwrap();
    let (mut path, mut destinations) = (None, HashMap::new());
    for argument in arguments {
        match argument.split_once('=') {
            Some((title, end)) => {
                let (host, port) = end.split_once(':').unwrap();
                destinations.insert(title.to_owned(), (host.to_owned(), port.parse().unwrap()));
            }
            None => path = Some(PathBuf::from(argument)),
        }
    }
    let folder = Folder { path, objects: Arc::default(), destinations: Arc::new(destinations) };
    let associations = Associations::new(folder, Limits::default());
    let listener = TcpListener::bind(&address).await.unwrap();
    eprintln!("listening on {}", listener.local_addr().unwrap());
    let (_stop, stopped) = tokio::sync::watch::channel(false);
    loop {
        let (stream, peer) = listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        let (associations, stopped) = (associations.clone(), stopped.clone());
        let line = Line { address: peer.ip(), secure: false, certificate: None };
        tokio::spawn(async move { associations.serve(stream, line, stopped).await });
    }
}
