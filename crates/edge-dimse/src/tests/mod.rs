//! Associations as good and bad peers use them, over streams in memory.

mod double;

use std::time::{Duration, Instant};

use bianque_dimse::services::store::{Object, Receiving, Sending, Stored};
use bianque_dimse::services::{Asking, Told, echo, find, retrieve};
use bianque_dimse::*;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::*;
use crate::archive::{Line, Rights};
use double::{BOTH_WAYS, FAULTY, LARGE, Memory, Thing};

const CT: Uid = Uid::known("1.2.840.10008.5.1.4.1.1.2");
const EXPLICIT: Uid = transfer_syntax::EXPLICIT_LITTLE_ENDIAN;

/// A server, and the way to stop it.
struct Story {
    memory: Memory,
    /// What the archive at the other end of our own calls keeps.
    elsewhere: Memory,
    associations: Associations<Memory>,
    stop: watch::Sender<bool>,
}

/// Somebody at the other end.
struct Caller {
    connection: Connection<DuplexStream>,
    served: JoinHandle<()>,
}

impl Story {
    fn begin() -> Self {
        Self::with(Memory::new())
    }

    fn with(mut memory: Memory) -> Self {
        let (calls, mut called) = mpsc::unbounded_channel();
        memory.calls = Some(calls);
        let elsewhere = Memory::new();
        let other = elsewhere.associations();
        tokio::spawn(async move {
            while let Some(stream) = called.recv().await {
                let line = Line { address: [192, 0, 2, 1].into(), secure: false, certificate: None };
                other.serve(stream, line, watch::channel(false).1).await;
            }
        });
        Self { associations: memory.associations(), memory, elsewhere, stop: watch::channel(false).0 }
    }

    fn line(&self) -> (DuplexStream, JoinHandle<()>) {
        let (near, far) = tokio::io::duplex(1 << 16);
        let (associations, stop) = (self.associations.clone(), self.stop.subscribe());
        let line = Line { address: [127, 0, 0, 1].into(), secure: false, certificate: None };
        (near, tokio::spawn(async move { associations.serve(far, line, stop).await }))
    }

    /// Calls; how it is answered.
    async fn call(&self, calling: &str, called: &str) -> Result<Caller, Rejection> {
        let (stream, served) = self.line();
        let mut user = UserInformation::new(MAX_PDU, Implementation::ours());
        user.roles = vec![RoleSelection { sop_class: CT, scu: true, scp: true }];
        let classes = [
            sop_class::VERIFICATION,
            CT,
            sop_class::STUDY_ROOT_FIND,
            sop_class::STUDY_ROOT_MOVE,
            sop_class::STUDY_ROOT_GET,
        ];
        let contexts = classes.into_iter().zip((1..).step_by(2)).map(|(abstract_syntax, id)| {
            ProposedContext { id, abstract_syntax, transfer_syntaxes: vec![EXPLICIT] }
        });
        let proposal = Proposal {
            calling: calling.parse().unwrap(),
            called: called.parse().unwrap(),
            contexts: contexts.collect(),
            user,
        };
        let association = Association::requestor(Instant::now(), proposal, Settings::default()).unwrap();
        let mut connection = Connection::new(association, stream);
        loop {
            match connection.take() {
                Some(Event::Accepted(_)) => return Ok(Caller { connection, served }),
                Some(Event::Rejected(rejection)) => return Err(rejection),
                Some(other) => panic!("{other:?}"),
                None => connection.fill().await.unwrap(),
            }
        }
    }
}

impl Caller {
    fn association(&mut self) -> &mut Association {
        &mut self.connection.association
    }

    /// Stores an object of so many bytes.
    async fn store(&mut self, instance: &str, length: usize) -> Stored {
        let object =
            Object { sop_class: CT, sop_instance: instance.parse().unwrap(), transfer_syntax: EXPLICIT };
        let bytes = vec![7; length];
        let mut sending = Sending::begin(self.association(), &object, 1, Priority::Medium, None).unwrap();
        let mut sent = 0;
        while !sending.is_queued() {
            sent += sending.send(self.association(), &bytes[sent..], true).unwrap();
            if !sending.is_queued() {
                self.connection.fill().await.unwrap();
            }
        }
        loop {
            match self.connection.take() {
                Some(Event::Response { response, .. }) => return sending.handle_response(&response).unwrap(),
                Some(other) => panic!("{other:?}"),
                None => self.connection.fill().await.unwrap(),
            }
        }
    }

