//! Cuts a stream of bytes into PDUs. Those of control are gathered, for they are small and bounded; of a P-DATA-TF each
//! piece of a fragment is handed on as a slice of the input, so that nothing of an object is held or copied here.

use super::{FRAGMENT_HEADER, HEADER, Kind};
use crate::AbortReason;

/// How long PDUs may be, in bytes behind the header.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// A P-DATA-TF: what was announced.
    pub(crate) data: u32,
    /// An A-ASSOCIATE-RQ or -AC.
    pub(crate) associate: u32,
}

/// Least bytes of an A-ASSOCIATE-RQ or -AC behind the header.
const LEAST_ASSOCIATE: u32 = 68;

/// Where in the stream the next byte stands.
#[derive(Debug)]
enum Place {
    Header { bytes: [u8; HEADER], have: usize },
    Control { kind: Kind, length: usize, body: Vec<u8> },
    FragmentHeader { of_pdu: usize, bytes: [u8; FRAGMENT_HEADER], have: usize },
    Fragment { of_pdu: usize, left: usize, context: u8, control: u8 },
}

/// The place in the stream.
#[derive(Debug)]
pub(crate) struct Cutter {
    place: Place,
}

/// What was found.
#[derive(Debug)]
pub(crate) enum Cut<'a> {
    /// A PDU begins.
    Begins(Kind),
    /// A PDU of control is whole; this is what stands behind its header.
    Control(Kind, Vec<u8>),
    /// Bytes of a fragment; `last` when they are the last of the last fragment of a command or data set.
    Piece { context: u8, command: bool, last: bool, bytes: &'a [u8] },
    /// What follows cannot be told any more.
    Broken(AbortReason),
}

impl Cutter {
    /// At the beginning of a stream.
    pub(crate) fn new() -> Self {
        Self { place: AT_HEADER }
    }

    /// Whether a PDU has begun and is not whole.
    pub(crate) fn is_within(&self) -> bool {
        !matches!(self.place, Place::Header { have: 0, .. })
    }

    /// Takes some bytes, and says how many and what they came to. It takes all of them unless something was found.
    pub(crate) fn cut<'a>(&mut self, input: &'a [u8], limits: Limits) -> (usize, Option<Cut<'a>>) {
        let mut taken = 0;
        loop {
            let rest = &input[taken..];
            let (more, found) = match &mut self.place {
                Place::Header { bytes, have } => {
                    let more = fill(bytes, have, rest);
                    if *have < HEADER {
                        return (taken + more, None);
                    }
                    let header = *bytes;
                    (more, Some(self.begin(header, limits)))
                }
                Place::Control { kind, length, body } => {
                    let more = rest.len().min(*length - body.len());
                    body.extend_from_slice(&rest[..more]);
                    if body.len() < *length {
                        return (taken + more, None);
                    }
                    let whole = Cut::Control(*kind, std::mem::take(body));
                    self.place = AT_HEADER;
                    (more, Some(whole))
                }
                Place::FragmentHeader { of_pdu, bytes, have } => {
                    let more = fill(bytes, have, rest);
                    if *have < FRAGMENT_HEADER {
                        return (taken + more, None);
                    }
                    let (of_pdu, header) = (*of_pdu, *bytes);
                    (more, self.begin_fragment(of_pdu, header))
                }
                Place::Fragment { .. } => {
                    if rest.is_empty() {
                        return (taken, None);
                    }
                    self.piece(rest)
                }
            };
            taken += more;
            if found.is_some() {
                return (taken, found);
            }
        }
    }

    /// A PDU's header is whole.
    fn begin<'a>(&mut self, header: [u8; HEADER], limits: Limits) -> Cut<'a> {
        let length = u32::from_be_bytes([header[2], header[3], header[4], header[5]]);
        let Some(kind) = Kind::of(header[0]) else {
            return Cut::Broken(AbortReason::UnrecognizedPdu);
        };
        let fits = match kind {
            Kind::Data => (FRAGMENT_HEADER..=limits.data as usize).contains(&(length as usize)),
            Kind::AssociateRequest | Kind::AssociateAccept => {
                (LEAST_ASSOCIATE..=limits.associate).contains(&length)
            }
            _ => length == 4,
        };
        if !fits {
            return Cut::Broken(AbortReason::InvalidParameter);
        }
        let length = length as usize;
        self.place = match kind {
            Kind::Data => Place::FragmentHeader { of_pdu: length, bytes: [0; FRAGMENT_HEADER], have: 0 },
            _ => Place::Control { kind, length, body: Vec::new() },
        };
        Cut::Begins(kind)
    }

    /// A fragment's header is whole.
    fn begin_fragment<'a>(&mut self, of_pdu: usize, header: [u8; FRAGMENT_HEADER]) -> Option<Cut<'a>> {
        let length = u32::from_be_bytes([header[0], header[1], header[2], header[3]]) as usize;
        let Some(of_pdu) = (length >= 2).then(|| of_pdu.checked_sub(length + 4)).flatten() else {
            return Some(Cut::Broken(AbortReason::InvalidParameter));
        };
        let (left, context, control) = (length - 2, header[4], header[5]);
        if left > 0 {
            self.place = Place::Fragment { of_pdu, left, context, control };
            return None;
        }
        self.after_fragment(of_pdu).or(Some(Cut::Piece {
            context,
            command: control & 1 != 0,
            last: control & 2 != 0,
            bytes: &[],
        }))
    }

    /// Some bytes of the fragment that is under way; `rest` is not empty.
    fn piece<'a>(&mut self, rest: &'a [u8]) -> (usize, Option<Cut<'a>>) {
        let Place::Fragment { of_pdu, left, context, control } = &mut self.place else { return (0, None) };
        let bytes = &rest[..rest.len().min(*left)];
        *left -= bytes.len();
        let (ended, of_pdu, context, control) = (*left == 0, *of_pdu, *context, *control);
        let last = ended && control & 2 != 0;
        let broken = if ended { self.after_fragment(of_pdu) } else { None };
        (bytes.len(), broken.or(Some(Cut::Piece { context, command: control & 1 != 0, last, bytes })))
    }

    /// What comes behind a fragment, of a PDU with so many bytes left.
    fn after_fragment<'a>(&mut self, of_pdu: usize) -> Option<Cut<'a>> {
        if of_pdu == 0 {
            self.place = AT_HEADER;
            return None;
        }
        if of_pdu < FRAGMENT_HEADER {
            return Some(Cut::Broken(AbortReason::InvalidParameter));
        }
        self.place = Place::FragmentHeader { of_pdu, bytes: [0; FRAGMENT_HEADER], have: 0 };
        None
    }
}

