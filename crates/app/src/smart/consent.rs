//! A user looks at what an application asks, and lets it or does not.

use bianque_model::{Context, ResourceId};
use bianque_query::Predicate;
use bianque_store::{AuditAction, Expectation};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::authorize::{self, Asked, Refusal};
use super::code::{self, Code};
use super::launch::{self, Launch};
use super::scopes::{ResourceScope, Scopes};
use super::{addresses, for_users, invalid_request};
use crate::aggregate::{Aggregate, Loaded};
use crate::identity::sessions;
use crate::people::display_name;
use crate::policy::Member;
use crate::secrets::random_token;
use crate::{App, Change, Error, ErrorKind, policy};

/// What an application asks, as its address has it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Looking {
    /// The query of `/oauth2/authorize`, without the `?`.
    pub query: String,
}

/// What a user decided.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Deciding {
    /// The query again.
    pub query: String,
    /// Whether they let it.
    pub allow: bool,
    /// The patient they chose, where the application has to be told one.
    #[serde(default)]
    pub patient_id: Option<ResourceId>,
}

/// What is asked, for the screen; or where to go because nothing can be asked.
pub async fn look(app: &App, context: &Context, looking: &Looking) -> Result<Value, Error> {
    let clinician = for_users(context)?;
    let asked = match asked(app, context, &looking.query).await? {
        Ok(asked) => asked,
        Err(redirect) => return Ok(json!({"redirect": redirect})),
    };
    let launch = match launched(app, context, &asked, clinician).await {
        Err(error) if error.code.starts_with("oauth.") => {
            return Ok(
                json!({"redirect": authorize::told(&asked.redirect_uri, Some(&asked.state), &error)?}),
            );
        }
        other => other?,
    };
    let patient = match &launch {
        Some(launch) => {
            let id = &launch.value.patient;
            let shown = patient(app, context, id).await?;
            app.audit_read(context, "application.look", id, &format!("Patient/{id}")).await?;
            json!({"id": id, "name": display_name(&shown), "birth_date": shown["birthDate"]})
        }
        None => Value::Null,
    };
    Ok(json!({
        "application": {"id": asked.client.id, "name": asked.client.name, "place": addresses::place(&asked.redirect_uri)},
        "resources": asked.scopes.resources.iter().map(shown).collect::<Vec<_>>(),
        "identity": asked.scopes.has("openid"),
        "offline": asked.scopes.has("offline_access"),
        "encounter": launch.as_ref().is_some_and(|launch| encounter(&asked, launch).is_some()),
        "patient": patient,
        "patient_needed": needs_patient(&asked.scopes, launch.is_some()),
    }))
}

/// Lets it, or does not; where the browser goes with the answer.
pub async fn decide(app: &App, context: &Context, cookie: &str, deciding: Deciding) -> Result<Value, Error> {
    let clinician = for_users(context)?;
    let asked = match asked(app, context, &deciding.query).await? {
        Ok(asked) => asked,
        Err(redirect) => return Ok(json!({"redirect": redirect})),
    };
    let entity = format!("Application/{}", asked.client.id);
    let mut change = Change::new(app, context);
    if !deciding.allow {
        change.audit(AuditAction::E, "application.refuse", None, &entity);
        change.commit().await?;
        let denied = Error::new(ErrorKind::Forbidden, "oauth.access_denied", "the user did not allow this");
        return Ok(json!({"redirect": authorize::told(&asked.redirect_uri, Some(&asked.state), &denied)?}));
    }
    let launch = launched(app, context, &asked, clinician).await?;
    let chosen = if needs_patient(&asked.scopes, launch.is_some()) { deciding.patient_id } else { None };
    if chosen.is_none() && needs_patient(&asked.scopes, launch.is_some()) {
        return Err(Error::field("field.required", "patient_id", "choose the patient it is about"));
    }
    let chosen = launch.as_ref().map(|launch| launch.value.patient.clone()).or(chosen);
    if let Some(id) = &chosen {
        patient(app, context, id).await?;
    }
    let visit = launch.as_ref().and_then(|launch| encounter(&asked, launch));
    if let (Some(visit), Some(patient)) = (&visit, &chosen) {
        launch::of_patient(app, context, visit, patient).await?;
    }
    let text = random_token()?;
    let session = sessions::id_of(app, cookie);
    let about = About { session, patient: chosen.clone(), encounter: visit };
    change.insert(&code(app, context, &asked, clinician, about, &text))?;
    if let Some(launch) = &launch {
        // Once: whoever comes with it again finds it gone.
        let (kind, id) = (Launch::KIND, launch.value.id());
        change.expect(Expectation::StateVersion { kind, id: id.clone(), version: launch.version });
        change.remove::<Launch>(id);
    }
    change.audit(AuditAction::E, "application.allow", chosen.as_ref(), &entity);
    change.commit().await?;
    Ok(
        json!({"redirect": addresses::with(&asked.redirect_uri, &[("code", &text), ("state", &asked.state)])?}),
    )
}

