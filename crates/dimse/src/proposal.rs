//! What two applications tell each other when an association begins (PS3.8 section 9.3, PS3.7 annex D).

use std::fmt;

use crate::{AeTitle, Uid};

/// The number of a presentation context: odd, 1 to 255.
pub type ContextId = u8;

/// What a requestor asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// Who asks.
    pub calling: AeTitle,
    /// Who is asked.
    pub called: AeTitle,
    /// At most 128, with odd ids.
    pub contexts: Vec<ProposedContext>,
    /// The rest.
    pub user: UserInformation,
}

/// A service and the encodings that it could have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProposedContext {
    /// Its number.
    pub id: ContextId,
    /// The SOP class, or a group of them.
    pub abstract_syntax: Uid,
    /// In the requestor's order. Empty only when none of them could be read.
    pub transfer_syntaxes: Vec<Uid>,
}

/// What an acceptor answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acceptance {
    /// For each context that was proposed.
    pub contexts: Vec<ContextResult>,
    /// The rest.
    pub user: UserInformation,
}

/// What became of a proposed context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContextResult {
    /// Its number.
    pub id: ContextId,
    /// The one transfer syntax of it, or why there is none.
    pub outcome: Result<Uid, ContextRefusal>,
}

/// Why a context was not accepted (PS3.8 table 9-18).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContextRefusal {
    /// The application does not want it.
    User,
    /// No reason is given.
    NoReason,
    /// Nobody offers this service here.
    AbstractSyntax,
    /// None of the encodings is spoken here.
    TransferSyntaxes,
}

/// The sub-items of both directions (PS3.7 annex D.3.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserInformation {
    /// The longest P-DATA-TF that its sender takes, in bytes behind the header of six; 0 is without limit.
    pub max_pdu: u32,
    /// Which program it is.
    pub implementation: Implementation,
    /// How many operations may go on at once; none said is one each way.
    pub window: Option<Window>,
    /// Who does what in which class, where it is not the requestor who uses and the acceptor who provides.
    pub roles: Vec<RoleSelection>,
    /// What services say about themselves.
    pub extended: Vec<ExtendedNegotiation>,
    /// Which classes are of which service (requests only).
    pub common: Vec<CommonExtended>,
    /// Who the person or machine is (requests only).
    pub identity: Option<UserIdentity>,
    /// What the acceptor says to that (answers only).
    pub identity_response: Option<Vec<u8>>,
}

impl UserInformation {
    /// Of a program, with nothing but what must be said.
    pub fn new(max_pdu: u32, implementation: Implementation) -> Self {
        Self {
            max_pdu,
            implementation,
            window: None,
            roles: Vec::new(),
            extended: Vec::new(),
            common: Vec::new(),
            identity: None,
            identity_response: None,
        }
    }
}

/// A program (PS3.7 D.3.3.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Implementation {
    /// Empty when it said none, or none that could be read.
    pub class: Option<Uid>,
    /// At most 16 characters.
    pub version: Option<String>,
}

impl Implementation {
    /// This program.
    pub fn ours() -> Self {
        Self {
            class: Some(Uid::known("2.25.250969279303459222706664188112883775842")),
            version: Some("BIANQUE".to_owned()),
        }
    }
}

/// Asynchronous operations window (PS3.7 D.3.3.3); 0 is without limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Operations that the requestor may have asked for at once.
    pub invoked: u16,
    /// Operations that the requestor does at once.
    pub performed: u16,
}

/// The requestor's roles in a class (PS3.7 D.3.3.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleSelection {
    /// The class.
    pub sop_class: Uid,
    /// The requestor uses it.
    pub scu: bool,
    /// The requestor provides it.
    pub scp: bool,
}

/// SOP class extended negotiation (PS3.7 D.3.3.5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtendedNegotiation {
    /// The class.
    pub sop_class: Uid,
    /// What its service defines.
    pub information: Vec<u8>,
}

/// SOP class common extended negotiation (PS3.7 D.3.3.6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommonExtended {
    /// The class.
    pub sop_class: Uid,
    /// Whose service it is of.
    pub service_class: Uid,
    /// More general classes that it may be taken for.
    pub related: Vec<Uid>,
}

/// User identity (PS3.7 D.3.3.7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserIdentity {
    /// What is shown.
    pub credential: Credential,
    /// Whether an answer is wished for.
    pub response_requested: bool,
}

/// What proves who somebody is. Its `Debug` shows the kind and no secret.
#[derive(Clone, PartialEq, Eq)]
pub enum Credential {
    /// A name, in UTF-8.
    Username(Vec<u8>),
    /// A name and its passcode, in UTF-8.
    Passcode {
        /// The name.
        username: Vec<u8>,
        /// The passcode.
        passcode: Vec<u8>,
    },
    /// A Kerberos service ticket.
    Kerberos(Vec<u8>),
    /// A SAML assertion.
    Saml(Vec<u8>),
    /// A JSON Web Token.
    Jwt(Vec<u8>),
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Username(_) => "Username",
            Self::Passcode { .. } => "Passcode",
            Self::Kerberos(_) => "Kerberos",
            Self::Saml(_) => "Saml",
            Self::Jwt(_) => "Jwt",
        })
    }
}

