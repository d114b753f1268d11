//! Whatever comes is read or refused, and what is read can be walked and answered.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use bianque_hl7v2::{Ack, AckCode, Charset, Draft, Message};
use proptest::prelude::*;

/// Walks everything, and answers how many bytes the parts have.
fn walk(message: &Message) -> usize {
    let mut bytes = 0;
    for segment in message.segments() {
        for field in segment.fields() {
            for component in field.repetitions().flat_map(|repetition| repetition.components()) {
                bytes += component.subcomponent(1).text().len() + component.text().len();
            }
        }
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn bytes_are_no_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        charset in prop::sample::select(vec!["UTF-8", "GB 18030", "ISO IR87", "8859/1", "BIG-5"]),
        headed in any::<bool>(),
    ) {
        let header: &[u8] = if headed { b"MSH|^~\\&|a|b|c|d|2026||ADT^A01|1|P|2.5\r" } else { b"" };
        let raw = [header, &bytes].concat();
        let charset = Charset::named(charset).unwrap();
        if let Ok(message) = Message::parse(raw.clone(), charset) {
            walk(&message);
            prop_assert!(message.damage().is_none() || !message.charset().covers(&raw));
            prop_assert_eq!(message.raw(), &raw);
            let ack = Ack { code: AckCode::Error, control_id: "1", time: "2026", faults: &[] };
            let answer = ack.to(&message).unwrap();
            prop_assert!(Message::parse(answer, charset).is_ok());
        }
    }

    #[test]
    fn what_is_set_is_read(
        text in "[ -~扁鹊é\n]{0,30}",
        field in 3_usize..30, component in 1_usize..5, subcomponent in 1_usize..4,
        charset in prop::sample::select(vec!["UTF-8", "GB 18030"]),
    ) {
        let charset = Charset::named(charset).unwrap();
        let mut draft = Draft::new(charset);
        let path = format!("PID-{field}.{component}.{subcomponent}");
        draft.add("PID").unwrap().set(&path, &text).unwrap();
        let message = Message::parse(draft.to_bytes(), charset).unwrap();
        prop_assert_eq!(message.text(&path), text);
        prop_assert_eq!(message.segments().len(), 2);
    }
}
