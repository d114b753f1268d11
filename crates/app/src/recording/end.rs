//! A recording ends: somebody stops it, says no, takes their consent back, or the visit is over.

use bianque_model::{Context, ResourceId};
use bianque_store::AuditAction;
use serde_json::{Value, json};

use super::answer::{consent, live};
use super::record::{Answer, Ending, Recording, State};
use super::{keeper, text, view};
use crate::policy::Part;
use crate::visits::access::load_as;
use crate::visits::presence::Participant;
use crate::visits::view as visit_view;
use crate::{App, Change, Error};

/// A clinician stops the recording, or takes the question back.
pub async fn stop(app: &App, context: &Context, visit: &ResourceId, id: &ResourceId) -> Result<Value, Error> {
    let access = load_as(app, context, visit, &[Part::Clinician]).await?;
    let who = visit_view::participant(app, context, &access).await?;
    live(app, context, visit, id).await?;
    end(app, context, visit, "stopped", Some(who)).await?;
    view::of_visit(app, context, visit).await
}

/// Ends what is under way in a visit; where nothing is, it does nothing. Nothing is copied from the first line on.
pub async fn end(
    app: &App,
    context: &Context,
    visit: &ResourceId,
    why: &'static str,
    by: Option<Participant>,
) -> Result<(), Error> {
    let _turn = app.recorders.turn().await;
    let Some(mut recording) = keeper::under_way(app, context, visit).await? else { return Ok(()) };
    keeper::untap(app, context, visit);
    let written = app.recorders.close(context.tenant, visit);
    let id = recording.value.id.clone();
    let mut change = Change::new(app, context);
    close(&mut recording.value, context, why, by.as_ref());
    if let Some(who) = by.filter(|_| matches!(why, "declined" | "withdrawn")) {
        for given in take_back(&mut recording.value, context, &who) {
            change.put(&given)?;
        }
    }
    change.update(&recording)?;
    let entity = format!("Encounter/{visit}");
    change.audit(AuditAction::U, "recording.end", Some(&recording.value.patient), &entity);
    let told = json!({"visit": visit, "recording": id, "state": recording.value.state.as_str(), "why": why});
    change.event("recording.state", visit.as_str(), &told);
    change.commit().await?;
    if recording.value.state == State::Composing {
        keeper::compose_later(app, context, id, written);
    }
    keeper::tell(app, context, visit).await
}

/// What a no of this participant is.
pub(super) fn why_no(recording: &Recording, participant: &str) -> &'static str {
    if recording.agreed().contains(participant) { "withdrawn" } else { "declined" }
}

fn close(recording: &mut Recording, context: &Context, why: &str, by: Option<&Participant>) {
    recording.close_span(context.now);
    recording.state = match (recording.spans.is_empty(), why) {
        (false, _) => State::Composing,
        (true, "declined" | "withdrawn") => State::Declined,
        (true, _) => State::Empty,
    };
    let by = by.map(|who| who.id.clone());
    recording.ended = Some(Ending { at: context.now, why: why.to_owned(), by });
}

/// Notes a no; answers the Consents that hold no longer.
fn take_back(recording: &mut Recording, context: &Context, who: &Participant) -> Vec<Value> {
    let given: Vec<Answer> =
        recording.answers.iter().filter(|one| one.participant == who.id && one.agreed).cloned().collect();
    let language = given.last().map_or("en", |one| one.language.as_str()).to_owned();
    recording.answers.push(Answer {
        participant: who.id.clone(),
        name: who.name.clone(),
        role: who.role.to_owned(),
        agreed: false,
        by: given.last().map_or("self", |one| one.by.as_str()).to_owned(),
        version: text::VERSION.to_owned(),
        language,
        at: context.now,
        consent: None,
    });
    let performer = super::answer::performer(context, recording);
    given.iter().map(|one| consent(recording, one, &performer, "inactive")).collect()
}