/// That an association was refused (PS3.8 table 9-21).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rejection {
    /// Whether trying again later may help.
    pub transient: bool,
    /// Who refuses, and why.
    pub reason: RejectReason,
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (source, reason) = self.reason.codes();
        let lasting = if self.transient { "for now" } else { "for good" };
        write!(f, "{} (refused {lasting}, source {source}, reason {reason})", self.reason)
    }
}

/// Source and reason of a rejection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RejectReason {
    /// The application gives no reason.
    NoReason,
    /// It is no application context of DICOM.
    ApplicationContext,
    /// Who calls is not known here.
    CallingTitle,
    /// Who is called is not here.
    CalledTitle,
    /// The protocol gives no reason; also where user identity is refused.
    ProviderNoReason,
    /// The version of the protocol is another.
    ProtocolVersion,
    /// There is too much to do at the moment.
    Congestion,
    /// A limit of this machine is reached.
    LocalLimit,
    /// A pair of source and reason that the standard reserves.
    Reserved(u8, u8),
}

impl RejectReason {
    /// Source and reason as the standard numbers them.
    pub fn codes(self) -> (u8, u8) {
        match self {
            Self::NoReason => (1, 1),
            Self::ApplicationContext => (1, 2),
            Self::CallingTitle => (1, 3),
            Self::CalledTitle => (1, 7),
            Self::ProviderNoReason => (2, 1),
            Self::ProtocolVersion => (2, 2),
            Self::Congestion => (3, 1),
            Self::LocalLimit => (3, 2),
            Self::Reserved(source, reason) => (source, reason),
        }
    }

    /// From the standard's numbers.
    pub fn from_codes(source: u8, reason: u8) -> Self {
        match (source, reason) {
            (1, 1) => Self::NoReason,
            (1, 2) => Self::ApplicationContext,
            (1, 3) => Self::CallingTitle,
            (1, 7) => Self::CalledTitle,
            (2, 1) => Self::ProviderNoReason,
            (2, 2) => Self::ProtocolVersion,
            (3, 1) => Self::Congestion,
            (3, 2) => Self::LocalLimit,
            (source, reason) => Self::Reserved(source, reason),
        }
    }
}

impl fmt::Display for RejectReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoReason | Self::ProviderNoReason => "no reason given",
            Self::ApplicationContext => "application context name not supported",
            Self::CallingTitle => "calling AE title not recognized",
            Self::CalledTitle => "called AE title not recognized",
            Self::ProtocolVersion => "protocol version not supported",
            Self::Congestion => "temporary congestion",
            Self::LocalLimit => "local limit exceeded",
            Self::Reserved(..) => "a reserved reason",
        })
    }
}

/// Source and reason of an A-ABORT (PS3.8 table 9-26).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AbortReason {
    /// An application wished it.
    User,
    /// No reason is given.
    NotSpecified,
    /// A PDU of a type that does not exist.
    UnrecognizedPdu,
    /// A PDU that has no place at this point.
    UnexpectedPdu,
    /// A parameter of a PDU that does not exist.
    UnrecognizedParameter,
    /// A parameter of a PDU that has no place there.
    UnexpectedParameter,
    /// A parameter of a PDU with a value that it may not have.
    InvalidParameter,
    /// A pair of source and reason that the standard reserves.
    Reserved(u8, u8),
}

impl fmt::Display for AbortReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::User => "the application wished it",
            Self::NotSpecified => "reason not specified",
            Self::UnrecognizedPdu => "unrecognized PDU",
            Self::UnexpectedPdu => "unexpected PDU",
            Self::UnrecognizedParameter => "unrecognized PDU parameter",
            Self::UnexpectedParameter => "unexpected PDU parameter",
            Self::InvalidParameter => "invalid PDU parameter value",
            Self::Reserved(..) => "a reserved reason",
        })
    }
}

impl AbortReason {
    /// Source and reason as the standard numbers them.
    pub fn codes(self) -> (u8, u8) {
        match self {
            Self::User => (0, 0),
            Self::NotSpecified => (2, 0),
            Self::UnrecognizedPdu => (2, 1),
            Self::UnexpectedPdu => (2, 2),
            Self::UnrecognizedParameter => (2, 4),
            Self::UnexpectedParameter => (2, 5),
            Self::InvalidParameter => (2, 6),
            Self::Reserved(source, reason) => (source, reason),
        }
    }

    /// From the standard's numbers.
    pub fn from_codes(source: u8, reason: u8) -> Self {
        match (source, reason) {
            (0, _) => Self::User,
            (2, 0) => Self::NotSpecified,
            (2, 1) => Self::UnrecognizedPdu,
            (2, 2) => Self::UnexpectedPdu,
            (2, 4) => Self::UnrecognizedParameter,
            (2, 5) => Self::UnexpectedParameter,
            (2, 6) => Self::InvalidParameter,
            (source, reason) => Self::Reserved(source, reason),
        }
    }
}
