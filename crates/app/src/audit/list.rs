//! The audit as an administrator looks through it: newest first, narrowed, a page at a time. No name of a patient is in
//! it, and of a search not what was searched for: administrators read no clinical data. Looking is audited too.

use bianque_model::{Context, ResourceId, Timestamp};
use bianque_store::{AuditAction, AuditList, AuditPage, AuditPlace, AuditRow};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::names::{Names, TO_AN_ADMINISTRATOR, kind};
use crate::change::audit_row;
use crate::visits::access::{bounded, one_of};
use crate::{App, Error, emergency, instant, policy, smart};

/// Rows of one page.
const PAGE: usize = 50;
/// Stretches of the store that one page looks through: a tenth of a second.
const STRETCHES: usize = 10;
/// The letters of actions, as AuditEvent.action has them.
const ACTIONS: [(&str, AuditAction); 5] = [
    ("C", AuditAction::C),
    ("R", AuditAction::R),
    ("U", AuditAction::U),
    ("D", AuditAction::D),
    ("E", AuditAction::E),
];

/// What the list is narrowed by; what is missing narrows nothing.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// At or after this instant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Before this instant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Who did it, as a row names them: `Practitioner/…`, `User/…`, `Application/…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<String>,
    /// Whose data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patient: Option<ResourceId>,
    /// `C`, `R`, `U`, `D` or `E`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// The beginning of the operation: `visit.`, `hold.add`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// `done` or `refused`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// Only what was done in an emergency.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub emergency: bool,
}

/// One page; `before` is the `next` of the page before it. A page may be empty and have a `next`: so far was looked.
pub async fn list(
    app: &App,
    context: &Context,
    filter: &Filter,
    before: Option<&str>,
) -> Result<Value, Error> {
    policy::administrator(context)?;
    let mut list = filter.read()?;
    list.limit = PAGE;
    if let Some(before) = before {
        list.before = place(before)?;
    }
    let page = look_through(app, context, list).await?;
    let mut look = audit_row(context, AuditAction::R, "audit.list", filter.patient.as_ref(), "AuditEvent");
    look.detail = filter.text();
    app.store.audit_read(context.tenant, look).await?;
    let mut teller = Teller::new(app, context);
    let mut rows = Vec::with_capacity(page.rows.len());
    for (sequence, row) in page.rows {
        rows.push(teller.tell(sequence, row).await?);
    }
    let reached = page
        .reached
        .map(|(at, sequence)| json!({"before": format!("{}.{sequence}", at.0), "at": instant::text(at)}));
    Ok(json!({"rows": rows, "next": reached}))
}

/// A page, from as many stretches as it takes within reason.
async fn look_through(app: &App, context: &Context, mut list: AuditList) -> Result<AuditPage, Error> {
    let mut page = AuditPage::default();
    for _ in 0..STRETCHES {
        let next = app.store.audit_list(context.tenant, list.clone()).await?;
        page.rows.extend(next.rows);
        page.reached = next.reached;
        list.limit = PAGE.saturating_sub(page.rows.len());
        match next.reached {
            Some(before) if list.limit > 0 => list.before = before,
            _ => break,
        }
    }
    Ok(page)
}

impl Filter {
    /// The question to the store.
    pub(super) fn read(&self) -> Result<AuditList, Error> {
        let at = |text: &Option<String>, field| {
            let wrong = || Error::field("field.time", field, format!("{field} is not an instant"));
            text.as_deref().map(|text| instant::parse(text).ok_or_else(wrong)).transpose()
        };
        let text =
            |text: &Option<String>, field| text.as_deref().map(|text| bounded(field, text, 200)).transpose();
        let letter = |(letter, _): &&(&str, _)| self.action.as_deref() == Some(*letter);
        let action = ACTIONS.iter().find(letter).map(|(_, action)| *action);
        if let (Some(code), None) = (&self.action, action) {
            one_of("action", code, &ACTIONS.map(|(letter, _)| letter))?;
        }
        if let Some(outcome) = &self.outcome {
            one_of("outcome", outcome, &["done", "refused"])?;
        }
        Ok(AuditList {
            patient: self.patient.clone(),
            who: text(&self.who, "who")?,
            action,
            operation: text(&self.operation, "operation")?,
            success: self.outcome.as_deref().map(|outcome| outcome == "done"),
            emergency: self.emergency,
            from: at(&self.from, "from")?.unwrap_or(Timestamp(i64::MIN)),
            before: (at(&self.to, "to")?.unwrap_or(Timestamp(i64::MAX)), 0),
            limit: PAGE,
        })
    }

    /// As the audit keeps it: who looked for what. Who narrowed nothing looked for nothing.
    pub(super) fn text(&self) -> String {
        serde_json::to_string(self).ok().filter(|text| text != "{}").unwrap_or_default()
    }
}

fn place(text: &str) -> Result<AuditPlace, Error> {
    let read = || {
        let (at, sequence) = text.split_once('.')?;
        Some((Timestamp(at.parse().ok()?), sequence.parse().ok()?))
    };
    read().ok_or_else(|| Error::field("field.cursor", "before", "before is not the next of a page"))
}

/// Tells rows to an administrator.
pub(super) struct Teller {
    app: App,
    context: Context,
    names: Names,
}

impl Teller {
    pub(super) fn new(app: &App, context: &Context) -> Self {
        let names = Names::new(app, context, TO_AN_ADMINISTRATOR);
        Self { app: app.clone(), context: context.clone(), names }
    }

    /// A row with names beside its ids.
    pub(super) async fn tell(&mut self, sequence: u64, row: AuditRow) -> Result<Value, Error> {
        let (app, context) = (&self.app, &self.context);
        let row = without_findings(row);
        let (who, application) = bianque_store::parts_of(&row.agent);
        let name = match smart::name_of(app, context, who).await? {
            Some(name) => Some(name),
            None => self.names.of(who).await?,
        };
        let application = match application {
            Some(by) => json!({"agent": by, "name": smart::name_of(app, context, by).await?}),
            None => Value::Null,
        };
        Ok(json!({
            "sequence": sequence,
            "at": instant::text(row.at),
            "action": row.action,
            "operation": row.operation,
            "done": row.success,
            "who": {"agent": who, "kind": if who == "anonymous" { "nobody" } else { kind(who) }, "name": name},
            "application": application,
            "organization": self.names.of(&row.organization).await?,
            "purpose": row.purpose,
            "address": row.address,
            "request": row.request,
            "patients": row.patients,
            "entity": row.entity,
            "detail": row.detail,
            "reason": emergency::reason_of(app, context, &row).await?,
        }))
    }
}

/// A row without what a search was for: a code that somebody looked for beside a patient is a finding.
pub(super) fn without_findings(mut row: AuditRow) -> AuditRow {
    if row.operation == "fhir.search" {
        let names = row.detail.split('&').filter_map(|pair| pair.split('=').next());
        row.detail = names.collect::<Vec<_>>().join("&");
    }
    row
}