    /// Hears until all is said, and keeps the objects that come meanwhile; their lengths.
    async fn hear(&mut self, asking: &mut Asking, cancel_after: usize) -> (Vec<Told>, Vec<u64>) {
        let (mut told, mut came, mut receiving) = (Vec::new(), Vec::new(), None::<Receiving>);
        while !asking.is_over() {
            match self.connection.take() {
                Some(Event::Response { response, has_data, .. }) => {
                    told.extend(asking.handle_response(response, has_data).unwrap());
                }
                Some(Event::Data { bytes, last, .. }) if asking.is_within() => {
                    told.extend(asking.handle_data(bytes, last));
                }
                Some(Event::Data { bytes, last, .. }) => {
                    let receiving = receiving.as_mut().unwrap();
                    receiving.handle_data(bytes, last);
                    if last {
                        came.push(receiving.bytes());
                        receiving.answer(&mut self.connection.association, Status::SUCCESS, None).unwrap();
                    }
                }
                Some(Event::Request { context, request, has_data }) => {
                    receiving =
                        Some(Receiving::new(&self.connection.association, context, request, has_data));
                }
                Some(other) => panic!("{other:?}"),
                None => self.connection.fill().await.unwrap(),
            }
            if told.len() == cancel_after {
                asking.cancel(&mut self.connection.association).unwrap();
            }
        }
        (told, came)
    }

    async fn echo(&mut self) -> Status {
        let mut asking = echo::ask(self.association(), 7).unwrap();
        self.hear(&mut asking, usize::MAX).await.0[0].response.status
    }

