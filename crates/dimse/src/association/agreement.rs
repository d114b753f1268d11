//! What two applications agreed on: contexts and roles (PS3.7 annex D.3.3.4).

use super::event::{Context, Established, Misuse};
use crate::pdu::associate::MOST_CONTEXTS;
use crate::{Acceptance, Proposal, ProposedContext, Roles, Uid, UserInformation};

/// Whether a proposal may go out.
pub(super) fn check_proposal(proposal: &Proposal) -> Result<(), Misuse> {
    let contexts = &proposal.contexts;
    let distinct = |at: usize| contexts[..at].iter().all(|other| other.id != contexts[at].id);
    let fits = contexts.len() <= MOST_CONTEXTS
        && contexts
            .iter()
            .all(|context| !context.id.is_multiple_of(2) && !context.transfer_syntaxes.is_empty())
        && (0..contexts.len()).all(distinct);
    if fits { Ok(()) } else { Err(Misuse::Proposal) }
}

/// What an acceptor may use. It may accept only what was proposed.
pub(super) fn as_acceptor(proposal: &Proposal, acceptance: &Acceptance) -> Result<Established, Misuse> {
    let mut contexts = Vec::new();
    for result in &acceptance.contexts {
        let proposed = proposed(proposal, result.id).ok_or(Misuse::Context(result.id))?;
        let Ok(transfer_syntax) = &result.outcome else { continue };
        if !proposed.transfer_syntaxes.contains(transfer_syntax) {
            return Err(Misuse::Context(result.id));
        }
        let requestor = requestor_roles(&acceptance.user, &proposed.abstract_syntax);
        contexts.push(Context {
            id: result.id,
            abstract_syntax: proposed.abstract_syntax.clone(),
            transfer_syntax: transfer_syntax.clone(),
            roles: Roles { scu: requestor.scp, scp: requestor.scu },
        });
    }
    Ok(established(contexts, proposal.user.clone()))
}

/// What a requestor may use. What was accepted and had not been proposed is not used.
pub(super) fn as_requestor(proposal: &Proposal, acceptance: &Acceptance) -> Established {
    let contexts = acceptance.contexts.iter().filter_map(|result| {
        let proposed = proposed(proposal, result.id)?;
        let transfer_syntax = result.outcome.as_ref().ok()?;
        proposed.transfer_syntaxes.contains(transfer_syntax).then(|| Context {
            id: result.id,
            abstract_syntax: proposed.abstract_syntax.clone(),
            transfer_syntax: transfer_syntax.clone(),
            roles: requestor_roles(&acceptance.user, &proposed.abstract_syntax),
        })
    });
    established(contexts.collect(), acceptance.user.clone())
}

fn proposed(proposal: &Proposal, id: u8) -> Option<&ProposedContext> {
    proposal.contexts.iter().find(|context| context.id == id)
}

/// The requestor's roles in a class: what the acceptor answered, else that it uses and the acceptor provides.
fn requestor_roles(answer: &UserInformation, class: &Uid) -> Roles {
    let role = answer.roles.iter().find(|role| role.sop_class == *class);
    role.map_or(Roles::SCU, |role| Roles { scu: role.scu, scp: role.scp })
}

fn established(mut contexts: Vec<Context>, peer: UserInformation) -> Established {
    contexts.sort_by_key(|context| context.id);
    contexts.dedup_by_key(|context| context.id);
    Established { contexts, peer }
}
