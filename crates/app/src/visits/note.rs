//! The clinician's note while it is written: SOAP, diagnoses, prescriptions as draft, disposition.
//!
//! A draft is the server's own document, saved every few seconds; signing makes the resources of it.

use bianque_model::{Context, ResourceId};
use bianque_store::AuditAction;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::access::{Access, bounded, load_as, one_of};
use super::encounter::status;
use super::undecided;
use super::visit::Signature;
use crate::aggregate::{Aggregate, Loaded};
use crate::live::What;
use crate::policy::Part;
use crate::{App, Change, Error, instant};

/// Where the patient goes from here.
pub const DISPOSITIONS: [&str; 5] = ["self-care", "clinic", "hospital", "emergency", "unsuitable"];
/// Characters of one section.
const LONGEST: usize = 20_000;
/// Diagnoses or prescriptions of one note.
const MOST: usize = 30;

/// The content of a note.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Content {
    /// What the patient says.
    pub subjective: String,
    /// What was found.
    pub objective: String,
    /// What it is taken for.
    pub assessment: String,
    /// What is to be done.
    pub plan: String,
    /// Coded diagnoses.
    pub diagnoses: Vec<Diagnosis>,
    /// Draft prescriptions.
    pub prescriptions: Vec<Prescription>,
    /// One of [`DISPOSITIONS`], or empty while undecided.
    #[serde(with = "undecided")]
    #[schemars(with = "Option<String>")]
    pub disposition: String,
    /// When the patient must not wait.
    pub go_to_hospital_if: String,
    /// What comes next.
    pub follow_up: String,
    /// What the patient does at home.
    pub self_care: String,
}

/// A coded diagnosis.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Diagnosis {
    /// The code system's URI.
    pub system: String,
    /// The code.
    pub code: String,
    /// Its words.
    pub display: String,
    /// `provisional` or `confirmed`.
    pub verification: String,
}

/// A draft prescription.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Prescription {
    /// Medicine and strength.
    pub medication: String,
    /// How much at a time.
    pub dose: String,
    /// How often.
    pub frequency: String,
    /// For how many days; 0: as needed.
    #[serde(with = "undecided")]
    #[schemars(with = "Option<u32>")]
    pub days: u32,
    /// How to take it.
    pub instructions: String,
}

/// The note of a visit as it is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Note {
    /// The Encounter.
    pub visit: ResourceId,
    /// What it says.
    pub content: Content,
    /// What was added after signing.
    pub addenda: Vec<Addendum>,
}

/// What was added after signing.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Addendum {
    /// What it says.
    pub text: String,
    /// Who signed it, when.
    pub signature: Signature,
}

impl Aggregate for Note {
    const KIND: &'static str = "note";
    const ABOUT_PATIENT: bool = true;

    fn id(&self) -> String {
        self.visit.to_string()
    }
}

/// A save: the content and the version it was written on.
#[derive(Debug, Clone)]
pub struct Save {
    /// The version that was read; 0 when there was none.
    pub version: u64,
    /// The new content.
    pub content: Content,
}

/// The note as clinicians and consultants read it; null before the first save.
pub async fn read(app: &App, context: &Context, visit: &ResourceId) -> Result<Value, Error> {
    let access = load_as(app, context, visit, &[Part::Clinician, Part::Consultant]).await?;
    app.audit_read(context, "note.read", &access.visit.value.patient, &access.entity()).await?;
    let note = app.load::<Note>(context.tenant, visit.as_str()).await?;
    Ok(json!({"note": note.map(|note| show(&note, &access))}))
}

/// Saves the draft; a save on an older version is refused, so that two desks do not overwrite each other.
pub async fn save(app: &App, context: &Context, visit: &ResourceId, save: Save) -> Result<Value, Error> {
    let access = load_as(app, context, visit, &[Part::Clinician]).await?;
    if access.visit.value.signed.is_some() {
        return Err(Error::conflict("note.signed", "a signed note is locked; write an addendum"));
    }
    access.must_be(&[
        status::PLANNED,
        status::ARRIVED,
        status::IN_PROGRESS,
        status::ON_LEAVE,
        status::FINISHED,
    ])?;
    check(&save.content)?;
    let note = Note { visit: visit.clone(), content: save.content, addenda: Vec::new() };
    let loaded = Loaded { value: note, version: save.version, last_updated: context.now };
    let mut change = Change::new(app, context);
    change.update(&loaded)?;
    change.audit(AuditAction::U, "note.save", Some(&access.visit.value.patient), &access.entity());
    let committed = change.commit().await.map_err(|error| match error.code {
        "changed" => Error::conflict("note.changed", "the note was saved elsewhere meanwhile; read it again"),
        _ => error,
    })?;
    let version = committed.state_versions.first().copied().unwrap_or_default();
    let saved_at = instant::text(committed.last_updated);
    access.tell(app, context, What::Message(json!({"t": "note", "version": version, "saved_at": saved_at})));
    let saved = Loaded { version, last_updated: committed.last_updated, ..loaded };
    Ok(json!({"note": show(&saved, &access)}))
}

/// The version of the note; 0 when there is none.
pub async fn version(app: &App, context: &Context, visit: &ResourceId) -> Result<u64, Error> {
    Ok(app.load::<Note>(context.tenant, visit.as_str()).await?.map_or(0, |note| note.version))
}

/// The note for screens.
pub fn show(note: &Loaded<Note>, access: &Access) -> Value {
    let mut shown = json!(note.value.content);
    shown["version"] = json!(note.version);
    shown["saved_at"] = json!(instant::text(note.last_updated));
    shown["signed"] = access.visit.value.signed.as_ref().map(signature).unwrap_or_default();
    shown["addenda"] = note.value.addenda.iter().map(addendum).collect();
    shown
}

/// A signature for screens.
pub fn signature(signature: &Signature) -> Value {
    json!({
        "by": signature.by, "at": instant::text(signature.at), "hash": signature.hash, "jws": signature.jws,
    })
}

/// An addendum for screens.
pub fn addendum(addendum: &Addendum) -> Value {
    let signature = &addendum.signature;
    json!({
        "text": addendum.text, "by": signature.by, "at": instant::text(signature.at), "hash": signature.hash,
    })
}

fn check(content: &Content) -> Result<(), Error> {
    for (field, text) in [
        ("subjective", &content.subjective),
        ("objective", &content.objective),
        ("assessment", &content.assessment),
        ("plan", &content.plan),
        ("go_to_hospital_if", &content.go_to_hospital_if),
        ("follow_up", &content.follow_up),
        ("self_care", &content.self_care),
    ] {
        bounded(field, text, LONGEST)?;
    }
    if !content.disposition.is_empty() {
        one_of("disposition", &content.disposition, &DISPOSITIONS)?;
    }
    if content.diagnoses.len() > MOST || content.prescriptions.len() > MOST {
        return Err(Error::field("field.too-many", "diagnoses", format!("at most {MOST} of each")));
    }
    for diagnosis in &content.diagnoses {
        one_of("diagnoses", &diagnosis.verification, &["provisional", "confirmed"])?;
        bounded("diagnoses", &diagnosis.display, 500)?;
        bounded("diagnoses", &diagnosis.code, 64)?;
        bounded("diagnoses", &diagnosis.system, 200)?;
    }
    for prescription in &content.prescriptions {
        for text in [
            &prescription.medication,
            &prescription.dose,
            &prescription.frequency,
            &prescription.instructions,
        ] {
            bounded("prescriptions", text, 1000)?;
        }
        if prescription.days > 3650 {
            return Err(Error::field("field.range", "prescriptions", "days are more than ten years"));
        }
    }
    Ok(())
}
