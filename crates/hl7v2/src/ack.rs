//! Acknowledgements, in original and enhanced mode (HL7 v2.5.1, sections 2.9.2 and 2.9.3).

use crate::charset::Charset;
use crate::draft::{Draft, DraftError};
use crate::message::{Message, Value};
use crate::path::Path;

/// What becomes of a message (table 0008).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AckCode {
    /// AA: it was processed, and that is durable.
    Accepted,
    /// AE: it was understood, and could not be processed.
    Error,
    /// AR: it is no message, or of a kind, version or sender that is not taken.
    Rejected,
    /// CA: it is kept safe, and will be processed.
    CommitAccepted,
    /// CE: it could not be kept.
    CommitError,
    /// CR: it will not be kept.
    CommitRejected,
}

impl AckCode {
    /// As in MSA-1.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "AA",
            Self::Error => "AE",
            Self::Rejected => "AR",
            Self::CommitAccepted => "CA",
            Self::CommitError => "CE",
            Self::CommitRejected => "CR",
        }
    }

    /// It is good news.
    pub fn is_positive(self) -> bool {
        matches!(self, Self::Accepted | Self::CommitAccepted)
    }
}

/// When an acknowledgement is wanted (table 0155).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AckCondition {
    /// AL.
    Always,
    /// NE.
    Never,
    /// ER: bad news only.
    OnError,
    /// SU: good news only.
    OnSuccess,
}

impl AckCondition {
    fn read(text: &str) -> Option<Self> {
        Some(match text {
            "AL" => Self::Always,
            "NE" => Self::Never,
            "ER" => Self::OnError,
            "SU" => Self::OnSuccess,
            _ => return None,
        })
    }

    /// Whether such news is wanted.
    pub fn wants(self, positive: bool) -> bool {
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::OnError => !positive,
            Self::OnSuccess => positive,
        }
    }
}

/// What acknowledgements a sender wants (MSH-15 and MSH-16).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AckMode {
    /// Neither is filled in: one, AA, AE or AR.
    Original,
    /// One when the message is kept, CA, CE or CR, another when it is processed. What is left out is `NE`.
    Enhanced {
        /// MSH-15.
        accept: AckCondition,
        /// MSH-16.
        application: AckCondition,
    },
}

impl AckMode {
    /// As a message asks for it. A code that is not in the table is taken for `AL`: too much is told rather than too little.
    pub fn of(message: &Message) -> Self {
        let asked = |number| message.header().field(number).given();
        let (accept, application) = (asked(15), asked(16));
        if accept.is_none() && application.is_none() {
            return Self::Original;
        }
        let read = |text: Option<std::borrow::Cow<'_, str>>| {
            text.map_or(AckCondition::Never, |text| AckCondition::read(&text).unwrap_or(AckCondition::Always))
        };
        Self::Enhanced { accept: read(accept), application: read(application) }
    }
}

/// How bad a fault is (table 0516).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// E.
    Error,
    /// W: the message was processed all the same.
    Warning,
    /// I.
    Information,
}

/// Something that is wrong with a message, or worth telling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where.
    pub at: Option<Path>,
    /// Its number in table 0357, such as 101, "required field missing".
    pub code: u16,
    /// How bad it is.
    pub severity: Severity,
    /// In words for who reads the sender's log.
    pub text: String,
}

/// An acknowledgement to a message.
#[derive(Debug, Clone)]
pub struct Ack<'a> {
    /// What becomes of the message.
    pub code: AckCode,
    /// MSH-10 of the acknowledgement.
    pub control_id: &'a str,
    /// MSH-7: the time now as HL7 writes it, such as `20260102030405+0000`.
    pub time: &'a str,
    /// What is wrong.
    pub faults: &'a [Fault],
}

impl Ack<'_> {
    /// The acknowledgement, in the delimiters, the version and the character set of the message, from whom it was for to
    /// whom it was from.
    pub fn to(&self, message: &Message) -> Result<Vec<u8>, DraftError> {
        let mut draft = Draft::like(message);
        let header = message.header();
        for (to, from) in [(3, 5), (4, 6), (5, 3), (6, 4), (11, 11), (12, 12)] {
            echo(&mut draft, &format!("MSH-{to}"), header.field(from));
        }
        let stated = header.field(18);
        if Charset::named(&stated.component(1).text()) == Some(message.charset()) {
            echo(&mut draft, "MSH-18", stated);
        }
        draft.set("MSH-7", self.time)?.set("MSH-9.1", "ACK")?;
        let event = header.field(9).component(2);
        if !event.is_empty() {
            echo(&mut draft, "MSH-9.2", event);
            if is_structured(message) {
                draft.set("MSH-9.3", "ACK")?;
            }
        }
        draft.set("MSH-10", self.control_id)?.add("MSA")?.set("MSA-1", self.code.as_str())?;
        echo(&mut draft, "MSA-2", header.field(10));
        if let Some(worst) = self.faults.first() {
            draft.tell("MSA-3", &worst.text)?;
        }
        if is_structured(message) {
            self.faults.iter().try_for_each(|fault| add(&mut draft, fault))?;
        }
        Ok(draft.to_bytes())
    }
}

/// Writes what the message says, byte for byte; half a character, which would take what follows for its other half, as a
/// space; and nothing where it cannot be told without breaking the answer.
fn echo(draft: &mut Draft, path: &str, value: Value<'_>) {
    let _ = draft.set_raw(path, &value.sound_bytes());
}

/// From 2.5 on faults have segments of their own, and structures a name.
fn is_structured(message: &Message) -> bool {
    let version = message.header().field(12).component(1).text();
    let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0)) >= (2, 5)
}

