//! The way in by link: what the link is, the confirmation, the browser it binds to, "let in again".
//!
//! On confirmation the link binds to that browser by a cookie. The same browser may come back; another gets 409 until
//! the clinician lets it in again and the birth date, or a code shown to the clinician, is repeated.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bianque_model::{Actor, Context, Purpose, ResourceId};
use bianque_store::AuditAction;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use subtle::ConstantTimeEq;
use uuid::Uuid;

use super::access::{self, load_as, tell};
use super::link::{Link, Whose};
use super::visit::{JOIN_ATTEMPTS, Join};
use super::{Visit, encounter, guests, link};
use crate::aggregate::Loaded;
use crate::live::What;
use crate::people::display_name;
use crate::policy::Part;
use crate::secrets::{random_bytes, random_token};
use crate::{App, Change, Error, ErrorKind, instant};

/// What links are signed for.
pub(super) const LINK_PURPOSE: &str = "join-link";
const COOKIE_PURPOSE: &str = "visit-cookie";
const CSRF_PURPOSE: &str = "visit-csrf";

/// How somebody proves to be the one a link was made for.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Confirmation {
    /// The link's token.
    pub token: String,
    /// The patient's birth date, `YYYY-MM-DD`.
    pub birth_date: Option<String>,
    /// The code that the clinician read out.
    pub code: Option<String>,
    /// A consultant's or a guest's name as invited.
    pub name: Option<String>,
    /// A consultant's registration number, kept with the opinion.
    pub registration: Option<String>,
    /// Who comes for the patient; none: the patient.
    pub proxy: Option<Proxy>,
}

/// Who comes for the patient.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Proxy {
    /// Their name.
    pub name: String,
    /// What they are to the patient: a code of [`RELATIONSHIPS`].
    pub relationship: String,
}

/// What somebody who comes for a patient may be to them (HL7 v3 RoleCode): parent, guardian, spouse, child, another of
/// the family, a friend.
pub const RELATIONSHIPS: [&str; 6] = ["PRN", "GUARD", "SPS", "CHILD", "FAMMEMB", "FRND"];

/// A browser that was let in.
#[derive(Debug)]
pub struct Admitted {
    /// The cookie's secret.
    pub cookie: String,
    /// The CSRF value that goes with it.
    pub csrf: String,
    /// The context from now on.
    pub context: Context,
}

/// What a link is, for somebody who has confirmed nothing yet: nothing about the patient.
pub async fn look(app: &App, context: &Context, token: &str) -> Result<Value, Error> {
    let (link, visit) = open(app, context, token).await?;
    let join = join_of(&visit.value, &link)?;
    let encounter = app.resource(context.tenant, "Encounter", &visit.value.id).await?.value;
    let practitioner = app.resource(context.tenant, "Practitioner", &visit.value.practitioner).await?.value;
    let organization = app.resource(context.tenant, "Organization", &visit.value.organization).await?.value;
    Ok(json!({
        "visit_id": visit.value.id,
        "practitioner_name": display_name(&practitioner),
        "organization_name": display_name(&organization),
        "start": instant::text(visit.value.start),
        "state": encounter::state(&encounter),
        "bound": join.bound.is_some() && join.let_in.is_none(),
        "attempts_left": join.attempts_left,
        "role": match &link.whose {
            Whose::Patient => "patient",
            Whose::Consultant(_) => "consultant",
            Whose::Guest(id) => visit.value.guest(id).ok_or_else(Error::not_found)?.role.code(),
        },
        "locked": visit.value.locked,
    }))
}