/// What a code is about.
struct About {
    session: String,
    patient: Option<ResourceId>,
    encounter: Option<ResourceId>,
}

fn code(
    app: &App,
    context: &Context,
    asked: &Asked,
    clinician: Member<'_>,
    about: About,
    text: &str,
) -> Code {
    Code {
        id: code::id_of(app, text),
        client: asked.client.id.clone(),
        redirect_uri: asked.redirect_uri.clone(),
        challenge: asked.challenge.clone(),
        nonce: asked.nonce.clone(),
        user: clinician.user,
        scopes: asked.scopes.texts(),
        patient: about.patient,
        encounter: about.encounter,
        session: about.session,
        until: context.now.plus_seconds(code::LASTS_S),
        spent: None,
    }
}

/// The request behind a query; or where to go because it cannot be asked.
async fn asked(app: &App, context: &Context, query: &str) -> Result<Result<Asked, String>, Error> {
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    match authorize::read(app, context, &pairs).await {
        Ok(asked) => Ok(Ok(asked)),
        Err(Refusal::There(redirect)) => Ok(Err(redirect)),
        Err(Refusal::Here(error)) => Err(error),
    }
}

/// The launch that an application comes with: of this application, opened by this user.
async fn launched(
    app: &App,
    context: &Context,
    asked: &Asked,
    clinician: Member<'_>,
) -> Result<Option<Loaded<Launch>>, Error> {
    let Some(text) = &asked.launch else { return Ok(None) };
    let found = launch::find(app, context, text).await?;
    let own =
        found.filter(|launch| launch.value.client == asked.client.id && launch.value.user == clinician.user);
    own.map(Some).ok_or_else(|| invalid_request("this launch is not known, has ended, or was another user's"))
}

/// The visit of a launch, for an application that asks for what it is opened with.
fn encounter(asked: &Asked, launch: &Loaded<Launch>) -> Option<ResourceId> {
    let told = asked.scopes.has("launch") || asked.scopes.has("launch/encounter");
    launch.value.encounter.clone().filter(|_| told)
}

fn needs_patient(scopes: &Scopes, launched: bool) -> bool {
    !launched && scopes.has("launch/patient")
}

/// The patient, for whoever may see them.
pub(super) async fn patient(app: &App, context: &Context, id: &ResourceId) -> Result<Value, Error> {
    let only = Predicate::Ids(vec![id.clone()]);
    let found = app.matching(context.tenant, "Patient", only, policy::scope(context)?).await?;
    Ok(found.into_iter().next().ok_or_else(Error::not_found)?.value)
}

pub(super) fn shown(scope: &ResourceScope) -> Value {
    let letters: String = scope.letters.iter().collect();
    json!({"level": scope.level.code(), "type": scope.resource_type, "letters": letters})
}
