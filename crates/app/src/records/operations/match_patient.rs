//! Who may be the patient that somebody describes (FHIR R4, Patient `$match`).

use std::collections::BTreeMap;

use bianque_fhir::bundle::{Scored, scored};
use bianque_fhir::date_range;
use bianque_model::{Context, ResourceId};
use bianque_query::{Predicate, Query, Scope, Test};
use bianque_store::AuditAction;
use serde_json::Value;

use super::likeness::{Description, Likeness};
use crate::change::audit_row;
use crate::policy::{self, Action};
use crate::records::asked::{Asked, missing};
use crate::records::search::{Found, searched};
use crate::records::{base, identity};
use crate::{App, Error};

/// Patients that are looked at.
const CANDIDATES: usize = 100;
/// Patients that are answered when nothing is said.
const ANSWERED: usize = 20;

/// A searchset Bundle of who fits, the best first, each with a score and a grade. Audited with everybody it shows before it
/// is answered.
pub async fn match_patient(app: &App, context: &Context, asked: &Asked) -> Result<Vec<u8>, Error> {
    let scope = policy::records(context, "Patient", Action::Search)?;
    asked.only(&["resource", "onlyCertainMatches", "count"])?;
    let wanted = asked.resource("resource", "Patient")?.ok_or_else(|| missing("resource"))?;
    let only_certain = asked.flag("onlyCertainMatches")?;
    let count = asked.number("count")?.unwrap_or(ANSWERED).min(CANDIDATES);
    let description = Description::of(wanted);
    let mut found: Vec<(Likeness, Found)> = candidates(app, context, wanted, &description, &scope)
        .await?
        .into_values()
        .filter_map(|found| Some((description.likeness(&found.resource)?, found)))
        .filter(|(likeness, _)| !only_certain || likeness.is_certain())
        .collect();
    // A certain match is one; where two are certain, none is.
    if only_certain && found.len() > 1 {
        found.clear();
    }
    found.sort_by(|(one, a), (other, b)| {
        other.hundredths.cmp(&one.hundredths).then_with(|| a.stored.id.as_str().cmp(b.stored.id.as_str()))
    });
    found.truncate(count);
    audit(app, context, wanted, &description, &found).await?;
    let entries = found.iter().map(|(likeness, found)| Scored {
        version: found.version(),
        score: likeness.score(),
        grade: likeness.grade(),
    });
    Ok(scored(&base(app, context.tenant), context.now, entries))
}

/// Who could be meant: by identifiers, then telephone and e-mail, then name and birth date, then the name alone, until
/// there are enough.
pub(crate) async fn candidates(
    app: &App,
    context: &Context,
    wanted: &Value,
    description: &Description,
    scope: &Scope,
) -> Result<BTreeMap<ResourceId, Found>, Error> {
    let mut found = BTreeMap::new();
    for filter in ways(wanted, description) {
        let left = CANDIDATES - found.len();
        if left == 0 {
            break;
        }
        let known: Vec<ResourceId> = found.keys().cloned().collect();
        let new = Predicate::Not(Box::new(Predicate::Ids(known)));
        let query = Query {
            resource_type: "Patient".to_owned(),
            filter: Predicate::And(vec![filter, new]),
            scope: scope.clone(),
            order: Vec::new(),
            after: None,
            limit: u32::try_from(left).unwrap_or(u32::MAX),
        };
        let rows = app.store.search(context.tenant, query).await?.rows;
        found.extend(Found::all(rows)?.into_iter().map(|found| (found.stored.id.clone(), found)));
    }
    Ok(found)
}

/// The conditions that candidates are looked for with, the strongest first.
fn ways(wanted: &Value, description: &Description) -> Vec<Predicate> {
    let param = |param: &str, test: Test| Predicate::Param { param: param.to_owned(), test };
    let token = |system: Option<String>, code: String| Test::Token { system, code: Some(code) };
    let identifiers: Vec<Predicate> = identity::authorities(wanted)
        .into_iter()
        .map(|(system, value)| param("identifier", token(Some(system), value)))
        .collect();
    let reached: Vec<Predicate> =
        description.contacts().map(|(kind, value)| param(kind, token(None, value))).collect();
    let names: Vec<Predicate> =
        description.names().map(|name| param("name", Test::StartsWith(name.to_owned()))).collect();
    let born = description.birth_date().and_then(date_range);
    let mut ways = vec![Predicate::Or(identifiers), Predicate::Or(reached)];
    if let Some(born) = born {
        let born = param("birthdate", Test::DateWithin(born));
        ways.push(Predicate::And(vec![born, Predicate::Or(names.clone())]));
    }
    ways.push(Predicate::Or(names));
    ways.retain(|way| *way != Predicate::Or(Vec::new()));
    ways
}

async fn audit(
    app: &App,
    context: &Context,
    wanted: &Value,
    description: &Description,
    found: &[(Likeness, Found)],
) -> Result<(), Error> {
    let mut row = audit_row(context, AuditAction::R, "fhir.match", None, "Patient/$match");
    row.patients = found.iter().map(|(_, found)| found.stored.id.clone()).collect();
    row.patients.sort();
    // What a person is known by is kept as keyed hashes, as of searches.
    let identifiers = identity::authorities(wanted).into_iter();
    let identifiers = identifiers.map(|(_, value)| format!("identifier={}", searched(app, &value)));
    let names = description.names().map(|name| format!("name={}", searched(app, name)));
    row.detail = identifiers.chain(names).take(8).collect::<Vec<_>>().join("&");
    Ok(app.store.audit_read(context.tenant, row).await?)
}