/// Confirms who opens the link and binds it to their browser. `cookie` is what the browser already holds.
pub async fn confirm(
    app: &App,
    context: &Context,
    visit_id: &ResourceId,
    cookie: Option<&str>,
    confirmation: &Confirmation,
) -> Result<Admitted, Error> {
    let (link, mut visit) = open(app, context, &confirmation.token).await?;
    if link.visit != *visit_id {
        return Err(Error::not_found());
    }
    if let Some(cookie) = cookie
        && let Ok((context, csrf)) = authenticate(app, context.clone(), visit_id, cookie).await
    {
        return Ok(Admitted { cookie: cookie.to_owned(), csrf, context });
    }
    if visit.value.locked && link.whose != Whose::Patient {
        return Err(Error::conflict("room.locked", "nobody new is let into this visit now"));
    }
    let join = join_of(&visit.value, &link)?;
    if join.attempts_left == 0 {
        return Err(Error::new(
            ErrorKind::TooMany { retry_after_s: 0 },
            "join.locked",
            "too many wrong answers",
        ));
    }
    if join.bound.is_some() && join.let_in.is_none() {
        return Err(Error::conflict("join.bound", "another browser holds this link"));
    }
    if matches(app, context, &visit.value, &link, confirmation).await? {
        keep_registration(&mut visit.value, &link, confirmation)?;
        bind(app, context, &mut visit, &link, confirmation).await
    } else {
        Err(count_attempt(app, context, &mut visit, &link).await?)
    }
}

/// Who holds this cookie of a visit.
pub async fn authenticate(
    app: &App,
    mut context: Context,
    visit_id: &ResourceId,
    cookie: &str,
) -> Result<(Context, String), Error> {
    let visit = app.load::<Visit>(context.tenant, visit_id.as_str()).await?.ok_or_else(Error::sign_in)?.value;
    if context.now >= visit.join_expires() {
        return Err(Error::sign_in());
    }
    let tag = tag_of(app, cookie);
    let holds = |join: &Join| {
        join.bound.as_ref().is_some_and(|bound| bool::from(bound.as_bytes().ct_eq(tag.as_bytes())))
    };
    if holds(&visit.join) {
        context.actor = match visit.join.proxy {
            Some(person) => Actor::VisitProxy { person, patient: visit.patient, visit: visit.id },
            None => Actor::VisitPatient { patient: visit.patient, visit: visit.id },
        };
        context.purpose = Purpose::PatRqt;
    } else if let Some(guest) = visit.guests.iter().find(|guest| guest.stands() && holds(&guest.join)) {
        guests::may_still_be_here(app, &context, &visit).await?;
        context.actor =
            Actor::Guest { guest: guest.id.clone(), person: guest.person.clone(), visit: visit.id.clone() };
    } else {
        let open = visit.invitations.iter().filter(|invitation| !invitation.revoked);
        let invitation =
            open.clone().find(|invitation| holds(&invitation.join)).ok_or_else(Error::sign_in)?;
        context.actor = Actor::Consultant {
            invitation: invitation.id.clone(),
            visit: visit.id.clone(),
            patient: visit.patient.clone(),
            practitioner: invitation.practitioner.clone(),
            organization: invitation.organization.clone(),
        };
    }
    Ok((context, csrf_of(app, cookie)))
}

/// Lets one more browser in: by the birth date again, or by the code this returns.
pub async fn let_in_again(app: &App, context: &Context, visit_id: &ResourceId) -> Result<String, Error> {
    let mut access = load_as(app, context, visit_id, &Part::ARRANGING).await?;
    let number = u32::from_be_bytes(random_bytes::<4>()?) % 1_000_000;
    let code = format!("{number:06}");
    let join = &mut access.visit.value.join;
    join.let_in = Some(code.clone());
    join.attempts_left = JOIN_ATTEMPTS;
    save(app, context, &access.visit, "visit.let-in").await?;
    access.tell(app, context, What::Visit);
    Ok(code)
}

/// Makes a new link; the old one, and the browser that held it, are over.
pub async fn renew(app: &App, context: &Context, visit_id: &ResourceId) -> Result<String, Error> {
    let mut access = load_as(app, context, visit_id, &Part::ARRANGING).await?;
    let join = &mut access.visit.value.join;
    *join = Join { generation: join.generation + 1, ..Join::default() };
    save(app, context, &access.visit, "visit.link").await?;
    access.tell(app, context, What::Over { participant: Some("patient".into()), code: "link.replaced" });
    access.tell(app, context, What::Visit);
    Ok(link::patient_url(app, context.tenant, &access.visit.value))
}

