//! The machine below a tokenizer: which byte belongs to what.

use dicom_core::VR;

use super::element::{self, Encoding, Head, ITEM, ITEM_END, ITEM_GROUP, LONGEST, SEQUENCE_END, SHORTEST};
use super::scan::DelimiterScan;
use super::stack::{Kind, Stack};
use super::token::{ElementHeader, Ending, Sink, Token};
use crate::error::ReadError;

/// What the next byte belongs to.
enum State {
    /// The head of an element, an item or a delimiter.
    Head,
    /// The value of an element or a fragment.
    Value { left: u64, end: Token<'static> },
    /// The first bytes of a value of undefined length: they tell whether it is made of items.
    Probe(ElementHeader),
    /// A value of undefined length that is not made of items.
    Scan(DelimiterScan),
    /// What a sequence of defined length holds that is no item.
    Skip { left: u64 },
    /// Zeros after the data set.
    Padding,
}

/// Cuts a data set that is not deflated.
pub(super) struct Cutter {
    /// Where the next byte lies that is in no complete head.
    position: u64,
    state: State,
    /// The beginning of a head that was cut.
    pending: [u8; LONGEST],
    pending_length: usize,
    stack: Stack,
}

impl Cutter {
    pub(super) fn new(encoding: Encoding, depth: usize) -> Self {
        Self {
            position: 0,
            state: State::Head,
            pending: [0; LONGEST],
            pending_length: 0,
            stack: Stack::new(encoding, depth),
        }
    }

    pub(super) fn length(&self) -> u64 {
        self.position + self.pending_length as u64
    }

    pub(super) fn encoding(&self) -> Encoding {
        self.stack.root()
    }

    pub(super) fn push(&mut self, mut bytes: &[u8], sink: &mut impl Sink) -> Result<(), ReadError> {
        while self.pending_length > 0 {
            let before = self.pending_length;
            let more = bytes.len().min(LONGEST - before);
            self.pending[before..before + more].copy_from_slice(&bytes[..more]);
            let pending = self.pending;
            let taken = self.run(&pending[..before + more], sink)?;
            if taken == 0 {
                self.pending_length += more;
                return Ok(());
            }
            self.pending.copy_within(taken.min(before)..before, 0);
            self.pending_length = before.saturating_sub(taken);
            bytes = &bytes[taken.saturating_sub(before)..];
        }
        let taken = self.run(bytes, sink)?;
        let rest = &bytes[taken..];
        self.pending[..rest.len()].copy_from_slice(rest);
        self.pending_length = rest.len();
        Ok(())
    }

    /// Takes what it can and says how much that was. What is left is the beginning of a head.
    fn run(&mut self, bytes: &[u8], sink: &mut impl Sink) -> Result<usize, ReadError> {
        let mut rest = bytes;
        while !rest.is_empty() {
            let taken = match &mut self.state {
                State::Head => self.head(rest, sink)?,
                State::Probe(header) => {
                    let header = *header;
                    self.probe(header, rest, sink)?
                }
                State::Value { left, end } => {
                    let end = *end;
                    let value = at_most(rest, *left);
                    *left -= value.len() as u64;
                    let over = *left == 0;
                    self.position += value.len() as u64;
                    sink.token(Token::Value(value))?;
                    if over {
                        sink.token(end)?;
                        self.next(sink)?;
                    }
                    Some(value.len())
                }
                State::Scan(scan) => {
                    let (taken, over) = scan.push(rest, sink)?;
                    self.position += taken as u64;
                    if over {
                        sink.token(Token::ElementEnd)?;
                        self.next(sink)?;
                    }
                    Some(taken)
                }
                State::Skip { left } => {
                    let skipped = at_most(rest, *left).len();
                    *left -= skipped as u64;
                    let over = *left == 0;
                    self.position += skipped as u64;
                    if over {
                        self.next(sink)?;
                    }
                    Some(skipped)
                }
                State::Padding => {
                    self.position += rest.len() as u64;
                    Some(rest.len())
                }
            };
            let Some(taken) = taken else { break };
            rest = &rest[taken..];
        }
        Ok(bytes.len() - rest.len())
    }

