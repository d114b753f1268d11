//! A clinician asks everybody whether the call may be recorded.

use bianque_model::{Context, ResourceId};
use bianque_store::{AuditAction, CommitError};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::answer::agreement;
use super::record::{Recording, State};
use super::{keeper, view};
use crate::live::What;
use crate::policy::Part;
use crate::visits::access::{load_as, one_of};
use crate::visits::{call, view as visit_view};
use crate::{App, Change, Error};

/// A request to record. Who asks agrees by asking.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Asking {
    /// The version of the text that the asker read.
    pub version: String,
    /// `en` or `zh-CN`.
    pub language: String,
}

/// Asks. Nothing is recorded before all have answered.
pub async fn ask(app: &App, context: &Context, visit: &ResourceId, asking: Asking) -> Result<Value, Error> {
    let access = load_as(app, context, visit, &[Part::Clinician]).await?;
    call::may_call(&access)?;
    one_of("language", &asking.language, &["en", "zh-CN"])?;
    let asker = visit_view::participant(app, context, &access).await?;
    let visit = &access.visit.value;
    let mut recording = Recording {
        id: Uuid::now_v7().into(),
        visit: visit.id.clone(),
        patient: visit.patient.clone(),
        organization: visit.organization.clone(),
        asked_by: asker.id.clone(),
        asked_at: context.now,
        state: State::Asked,
        answers: Vec::new(),
        spans: Vec::new(),
        tracks: Vec::new(),
        files: Vec::new(),
        ended: None,
    };
    let mut change = Change::new(app, context);
    let words = (asking.version.as_str(), asking.language.as_str(), "self");
    let (answer, consent) = agreement(context, &recording, &asker, words)?;
    change.create(&consent)?;
    recording.answers.push(answer);
    change.insert(&recording)?;
    change.audit(AuditAction::C, "recording.ask", Some(&visit.patient), &access.entity());
    change.event(
        "recording.asked",
        visit.id.as_str(),
        &json!({"visit": visit.id, "recording": recording.id}),
    );
    change.try_commit().await.map_err(|error| match error {
        CommitError::KeyTaken { .. } => {
            Error::conflict("recording.under-way", "everybody has been asked already")
        }
        other => other.into(),
    })?;
    app.recorders.watch(app, context, &visit.id);
    keeper::reconsider(app, context, &visit.id).await?;
    access.tell(app, context, What::Visit);
    view::of_visit(app, context, &visit.id).await
}
