//! What is offered here: which services, in which role, in which encodings. A table, so that a conformance statement
//! can be printed from what is really done.
//!
//! Nobody should have to transcode. For storage every encoding of whole objects is taken, and of those that a context
//! proposes the first in the requestor's order: it knows what its objects are in. Implicit VR is taken only where
//! nothing else is proposed, and big endian after that.

use std::borrow::Cow;

use crate::uid::{sop_class, transfer_syntax};
use crate::{
    Acceptance, ContextRefusal, ContextResult, Implementation, Proposal, ProposedContext, RoleSelection, Uid,
    UserInformation, Window,
};

/// Who provides and who uses a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Roles {
    /// Uses it.
    pub scu: bool,
    /// Provides it.
    pub scp: bool,
}

impl Roles {
    /// Uses it.
    pub const SCU: Self = Self { scu: true, scp: false };
    /// Provides it.
    pub const SCP: Self = Self { scu: false, scp: true };
    /// Both.
    pub const BOTH: Self = Self { scu: true, scp: true };
}

/// A service that is offered.
#[derive(Debug, Clone)]
pub struct Offer {
    /// Its SOP class.
    pub abstract_syntax: Uid,
    /// What people call it.
    pub name: Cow<'static, str>,
    /// What we are in it.
    pub roles: Roles,
}

/// Which storage classes are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoragePolicy {
    /// What we are in those of the standard.
    pub roles: Roles,
    /// Whether classes of manufacturers are taken for storage.
    pub private_classes: bool,
}

/// The policy by which proposals are answered.
#[derive(Debug, Clone)]
pub struct Negotiation {
    /// Services other than storage.
    pub offers: Vec<Offer>,
    /// Encodings of their data sets, in our order.
    pub transfer_syntaxes: Vec<Uid>,
    /// Storage; none where nothing is kept.
    pub storage: Option<StoragePolicy>,
    /// The longest P-DATA-TF that we take, in bytes behind the header.
    pub max_pdu: u32,
}

/// What is taken of a P-DATA-TF. Many senders go no further than this.
pub const MAX_PDU: u32 = 128 << 10;

impl Negotiation {
    /// An archive: echo, storage, query, retrieve, worklist.
    pub fn archive() -> Self {
        Self {
            offers: vec![
                offer(sop_class::VERIFICATION, "Verification", Roles::BOTH),
                offer(sop_class::PATIENT_ROOT_FIND, "Patient Root Query/Retrieve - FIND", Roles::SCP),
                offer(sop_class::STUDY_ROOT_FIND, "Study Root Query/Retrieve - FIND", Roles::SCP),
                offer(sop_class::PATIENT_ROOT_MOVE, "Patient Root Query/Retrieve - MOVE", Roles::SCP),
                offer(sop_class::STUDY_ROOT_MOVE, "Study Root Query/Retrieve - MOVE", Roles::SCP),
                offer(sop_class::PATIENT_ROOT_GET, "Patient Root Query/Retrieve - GET", Roles::SCP),
                offer(sop_class::STUDY_ROOT_GET, "Study Root Query/Retrieve - GET", Roles::SCP),
                offer(sop_class::WORKLIST_FIND, "Modality Worklist - FIND", Roles::SCP),
            ],
            transfer_syntaxes: vec![
                transfer_syntax::EXPLICIT_LITTLE_ENDIAN,
                transfer_syntax::IMPLICIT_LITTLE_ENDIAN,
            ],
            storage: Some(StoragePolicy { roles: Roles::BOTH, private_classes: true }),
            max_pdu: MAX_PDU,
        }
    }

    /// The same, with what follows an examination: performed steps, commitment.
    #[must_use]
    pub fn and_workflow(mut self) -> Self {
        self.offers.extend([
            offer(sop_class::PERFORMED_STEP, "Modality Performed Procedure Step", Roles::SCP),
            offer(sop_class::STORAGE_COMMITMENT, "Storage Commitment Push Model", Roles::SCP),
        ]);
        self
    }

    /// What we answer to a proposal.
    pub fn answer(&self, proposal: &Proposal) -> Acceptance {
        let contexts = proposal
            .contexts
            .iter()
            .map(|context| ContextResult { id: context.id, outcome: self.choose(context) })
            .collect();
        let mut user = UserInformation::new(self.max_pdu, Implementation::ours());
        user.roles = proposal.user.roles.iter().filter_map(|role| self.role(role)).collect();
        // One operation at a time each way; said only to whoever asked for more.
        user.window = proposal.user.window.map(|_| Window { invoked: 1, performed: 1 });
        Acceptance { contexts, user }
    }

    /// What we are in a class; none when it is not offered.
    pub fn roles(&self, class: &Uid) -> Option<Roles> {
        if let Some(offer) = self.offers.iter().find(|offer| offer.abstract_syntax == *class) {
            return Some(offer.roles);
        }
        let storage = self.storage?;
        let fits = sop_class::is_storage(class) || storage.private_classes && sop_class::is_private(class);
        fits.then_some(storage.roles)
    }

    fn choose(&self, context: &ProposedContext) -> Result<Uid, ContextRefusal> {
        let class = &context.abstract_syntax;
        let Some(_) = self.roles(class) else { return Err(ContextRefusal::AbstractSyntax) };
        let proposed = &context.transfer_syntaxes;
        let chosen = if self.offers.iter().any(|offer| offer.abstract_syntax == *class) {
            self.transfer_syntaxes.iter().find(|ours| proposed.contains(ours))
        } else {
            proposed.iter().filter(|it| is_of_objects(it)).min_by_key(|it| preference(it))
        };
        chosen.cloned().ok_or(ContextRefusal::TransferSyntaxes)
    }

