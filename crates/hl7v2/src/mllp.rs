//! MLLP: messages in a stream of bytes (HL7 v2.5.1, appendix C; the minimal lower layer protocol, release 1).

const BEGIN: u8 = 0x0B;
const END: u8 = 0x1C;
const LAST: u8 = b'\r';

/// A message as it goes over the line.
pub fn framed(message: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(message.len() + 3);
    bytes.push(BEGIN);
    bytes.extend_from_slice(message);
    bytes.extend([END, LAST]);
    bytes
}

/// Why a stream cannot be followed any further.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// Bytes stand before the begin of a message that are neither line ends nor spaces.
    #[error("bytes between messages")]
    Between,
    /// A message begins before the one before it has ended.
    #[error("a message begins within another, whose end is missing")]
    Unended,
    /// A message is longer than may be.
    #[error("a message of more than {0} bytes")]
    Length(usize),
}

/// Cuts a stream into messages. Frames may come in pieces or several at a time; the CR behind the end may be missing.
///
/// Holds at most one message that is not whole, and what was read behind it.
#[derive(Debug)]
pub struct Frames {
    longest: usize,
    held: Vec<u8>,
    /// What of it was cut already.
    cut: usize,
    /// Up to where no end stands.
    searched: usize,
}

impl Frames {
    /// Messages of at most so many bytes.
    pub fn new(longest: usize) -> Self {
        Self { longest, held: Vec::new(), cut: 0, searched: 0 }
    }

    /// Takes what was read from the stream.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.cut > 0 {
            self.held.drain(..self.cut);
            self.searched -= self.cut;
            self.cut = 0;
        }
        self.held.extend_from_slice(bytes);
    }

    /// Whether a message has begun that is not whole. A stream that ends then has lost it.
    pub fn is_within(&self) -> bool {
        self.held[self.cut..].contains(&BEGIN)
    }

    /// Bytes that are held.
    pub fn held(&self) -> usize {
        self.held.len() - self.cut
    }

    /// The next message that is whole.
    pub fn next_frame(&mut self) -> Result<Option<Vec<u8>>, FrameError> {
        let between =
            self.held[self.cut..].iter().take_while(|byte| byte.is_ascii_whitespace() && **byte != BEGIN);
        self.cut += between.count();
        self.searched = self.searched.max(self.cut);
        match self.held.get(self.cut) {
            None => return Ok(None),
            Some(&BEGIN) => {}
            Some(_) => return Err(FrameError::Between),
        }
        let begin = self.cut + 1;
        let from = self.searched.max(begin);
        let Some(at) = memchr::memchr2(BEGIN, END, &self.held[from..]) else {
            self.searched = self.held.len();
            let long = self.held.len() - begin > self.longest;
            return if long { Err(FrameError::Length(self.longest)) } else { Ok(None) };
        };
        let end = from + at;
        if self.held[end] == BEGIN {
            return Err(FrameError::Unended);
        }
        if end - begin > self.longest {
            return Err(FrameError::Length(self.longest));
        }
        let frame = self.held[begin..end].to_vec();
        self.cut = end + 1;
        self.searched = self.cut;
        Ok(Some(frame))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(frames: &mut Frames) -> Vec<Vec<u8>> {
        std::iter::from_fn(|| frames.next_frame().unwrap()).collect()
    }

    #[test]
    fn frames_that_are_split_and_glued_are_found() {
        let stream = [framed(b"one"), framed(b"two\r"), b"\x0bthree\x1c\x0bfour\x1c\r\r\n".to_vec()].concat();
        let wanted: [&[u8]; 4] = [b"one", b"two\r", b"three", b"four"];
        for piece in 1..=stream.len() {
            let mut frames = Frames::new(10);
            let mut found = Vec::new();
            for bytes in stream.chunks(piece) {
                frames.push(bytes);
                found.extend(all(&mut frames));
            }
            assert_eq!(found, wanted, "in pieces of {piece}");
            assert!(!frames.is_within());
        }
    }

    #[test]
    fn what_cannot_be_followed_is_told() {
        let first = |bytes: &[u8]| {
            let mut frames = Frames::new(5);
            frames.push(bytes);
            frames.next_frame()
        };
        assert_eq!(first(b"MSH|"), Err(FrameError::Between));
        assert_eq!(first(b"\x0bone\x0btwo\x1c\r"), Err(FrameError::Unended));
        assert_eq!(first(b"\x0b123456"), Err(FrameError::Length(5)));
        assert_eq!(first(b"\x0b123456\x1c\r"), Err(FrameError::Length(5)));
        assert_eq!(first(b"\x0b12345\x1c\r"), Ok(Some(b"12345".to_vec())));
        let mut frames = Frames::new(5);
        frames.push(b"\r\n\x0b12");
        assert_eq!((frames.next_frame(), frames.is_within()), (Ok(None), true));
    }

    proptest! {
        #[test]
        fn any_messages_in_any_pieces(
            messages in prop::collection::vec(prop::collection::vec(0x20_u8..=0xFF, 0..40), 0..6),
            piece in 1_usize..50,
        ) {
            let stream: Vec<u8> = messages.iter().flat_map(|message| framed(message)).collect();
            let mut frames = Frames::new(40);
            let mut found = Vec::new();
            for bytes in stream.chunks(piece) {
                frames.push(bytes);
                found.extend(all(&mut frames));
            }
            prop_assert_eq!(found, messages);
            prop_assert_eq!(frames.held(), 0);
        }
    }
}
