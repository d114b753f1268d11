//! What is added after signing: a Composition of its own that appends to the signed one.

use bianque_model::{Context, ResourceId};
use bianque_query::{Predicate, Reference, Scope, Test};
use bianque_store::AuditAction;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::access::{Access, load_as, required};
use super::note::{self, Addendum, Note};
use super::sign::{document_section as section, seal, type_of as loinc};
use crate::identity::passkeys::Assertion;
use crate::identity::proof::Proof;
use crate::live::What;
use crate::policy::Part;
use crate::resources::Versioned;
use crate::{App, Change, Error, identity, instant};

/// An addendum as it is signed.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Adding {
    /// What it says.
    pub text: String,
    /// The signer's password, again; or
    pub password: Option<String>,
    /// one of their passkeys.
    pub passkey: Option<Assertion>,
    /// What a proof at the identity provider came back with, in place of the password.
    pub provider: Option<String>,
}

/// Adds to a signed note.
pub async fn add(app: &App, context: &Context, visit: &ResourceId, adding: Adding) -> Result<Value, Error> {
    let access = load_as(app, context, visit, &[Part::Clinician]).await?;
    if access.visit.value.signed.is_none() {
        return Err(Error::conflict("note.unsigned", "an unsigned note is changed, not added to"));
    }
    let text = required("text", &adding.text, 20_000)?;
    let proof =
        Proof { password: adding.password, code: None, passkey: adding.passkey, provider: adding.provider };
    identity::proof::confirm(app, context, &proof).await?;
    let mut note = app.load::<Note>(context.tenant, visit.as_str()).await?.ok_or_else(Error::not_found)?;
    let signer = seal::Signer::of(app, context).await?;
    let signed = signed_composition(app, context, visit).await?;
    let composition = composition(&access, context, &signer, &signed.value, &text);
    let sealed = seal::seal(app, context, &signer, std::slice::from_ref(&composition))?;
    note.value.addenda.push(Addendum { text, signature: sealed.signature });
    let mut change = Change::new(app, context);
    change.create(&composition)?;
    change.create(&sealed.provenance)?;
    change.update(&note)?;
    change.audit(AuditAction::C, "note.addendum", Some(&access.visit.value.patient), &access.entity());
    let committed = change.commit().await?;
    note.version = committed.state_versions.first().copied().unwrap_or_default();
    note.last_updated = committed.last_updated;
    let saved_at = instant::text(note.last_updated);
    access.tell(
        app,
        context,
        What::Message(json!({"t": "note", "version": note.version, "saved_at": saved_at})),
    );
    Ok(json!({"note": note::show(&note, &access)}))
}

/// The Composition that was signed for a visit: the one that appends to none.
async fn signed_composition(app: &App, context: &Context, visit: &ResourceId) -> Result<Versioned, Error> {
    let reference = Reference { resource_type: "Encounter".into(), id: visit.clone() };
    let filter = Predicate::Param { param: "encounter".into(), test: Test::Refers(reference) };
    let all = app.matching(context.tenant, "Composition", filter, Scope::All).await?;
    let first = all
        .into_iter()
        .find(|one| one.value["relatesTo"].is_null() && one.value["type"]["coding"][0]["code"] == "34131-3");
    first.ok_or_else(Error::not_found)
}

fn composition(
    access: &Access,
    context: &Context,
    signer: &seal::Signer,
    signed: &Value,
    text: &str,
) -> Value {
    let visit = &access.visit.value;
    let author =
        json!({"reference": format!("Practitioner/{}", signer.practitioner), "display": signer.name});
    json!({
        "resourceType": "Composition",
        "id": Uuid::now_v7(),
        "status": "final",
        "type": loinc("34131-3", "Outpatient Progress note"),
        "subject": {"reference": format!("Patient/{}", visit.patient)},
        "encounter": {"reference": format!("Encounter/{}", visit.id)},
        "date": instant::text(context.now),
        "author": [author],
        "title": "Addendum",
        "relatesTo": [{
            "code": "appends",
            "targetReference": {"reference": format!("Composition/{}", signed["id"].as_str().unwrap_or_default())},
        }],
        "section": [section("55107-7", "Addendum", text)],
    })
}