fn add(draft: &mut Draft, fault: &Fault) -> Result<(), DraftError> {
    draft.add("ERR")?;
    if let Some(at) = &fault.at {
        draft.set("ERR-2.1", at.segment.as_str())?.set("ERR-2.2", &at.occurrence.to_string())?;
        draft.set("ERR-2.3", &at.field.to_string())?.set("ERR-2.4", &at.repetition.to_string())?;
        for (path, part) in [("ERR-2.5", at.component), ("ERR-2.6", at.subcomponent)] {
            if let Some(part) = part {
                draft.set(path, &part.to_string())?;
            }
        }
    }
    let severity = match fault.severity {
        Severity::Error => "E",
        Severity::Warning => "W",
        Severity::Information => "I",
    };
    draft.set("ERR-3.1", &fault.code.to_string())?.set("ERR-3.3", "HL70357")?.set("ERR-4", severity)?;
    draft.tell("ERR-8", &fault.text)
}

/// The answer to what is no message: AR, to nobody in particular.
pub fn unreadable(control_id: &str, time: &str, why: &str) -> Result<Vec<u8>, DraftError> {
    let mut draft = Draft::new(Charset::UTF_8);
    draft.set("MSH-7", time)?.set("MSH-9.1", "ACK")?.set("MSH-10", control_id)?;
    draft.set("MSH-11", "P")?.set("MSH-12", "2.5.1")?.add("MSA")?.set("MSA-1", "AR")?;
    draft.tell("MSA-3", why)?;
    Ok(draft.to_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Message {
        Message::parse(text.into(), Charset::UTF_8).unwrap()
    }

    fn answered(text: &str, code: AckCode, faults: &[Fault]) -> String {
        let ack = Ack { code, control_id: "B1", time: "20260102030405+0000", faults };
        String::from_utf8(ack.to(&read(text)).unwrap()).unwrap()
    }

    #[test]
    fn an_answer_goes_back_to_the_sender_in_their_own_manner() {
        assert_eq!(
            answered("MSH#$%@!#HIS#WEST#BQ#EAST#2026##ADT$A08#7#P#2.3.1\r", AckCode::Accepted, &[]),
            "MSH#$%@!#BQ#EAST#HIS#WEST#20260102030405+0000##ACK$A08#B1#P#2.3.1\rMSA#AA#7\r"
        );
    }

    #[test]
    fn faults_name_their_place_and_say_it_in_words() {
        let fault = Fault {
            at: Some("PID-3[2].4".parse().unwrap()),
            code: 101,
            severity: Severity::Error,
            text: "no authority | of the identifier".into(),
        };
        let text = "MSH|^~\\&|HIS||BQ||2026||ADT^A08^ADT_A01|7|P|2.5.1\rPID|1\r";
        assert_eq!(
            answered(text, AckCode::Error, std::slice::from_ref(&fault)),
            "MSH|^~\\&|BQ||HIS||20260102030405+0000||ACK^A08^ACK|B1|P|2.5.1\r\
             MSA|AE|7|no authority \\F\\ of the identifier\r\
             ERR||PID^1^3^2^4|101^^HL70357|E||||no authority \\F\\ of the identifier\r"
        );
        let old = text.replace("2.5.1", "2.3");
        assert!(!answered(&old, AckCode::Error, &[fault]).contains("ERR"));
    }

    #[test]
    fn a_fault_that_cannot_be_written_in_the_senders_characters_is_told_all_the_same() {
        let fault = Fault { at: None, code: 207, severity: Severity::Error, text: "扁鹊: no".into() };
        let text = "MSH|^~\\&|HIS||BQ||2026||ADT^A08|7|P|2.5||||||8859/1\r";
        assert!(answered(text, AckCode::Error, &[fault]).contains("MSA|AE|7|??: no\r"));
    }

    #[test]
    fn half_a_character_takes_nothing_with_it() {
        let raw = [b"MSH|^~\\&|HIS||||2026||ADT^A08|7\xC8".to_vec(), b"\r".to_vec()].concat();
        let message = Message::parse(raw, Charset::GB_18030).unwrap();
        let ack = Ack { code: AckCode::Error, control_id: "B1", time: "2026", faults: &[] };
        let answer = Message::parse(ack.to(&message).unwrap(), Charset::GB_18030).unwrap();
        assert_eq!((answer.text("MSA-1"), answer.text("MSA-2")), ("AE".into(), "7 ".into()));
    }

    #[test]
    fn modes_are_those_that_are_asked_for() {
        let mode = |fields: &str| AckMode::of(&read(&format!("MSH|^~\\&|||||||ADT^A01|1|P|2.5{fields}\r")));
        assert_eq!(mode(""), AckMode::Original);
        assert_eq!(mode("|||"), AckMode::Original);
        let (accept, application) = (AckCondition::Always, AckCondition::OnError);
        assert_eq!(mode("|||AL|ER"), AckMode::Enhanced { accept, application });
        let application = AckCondition::Never;
        assert_eq!(mode("|||??"), AckMode::Enhanced { accept, application });
        assert!(AckCondition::OnError.wants(false) && !AckCondition::OnError.wants(true));
        assert!(AckCondition::OnSuccess.wants(AckCode::CommitAccepted.is_positive()));
    }

    #[test]
    fn what_is_no_message_is_answered_too() {
        let answer = read(&String::from_utf8(unreadable("B2", "2026", "no MSH").unwrap()).unwrap());
        assert_eq!((answer.text("MSA-1"), answer.text("MSA-3")), ("AR".into(), "no MSH".into()));
    }
}