    /// Takes a head: how many bytes, which are none where it only saw that something is over; nothing when the head is cut.
    fn head(&mut self, bytes: &[u8], sink: &mut impl Sink) -> Result<Option<usize>, ReadError> {
        let Some(&first) = bytes.first_chunk::<SHORTEST>() else { return Ok(None) };
        if self.stack.is_over(first) {
            self.state = State::Padding;
            return Ok(Some(0));
        }
        if matches!(self.stack.kind(), Some(Kind::Sequence | Kind::Fragments)) && !self.stack.is_mark(first) {
            match self.stack.end() {
                Some(end) => self.state = State::Skip { left: end.saturating_sub(self.position) },
                None => self.close(sink)?,
            }
            return Ok(Some(0));
        }
        let encoding = self.stack.encoding_of(first);
        let Ok(head) = element::read(bytes, encoding) else { return Ok(None) };
        if head.tag.group() == ITEM_GROUP {
            return self.mark(&head, sink).map(Some);
        }
        self.element(&head, encoding, sink)?;
        Ok(Some(head.size))
    }

    /// The head of an item, or a delimiter, also where it does not belong.
    fn mark(&mut self, head: &Head, sink: &mut impl Sink) -> Result<usize, ReadError> {
        let offset = self.position;
        match (self.stack.kind(), head.tag) {
            // The delimiter of the item is missing.
            (Some(Kind::Item), ITEM | SEQUENCE_END) => {
                self.close(sink)?;
                return Ok(0);
            }
            (Some(Kind::Sequence), ITEM) => {
                self.position += SHORTEST as u64;
                let end = head.length.map(|length| self.position + u64::from(length));
                let encoding = self.stack.encoding();
                self.stack.push(Kind::Item, end, encoding)?;
                sink.token(Token::Item { offset, big_endian: encoding.big_endian })?;
                self.close_ended(sink)?;
            }
            (Some(Kind::Fragments), ITEM) => {
                self.position += SHORTEST as u64;
                let Some(length) = head.length else {
                    return Err(ReadError::FragmentWithoutLength { offset });
                };
                sink.token(Token::Fragment { offset: self.position, length })?;
                self.value(length, Token::FragmentEnd, sink)?;
            }
            (Some(Kind::Sequence | Kind::Fragments), SEQUENCE_END) | (Some(Kind::Item), ITEM_END) => {
                self.position += SHORTEST as u64;
                self.close(sink)?;
                self.close_ended(sink)?;
            }
            // A delimiter of nothing.
            _ => {
                self.position += SHORTEST as u64;
                self.close_ended(sink)?;
            }
        }
        Ok(SHORTEST)
    }

    fn element(&mut self, head: &Head, encoding: Encoding, sink: &mut impl Sink) -> Result<(), ReadError> {
        let header = ElementHeader {
            tag: head.tag,
            vr: head.vr,
            explicit_vr: head.explicit,
            length: head.length,
            offset: self.position,
            value_offset: self.position + head.size as u64,
            big_endian: encoding.big_endian,
        };
        self.position = header.value_offset;
        match head.length {
            Some(0) if may_hold_items(head) => {
                sink.token(Token::Sequence(header))?;
                sink.token(Token::SequenceEnd)?;
                self.next(sink)
            }
            Some(length) if !may_hold_items(head) || (length as usize) < SHORTEST => {
                self.plain(header, length, sink)
            }
            _ => {
                self.state = State::Probe(header);
                Ok(())
            }
        }
    }

    /// Looks at what a value begins with, to tell a sequence, encapsulated data, and neither of them apart.
    fn probe(
        &mut self,
        header: ElementHeader,
        bytes: &[u8],
        sink: &mut impl Sink,
    ) -> Result<Option<usize>, ReadError> {
        let Some(&first) = bytes.first_chunk::<SHORTEST>() else { return Ok(None) };
        let around = self.stack.encoding();
        // What is unknown is written low byte first in any transfer syntax (PS3.5 section 6.2.2).
        let little = Encoding { big_endian: false, ..around };
        let inside =
            [around, little].into_iter().find(|encoding| matches!(encoding.tag(first), ITEM | SEQUENCE_END));
        self.state = State::Head;
        match (inside, header.length) {
            (Some(inside), length) => {
                let whole = inside.length(first) != u32::MAX;
                let end = length.map(|length| header.value_offset + u64::from(length));
                if length.is_none() && whole && is_bytes(header.vr) {
                    sink.token(Token::Fragments(header))?;
                    self.stack.push(Kind::Fragments, end, inside)?;
                } else {
                    sink.token(Token::Sequence(header))?;
                    self.stack.push(Kind::Sequence, end, inside)?;
                }
            }
            (None, Some(length)) => self.plain(header, length, sink)?,
            (None, None) => {
                sink.token(Token::Element(header))?;
                self.state = State::Scan(DelimiterScan::new(around.big_endian));
            }
        }
        Ok(Some(0))
    }

