//! A-ASSOCIATE-RQ and -AC (PS3.8 sections 9.3.2 and 9.3.3). Their items are read and written by `dicom-ul`; here its
//! types end, and what it does not know of is added.

use dicom_ul::pdu::{
    AssociationAC, AssociationRQ, PresentationContextProposed, PresentationContextResult,
    PresentationContextResultReason as Reason,
};
use dicom_ul::{Pdu, read_pdu, write_pdu};

use super::{HEADER, sub_items};
use crate::uid::{APPLICATION_CONTEXT, transfer_syntax, trimmed};
use crate::{
    Acceptance, AeTitle, ContextRefusal, ContextResult, Proposal, ProposedContext, RejectReason, Rejection,
    Uid,
};

/// The one version of the protocol there is (PS3.8 section 9.3.2).
const VERSION: u16 = 1;
/// Most contexts of an association: the odd ids of a byte.
pub(crate) const MOST_CONTEXTS: usize = 128;

/// Why a PDU of association could not be read, or not be accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unfit {
    /// It is not what the standard says it is.
    Invalid,
    /// It is, and is refused.
    Refused(Rejection),
}

/// Reads what stands behind the header of an A-ASSOCIATE-RQ.
pub(crate) fn read_request(body: &[u8]) -> Result<Proposal, Unfit> {
    let Pdu::AssociationRQ(request) = whole(1, body)? else { return Err(Unfit::Invalid) };
    if request.protocol_version & VERSION == 0 {
        return Err(refused(RejectReason::ProtocolVersion));
    }
    if trimmed(request.application_context_name.as_bytes()) != APPLICATION_CONTEXT.as_str().as_bytes() {
        return Err(refused(RejectReason::ApplicationContext));
    }
    // The fields of titles are read from the bytes, before anything has guessed at their characters.
    let called = AeTitle::read(&body[4..20]).map_err(|_| refused(RejectReason::CalledTitle))?;
    let calling = AeTitle::read(&body[20..36]).map_err(|_| refused(RejectReason::CallingTitle))?;
    let mut contexts = Vec::with_capacity(request.presentation_contexts.len().min(MOST_CONTEXTS));
    for context in request.presentation_contexts {
        let context = proposed(&context)?;
        if contexts.iter().any(|other: &ProposedContext| other.id == context.id) {
            return Err(Unfit::Invalid);
        }
        contexts.push(context);
    }
    let user = sub_items::read(request.user_variables)?;
    Ok(Proposal { calling, called, contexts, user })
}

/// Reads what stands behind the header of an A-ASSOCIATE-AC.
pub(crate) fn read_accept(body: &[u8]) -> Result<Acceptance, Unfit> {
    let Pdu::AssociationAC(accept) = whole(2, &with_transfer_syntaxes(body))? else {
        return Err(Unfit::Invalid);
    };
    let contexts = accept.presentation_contexts.iter().map(result).collect::<Result<_, _>>()?;
    Ok(Acceptance { contexts, user: sub_items::read(accept.user_variables)? })
}

/// Writes an A-ASSOCIATE-RQ.
pub(crate) fn write_request(out: &mut Vec<u8>, proposal: &Proposal) -> Result<(), Unfit> {
    write(
        out,
        &Pdu::AssociationRQ(AssociationRQ {
            protocol_version: VERSION,
            calling_ae_title: proposal.calling.to_string(),
            called_ae_title: proposal.called.to_string(),
            application_context_name: APPLICATION_CONTEXT.to_string(),
            presentation_contexts: proposal
                .contexts
                .iter()
                .map(|context| PresentationContextProposed {
                    id: context.id,
                    abstract_syntax: context.abstract_syntax.to_string(),
                    transfer_syntaxes: context.transfer_syntaxes.iter().map(ToString::to_string).collect(),
                })
                .collect(),
            user_variables: sub_items::of(&proposal.user),
        }),
    )
}

/// Writes an A-ASSOCIATE-AC.
pub(crate) fn write_accept(
    out: &mut Vec<u8>,
    proposal: &Proposal,
    acceptance: &Acceptance,
) -> Result<(), Unfit> {
    write(
        out,
        &Pdu::AssociationAC(AssociationAC {
            protocol_version: VERSION,
            calling_ae_title: proposal.calling.to_string(),
            called_ae_title: proposal.called.to_string(),
            application_context_name: APPLICATION_CONTEXT.to_string(),
            presentation_contexts: acceptance.contexts.iter().map(written_result).collect(),
            user_variables: sub_items::of(&acceptance.user),
        }),
    )
}

