//! Lines as bad senders use them.

use std::net::{IpAddr, Ipv4Addr};

use bianque_app::messages::senders::{self, Rules};
use bianque_app::testing::Clinic;
use tokio::io::DuplexStream;
use tokio::task::JoinHandle;

use super::*;

const MESSAGE: &str =
    "MSH|^~\\&|HIS|WEST|BQ||20260105160000||ADT^A28|N|P|2.5.1\rPID|1||4711^^^WEST||Reyes^Ana\r";

struct Story {
    // Its folder goes with it.
    _clinic: Clinic,
    lines: Lines,
    stop: watch::Sender<bool>,
}

impl Story {
    async fn begin(patience: Patience) -> Self {
        let clinic = Clinic::open();
        let rules: Rules = serde_json::from_value(serde_json::json!({"name": "HIS", "zone": "UTC"})).unwrap();
        let home = clinic.organization("Riverside").await;
        let administrator = clinic.administrator("wang.min", &home).await;
        senders::make(&clinic.app, &administrator, rules).await.unwrap();
        let lines = Lines::new(clinic.app.clone(), patience);
        Self { _clinic: clinic, lines, stop: watch::channel(false).0 }
    }

    fn open(&self) -> (DuplexStream, JoinHandle<()>) {
        let (near, far) = tokio::io::duplex(1 << 20);
        let line = Line { address: IpAddr::V4(Ipv4Addr::LOCALHOST), secure: false, certificate: None };
        let (lines, stop) = (self.lines.clone(), self.stop.subscribe());
        (near, tokio::spawn(async move { lines.serve(far, line, stop).await }))
    }
}

fn numbered(number: &str) -> Vec<u8> {
    MESSAGE.replace("|N|", &format!("|{number}|")).into_bytes()
}

/// What is said until the line has said so many answers, or is closed.
async fn answers(stream: &mut DuplexStream, many: usize) -> Vec<String> {
    let mut frames = Frames::new(1 << 20);
    let (mut said, mut buffer) = (Vec::new(), [0; 4096]);
    while said.len() < many {
        let read = stream.read(&mut buffer).await.unwrap();
        if read == 0 {
            break;
        }
        frames.push(&buffer[..read]);
        while let Some(frame) = frames.next_frame().unwrap() {
            let text = String::from_utf8(frame).unwrap();
            let msa = text.split('\r').find(|segment| segment.starts_with("MSA")).unwrap();
            said.push(msa.split('|').skip(1).take(2).collect::<Vec<_>>().join(" "));
        }
    }
    said
}

#[tokio::test]
async fn messages_that_are_split_and_glued_are_answered_in_their_order() {
    let story = Story::begin(Patience::default()).await;
    let (mut stream, _) = story.open();
    let bytes = [framed(&numbered("1")), framed(&numbered("2")), framed(&numbered("3"))].concat();
    let (first, rest) = bytes.split_at(7);
    stream.write_all(first).await.unwrap();
    tokio::time::sleep(Duration::from_millis(20)).await;
    stream.write_all(rest).await.unwrap();
    assert_eq!(answers(&mut stream, 3).await, ["AA 1", "AA 2", "AA 3"]);
}

#[tokio::test]
async fn what_is_no_frame_is_told_and_ends_the_line() {
    let story = Story::begin(Patience::default()).await;
    for (bytes, wanted) in [
        (b"GET / HTTP/1.1\r\n\r\n".to_vec(), vec!["AR "]),
        ([b"\x0bMSH|^~\\&|HIS".to_vec(), framed(&numbered("1"))].concat(), vec!["AR "]),
        ([framed(&numbered("2")), b"garbage".to_vec()].concat(), vec!["AA 2", "AR "]),
        (framed(b"PID|1"), vec!["AR "]),
    ] {
        let (mut stream, _) = story.open();
        stream.write_all(&bytes).await.unwrap();
        stream.shutdown().await.unwrap();
        let said = answers(&mut stream, 9).await;
        let said: Vec<_> = said.iter().map(|it| it.trim_end()).collect();
        assert_eq!(said, wanted.iter().map(|it| it.trim_end()).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn a_message_that_does_not_end_costs_the_line_and_an_idle_line_costs_nothing() {
    let patience = Patience { within: Duration::from_millis(50), ..Patience::default() };
    let story = Story::begin(patience).await;
    let (mut idle, _) = story.open();
    let (mut slow, ended) = story.open();
    slow.write_all(b"\x0bMSH|^~\\&|HIS").await.unwrap();
    timeout(Duration::from_secs(5), ended).await.unwrap().unwrap();
    idle.write_all(&framed(&numbered("1"))).await.unwrap();
    assert_eq!(answers(&mut idle, 1).await, ["AA 1"]);
}

#[tokio::test]
async fn a_line_that_is_stopped_answers_what_it_took() {
    let story = Story::begin(Patience::default()).await;
    let (mut stream, ended) = story.open();
    stream.write_all(&framed(&numbered("1"))).await.unwrap();
    assert_eq!(answers(&mut stream, 1).await, ["AA 1"]);
    story.stop.send(true).unwrap();
    timeout(Duration::from_secs(5), ended).await.unwrap().unwrap();
    assert_eq!(answers(&mut stream, 1).await, Vec::<String>::new());
}
