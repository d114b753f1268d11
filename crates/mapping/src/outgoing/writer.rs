//! Writing the segments of a message: what is empty is left out, and the first thing that cannot be said is kept.

use bianque_hl7v2::{Draft, DraftError};
use jiff::Timestamp;
use serde_json::Value as Json;

use super::Receiver;

/// A message that is being written.
pub(super) struct Writer<'a> {
    pub(super) receiver: &'a Receiver,
    draft: Draft,
    fault: Option<DraftError>,
}

impl<'a> Writer<'a> {
    pub(super) fn new(receiver: &'a Receiver) -> Self {
        Self { receiver, draft: Draft::new(receiver.charset), fault: None }
    }

    /// Begins a segment; what is put from here on under its name goes there.
    pub(super) fn segment(&mut self, name: &str) {
        let added = self.draft.add(name).map(drop);
        self.fault_of(added);
    }

    /// Puts a text at a place of the last segment of that name. An empty one is nothing.
    pub(super) fn put(&mut self, place: &str, text: &str) {
        let text = text.trim();
        if !text.is_empty() {
            let put = self.draft.set(place, text).map(drop);
            self.fault_of(put);
        }
    }

    /// Puts a member of a resource that is a text or a number.
    pub(super) fn put_value(&mut self, place: &str, value: &Json) {
        match value {
            Json::String(text) => self.put(place, text),
            Json::Number(number) => self.put(place, &number.to_string()),
            Json::Bool(is) => self.put(place, if *is { "Y" } else { "N" }),
            _ => {}
        }
    }

    /// Puts a text of several lines: a repetition is a line (TX, FT).
    pub(super) fn put_lines(&mut self, place: &str, text: &str) {
        for (line, number) in text.lines().zip(1..) {
            self.put(&format!("{place}[{number}]"), line);
        }
    }

    /// A moment, to the second, in the receiver's zone.
    pub(super) fn moment(&self, at: Timestamp) -> String {
        at.to_zoned(self.receiver.zone.clone()).strftime("%Y%m%d%H%M%S%z").to_string()
    }

    /// A date, a part of one or an instant of FHIR, as HL7 v2 writes it; empty where it is none.
    pub(super) fn time(&self, text: &Json) -> String {
        let text = text.as_str().unwrap_or_default();
        match text.parse::<Timestamp>() {
            Ok(at) => self.moment(at),
            Err(_) => text.chars().filter(char::is_ascii_digit).take(8).collect(),
        }
    }

    pub(super) fn finish(self) -> Result<Vec<u8>, DraftError> {
        match self.fault {
            Some(fault) => Err(fault),
            None => Ok(self.draft.to_bytes()),
        }
    }

    fn fault_of(&mut self, put: Result<(), DraftError>) {
        if let (Err(fault), None) = (put, &self.fault) {
            self.fault = Some(fault);
        }
    }
}