    async fn release(mut self) {
        self.association().release(Instant::now()).unwrap();
        loop {
            match self.connection.take() {
                Some(Event::Released) => break,
                Some(other) => panic!("{other:?}"),
                None => self.connection.fill().await.unwrap(),
            }
        }
        self.connection.finish().await;
        timeout(Duration::from_secs(5), self.served).await.unwrap().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn objects_are_kept_and_what_cannot_be_is_told_and_costs_nothing_else() {
    let story = Story::begin();
    let mut caller = story.call("CT1", "BIANQUE").await.unwrap();
    assert_eq!(caller.store("1.2.3", 3_000_000).await, Stored::Completed);
    let full = Stored::Failed(Status::OUT_OF_RESOURCES, Some("the disk is full".to_owned()));
    assert_eq!(caller.store(LARGE, 2_000_000).await, full);
    let fault = Stored::Failed(Status::PROCESSING_FAILURE, Some("a fault of the archive".to_owned()));
    assert_eq!(caller.store(FAULTY, 10).await, fault);
    assert_eq!(caller.store("1.2.4", 0).await, Stored::Completed);
    assert_eq!(caller.echo().await, Status::SUCCESS);
    let kept = story.memory.kept.lock().unwrap().clone();
    assert_eq!(
        kept.iter().map(|it| (&*it.instance, it.bytes.len())).collect::<Vec<_>>(),
        [("1.2.3", 3_000_000), ("1.2.4", 0)]
    );
    caller.release().await;
}

#[tokio::test]
async fn an_object_that_is_longer_than_any_may_be_is_refused() {
    let mut memory = Memory::new();
    memory.limits.object = 1000;
    let story = Story::with(memory);
    let mut caller = story.call("CT1", "BIANQUE").await.unwrap();
    assert_eq!(caller.store("1.2", 1000).await, Stored::Completed);
    assert!(matches!(caller.store("1.3", 1001).await, Stored::Failed(Status::OUT_OF_RESOURCES, _)));
    caller.release().await;
}

#[tokio::test]
async fn queries_are_answered_as_fast_as_they_are_read_and_end_when_they_are_cancelled() {
    let story = Story::begin();
    let mut caller = story.call("WS1", "BIANQUE").await.unwrap();
    for (identifier, cancel_after, status, matches) in [
        ("some", usize::MAX, Status::SUCCESS, 3..4),
        ("all", 5, Status::CANCEL, 5..5000),
        ("wrong", usize::MAX, Status::DATA_SET_DOES_NOT_MATCH_CLASS, 0..1),
        ("", usize::MAX, Status::DATA_SET_DOES_NOT_MATCH_CLASS, 0..1),
    ] {
        let class = sop_class::STUDY_ROOT_FIND;
        let mut asking = find::ask(caller.association(), 5, 3, class, identifier.into()).unwrap();
        let (told, _) = caller.hear(&mut asking, cancel_after).await;
        assert_eq!(told.last().unwrap().response.status, status, "{identifier}");
        assert!(matches.contains(&(told.len() - 1)), "{identifier}: {}", told.len());
    }
    caller.release().await;
}

#[tokio::test]
async fn objects_are_got_and_those_that_the_caller_does_not_take_are_named() {
    let story = Story::begin();
    let thing = |instance: &str, syntax: &Uid, length| Thing {
        class: CT.to_string(),
        instance: instance.to_owned(),
        syntax: syntax.to_string(),
        bytes: vec![7; length],
    };
    let implicit = transfer_syntax::IMPLICIT_LITTLE_ENDIAN;
    let kept = vec![
        thing("1.1", &EXPLICIT, 400_000),
        thing("1.2", &implicit, 3),
        thing("1.3", &EXPLICIT, 5),
        thing("1.4", &Uid::known(BOTH_WAYS), 6),
    ];
    *story.memory.kept.lock().unwrap() = kept;
    let mut caller = story.call("WS1", "BIANQUE").await.unwrap();
    let class = sop_class::STUDY_ROOT_GET;
    let mut asking = retrieve::ask_get(caller.association(), 9, 3, class, b"it".to_vec()).unwrap();
    let (told, came) = caller.hear(&mut asking, usize::MAX).await;
    assert_eq!(came, [400_000, 5, 8], "the last as explicit little endian");
    let end = told.last().unwrap();
    let counts = SubOperations { remaining: None, completed: 3, failed: 1, warning: 0 };
    assert_eq!(
        (end.response.status, end.response.sub_operations),
        (Status::SUB_OPERATIONS_FAILED, Some(counts))
    );
    assert_eq!(end.data, Ok(Some(b"\x08\0\x58\0UI\x04\x001.2\0".to_vec())));
    caller.release().await;
}

#[tokio::test]
async fn objects_are_moved_to_whom_the_archive_knows() {
    let story = Story::begin();
    let mut caller = story.call("CT1", "BIANQUE").await.unwrap();
    caller.store("1.1", 300_000).await;
    caller.store("1.2", 3).await;
    for (to, status) in [
        ("WS9", Status::SUCCESS),
        // It is there, and calls itself otherwise: it refuses the association.
        ("WS8", Status::CANNOT_PERFORM_SUB_OPERATIONS),
        ("GONE", Status::CANNOT_PERFORM_SUB_OPERATIONS),
        ("NOBODY", Status::MOVE_DESTINATION_UNKNOWN),
    ] {
        let class = sop_class::STUDY_ROOT_MOVE;
        let to = to.parse().unwrap();
        let mut asking = retrieve::ask_move(caller.association(), 7, 3, class, to, b"it".to_vec()).unwrap();
        let (told, _) = caller.hear(&mut asking, usize::MAX).await;
        let end = &told.last().unwrap().response;
        assert_eq!(end.status, status, "{:?}", asking.request());
        let counts = end.sub_operations.map(|it| it.completed + it.failed);
        assert_eq!(counts, (status != Status::MOVE_DESTINATION_UNKNOWN).then_some(2));
    }
    assert_eq!(*story.elsewhere.kept.lock().unwrap(), *story.memory.kept.lock().unwrap());
    caller.release().await;
}

#[tokio::test]
async fn strangers_are_sent_away_with_the_reason() {
    let story = Story::begin();
    for (calling, called, reason) in [
        ("CT9", "BIANQUE", RejectReason::CallingTitle),
        ("CT1", "OTHER", RejectReason::CalledTitle),
        ("SECURE", "BIANQUE", RejectReason::NoReason),
    ] {
        let refused = story.call(calling, called).await.err();
        assert_eq!(refused, Some(Rejection { transient: false, reason }));
    }
}

#[tokio::test]
async fn whoever_may_not_is_not_given_a_context_for_it() {
    let mut memory = Memory::new();
    memory.rights = Rights { store: false, query: true, retrieve: false, worklist: false };
    let story = Story::with(memory);
    let mut caller = story.call("WS1", "BIANQUE").await.unwrap();
    let established = caller.association().established().unwrap();
    assert_eq!(established.contexts.iter().map(|it| it.id).collect::<Vec<_>>(), [1, 5]);
    caller.release().await;
}

#[tokio::test]
async fn a_peer_has_its_share_of_associations_and_gets_it_back() {
    let mut memory = Memory::new();
    (memory.limits.of_a_peer, memory.limits.together) = (2, 3);
    let story = Story::with(memory);
    let first = story.call("CT1", "BIANQUE").await.unwrap();
    let _second = story.call("CT1", "BIANQUE").await.unwrap();
    let limit = |reason| Some(Rejection { transient: true, reason });
    assert_eq!(story.call("CT1", "BIANQUE").await.err(), limit(RejectReason::LocalLimit));
    let _third = story.call("WS1", "BIANQUE").await.unwrap();
    assert_eq!(story.call("WS1", "BIANQUE").await.err(), limit(RejectReason::Congestion));
    first.release().await;
    assert!(story.call("WS1", "BIANQUE").await.is_ok());
}

#[tokio::test]
async fn a_server_that_stops_ends_who_is_idle_and_answers_who_is_not() {
    let story = Story::begin();
    let mut idle = story.call("CT1", "BIANQUE").await.unwrap();
    let mut busy = story.call("CT1", "BIANQUE").await.unwrap();
    busy.association()
        .send_request(
            3,
            &Request::Store {
                message_id: 1,
                sop_class: CT,
                sop_instance: "1.2.9".parse().unwrap(),
                priority: Priority::Medium,
                originator: None,
            },
            true,
        )
        .unwrap();
    busy.association().send_data(b"half", false).unwrap();
    // The half waits in its fragment; the command goes.
    busy.connection.glance().await.unwrap();
    tokio::time::sleep(Duration::from_millis(20)).await;
    story.stop.send(true).unwrap();
    let ended = async {
        loop {
            while let Some(event) = idle.connection.take() {
                if let Event::Aborted(abort) = event {
                    return abort;
                }
            }
            idle.connection.fill().await.unwrap();
        }
    };
    let abort = timeout(Duration::from_secs(5), ended).await.unwrap();
    assert_eq!(abort, Abort { by: AbortedBy::Peer, reason: AbortReason::User });
    busy.association().send_data(b" of it", true).unwrap();
    let answered = async {
        loop {
            if let Some(Event::Response { response, .. }) = busy.connection.take() {
                return response.status;
            }
            busy.connection.fill().await.unwrap();
        }
    };
    assert_eq!(timeout(Duration::from_secs(5), answered).await.unwrap(), Status::SUCCESS);
    assert_eq!(story.memory.kept.lock().unwrap()[0].bytes, b"half of it");
}

#[tokio::test]
async fn what_is_not_dicom_is_told_so_and_closed() {
    let story = Story::begin();
    let (mut stream, served) = story.line();
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
    let mut answer = [0; 10];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, [7, 0, 0, 0, 0, 4, 0, 0, 2, 1]);
    drop(stream);
    timeout(Duration::from_secs(5), served).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_line_that_is_closed_where_nothing_is_lost_is_no_fault() {
    let (near, far) = tokio::io::duplex(1000);
    let association = Association::acceptor(Instant::now(), Settings::default());
    let mut connection = Connection::new(association, far);
    drop(near);
    connection.fill().await.unwrap();
    assert!(connection.association.is_over());
    timeout(Duration::from_secs(5), connection.finish()).await.unwrap();
}

#[tokio::test]
async fn a_line_that_breaks_within_an_object_keeps_nothing_of_it() {
    let story = Story::begin();
    let mut caller = story.call("CT1", "BIANQUE").await.unwrap();
    let object = Object { sop_class: CT, sop_instance: "1.2".parse().unwrap(), transfer_syntax: EXPLICIT };
    let mut sending = Sending::begin(caller.association(), &object, 1, Priority::Medium, None).unwrap();
    sending.send(caller.association(), &vec![7; 200_000], false).unwrap();
    caller.connection.fill().await.unwrap();
    let Caller { connection, served } = caller;
    drop(connection);
    timeout(Duration::from_secs(5), served).await.unwrap().unwrap();
    assert_eq!(*story.memory.kept.lock().unwrap(), []);
}