fn refused(reason: RejectReason) -> Unfit {
    Unfit::Refused(Rejection { transient: false, reason })
}

fn whole(kind: u8, body: &[u8]) -> Result<Pdu, Unfit> {
    let length = u32::try_from(body.len()).map_err(|_| Unfit::Invalid)?;
    let mut bytes = Vec::with_capacity(HEADER + body.len());
    bytes.extend_from_slice(&[kind, 0]);
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(body);
    // It may be read only: the length was looked at before the bytes were gathered.
    match read_pdu(&bytes[..], dicom_ul::pdu::MAXIMUM_PDU_SIZE, false) {
        Ok(Some(pdu)) => Ok(pdu),
        _ => Err(Unfit::Invalid),
    }
}

fn write(out: &mut Vec<u8>, pdu: &Pdu) -> Result<(), Unfit> {
    let before = out.len();
    write_pdu(out, pdu).map_err(|_| {
        out.truncate(before);
        Unfit::Invalid
    })
}

fn proposed(context: &PresentationContextProposed) -> Result<ProposedContext, Unfit> {
    if context.id.is_multiple_of(2) {
        return Err(Unfit::Invalid);
    }
    let read = |text: &String| Uid::read(text.as_bytes());
    Ok(ProposedContext {
        id: context.id,
        abstract_syntax: read(&context.abstract_syntax).map_err(|_| Unfit::Invalid)?,
        // One that is none could not be spoken anyway.
        transfer_syntaxes: context.transfer_syntaxes.iter().filter_map(|text| read(text).ok()).collect(),
    })
}

fn result(context: &PresentationContextResult) -> Result<ContextResult, Unfit> {
    let outcome = match context.reason {
        Reason::Acceptance => Ok(Uid::read(context.transfer_syntax.as_bytes()).map_err(|_| Unfit::Invalid)?),
        Reason::UserRejection => Err(ContextRefusal::User),
        Reason::NoReason => Err(ContextRefusal::NoReason),
        Reason::AbstractSyntaxNotSupported => Err(ContextRefusal::AbstractSyntax),
        Reason::TransferSyntaxesNotSupported => Err(ContextRefusal::TransferSyntaxes),
    };
    Ok(ContextResult { id: context.id, outcome })
}

fn written_result(result: &ContextResult) -> PresentationContextResult {
    let (reason, transfer_syntax) = match &result.outcome {
        Ok(transfer_syntax) => (Reason::Acceptance, transfer_syntax),
        // It must be there and is not looked at.
        Err(refusal) => (
            match refusal {
                ContextRefusal::User => Reason::UserRejection,
                ContextRefusal::NoReason => Reason::NoReason,
                ContextRefusal::AbstractSyntax => Reason::AbstractSyntaxNotSupported,
                ContextRefusal::TransferSyntaxes => Reason::TransferSyntaxesNotSupported,
            },
            &transfer_syntax::IMPLICIT_LITTLE_ENDIAN,
        ),
    };
    PresentationContextResult { id: result.id, reason, transfer_syntax: transfer_syntax.to_string() }
}

/// The body of an A-ASSOCIATE-AC, with an empty transfer syntax in each context that has none. Many acceptors leave it
/// out where they refuse, where the standard calls it not significant; the reader of items insists on it.
fn with_transfer_syntaxes(body: &[u8]) -> Vec<u8> {
    const FIXED: usize = 68;
    const RESULT: u8 = 0x21;
    let (fixed, mut rest) = body.split_at(FIXED.min(body.len()));
    let mut out = fixed.to_vec();
    while let [kind, reserved, high, low, behind @ ..] = rest {
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let Some((item, after)) = behind.split_at_checked(length) else { break };
        if *kind == RESULT && length == 4 {
            out.extend_from_slice(&[RESULT, 0, 0, 8]);
            out.extend_from_slice(item);
            out.extend_from_slice(&[0x40, 0, 0, 0]);
        } else {
            out.extend_from_slice(&[*kind, *reserved, *high, *low]);
            out.extend_from_slice(item);
        }
        rest = after;
    }
    out.extend_from_slice(rest);
    out
}