    fn plain(&mut self, header: ElementHeader, length: u32, sink: &mut impl Sink) -> Result<(), ReadError> {
        sink.token(Token::Element(header))?;
        self.value(length, Token::ElementEnd, sink)
    }

    fn value(&mut self, length: u32, end: Token<'static>, sink: &mut impl Sink) -> Result<(), ReadError> {
        if length > 0 {
            self.state = State::Value { left: u64::from(length), end };
            return Ok(());
        }
        sink.token(end)?;
        self.next(sink)
    }

    fn next(&mut self, sink: &mut impl Sink) -> Result<(), ReadError> {
        self.state = State::Head;
        self.close_ended(sink)
    }

    /// Ends what says that it ends here.
    fn close_ended(&mut self, sink: &mut impl Sink) -> Result<(), ReadError> {
        while self.stack.end().is_some_and(|end| end <= self.position) {
            self.close(sink)?;
        }
        Ok(())
    }

    fn close(&mut self, sink: &mut impl Sink) -> Result<(), ReadError> {
        match self.stack.pop() {
            Some(Kind::Sequence) => sink.token(Token::SequenceEnd),
            Some(Kind::Item) => sink.token(Token::ItemEnd),
            Some(Kind::Fragments) => sink.token(Token::FragmentsEnd),
            None => Ok(()),
        }
    }

    pub(super) fn finish(&mut self, sink: &mut impl Sink) -> Result<Ending, ReadError> {
        let pending = self.pending;
        let pending = &pending[..std::mem::take(&mut self.pending_length)];
        let arrived = self.position + pending.len() as u64;
        let mut missing = 0;
        let mut undelimited = false;
        match std::mem::replace(&mut self.state, State::Padding) {
            State::Head if pending.iter().any(|byte| *byte != 0) => missing = 1,
            State::Head | State::Padding => {}
            State::Value { left, end } => {
                missing = left;
                sink.token(end)?;
            }
            State::Probe(header) => {
                match header.length {
                    Some(length) => {
                        missing = (header.value_offset + u64::from(length)).saturating_sub(arrived);
                    }
                    None => undelimited = true,
                }
                sink.token(Token::Element(header))?;
                if !pending.is_empty() {
                    sink.token(Token::Value(pending))?;
                }
                sink.token(Token::ElementEnd)?;
            }
            State::Scan(scan) => {
                undelimited = true;
                scan.finish(sink)?;
                sink.token(Token::ElementEnd)?;
            }
            State::Skip { left } => missing = left,
        }
        self.position = arrived;
        while self.stack.kind().is_some() {
            match self.stack.end() {
                Some(end) => missing = missing.max(end.saturating_sub(arrived)),
                None => undelimited = true,
            }
            self.close(sink)?;
        }
        Ok(match (missing, undelimited) {
            (0, false) => Ending::Complete,
            (0, true) => Ending::Undelimited,
            (missing, _) => Ending::Truncated { missing },
        })
    }
}

fn at_most(bytes: &[u8], length: u64) -> &[u8] {
    &bytes[..usize::try_from(length).map_or(bytes.len(), |length| length.min(bytes.len()))]
}

/// Whether a value of defined length is looked into for items: sequences, and those that go as unknown.
fn may_hold_items(head: &Head) -> bool {
    head.vr == VR::SQ
        || head.vr == VR::UN && head.explicit && crate::dictionary::vr_of(head.tag) == Some(VR::SQ)
}

fn is_bytes(vr: VR) -> bool {
    matches!(vr, VR::OB | VR::OW | VR::OD | VR::OF | VR::OL | VR::OV)
}