const AT_HEADER: Place = Place::Header { bytes: [0; HEADER], have: 0 };

/// Moves bytes into a header that is not whole; how many.
fn fill(bytes: &mut [u8; HEADER], have: &mut usize, rest: &[u8]) -> usize {
    let more = rest.len().min(HEADER - *have);
    bytes[*have..*have + more].copy_from_slice(&rest[..more]);
    *have += more;
    more
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pdu::write_data;

    const LIMITS: Limits = Limits { data: 100, associate: 100 };

    fn broken(bytes: &[u8]) -> Option<AbortReason> {
        let (mut cutter, mut rest) = (Cutter::new(), bytes);
        loop {
            let (taken, found) = cutter.cut(rest, LIMITS);
            rest = &rest[taken..];
            match found {
                Some(Cut::Broken(reason)) => return Some(reason),
                None => return None,
                Some(_) => {}
            }
        }
    }

    #[test]
    fn fragments_are_slices_of_the_input() {
        let mut bytes = Vec::new();
        write_data(&mut bytes, 3, false, true, b"pixels");
        let mut cutter = Cutter::new();
        let (taken, found) = cutter.cut(&bytes, LIMITS);
        assert!(matches!(found, Some(Cut::Begins(Kind::Data))));
        let (more, found) = cutter.cut(&bytes[taken..bytes.len() - 2], LIMITS);
        let Some(Cut::Piece { context: 3, command: false, last: false, bytes: piece }) = found else {
            panic!("{found:?}")
        };
        assert_eq!(piece, b"pixe");
        assert_eq!(piece.as_ptr(), bytes[12..].as_ptr());
        let (_, found) = cutter.cut(&bytes[taken + more..], LIMITS);
        assert!(matches!(found, Some(Cut::Piece { last: true, bytes: b"ls", .. })));
        assert!(!cutter.is_within());
    }

    #[test]
    fn lengths_that_cannot_be_are_told_before_anything_is_held_for_them() {
        for (bytes, reason) in [
            (&b"GET / HTTP/1.1"[..], AbortReason::UnrecognizedPdu),
            (&[4, 0, 0, 0, 0, 5], AbortReason::InvalidParameter),
            (&[4, 0, 0, 0, 0, 101], AbortReason::InvalidParameter),
            (&[4, 0, 0, 0, 0, 8, 0, 0, 0, 1, 1, 0], AbortReason::InvalidParameter),
            (&[4, 0, 0, 0, 0, 8, 0, 0, 0, 5, 1, 0], AbortReason::InvalidParameter),
            (&[4, 0, 0, 0, 0, 9, 0, 0, 0, 2, 1, 0, 0], AbortReason::InvalidParameter),
            (&[1, 0, 0xff, 0xff, 0xff, 0xff], AbortReason::InvalidParameter),
            (&[1, 0, 0, 0, 0, 67], AbortReason::InvalidParameter),
            (&[5, 0, 0, 0, 0, 5], AbortReason::InvalidParameter),
        ] {
            assert_eq!(broken(bytes), Some(reason), "{bytes:?}");
        }
    }
}
