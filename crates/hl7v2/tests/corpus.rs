//! Real messages of others: each is read, and goes out byte for byte. They are not part of this repository; where they are
//! not beside it, nothing is tested here.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests read files, and a failed unwrap is a failed test"
)]

use std::path::PathBuf;

use bianque_hl7v2::{Ack, AckCode, Charset, Draft, Message};

fn corpus() -> Vec<(String, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpora/hl7v2");
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut messages: Vec<(String, Vec<u8>)> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "hl7"))
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap()))
        .collect();
    messages.sort();
    messages
}

#[test]
fn every_message_is_read_and_goes_out_byte_for_byte() {
    let (mut read, mut segments) = (0, 0);
    for (name, bytes) in corpus() {
        let message =
            Message::parse(bytes.clone(), Charset::UTF_8).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(message.raw(), bytes, "{name}");
        assert_eq!(message.damage(), None, "{name}");
        // Every field lies where it says, and their bytes with the separators are the line.
        for segment in message.segments() {
            let mut line = segment.name().as_bytes().to_vec();
            for field in segment.fields().skip(usize::from(segment.name() == "MSH")) {
                line.push(message.delimiters().field);
                line.extend_from_slice(field.bytes());
            }
            assert_eq!(line, segment.raw(), "{name}");
        }
        let written = Draft::of(&message).to_bytes();
        let again = Message::parse(written, Charset::UTF_8).unwrap();
        assert_eq!(again.segments().len(), message.segments().len(), "{name}");
        for (one, other) in message.segments().zip(again.segments()) {
            let filled = |it: bianque_hl7v2::Segment<'_>| {
                it.fields().map(|it| it.text().into_owned()).collect::<Vec<_>>()
            };
            let (one, other) = (filled(one), filled(other));
            assert_eq!(one[..other.len()], other, "{name}");
            assert!(one[other.len()..].iter().all(String::is_empty), "{name}");
        }
        let ack = Ack { code: AckCode::Accepted, control_id: "1", time: "20260101", faults: &[] };
        let answer = Message::parse(ack.to(&message).unwrap(), Charset::UTF_8).unwrap();
        assert_eq!(answer.text("MSA-2"), message.text("MSH-10"), "{name}");
        assert_eq!(answer.text("MSH-5"), message.text("MSH-3"), "{name}");
        read += 1;
        segments += message.segments().len();
    }
    eprintln!("{read} messages, {segments} segments");
}