    /// Of the roles that a requestor wishes for itself, those that we can face.
    fn role(&self, wished: &RoleSelection) -> Option<RoleSelection> {
        let ours = self.roles(&wished.sop_class)?;
        Some(RoleSelection {
            sop_class: wished.sop_class.clone(),
            scu: wished.scu && ours.scp,
            scp: wished.scp && ours.scu,
        })
    }
}

fn offer(abstract_syntax: Uid, name: &'static str, roles: Roles) -> Offer {
    Offer { abstract_syntax, name: Cow::Borrowed(name), roles }
}

fn is_of_objects(syntax: &Uid) -> bool {
    transfer_syntax::OF_OBJECTS.iter().any(|(it, _)| it == syntax)
}

/// Smaller is better; among equals the requestor's order stays.
fn preference(syntax: &Uid) -> u8 {
    match syntax {
        it if *it == transfer_syntax::IMPLICIT_LITTLE_ENDIAN => 1,
        it if *it == transfer_syntax::EXPLICIT_BIG_ENDIAN => 2,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CT: Uid = Uid::known("1.2.840.10008.5.1.4.1.1.2");
    const JPEG: Uid = Uid::known("1.2.840.10008.1.2.4.70");
    const JPIP: Uid = Uid::known("1.2.840.10008.1.2.4.94");

    fn proposal(contexts: &[(Uid, &[Uid])], roles: &[(Uid, bool, bool)]) -> Proposal {
        let mut user = UserInformation::new(0, Implementation::ours());
        user.roles = roles
            .iter()
            .map(|(class, scu, scp)| RoleSelection { sop_class: class.clone(), scu: *scu, scp: *scp })
            .collect();
        Proposal {
            calling: "CT1".parse().unwrap(),
            called: "BIANQUE".parse().unwrap(),
            contexts: contexts
                .iter()
                .zip((1..).step_by(2))
                .map(|((class, syntaxes), id)| ProposedContext {
                    id,
                    abstract_syntax: class.clone(),
                    transfer_syntaxes: syntaxes.to_vec(),
                })
                .collect(),
            user,
        }
    }

    fn chosen(class: Uid, syntaxes: &[Uid]) -> Result<Uid, ContextRefusal> {
        let answer = Negotiation::archive().answer(&proposal(&[(class, syntaxes)], &[]));
        answer.contexts[0].outcome.clone()
    }

    #[test]
    fn objects_come_in_the_encoding_that_their_sender_names_first() {
        use transfer_syntax::{
            EXPLICIT_BIG_ENDIAN as BIG, EXPLICIT_LITTLE_ENDIAN as EXPLICIT,
            IMPLICIT_LITTLE_ENDIAN as IMPLICIT,
        };
        assert_eq!(chosen(CT, &[IMPLICIT, JPEG, EXPLICIT]), Ok(JPEG));
        assert_eq!(chosen(CT, &[IMPLICIT, EXPLICIT, JPEG]), Ok(EXPLICIT));
        assert_eq!(chosen(CT, &[BIG, IMPLICIT]), Ok(IMPLICIT));
        assert_eq!(chosen(CT, &[BIG]), Ok(BIG));
        assert_eq!(chosen(CT, &[JPIP]), Err(ContextRefusal::TransferSyntaxes));
        assert_eq!(chosen(CT, &[]), Err(ContextRefusal::TransferSyntaxes));
    }

    #[test]
    fn queries_come_in_our_order_and_uncompressed() {
        use transfer_syntax::{EXPLICIT_LITTLE_ENDIAN as EXPLICIT, IMPLICIT_LITTLE_ENDIAN as IMPLICIT};
        assert_eq!(chosen(sop_class::STUDY_ROOT_FIND, &[IMPLICIT, EXPLICIT]), Ok(EXPLICIT));
        assert_eq!(chosen(sop_class::STUDY_ROOT_FIND, &[JPEG]), Err(ContextRefusal::TransferSyntaxes));
    }

    #[test]
    fn private_classes_are_taken_where_the_policy_says_so() {
        let private = Uid::known("1.3.12.2.1107.5.9.1");
        let mut negotiation = Negotiation::archive();
        let asked = proposal(&[(private, &[JPEG])], &[]);
        assert_eq!(negotiation.answer(&asked).contexts[0].outcome, Ok(JPEG));
        negotiation.storage = Some(StoragePolicy { roles: Roles::SCP, private_classes: false });
        assert_eq!(negotiation.answer(&asked).contexts[0].outcome, Err(ContextRefusal::AbstractSyntax));
        assert_eq!(chosen(Uid::known("1.2.840.10008.5.1.1.9"), &[JPEG]), Err(ContextRefusal::AbstractSyntax));
    }

    #[test]
    fn whoever_gets_objects_over_its_own_association_may_provide_storage() {
        let find = sop_class::STUDY_ROOT_FIND;
        let asked = proposal(&[(CT, &[JPEG])], &[(CT, true, true), (find.clone(), false, true)]);
        let roles = Negotiation::archive().answer(&asked).user.roles;
        assert_eq!(roles[0], RoleSelection { sop_class: CT, scu: true, scp: true });
        assert_eq!(roles[1], RoleSelection { sop_class: find, scu: false, scp: false });
    }
}
