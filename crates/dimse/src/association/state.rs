//! The states of an association as the standard numbers them (PS3.8 section 9.2.1), and what each takes.

use crate::pdu::Kind;

/// Where an association is. Sta4, which waits for the connection, is the shell's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Idle: over, or closed.
    Sta1,
    /// The connection is open; awaiting an A-ASSOCIATE-RQ.
    Sta2,
    /// Awaiting our answer to a request.
    Sta3,
    /// Awaiting an A-ASSOCIATE-AC or -RJ.
    Sta5,
    /// Established.
    Sta6,
    /// Awaiting an A-RELEASE-RP.
    Sta7,
    /// Awaiting our answer to an A-RELEASE-RQ.
    Sta8,
    /// Both asked for release. We are the requestor; awaiting our answer.
    Sta9,
    /// Both asked for release. We are the acceptor; awaiting an A-RELEASE-RP.
    Sta10,
    /// Both asked for release. We are the requestor; awaiting an A-RELEASE-RP.
    Sta11,
    /// Both asked for release. We are the acceptor; awaiting our answer.
    Sta12,
    /// Awaiting that the peer closes the connection.
    Sta13,
}

/// What becomes of a PDU that begins (PS3.8 table 9-10, its rows of PDUs).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taking {
    /// It is read.
    Read,
    /// It has no place here: abort as a user would (AA-1), for there is no association yet.
    AbortByUser,
    /// It has no place here: abort as the provider (AA-8).
    AbortByProvider,
}

impl State {
    /// What becomes of a PDU of this kind.
    pub(crate) fn taking(self, kind: Kind) -> Taking {
        let fits = match kind {
            Kind::Abort => true,
            Kind::AssociateRequest => self == Self::Sta2,
            Kind::AssociateAccept | Kind::AssociateReject => self == Self::Sta5,
            Kind::Data | Kind::ReleaseRequest => matches!(self, Self::Sta6 | Self::Sta7),
            Kind::ReleaseResponse => matches!(self, Self::Sta7 | Self::Sta10 | Self::Sta11),
        };
        match (fits, self) {
            (true, _) => Taking::Read,
            (false, Self::Sta2) => Taking::AbortByUser,
            (false, _) => Taking::AbortByProvider,
        }
    }

    /// Whether messages may be sent.
    pub(crate) fn may_send(self) -> bool {
        // AR-7: whoever was asked for release may still send.
        matches!(self, Self::Sta6 | Self::Sta8)
    }
}
