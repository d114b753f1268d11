//! Invite a guest, make them a new link, take the invitation back.

use bianque_model::{Context, ResourceId};
use bianque_store::AuditAction;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Guest, GuestRole, Stage, record, view};
use crate::live::What;
use crate::policy::Part;
use crate::visits::access::{Access, load_as, one_of, required};
use crate::visits::join::RELATIONSHIPS;
use crate::visits::people::log::{self, Deed};
use crate::visits::visit::Join;
use crate::visits::{call, link};
use crate::{App, Change, Error};

/// Guests of one visit, those who are gone among them.
const MOST: usize = 16;
/// Languages of one interpreter.
const MOST_LANGUAGES: usize = 4;
/// Who may invite: the patient family alone.
const INVITING: [Part; 2] = [Part::Clinician, Part::Patient];

/// Who is invited, and as what.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InvitingGuest {
    /// As what.
    pub role: GuestRole,
    /// Their name; they repeat it when they open the link.
    pub name: String,
    /// Of family, what they are to the patient.
    pub relationship: Option<String>,
    /// Of an interpreter, the languages between which they interpret (BCP 47).
    #[serde(default)]
    pub languages: Vec<String>,
}

/// Invites; answers the guest and their link, which is shown this once.
pub async fn invite(
    app: &App,
    context: &Context,
    visit: &ResourceId,
    inviting: InvitingGuest,
) -> Result<Value, Error> {
    let mut access = load_as(app, context, visit, &INVITING).await?;
    if access.part == Part::Patient && inviting.role != GuestRole::Family {
        return Err(Error::forbidden());
    }
    access.must_be_open()?;
    if access.visit.value.guests.len() >= MOST {
        return Err(Error::conflict("guest.too-many", format!("a visit has at most {MOST} guests")));
    }
    let guest = read(context, access.part, inviting)?;
    let mut change = Change::new(app, context);
    change.create(&record::related_person(&access.visit.value, &guest))?;
    access.visit.value.guests.push(guest.clone());
    keep(change, context, &access, &guest, AuditAction::C, Deed::Invited).await?;
    access.tell(app, context, What::Visit);
    Ok(answer(app, context, &access, &guest))
}

/// Makes a new link for a guest, also for one who was sent away; the old link and the browser that held it are over.
pub async fn renew(
    app: &App,
    context: &Context,
    visit: &ResourceId,
    id: &ResourceId,
) -> Result<Value, Error> {
    let mut access = load_as(app, context, visit, &INVITING).await?;
    access.must_be_open()?;
    // What the clinician decided the patient does not undo.
    if !own(&access, id)?.stands() && access.part == Part::Patient {
        return Err(Error::forbidden());
    }
    let mut change = Change::new(app, context);
    let guest = end(&mut access, context, id, Stage::Invited, &mut change)?;
    keep(change, context, &access, &guest, AuditAction::U, Deed::Invited).await?;
    shut_out(app, context, &access, &guest, "link.replaced");
    Ok(answer(app, context, &access, &guest))
}

/// Takes an invitation back: link and browser are out at once.
pub async fn take_back(
    app: &App,
    context: &Context,
    visit: &ResourceId,
    id: &ResourceId,
) -> Result<(), Error> {
    let mut access = load_as(app, context, visit, &INVITING).await?;
    own(&access, id)?;
    let mut change = Change::new(app, context);
    let guest = end(&mut access, context, id, Stage::TakenBack, &mut change)?;
    keep(change, context, &access, &guest, AuditAction::U, Deed::TakenBack).await?;
    shut_out(app, context, &access, &guest, "guest.removed");
    Ok(())
}

/// Ends a guest's invitation within `change`, and their part of the Encounter with it.
pub(super) fn end(
    access: &mut Access,
    context: &Context,
    id: &ResourceId,
    stage: Stage,
    change: &mut Change<'_>,
) -> Result<Guest, Error> {
    let guest = access.visit.value.guest_mut(id).ok_or_else(Error::not_found)?;
    let was_in = guest.is_admitted();
    guest.end(stage, context.now);
    let guest = guest.clone();
    access.visit.value.silenced.remove(id.as_str());
    if was_in {
        record::left(access, context, &guest, change)?;
    }
    Ok(guest)
}

