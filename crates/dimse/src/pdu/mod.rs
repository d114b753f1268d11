//! Protocol data units (PS3.8 section 9.3): those of control as values, those of data as fragments of the input.

pub(crate) mod associate;
mod cut;
mod sub_items;

pub(crate) use cut::{Cut, Cutter, Limits};

use crate::{AbortReason, RejectReason, Rejection};

/// Bytes in front of every PDU: type, a reserved one, a length of four.
pub(crate) const HEADER: usize = 6;
/// Bytes in front of every fragment: a length of four, the context, the message control header.
pub(crate) const FRAGMENT_HEADER: usize = 6;

/// What a PDU is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    AssociateRequest,
    AssociateAccept,
    AssociateReject,
    Data,
    ReleaseRequest,
    ReleaseResponse,
    Abort,
}

impl Kind {
    /// From the first byte of a PDU.
    pub(crate) fn of(code: u8) -> Option<Self> {
        Some(match code {
            1 => Self::AssociateRequest,
            2 => Self::AssociateAccept,
            3 => Self::AssociateReject,
            4 => Self::Data,
            5 => Self::ReleaseRequest,
            6 => Self::ReleaseResponse,
            7 => Self::Abort,
            _ => return None,
        })
    }
}

/// An A-ASSOCIATE-RJ.
pub(crate) fn reject(rejection: Rejection) -> [u8; 10] {
    let (source, reason) = rejection.reason.codes();
    [3, 0, 0, 0, 0, 4, 0, if rejection.transient { 2 } else { 1 }, source, reason]
}

/// What an A-ASSOCIATE-RJ says, from its four bytes behind the header.
pub(crate) fn read_reject(body: [u8; 4]) -> Rejection {
    Rejection { transient: body[1] == 2, reason: RejectReason::from_codes(body[2], body[3]) }
}

/// An A-RELEASE-RQ.
pub(crate) const RELEASE_REQUEST: [u8; 10] = [5, 0, 0, 0, 0, 4, 0, 0, 0, 0];
/// An A-RELEASE-RP.
pub(crate) const RELEASE_RESPONSE: [u8; 10] = [6, 0, 0, 0, 0, 4, 0, 0, 0, 0];

/// An A-ABORT.
pub(crate) fn abort(reason: AbortReason) -> [u8; 10] {
    let (source, reason) = reason.codes();
    [7, 0, 0, 0, 0, 4, 0, 0, source, reason]
}

/// What an A-ABORT says, from its four bytes behind the header.
pub(crate) fn read_abort(body: [u8; 4]) -> AbortReason {
    AbortReason::from_codes(body[2], body[3])
}

/// Writes a fragment as a P-DATA-TF of its own.
pub(crate) fn write_data(out: &mut Vec<u8>, context: u8, command: bool, last: bool, bytes: &[u8]) {
    // Fragments are cut to what the peer takes, which is a length of four bytes.
    let length = u32::try_from(bytes.len() + 2).unwrap_or(u32::MAX);
    out.extend_from_slice(&[4, 0]);
    out.extend_from_slice(&(length + 4).to_be_bytes());
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(&[context, u8::from(command) | u8::from(last) << 1]);
    out.extend_from_slice(bytes);
}
