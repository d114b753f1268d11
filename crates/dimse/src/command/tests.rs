//! Commands there and back, and commands as bad senders write them.

use proptest::prelude::*;

use super::set::Draft;
use super::*;
use crate::{AeTitle, Status, Uid, sop_class};

const CT: Uid = Uid::known("1.2.840.10008.5.1.4.1.1.2");
const INSTANCE: Uid = Uid::known("1.2.3.45");

fn title(text: &str) -> AeTitle {
    text.parse().unwrap()
}

fn requests() -> Vec<Request> {
    let (sop_class, sop_instance, priority) = (CT, INSTANCE, Priority::Low);
    let originator = Some(MoveOriginator { title: title("ASKER"), message_id: 9 });
    let destination = title("WS1");
    vec![
        Request::Echo { message_id: 1, sop_class: sop_class::VERIFICATION },
        Request::Store {
            message_id: 0x2020,
            sop_class: sop_class.clone(),
            sop_instance: sop_instance.clone(),
            priority,
            originator,
        },
        Request::Find { message_id: 0, sop_class: sop_class::STUDY_ROOT_FIND, priority: Priority::High },
        Request::Get { message_id: 4, sop_class: sop_class.clone(), priority },
        Request::Move { message_id: 5, sop_class: sop_class.clone(), priority, destination },
        Request::Cancel { responded_to: 5 },
        Request::EventReport {
            message_id: 6,
            sop_class: sop_class.clone(),
            sop_instance: sop_instance.clone(),
            event_type: 2,
        },
        Request::NGet {
            message_id: 7,
            sop_class: sop_class.clone(),
            sop_instance: sop_instance.clone(),
            attributes: vec![Tag(0x0010, 0x0020), Tag(0x0040, 0x0252)],
        },
        Request::Set { message_id: 8, sop_class: sop_class.clone(), sop_instance: sop_instance.clone() },
        Request::Action {
            message_id: 9,
            sop_class: sop_class.clone(),
            sop_instance: sop_instance.clone(),
            action_type: 1,
        },
        Request::Create { message_id: 10, sop_class: sop_class.clone(), sop_instance: None },
        Request::Delete { message_id: 11, sop_class, sop_instance },
    ]
}

#[test]
fn every_request_and_its_response_come_back_as_they_went() {
    for request in requests() {
        for data in [true, false] {
            let read = read(&write_request(&request, data)).unwrap();
            assert_eq!(read, (Command::Request(request.clone()), data));
        }
        let mut response = Response::to(&request, Status::SUB_OPERATIONS_FAILED).with_comment("disk full");
        response.offending = vec![Tag(0x0008, 0x0018)];
        response.error_id = Some(7);
        response.sub_operations =
            Some(SubOperations { remaining: Some(3), completed: 2, failed: 1, warning: 0 });
        assert_eq!(read(&write_response(&response, true)).unwrap(), (Command::Response(response), true));
    }
}

#[test]
fn elements_rise_and_the_length_of_the_group_is_told() {
    for request in requests() {
        let bytes = write_request(&request, true);
        assert_eq!(bytes[..8], [0, 0, 0, 0, 4, 0, 0, 0]);
        let length = u32::from_le_bytes(bytes[8..12].try_into().unwrap());
        assert_eq!(length as usize, bytes.len() - 12);
        let (mut at, mut before) = (0, None);
        while at < bytes.len() {
            let element = u16::from_le_bytes([bytes[at + 2], bytes[at + 3]]);
            assert!(before < Some(element), "{request:?}");
            before = Some(element);
            at += 8 + u32::from_le_bytes(bytes[at + 4..at + 8].try_into().unwrap()) as usize;
        }
    }
}

#[test]
fn padding_of_any_kind_is_taken_off() {
    let mut draft = Draft::new();
    draft.text(element::AFFECTED_SOP_CLASS, "1.2.840.10008.5.1.4.1.1.2\0 ");
    draft.number(element::COMMAND_FIELD, 1);
    draft.number(element::MESSAGE_ID, 1);
    draft.data_set(true);
    draft.text(element::AFFECTED_SOP_INSTANCE, " 1.2.3.45");
    draft.text(element::MOVE_ORIGINATOR, "NOT\\A TITLE");
    let (Command::Request(request), true) = read(&draft.finish()).unwrap() else { panic!() };
    assert_eq!(request.sop_class(), Some(&CT));
    assert_eq!(request.sop_instance(), Some(&INSTANCE));
}

#[test]
fn a_request_that_cannot_be_read_is_answered_with_what_is_to_blame() {
    let mut draft = Draft::new();
    draft.uid(element::AFFECTED_SOP_CLASS, &CT);
    draft.number(element::COMMAND_FIELD, 1);
    draft.number(element::MESSAGE_ID, 12);
    draft.data_set(true);
    draft.text(element::AFFECTED_SOP_INSTANCE, "../../etc/passwd");
    let (Command::Unreadable(response, error), true) = read(&draft.finish()).unwrap() else { panic!() };
    assert_eq!(error, CommandError::Value(0x1000));
    assert_eq!((response.message_id, response.status), (12, Status::MISTYPED_ARGUMENT));
    assert_eq!((response.sop_class, response.sop_instance), (Some(CT), None));
    assert_eq!(response.offending, [Tag(0, 0x1000)]);
}

#[test]
fn what_is_no_command_set_is_told() {
    assert_eq!(read(b""), Err(CommandError::Missing(0x0100)));
    assert_eq!(read(&[0, 0, 0, 1, 2, 0, 0]), Err(CommandError::Cut));
    assert_eq!(read(&[0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff, 1, 0]), Err(CommandError::Cut));
    assert_eq!(read(&[8, 0, 0x18, 0, 0, 0, 0, 0]), Err(CommandError::Group(8)));
    let mut draft = Draft::new();
    draft.number(element::COMMAND_FIELD, 0x0777);
    draft.number(element::MESSAGE_ID, 1);
    assert_eq!(read(&draft.finish()), Err(CommandError::Unknown(0x0777)));
}

#[test]
fn comments_go_out_short_and_plain() {
    let request = Request::Echo { message_id: 1, sop_class: sop_class::VERIFICATION };
    let response = Response::to(&request, Status::PROCESSING_FAILURE).with_comment("磁盘 \\ ".repeat(30));
    let (Command::Response(read), false) = read(&write_response(&response, false)).unwrap() else { panic!() };
    let comment = read.comment.unwrap();
    assert!(comment.starts_with("?? ? ?? ?") && comment.len() <= 64, "{comment}");
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&bytes);
    }

    #[test]
    fn no_bytes_within_a_command_make_it_panic(at in 0usize..300, byte: u8, which in 0usize..12) {
        let mut bytes = write_request(&requests()[which], true);
        if let Some(place) = bytes.get_mut(at) {
            *place = byte;
        }
        let _ = read(&bytes);
    }
}