/// A guest is out: of their socket, of the call, and in everybody's view of the visit.
pub(super) fn shut_out(app: &App, context: &Context, access: &Access, guest: &Guest, code: &'static str) {
    access.tell(app, context, What::Over { participant: Some(guest.id.to_string()), code });
    call::dismiss(app, context, &access.visit.value.id, guest.id.as_str());
    access.tell(app, context, What::Visit);
}

/// Writes the visit with its audit row and its line in the log.
pub(super) async fn keep(
    mut change: Change<'_>,
    context: &Context,
    access: &Access,
    guest: &Guest,
    action: AuditAction,
    deed: Deed,
) -> Result<(), Error> {
    change.update(&access.visit)?;
    let entity = format!("RelatedPerson/{}", guest.person);
    change.audit(action, deed.operation(), Some(&access.visit.value.patient), &entity);
    log::note(&mut change, context, access, deed, &guest.id, &guest.name)?;
    change.commit().await.map(drop)
}

/// A guest of the visit; of those whom others invited the patient disposes not.
fn own<'a>(access: &'a Access, id: &ResourceId) -> Result<&'a Guest, Error> {
    let guest = access.visit.value.guest(id).ok_or_else(Error::not_found)?;
    if access.part == Part::Patient && !guest.by_patient { Err(Error::not_found()) } else { Ok(guest) }
}

fn read(context: &Context, part: Part, inviting: InvitingGuest) -> Result<Guest, Error> {
    let relationship = inviting.relationship.unwrap_or_default();
    if inviting.role == GuestRole::Family {
        one_of("relationship", &relationship, &RELATIONSHIPS)?;
    } else if !relationship.is_empty() {
        return Err(Error::field("field.unexpected", "relationship", "only family has a relationship"));
    }
    Ok(Guest {
        id: Uuid::now_v7().into(),
        person: Uuid::now_v7().into(),
        role: inviting.role,
        name: required("name", &inviting.name, 200)?,
        relationship,
        languages: languages(inviting.role, inviting.languages)?,
        by_patient: part == Part::Patient,
        join: Join::default(),
        agreed: None,
        stage: Stage::Invited,
        since: context.now,
        allowed: None,
    })
}

/// The languages of an interpreter, each once.
fn languages(role: GuestRole, given: Vec<String>) -> Result<Vec<String>, Error> {
    let refused = |message: &str| Err(Error::field("guest.languages", "languages", message));
    match role {
        GuestRole::Interpreter if given.is_empty() => return refused("say which languages"),
        GuestRole::Interpreter => {}
        _ if given.is_empty() => return Ok(given),
        _ => return refused("only an interpreter has languages"),
    }
    let mut kept: Vec<String> = Vec::with_capacity(given.len());
    for language in given {
        if !is_language(&language) {
            return refused("not a language tag of BCP 47");
        }
        if !kept.contains(&language) {
            kept.push(language);
        }
    }
    if kept.len() > MOST_LANGUAGES { refused("at most four languages") } else { Ok(kept) }
}

/// A language, and what may follow it: `zh`, `yue`, `pt-BR`.
fn is_language(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let first = parts.next().unwrap_or_default();
    let is_first = (2..=3).contains(&first.len()) && first.bytes().all(|b| b.is_ascii_lowercase());
    let is_rest =
        |part: &str| (2..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
    tag.len() <= 16 && is_first && parts.all(is_rest)
}

fn answer(app: &App, context: &Context, access: &Access, guest: &Guest) -> Value {
    let visit = &access.visit.value;
    let url = link::guest_url(app, context.tenant, visit, guest);
    json!({"guest": view::guest(app, context, visit, guest), "url": url})
}
