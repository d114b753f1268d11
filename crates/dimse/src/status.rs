//! What an operation came to: status codes of PS3.7 annex C and of the services of PS3.4.

use std::fmt;

/// A status (0000,0900).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Status(pub u16);

/// What kind of end a status is (PS3.7 section C.1 to C.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusKind {
    /// It was done.
    Success,
    /// It was done, with something to tell.
    Warning,
    /// It was not done.
    Failure,
    /// It was stopped because the asker wished so.
    Cancel,
    /// It goes on; more responses follow.
    Pending,
}

impl Status {
    /// Done.
    pub const SUCCESS: Self = Self(0x0000);
    /// Stopped by a C-CANCEL.
    pub const CANCEL: Self = Self(0xFE00);
    /// A match, and more follow.
    pub const PENDING: Self = Self(0xFF00);
    /// A match, of a query with optional keys that are not supported.
    pub const PENDING_WITHOUT_OPTIONAL_KEYS: Self = Self(0xFF01);

    /// An attribute's value is out of range (PS3.7 C.5.11).
    pub const INVALID_ATTRIBUTE_VALUE: Self = Self(0x0106);
    /// Some attributes are not of this class; the others were dealt with (PS3.7 C.4.2).
    pub const ATTRIBUTE_LIST_ERROR: Self = Self(0x0107);
    /// A fault of the server (PS3.7 C.5.21).
    pub const PROCESSING_FAILURE: Self = Self(0x0110);
    /// An instance of this UID is there already (PS3.7 C.5.6).
    pub const DUPLICATE_INSTANCE: Self = Self(0x0111);
    /// There is no such instance (PS3.7 C.5.18).
    pub const NO_SUCH_INSTANCE: Self = Self(0x0112);
    /// There is no such type of event (PS3.7 C.5.16).
    pub const NO_SUCH_EVENT: Self = Self(0x0113);
    /// An argument is not of this action or event (PS3.7 C.5.10).
    pub const INVALID_ARGUMENT: Self = Self(0x0115);
    /// A value was out of range and was replaced (PS3.7 C.4.3).
    pub const ATTRIBUTE_OUT_OF_RANGE: Self = Self(0x0116);
    /// The instance's UID breaks the rules of UIDs (PS3.7 C.5.12).
    pub const INVALID_INSTANCE: Self = Self(0x0117);
    /// There is no such class (PS3.7 C.5.19).
    pub const NO_SUCH_CLASS: Self = Self(0x0118);
    /// The instance is not of this class (PS3.7 C.5.7).
    pub const CLASS_INSTANCE_CONFLICT: Self = Self(0x0119);
    /// An attribute that must be there is not (PS3.7 C.5.13).
    pub const MISSING_ATTRIBUTE: Self = Self(0x0120);
    /// An attribute that must have a value has none (PS3.7 C.5.14).
    pub const MISSING_ATTRIBUTE_VALUE: Self = Self(0x0121);
    /// The class is not supported (PS3.7 C.5.23).
    pub const CLASS_NOT_SUPPORTED: Self = Self(0x0122);
    /// There is no such action (PS3.7 C.5.15).
    pub const NO_SUCH_ACTION: Self = Self(0x0123);
    /// Whoever asks may not (PS3.7 C.5.20).
    pub const NOT_AUTHORIZED: Self = Self(0x0124);
    /// A message id that is in use (PS3.7 C.5.9).
    pub const DUPLICATE_INVOCATION: Self = Self(0x0210);
    /// The operation is not known here (PS3.7 C.5.25).
    pub const UNRECOGNIZED_OPERATION: Self = Self(0x0211);
    /// A parameter of the command is not what was agreed (PS3.7 C.5.17).
    pub const MISTYPED_ARGUMENT: Self = Self(0x0212);
    /// There is no room (PS3.7 C.5.22).
    pub const RESOURCE_LIMITATION: Self = Self(0x0213);

    /// Storage, query and retrieve: there is no room (PS3.4 B.2.3, C.4).
    pub const OUT_OF_RESOURCES: Self = Self(0xA700);
    /// Retrieve: the matches cannot be counted (PS3.4 C.4.2.1.5).
    pub const CANNOT_COUNT_MATCHES: Self = Self(0xA701);
    /// Retrieve: the sub-operations cannot be done (PS3.4 C.4.2.1.5).
    pub const CANNOT_PERFORM_SUB_OPERATIONS: Self = Self(0xA702);
    /// Retrieve: nobody knows the destination (PS3.4 C.4.2.1.5).
    pub const MOVE_DESTINATION_UNKNOWN: Self = Self(0xA801);
    /// Storage, query and retrieve: the data set is not of the class (PS3.4 B.2.3, C.4).
    pub const DATA_SET_DOES_NOT_MATCH_CLASS: Self = Self(0xA900);
    /// Storage: values were coerced (PS3.4 B.2.3).
    pub const COERCED: Self = Self(0xB000);
    /// Retrieve: done, and some of it failed (PS3.4 C.4.2.1.5, C.4.3.1.4).
    pub const SUB_OPERATIONS_FAILED: Self = Self(0xB000);
    /// Storage: elements were discarded (PS3.4 B.2.3).
    pub const ELEMENTS_DISCARDED: Self = Self(0xB006);
    /// Storage: the data set is not of the class, and was kept (PS3.4 B.2.3).
    pub const DATA_SET_DOES_NOT_MATCH_CLASS_WARNING: Self = Self(0xB007);
    /// Storage, query and retrieve: it cannot be understood or processed (PS3.4 B.2.3, C.4).
    pub const CANNOT_UNDERSTAND: Self = Self(0xC000);
    /// Performed procedure step: it is over, and may not be changed (PS3.4 F.7.2.2.2).
    pub const STEP_MAY_NO_LONGER_BE_UPDATED: Self = Self::PROCESSING_FAILURE;

    /// What kind of end it is.
    pub fn kind(self) -> StatusKind {
        match self.0 {
            0x0000 => StatusKind::Success,
            0xFE00 => StatusKind::Cancel,
            0xFF00 | 0xFF01 => StatusKind::Pending,
            0x0001 | 0x0107 | 0x0116 | 0xB000..=0xBFFF => StatusKind::Warning,
            _ => StatusKind::Failure,
        }
    }

    /// Whether more responses follow.
    pub fn is_pending(self) -> bool {
        self.kind() == StatusKind::Pending
    }

    /// Whether it was done, be it with something to tell.
    pub fn is_done(self) -> bool {
        matches!(self.kind(), StatusKind::Success | StatusKind::Warning)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04X}H", self.0)
    }
}

impl fmt::Debug for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04X}H {:?}", self.0, self.kind())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_those_of_annex_c() {
        for (status, kind) in [
            (Status::SUCCESS, StatusKind::Success),
            (Status::PENDING_WITHOUT_OPTIONAL_KEYS, StatusKind::Pending),
            (Status::CANCEL, StatusKind::Cancel),
            (Status::COERCED, StatusKind::Warning),
            (Status::ATTRIBUTE_LIST_ERROR, StatusKind::Warning),
            (Status::OUT_OF_RESOURCES, StatusKind::Failure),
            (Status(0xC123), StatusKind::Failure),
            (Status(0x0124), StatusKind::Failure),
        ] {
            assert_eq!(status.kind(), kind, "{status}");
        }
    }
}
