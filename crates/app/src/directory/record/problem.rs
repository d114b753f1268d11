//! Note a problem, change it, resolve it (FHIR R4, Condition).

use bianque_model::{Context, ResourceId};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Code, Edit, Target, concept, date, hl7, set, state};
use crate::visits::access::one_of;
use crate::{App, Error, instant};

const CLINICAL: [&str; 7] = ["", "active", "recurrence", "relapse", "inactive", "remission", "resolved"];
const VERIFICATION: [&str; 7] =
    ["", "unconfirmed", "provisional", "differential", "confirmed", "refuted", "entered-in-error"];
/// States in which a problem is over, so that it may have an end.
const OVER: [&str; 3] = ["inactive", "remission", "resolved"];

/// A problem as a form has it. What is empty is not known.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Problem {
    /// Its words.
    pub text: String,
    /// Its code, where it has one.
    pub code: Option<Code>,
    /// `active`, `recurrence`, `relapse`, `inactive`, `remission`, `resolved`.
    pub clinical: String,
    /// `unconfirmed`, `provisional`, `differential`, `confirmed`, `refuted`, `entered-in-error`.
    pub verification: String,
    /// Since when: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    #[serde(default)]
    pub onset: String,
    /// Until when.
    #[serde(default)]
    pub abatement: String,
    /// What else there is to say.
    #[serde(default)]
    pub note: String,
}

/// Writes a problem.
pub async fn put(
    app: &App,
    context: &Context,
    patient: &ResourceId,
    target: Target,
    problem: Problem,
) -> Result<Value, Error> {
    let edit = Edit::begin(app, context, patient, "Condition", "record.problem").await?;
    let mut standing = edit.standing(&target).await?;
    one_of("clinical", &problem.clinical, &CLINICAL)?;
    one_of("verification", &problem.verification, &VERIFICATION)?;
    let resource = &mut standing.value;
    if matches!(target, Target::New) {
        resource["subject"] = edit.subject();
        resource["category"] = json!([hl7("condition-category", "problem-list-item")]);
        resource["recordedDate"] = json!(instant::text(context.now));
        resource["recorder"] = edit.author().await?;
    }
    let code = concept(&resource["code"], &problem.text, problem.code.as_ref())?;
    set(resource, "code", Some(code));
    // What was entered in error has no clinical state (FHIR R4, con-5).
    let in_error = problem.verification == "entered-in-error";
    state(
        resource,
        "clinicalStatus",
        "condition-clinical",
        if in_error { "" } else { problem.clinical.as_str() },
    );
    state(resource, "verificationStatus", "condition-ver-status", &problem.verification);
    moment(resource, "onset", date("onset", &problem.onset)?);
    let end = date("abatement", &problem.abatement)?;
    let over = !in_error && OVER.contains(&problem.clinical.as_str());
    if end.is_some() && !over && !in_error {
        let message = "a problem that has ended is inactive, in remission or resolved";
        return Err(Error::field("record.not-over", "abatement", message));
    }
    if over {
        moment(resource, "abatement", end);
    } else {
        // What goes on, and what never was, has no end, in whatever form one was told (con-4).
        forms_of("abatement").iter().for_each(|form| set(resource, form, None));
    }
    edit.note(resource, &problem.note).await?;
    edit.write(standing, Vec::new()).await
}

/// The members by which `onset[x]` and `abatement[x]` are told.
fn forms_of(name: &str) -> [String; 5] {
    ["DateTime", "Age", "Period", "Range", "String"].map(|kind| format!("{name}{kind}"))
}

/// Writes `onset[x]` or `abatement[x]` as a date. What another system told in another form stays while the form leaves
/// the date empty.
fn moment(resource: &mut Value, name: &str, date: Option<Value>) {
    let [dated, others @ ..] = forms_of(name);
    if date.is_none() && others.iter().any(|other| !resource[other].is_null()) {
        return;
    }
    if let (Some(date), Some(standing)) = (&date, resource[&dated].as_str())
        && date.as_str().is_some_and(|date| standing.starts_with(date))
        && standing.len() > 10
    {
        // The form shows the day of an instant; it is no other because of that.
        return;
    }
    others.iter().for_each(|other| set(resource, other, None));
    set(resource, &dated, date);
}
