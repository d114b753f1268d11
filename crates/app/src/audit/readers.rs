//! "Who read my record": what the audit says about a patient, for that patient.

use std::collections::HashMap;

use bianque_model::{Context, ResourceId};
use bianque_store::{AuditAction, AuditQuery, AuditRow};
use serde_json::{Value, json};

use crate::emergency;
use crate::people::display_name;
use crate::policy::Part;
use crate::visits::access::load_as;
use crate::{App, Error, instant, smart};

/// Rows of one page.
const PAGE: u32 = 50;

/// The newest accesses to the record of the patient of a visit, for that patient: when, who, from where, what.
/// `before` is the `next` of the page before.
pub async fn readers(
    app: &App,
    context: &Context,
    visit: &ResourceId,
    before: Option<u64>,
) -> Result<Value, Error> {
    let access = load_as(app, context, visit, &[Part::Patient]).await?;
    let patient = access.visit.value.patient.clone();
    app.audit_read(context, "audit.readers", &patient, &format!("Patient/{patient}")).await?;
    let query = AuditQuery { patient: Some(patient), before, limit: PAGE, ..AuditQuery::default() };
    let rows = app.store.audit(context.tenant, query).await?;
    let next = rows.last().map(|(sequence, _)| *sequence).filter(|_| rows.len() == PAGE as usize);
    let mut names = Names { app, context, known: HashMap::new() };
    let mut told = Vec::with_capacity(rows.len());
    for (_, row) in &rows {
        let (who, application) = bianque_store::parts_of(&row.agent);
        told.push(json!({
            "at": instant::text(row.at),
            "who": names.of(who).await?,
            "kind": kind(who),
            "application": smart::name_of(app, context, application.unwrap_or(who)).await?,
            "organization": names.of(&row.organization).await?,
            "what": what(row),
            "operation": row.operation,
            "purpose": row.purpose,
            "reason": emergency::reason_of(app, context, row).await?,
        }));
    }
    Ok(json!({"accesses": told, "next": next}))
}

/// What was done, for words in the patient's language.
const fn what(row: &AuditRow) -> &'static str {
    match row.action {
        AuditAction::R => "read",
        AuditAction::C | AuditAction::U => "changed",
        AuditAction::D => "deleted",
        AuditAction::E => "used",
    }
}

/// What kind of agent it was.
fn kind(agent: &str) -> &'static str {
    match agent.split_once('/') {
        Some(("Practitioner", _)) => "clinician",
        Some(("Patient", _)) => "patient",
        Some(("RelatedPerson", _)) => "proxy",
        Some(("User", _)) => "administrator",
        Some(("Token" | "Application", _)) => "program",
        _ => "server",
    }
}

/// Names of people and institutions, each looked up once.
struct Names<'a> {
    app: &'a App,
    context: &'a Context,
    known: HashMap<String, Option<String>>,
}

impl Names<'_> {
    /// The name behind `Practitioner/…` and the like; none where there is nobody with a name.
    async fn of(&mut self, reference: &str) -> Result<Option<String>, Error> {
        if let Some(known) = self.known.get(reference) {
            return Ok(known.clone());
        }
        let name = match reference.split_once('/') {
            Some((resource_type @ ("Practitioner" | "Organization" | "Patient" | "RelatedPerson"), id)) => {
                let id = id.parse().map_err(Error::internal)?;
                let found = self.app.store.resource(self.context.tenant, resource_type, &id).await?;
                let document = found.and_then(|stored| stored.document);
                let resource: Option<Value> = document
                    .map(|bytes| serde_json::from_slice(&bytes))
                    .transpose()
                    .map_err(Error::internal)?;
                resource.as_ref().map(display_name)
            }
            _ => None,
        };
        self.known.insert(reference.to_owned(), name.clone());
        Ok(name)
    }
}
