//! What only the server can know of a visit.

use std::collections::BTreeMap;

use bianque_model::{ResourceId, Timestamp};
use bianque_store::StateKey;
use serde::{Deserialize, Serialize};

use super::device_check::DeviceCheck;
use super::guests::Guest;
use super::intake::Intake;
use super::people::mute::Silence;
use crate::aggregate::{Aggregate, shared};
use crate::instant;

/// A patient may come in until this long after the scheduled end.
const JOIN_AFTER_END_S: i64 = 24 * 3600;
/// The plan stays readable by link for this long after signing.
pub const PLAN_READABLE_S: i64 = 30 * 24 * 3600;
/// Wrong answers before a link is locked.
pub const JOIN_ATTEMPTS: u8 = 5;

/// The server's side of a visit; its id is the Encounter's.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Visit {
    /// The Encounter.
    pub id: ResourceId,
    /// The Appointment it was booked with; none for a walk-in.
    pub appointment: Option<ResourceId>,
    /// The patient.
    pub patient: ResourceId,
    /// The institution that holds it.
    pub organization: ResourceId,
    /// The clinician who holds it.
    pub practitioner: ResourceId,
    /// Code of the visit type in the price catalogue.
    pub visit_type: String,
    /// Appointed start.
    pub start: Timestamp,
    /// Appointed end.
    pub end: Timestamp,
    /// Without appointment.
    pub walk_in: bool,
    /// Why, as it was booked; the patient's own words replace it.
    pub reason: String,
    /// The patient's way in.
    pub join: Join,
    /// The last device check.
    pub device_check: Option<DeviceCheck>,
    /// The consent that was given.
    pub consent: Option<ConsentGiven>,
    /// What the patient told before the visit.
    pub intake: Option<Intake>,
    /// When media first flowed both ways between the patient and a clinician.
    pub first_media_at: Option<Timestamp>,
    /// Why it ended: `done`, `abandoned`, `technical`, `no-show`, `cancelled`.
    pub ended_reason: Option<String>,
    /// The signature of the note.
    pub signed: Option<Signature>,
    /// When the patient confirmed the plan.
    pub plan_confirmed_at: Option<Timestamp>,
    /// Clinicians of other institutions.
    pub invitations: Vec<Invitation>,
    /// Family, interpreters, observers.
    #[serde(default)]
    pub guests: Vec<Guest>,
    /// Nobody new comes in.
    #[serde(default)]
    pub locked: bool,
    /// Who is not heard, by the clinician's word; by participant.
    #[serde(default)]
    pub silenced: BTreeMap<String, Silence>,
}

/// A way in by link, and who holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Join {
    /// Links of earlier generations are over.
    pub generation: u32,
    /// Wrong answers left.
    pub attempts_left: u8,
    /// The tag of the cookie that holds it.
    pub bound: Option<String>,
    /// One more browser may come in, by birth date or this code.
    pub let_in: Option<String>,
    /// The RelatedPerson who holds it for the patient; none: the patient.
    #[serde(default)]
    pub proxy: Option<ResourceId>,
}

impl Default for Join {
    fn default() -> Self {
        Self { generation: 1, attempts_left: JOIN_ATTEMPTS, bound: None, let_in: None, proxy: None }
    }
}

/// A consent as it was given; the Consent resource says the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentGiven {
    /// The Consent resource.
    pub id: ResourceId,
    /// Version of the text.
    pub version: String,
    /// Language it was read in.
    pub language: String,
    /// `patient` or `guardian`.
    pub by: String,
    /// The name that was typed.
    pub name: String,
    /// When.
    pub at: Timestamp,
}

/// Who signed, when, and over what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// The signer's Practitioner.
    pub practitioner: ResourceId,
    /// Their name then.
    pub by: String,
    /// Their institution's name then.
    pub organization: String,
    /// When.
    pub at: Timestamp,
    /// SHA-256 over the signed content, hex.
    pub hash: String,
    /// The compact JWS (ES256).
    pub jws: String,
}

