//! What happened among the people of a visit, line by line, kept with it.

use bianque_model::{Context, ResourceId, Timestamp};
use bianque_store::StateKey;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::aggregate::{Aggregate, Loaded, shared};
use crate::policy::Part;
use crate::visits::access::{Access, load_as};
use crate::{App, Change, Error, instant};

/// Lines of one visit that are read back.
const MOST: u32 = 1_000;

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Deed {
    /// A link was made for a guest.
    Invited,
    /// An invitation was taken back.
    TakenBack,
    /// A guest asks to be let in.
    Waits,
    /// A guest was let in.
    Admitted,
    /// A guest was not let in.
    TurnedAway,
    /// A guest's part was ended.
    Removed,
    /// A guest left by themselves.
    Left,
    /// The patient said yes to an observer.
    Allowed,
    /// The patient said no, or no longer.
    Refused,
    /// Somebody is not heard any more.
    Muted,
    /// Somebody who is not heard was asked to speak.
    Asked,
    /// Somebody is heard again.
    Unmuted,
    /// Nobody new comes in.
    Locked,
    /// New people come in again.
    Unlocked,
    /// Somebody chose what they hear.
    Hears,
}

impl Deed {
    /// As the audit names it.
    pub(in crate::visits) const fn operation(self) -> &'static str {
        match self {
            Self::Invited => "guest.invite",
            Self::TakenBack => "guest.take-back",
            Self::Waits => "guest.knock",
            Self::Admitted => "guest.admit",
            Self::TurnedAway => "guest.turn-away",
            Self::Removed => "guest.remove",
            Self::Left => "guest.leave",
            Self::Allowed => "guest.allow",
            Self::Refused => "guest.refuse",
            Self::Muted => "person.mute",
            Self::Asked => "person.ask",
            Self::Unmuted => "person.unmute",
            Self::Locked => "visit.lock",
            Self::Unlocked => "visit.unlock",
            Self::Hears => "person.hears",
        }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Line {
    id: ResourceId,
    visit: ResourceId,
    at: Timestamp,
    deed: Deed,
    /// Of whom.
    person: String,
    name: String,
    /// As whom it was done: `clinician`, `patient`, `guest`, `consultant`.
    by: String,
    /// Of [`Deed::Hears`], the language; none: the original.
    #[serde(default)]
    language: Option<String>,
}

impl Aggregate for Line {
    const KIND: &'static str = "people-log";
    const ABOUT_PATIENT: bool = true;

    fn id(&self) -> String {
        format!("{}|{}", self.visit, self.id)
    }

    fn keys(&self) -> Vec<StateKey> {
        vec![shared("visit", self.visit.as_str())]
    }
}

/// Adds a line to the log within `change`.
pub(in crate::visits) fn note(
    change: &mut Change<'_>,
    context: &Context,
    access: &Access,
    deed: Deed,
    person: impl std::fmt::Display,
    name: &str,
) -> Result<(), Error> {
    change.save(&line(context, access, deed, person, name))
}

/// The same of who chose what they hear.
pub(super) fn note_hears(
    change: &mut Change<'_>,
    context: &Context,
    access: &Access,
    (person, name): (&str, &str),
    language: Option<String>,
) -> Result<(), Error> {
    change.save(&Line { language, ..line(context, access, Deed::Hears, person, name) })
}

fn line(context: &Context, access: &Access, deed: Deed, person: impl std::fmt::Display, name: &str) -> Line {
    let by = match access.part {
        Part::Clinician => "clinician",
        Part::Patient => "patient",
        Part::Consultant => "consultant",
        Part::Guest => "guest",
        Part::Desk | Part::Supervisor => "other",
    };
    Line {
        id: Uuid::now_v7().into(),
        visit: access.visit.value.id.clone(),
        at: context.now,
        deed,
        person: person.to_string(),
        name: name.to_owned(),
        by: by.to_owned(),
        language: None,
    }
}

/// The log of a visit, oldest first.
pub async fn read(app: &App, context: &Context, visit: &ResourceId) -> Result<Value, Error> {
    let access = load_as(app, context, visit, &[Part::Clinician]).await?;
    app.audit_read(context, "visit.people", &access.visit.value.patient, &access.entity()).await?;
    Ok(json!({"log": of_visit(app, context, visit).await?}))
}

/// The lines for a reader who is authorised and audited already.
pub async fn of_visit(app: &App, context: &Context, visit: &ResourceId) -> Result<Vec<Value>, Error> {
    let key = visit.as_str();
    let mut lines = app.list::<Line>(context.tenant, "visit", key..=key, MOST).await?;
    lines.sort_by(|a, b| (a.value.at, &a.value.id).cmp(&(b.value.at, &b.value.id)));
    let shown = |Loaded { value, .. }: Loaded<Line>| {
        json!({
            "at": instant::text(value.at),
            "what": value.deed,
            "person": value.person,
            "name": value.name,
            "by": value.by,
            "language": value.language,
        })
    };
    Ok(lines.into_iter().map(shown).collect())
}
