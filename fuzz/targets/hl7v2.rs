//! A message of HL7 v2: what is read keeps its bytes, can be walked, written anew and answered, and reads the same then.

#![no_main]

use bianque_hl7v2::{Ack, AckCode, Charset, Draft, Fault, Message, Severity};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((chosen, raw)) = data.split_first() else { return };
    let assumed = ["UTF-8", "8859/1", "GB 18030", "BIG-5", "ISO IR87", "SHIFT_JIS"][usize::from(*chosen) % 6];
    let assumed = Charset::named(assumed).expect("a character set");
    let Ok(message) = Message::parse(raw.to_vec(), assumed) else { return };
    assert_eq!(message.raw(), raw);
    let at = message.damage();
    let fault = Fault { at, code: 102, severity: Severity::Error, text: "no | text".to_owned() };
    let ack = Ack { code: AckCode::Error, control_id: "1", time: "20260102", faults: &[fault] };
    let answer = ack.to(&message).expect("every message is answered");
    let answer = Message::parse(answer, assumed).expect("an answer is a message");
    if message.damage().is_none() {
        assert_eq!(answer.at(&path("MSA-2")).bytes(), message.at(&path("MSH-10")).bytes());
    }

    let again = Message::parse(Draft::of(&message).to_bytes(), assumed).expect("what was read is written");
    assert_eq!(texts(&message), texts(&again));
});

fn path(text: &str) -> bianque_hl7v2::Path {
    text.parse().expect("a path")
}

/// Every text down to the subcomponents; fields at the end of a segment that hold nothing are none.
fn texts(message: &Message) -> Vec<Vec<String>> {
    let fields = |segment: bianque_hl7v2::Segment<'_>| {
        let mut fields: Vec<String> = segment
            .fields()
            .map(|field| {
                let parts = field.repetitions().flat_map(|it| it.components().collect::<Vec<_>>());
                parts.map(|part| part.text().into_owned() + &part.subcomponent(2).text()).collect()
            })
            .collect();
        while fields.last().is_some_and(String::is_empty) {
            fields.pop();
        }
        fields
    };
    message.segments().map(fields).collect()
}