/// The browser lets go of the link, which may then be opened elsewhere with the birth date.
pub async fn leave(app: &App, context: &Context, visit_id: &ResourceId) -> Result<(), Error> {
    let leaving = [Part::Patient, Part::Consultant, Part::Guest];
    let mut access = load_as(app, context, visit_id, &leaving).await?;
    if access.guest.is_some() {
        return guests::knock::leave(app, context, access).await;
    }
    let visit = &mut access.visit.value;
    match &access.invitation {
        Some(invitation) => {
            let invitation = visit.invitation_mut(invitation).ok_or_else(Error::not_found)?;
            invitation.join.bound = None;
        }
        None => visit.join.bound = None,
    }
    save(app, context, &access.visit, "visit.leave").await?;
    access.tell(app, context, What::Visit);
    Ok(())
}

async fn open(app: &App, context: &Context, token: &str) -> Result<(Link, Loaded<Visit>), Error> {
    let link = Link::verify(&app.secrets, token)?;
    let unknown = || Error::new(ErrorKind::NotFound, "join.unknown", "this link is not one of ours");
    let visit = app.load::<Visit>(context.tenant, link.visit.as_str()).await?.ok_or_else(unknown)?;
    if context.now >= visit.value.join_expires() {
        return Err(Error::new(ErrorKind::Over, "join.expired", "this link has ended"));
    }
    if matches!(link.whose, Whose::Guest(_)) {
        guests::link_leads_somewhere(app, context, &visit.value).await?;
    }
    if join_of(&visit.value, &link)?.generation != link.generation {
        return Err(Error::new(ErrorKind::Over, "join.replaced", "a newer link was made for this visit"));
    }
    Ok((link, visit))
}

fn join_of<'v>(visit: &'v Visit, link: &Link) -> Result<&'v Join, Error> {
    let over = || Error::new(ErrorKind::Over, "join.replaced", "this invitation was taken back");
    match &link.whose {
        Whose::Patient => Ok(&visit.join),
        Whose::Consultant(id) => {
            visit.invitation(id).filter(|invitation| !invitation.revoked).map(|i| &i.join).ok_or_else(over)
        }
        Whose::Guest(id) => visit.guest(id).filter(|guest| guest.stands()).map(|g| &g.join).ok_or_else(over),
    }
}

fn join_mut<'v>(visit: &'v mut Visit, link: &Link) -> Result<&'v mut Join, Error> {
    let join = match &link.whose {
        Whose::Patient => return Ok(&mut visit.join),
        Whose::Consultant(id) => visit.invitation_mut(id).map(|invitation| &mut invitation.join),
        Whose::Guest(id) => visit.guest_mut(id).map(|guest| &mut guest.join),
    };
    join.ok_or_else(Error::not_found)
}

async fn matches(
    app: &App,
    context: &Context,
    visit: &Visit,
    link: &Link,
    confirmation: &Confirmation,
) -> Result<bool, Error> {
    let missing = |field| Error::field("field.required", field, format!("{field} is required"));
    let is_named = |invited: &str| {
        let name = confirmation.name.as_deref().ok_or_else(|| missing("name"))?;
        Ok(bianque_query::fold(name) == bianque_query::fold(invited))
    };
    match &link.whose {
        Whose::Consultant(id) => {
            let invitation = visit.invitation(id).ok_or_else(Error::not_found)?;
            let registration = confirmation.registration.as_deref().ok_or_else(|| missing("registration"))?;
            access::required("registration", registration, 64)?;
            return is_named(&invitation.name);
        }
        Whose::Guest(id) => return is_named(&visit.guest(id).ok_or_else(Error::not_found)?.name),
        Whose::Patient => {}
    }
    if let Some(code) = &confirmation.code {
        let let_in = visit.join.let_in.as_deref().unwrap_or_default();
        return Ok(!let_in.is_empty() && bool::from(code.trim().as_bytes().ct_eq(let_in.as_bytes())));
    }
    let birth_date = confirmation.birth_date.as_deref().ok_or_else(|| missing("birth_date"))?;
    if instant::parse_date(birth_date).is_none() {
        return Err(Error::field("field.date", "birth_date", "birth_date is not a date"));
    }
    let patient = app.shown_patient(context.tenant, &visit.patient).await?.value;
    Ok(patient["birthDate"].as_str() == Some(birth_date))
}