/// An invited clinician of another institution.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Invitation {
    /// Its ServiceRequest.
    pub id: ResourceId,
    /// The Task that asks for the opinion.
    pub task: ResourceId,
    /// The Practitioner made for the invited clinician.
    pub practitioner: ResourceId,
    /// Their institution.
    pub organization: ResourceId,
    /// Its name.
    pub organization_name: String,
    /// Their name.
    pub name: String,
    /// What they are asked.
    pub question: String,
    /// Their way in.
    pub join: Join,
    /// The registration number they came in with; they repeat it to sign.
    #[serde(default)]
    pub registration: String,
    /// Taken back.
    pub revoked: bool,
    /// The opinion as it stands.
    pub opinion: Option<Opinion>,
    /// They have an account here, and no link.
    #[serde(default)]
    pub has_account: bool,
}

impl Invitation {
    /// Whether what was asked is answered for good.
    pub fn has_signed_opinion(&self) -> bool {
        self.opinion.as_ref().is_some_and(|opinion| opinion.signed.is_some())
    }
}

/// A consultant's opinion.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Opinion {
    /// Raised by each save.
    pub version: u64,
    /// The text.
    pub text: String,
    /// When it was signed, by whom and over what.
    pub signed: Option<Signature>,
}

impl Visit {
    /// A visit about which nothing is known yet.
    pub(crate) fn blank() -> Self {
        let nobody = || ResourceId::from(uuid::Uuid::nil());
        Self {
            id: nobody(),
            appointment: None,
            patient: nobody(),
            organization: nobody(),
            practitioner: nobody(),
            visit_type: String::new(),
            start: Timestamp(0),
            end: Timestamp(0),
            walk_in: false,
            reason: String::new(),
            join: Join::default(),
            device_check: None,
            consent: None,
            intake: None,
            first_media_at: None,
            ended_reason: None,
            signed: None,
            plan_confirmed_at: None,
            invitations: Vec::new(),
            guests: Vec::new(),
            locked: false,
            silenced: BTreeMap::new(),
        }
    }

    /// When links to this visit end: a day after the scheduled end, or with the plan's reading time.
    pub fn join_expires(&self) -> Timestamp {
        let by_schedule = self.end.plus_seconds(JOIN_AFTER_END_S);
        self.signed
            .as_ref()
            .map_or(by_schedule, |signed| signed.at.plus_seconds(PLAN_READABLE_S).max(by_schedule))
    }

    /// The red flags the patient named.
    pub fn red_flags(&self) -> &[String] {
        self.intake.as_ref().map_or(&[], |intake| &intake.red_flags)
    }

    /// The invitation with this id.
    pub fn invitation(&self, id: &ResourceId) -> Option<&Invitation> {
        self.invitations.iter().find(|invitation| invitation.id == *id)
    }

    /// The guest with this id.
    pub fn guest(&self, id: &ResourceId) -> Option<&Guest> {
        self.guests.iter().find(|guest| guest.id == *id)
    }

    /// The guest with this id, to change them.
    pub fn guest_mut(&mut self, id: &ResourceId) -> Option<&mut Guest> {
        self.guests.iter_mut().find(|guest| guest.id == *id)
    }

    /// The invitation with this id, to change it.
    pub fn invitation_mut(&mut self, id: &ResourceId) -> Option<&mut Invitation> {
        self.invitations.iter_mut().find(|invitation| invitation.id == *id)
    }
}

/// The key of an institution's visits in order of their start.
pub fn schedule_key(organization: &ResourceId, start: Timestamp) -> String {
    format!("{organization}|{}", instant::text(start))
}

impl Aggregate for Visit {
    const KIND: &'static str = "visit";
    const ABOUT_PATIENT: bool = true;

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn keys(&self) -> Vec<StateKey> {
        let mut keys = vec![
            shared("schedule", schedule_key(&self.organization, self.start)),
            shared("practitioner", schedule_key(&self.practitioner, self.start)),
            shared("patient", schedule_key(&self.patient, self.start)),
        ];
        let asked = self.invitations.iter().filter(|one| !one.revoked).map(|one| &one.practitioner);
        keys.extend(asked.map(|practitioner| shared("asked", schedule_key(practitioner, self.start))));
        keys.extend(self.holds_slot().then(|| self.slot_key()));
        keys
    }
}
