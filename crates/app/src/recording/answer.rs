//! Somebody in the visit agrees to be recorded, declines, or takes their consent back.

use bianque_model::{Actor, Context, ResourceId};
use bianque_store::AuditAction;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::record::{Answer, Recording};
use super::{end, keeper, text, view};
use crate::live::What;
use crate::visits::access::{load_let_in, one_of};
use crate::visits::presence::Participant;
use crate::visits::view as visit_view;
use crate::{App, Change, Error, ErrorKind, instant};

/// What somebody answers.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Answering {
    /// Whether they agree.
    pub agreed: bool,
    /// The version of the text that was read.
    pub version: String,
    /// `en` or `zh-CN`.
    pub language: String,
    /// `self`, or `guardian` for the patient.
    #[serde(default = "oneself")]
    pub by: String,
}

fn oneself() -> String {
    "self".to_owned()
}

/// Takes an answer. A no ends the recording at once, before anything else is done.
pub async fn answer(
    app: &App,
    context: &Context,
    visit: &ResourceId,
    id: &ResourceId,
    answering: Answering,
) -> Result<Value, Error> {
    let access = load_let_in(app, context, visit).await?;
    let who = visit_view::participant(app, context, &access).await?;
    let recording = live(app, context, visit, id).await?;
    one_of("by", &answering.by, if who.role == "patient" { &["self", "guardian"] } else { &["self"] })?;
    if !answering.agreed {
        end::end(app, context, visit, end::why_no(&recording.value, &who.id), Some(who)).await?;
        return view::of_visit(app, context, visit).await;
    }
    agree(app, context, visit, id, &who, &answering).await?;
    keeper::reconsider(app, context, visit).await?;
    access.tell(app, context, What::Visit);
    view::of_visit(app, context, visit).await
}

async fn agree(
    app: &App,
    context: &Context,
    visit: &ResourceId,
    id: &ResourceId,
    who: &Participant,
    answering: &Answering,
) -> Result<(), Error> {
    let _turn = app.recorders.turn().await;
    let mut recording = live(app, context, visit, id).await?;
    let words = (answering.version.as_str(), answering.language.as_str(), answering.by.as_str());
    let (answer, consent) = agreement(context, &recording.value, who, words)?;
    if recording.value.agreed().contains(who.id.as_str()) {
        return Ok(());
    }
    recording.value.answers.push(answer);
    let mut change = Change::new(app, context);
    change.create(&consent)?;
    change.update(&recording)?;
    let entity = format!("Encounter/{visit}");
    change.audit(AuditAction::C, "recording.agree", Some(&recording.value.patient), &entity);
    change.commit().await.map(drop)
}

/// The recording under way in a visit, by its id.
pub(super) async fn live(
    app: &App,
    context: &Context,
    visit: &ResourceId,
    id: &ResourceId,
) -> Result<crate::aggregate::Loaded<Recording>, Error> {
    let found = app.load::<Recording>(context.tenant, id.as_str()).await?.ok_or_else(Error::not_found)?;
    if found.value.visit != *visit {
        return Err(Error::not_found());
    }
    if !found.value.state.is_live() {
        return Err(Error::conflict("recording.over", "the recording is over"));
    }
    Ok(found)
}

/// An agreement, and its Consent.
pub(super) fn agreement(
    context: &Context,
    recording: &Recording,
    who: &Participant,
    (version, language, by): (&str, &str, &str),
) -> Result<(Answer, Value), Error> {
    one_of("language", language, &["en", "zh-CN"])?;
    if version != text::VERSION {
        let error = Error::new(ErrorKind::Conflict, "consent.version", "the text has changed; read it again");
        return Err(error.with_details(json!({"version": text::VERSION})));
    }
    let answer = Answer {
        participant: who.id.clone(),
        name: who.name.clone(),
        role: who.role.to_owned(),
        agreed: true,
        by: by.to_owned(),
        version: version.to_owned(),
        language: language.to_owned(),
        at: context.now,
        consent: Some(Uuid::now_v7().into()),
    };
    let performer = performer(context, recording);
    let resource = consent(recording, &answer, &performer, "active");
    Ok((answer, resource))
}

pub(super) fn performer(context: &Context, recording: &Recording) -> String {
    match &context.actor {
        Actor::VisitProxy { person, .. } | Actor::Guest { person, .. } => format!("RelatedPerson/{person}"),
        Actor::VisitPatient { .. } => format!("Patient/{}", recording.patient),
        Actor::Clinician { practitioner, .. }
        | Actor::Staff { practitioner, .. }
        | Actor::Consultant { practitioner, .. } => format!("Practitioner/{practitioner}"),
        _ => format!("Organization/{}", recording.organization),
    }
}

/// An agreement as its Consent: active until it is taken back. It grants nobody a look into the record.
pub(super) fn consent(recording: &Recording, answer: &Answer, performer: &str, status: &str) -> Value {
    json!({
        "resourceType": "Consent",
        "id": answer.consent,
        "status": status,
        "scope": {"coding": [{
            "system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "treatment",
        }]},
        "category": [{
            "coding": [{"system": "http://loinc.org", "code": "59284-0", "display": "Consent Document"}],
            "text": "Recording of the call",
        }],
        "patient": {"reference": format!("Patient/{}", recording.patient)},
        "dateTime": instant::text(answer.at),
        "performer": [{"reference": performer, "display": format!("{} ({})", answer.name, answer.by)}],
        "organization": [{"reference": format!("Organization/{}", recording.organization)}],
        "sourceAttachment": text::attachment(&answer.language),
        "policyRule": {"text": format!("Recording {}, version {}", recording.id, answer.version)},
        "provision": {
            "type": "permit",
            "data": [{
                "meaning": "related",
                "reference": {"reference": format!("Encounter/{}", recording.visit)},
            }],
        },
    })
}