/// A consultant repeats the number to sign with it.
fn keep_registration(visit: &mut Visit, link: &Link, confirmation: &Confirmation) -> Result<(), Error> {
    let Whose::Consultant(id) = &link.whose else { return Ok(()) };
    if let (Some(invitation), Some(registration)) = (visit.invitation_mut(id), &confirmation.registration) {
        invitation.registration = access::required("registration", registration, 64)?;
    }
    Ok(())
}

async fn bind(
    app: &App,
    context: &Context,
    visit: &mut Loaded<Visit>,
    link: &Link,
    confirmation: &Confirmation,
) -> Result<Admitted, Error> {
    let proxy = match &confirmation.proxy {
        Some(proxy) if link.whose == Whose::Patient => Some(related_person(&visit.value, proxy)?),
        _ => None,
    };
    let cookie = random_token()?;
    let tag = tag_of(app, &cookie);
    let join = join_mut(&mut visit.value, link)?;
    let replaced = join.bound.is_some();
    join.bound = Some(tag);
    join.let_in = None;
    join.attempts_left = JOIN_ATTEMPTS;
    join.proxy = proxy.as_ref().and_then(|person| person["id"].as_str()?.parse().ok());
    let mut change = saved(app, context, visit, "visit.join")?;
    if let Some(person) = &proxy {
        change.create(person)?;
    }
    change.commit().await?;
    if replaced && link.whose == Whose::Patient {
        tell(
            app,
            context,
            &visit.value,
            What::Over { participant: Some("patient".into()), code: "link.replaced" },
        );
    }
    tell(app, context, &visit.value, What::Visit);
    let (context, csrf) = authenticate(app, context.clone(), &visit.value.id, &cookie).await?;
    Ok(Admitted { cookie, csrf, context })
}

/// Counts a wrong answer before it is told, so that asking in parallel gains nothing.
async fn count_attempt(
    app: &App,
    context: &Context,
    visit: &mut Loaded<Visit>,
    link: &Link,
) -> Result<Error, Error> {
    let join = join_mut(&mut visit.value, link)?;
    join.attempts_left = join.attempts_left.saturating_sub(1);
    let left = join.attempts_left;
    save(app, context, visit, "visit.join.mismatch").await?;
    let error = if left == 0 {
        Error::new(ErrorKind::TooMany { retry_after_s: 0 }, "join.locked", "too many wrong answers")
    } else {
        Error::new(ErrorKind::Forbidden, "join.mismatch", "this is not what we have on record")
    };
    Ok(error.with_details(json!({"attempts_left": left})))
}

/// The RelatedPerson of who comes for the patient.
fn related_person(visit: &Visit, proxy: &Proxy) -> Result<Value, Error> {
    access::one_of("relationship", &proxy.relationship, &RELATIONSHIPS)?;
    Ok(json!({
        "resourceType": "RelatedPerson",
        "id": Uuid::now_v7(),
        "active": true,
        "patient": {"reference": format!("Patient/{}", visit.patient)},
        "relationship": [{"coding": [{
            "system": "http://terminology.hl7.org/CodeSystem/v3-RoleCode", "code": proxy.relationship,
        }]}],
        "name": [{"text": access::required("name", &proxy.name, 200)?}],
    }))
}

async fn save(app: &App, context: &Context, visit: &Loaded<Visit>, operation: &str) -> Result<(), Error> {
    saved(app, context, visit, operation)?.commit().await.map(drop)
}

fn saved<'a>(
    app: &'a App,
    context: &'a Context,
    visit: &Loaded<Visit>,
    operation: &str,
) -> Result<Change<'a>, Error> {
    let mut change = Change::new(app, context);
    change.update(visit)?;
    let entity = format!("Encounter/{}", visit.value.id);
    change.audit(AuditAction::E, operation, Some(&visit.value.patient), &entity);
    Ok(change)
}

fn tag_of(app: &App, cookie: &str) -> String {
    URL_SAFE_NO_PAD.encode(app.secrets.tag(COOKIE_PURPOSE, cookie.as_bytes()))
}

fn csrf_of(app: &App, cookie: &str) -> String {
    URL_SAFE_NO_PAD.encode(app.secrets.tag(CSRF_PURPOSE, cookie.as_bytes()))
}

#[cfg(test)]
mod tests;
