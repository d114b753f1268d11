//! Sign the note: the password or a passkey again, the chart unchanged, and an ES256 signature over what was written.
//!
//! Signing makes the note's resources (Composition, Condition, MedicationRequest as draft, CarePlan), signs their
//! bytes, keeps the JWS in a Provenance and locks the note. If anything in the chart changed since the clinician looked,
//! nothing is written and the change is shown; the check is repeated inside the commit.

use bianque_model::{Context, ResourceId};
use bianque_query::{Scope, Term};
use bianque_store::{AuditAction, CommitError};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::access::{Access, load_as};
use super::encounter::status;
use super::note::{self, Content, Note};
use super::visit::Signature;
use crate::aggregate::Loaded;
use crate::directory::chart::ChartVersion;
use crate::identity::passkeys::Assertion;
use crate::identity::proof::Proof;
use crate::live::What;
use crate::people::display_name;
use crate::policy::{Part, patient_compartment};
use crate::{App, Change, Error, directory, identity, instant, policy};

mod document;
pub(in crate::visits) mod seal;

pub(super) use document::{loinc as type_of, section as document_section};

/// What the signer confirms.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Signing {
    /// The signer's password, again; or
    pub password: Option<String>,
    /// one of their passkeys.
    pub passkey: Option<Assertion>,
    /// What a proof at the identity provider came back with, in place of the password.
    pub provider: Option<String>,
    /// The version of the chart that was on the screen.
    pub chart_version: String,
    /// The version of the note that was on the screen.
    pub note_version: u64,
}

/// Signs.
pub async fn sign(
    app: &App,
    context: &Context,
    visit: &ResourceId,
    signing: Signing,
) -> Result<Value, Error> {
    let mut access = load_as(app, context, visit, &[Part::Clinician]).await?;
    access.must_be(&[status::FINISHED])?;
    if access.visit.value.signed.is_some() {
        return Err(Error::conflict("note.signed", "the note is signed already"));
    }
    let note =
        app.load::<Note>(context.tenant, visit.as_str()).await?.ok_or_else(|| incomplete(&["note"]))?;
    if note.version != signing.note_version {
        return Err(Error::conflict("note.changed", "the note was saved elsewhere meanwhile; read it again"));
    }
    complete(&note.value.content)?;
    let proof = Proof {
        password: signing.password,
        code: None,
        passkey: signing.passkey,
        provider: signing.provider,
    };
    identity::proof::confirm(app, context, &proof).await?;
    let seen = chart_unchanged(app, context, &access, &signing.chart_version).await?;
    let signature = commit(app, context, &mut access, &note, seen).await?;
    access.tell(app, context, What::Visit);
    Ok(json!({"signature": note::signature(&signature)}))
}

async fn commit(
    app: &App,
    context: &Context,
    access: &mut Access,
    note: &Loaded<Note>,
    seen: ChartVersion,
) -> Result<Signature, Error> {
    let signer = seal::Signer::of(app, context).await?;
    let resources = document::resources(context, &access.visit.value, &note.value.content, &signer);
    let sealed = seal::seal(app, context, &signer, &resources)?;
    let mut change = Change::new(app, context);
    for resource in &resources {
        change.create(resource)?;
    }
    change.create(&sealed.provenance)?;
    let mut encounter = access.encounter.value.clone();
    encounter["diagnosis"] = document::diagnoses_of(&resources);
    change.replace(&encounter, access.encounter.version)?;
    access.visit.value.signed = Some(sealed.signature.clone());
    change.update(&access.visit)?;
    // Writing the note again at its version locks out a save that is under way.
    change.update(note)?;
    for expectation in seen.expectations(&access.visit.value.patient) {
        change.expect(expectation);
    }
    change.audit(AuditAction::C, "note.sign", Some(&access.visit.value.patient), &access.entity());
    change.event("visit.signed", access.visit.value.id.as_str(), &json!({"visit": access.visit.value.id}));
    match change.try_commit().await {
        Ok(_) => Ok(sealed.signature),
        Err(CommitError::Matched { .. }) => Err(changed(app, context, access, seen).await?),
        Err(CommitError::Version { .. }) => {
            Err(Error::conflict("note.changed", "the visit or its note changed meanwhile; read it again"))
        }
        Err(error) => Err(error.into()),
    }
}

/// What a plan must say before it may go to a patient.
fn complete(content: &Content) -> Result<(), Error> {
    let empty = |text: &str| text.trim().is_empty();
    let urgent = matches!(content.disposition.as_str(), "hospital" | "emergency");
    let missing: Vec<&str> = [
        ("assessment", empty(&content.assessment)),
        ("diagnoses", content.diagnoses.is_empty() && content.disposition != "unsuitable"),
        ("plan", empty(&content.plan) && empty(&content.self_care)),
        ("disposition", empty(&content.disposition)),
        ("go_to_hospital_if", empty(&content.go_to_hospital_if) && !urgent),
    ]
    .into_iter()
    .filter_map(|(field, missing)| missing.then_some(field))
    .collect();
    if missing.is_empty() { Ok(()) } else { Err(incomplete(&missing)) }
}

fn incomplete(missing: &[&str]) -> Error {
    Error::field("note.incomplete", "note", "the note is not complete")
        .with_details(json!({"missing": missing}))
}

/// The state of the chart that the signer saw; an error that shows what changed after it.
async fn chart_unchanged(
    app: &App,
    context: &Context,
    access: &Access,
    version: &str,
) -> Result<ChartVersion, Error> {
    let seen: ChartVersion = version.parse()?;
    let current = directory::chart::version(app, context, &access.visit.value.patient).await?;
    if current == seen { Ok(seen) } else { Err(changed(app, context, access, seen).await?) }
}

async fn changed(app: &App, context: &Context, access: &Access, seen: ChartVersion) -> Result<Error, Error> {
    let patient = &access.visit.value.patient;
    let mut changes = Vec::new();
    for resource_type in directory::chart::TYPES {
        let scope = Scope::any([Term::In(patient_compartment(patient))]);
        let rows = app.matching(context.tenant, resource_type, seen.is_newer(), scope).await?;
        changes.extend(rows.iter().map(|row| {
            json!({"kind": resource_type, "id": row.value["id"], "new": row.version == 1,
                   "text": words_of(&row.value), "at": instant::text(row.last_updated)})
        }));
    }
    let current = directory::chart::version(app, context, patient).await?;
    let fewer = current.fewer_than(&seen);
    let error = Error::conflict("chart.changed", "the chart changed since it was read");
    let details = json!({"changes": changes, "deleted": fewer, "chart_version": current.to_string()});
    Ok(error.with_details(details))
}

/// A few words by which a clinician recognises a resource.
fn words_of(resource: &Value) -> String {
    let code = ["code", "medicationCodeableConcept", "type"].map(|field| &resource[field]);
    let words = code.iter().find_map(|code| code["text"].as_str().or(code["coding"][0]["display"].as_str()));
    let title = resource["title"].as_str().or(resource["description"].as_str());
    if resource["resourceType"] == "Patient" {
        return display_name(resource);
    }
    words.or(title).unwrap_or_default().to_owned()
}

/// The practitioner who signs must be the one who is signed in.
pub(super) fn signer_of(context: &Context) -> Result<&ResourceId, Error> {
    Ok(policy::clinician(context)?.practitioner)
}
