//! Search the audit: by patient and by time, newest first.

use bianque_fhir::bundle::Searchset;
use bianque_fhir::{Issue, IssueCode, Search, Shape, Total};
use bianque_model::Context;
use bianque_query::{Direction, Predicate, Test};
use bianque_store::{AuditAction, AuditQuery};

use super::audit_event::Event;
use super::outcome::refused;
use super::search::{links, text};
use super::{READ_ONLY, base};
use crate::change::audit_row;
use crate::{App, Error, ErrorKind};

/// What the audit is searched by, beside `_lastUpdated`.
pub(super) const PARAMS: [&str; 3] = ["date", "entity", "patient"];

/// The searchset of audit events. Looking at the audit is audited too.
pub(super) async fn search(app: &App, context: &Context, search: &Search) -> Result<Vec<u8>, Error> {
    let query = query(search)?;
    let limit = query.limit as usize;
    let mut look = audit_row(context, AuditAction::R, "fhir.search", query.patient.as_ref(), "AuditEvent");
    look.detail = text(app, search);
    let rows = app.store.audit(context.tenant, query).await?;
    app.store.audit_read(context.tenant, look).await?;
    let next = rows.last().map(|(sequence, _)| sequence.to_string()).filter(|_| rows.len() == limit);
    let events: Vec<Event> = rows.iter().map(|(sequence, row)| Event::of(*sequence, row)).collect();
    let base = base(app, context.tenant);
    let (own_link, next_link) = links(&base, READ_ONLY, search, &Shape::Whole, next);
    let set = Searchset { base: &base, own_link, next_link, total: None, notes: &search.ignored };
    Ok(set.bundle(context.now, events.iter().map(Event::version), std::iter::empty()))
}

fn query(search: &Search) -> Result<AuditQuery, Error> {
    let mut query = AuditQuery { limit: search.count.max(1), ..AuditQuery::default() };
    if search.total == Total::Accurate
        || !search.includes.is_empty()
        || search.order.iter().any(|order| order.direction == Direction::Ascending)
    {
        return Err(unsupported());
    }
    if let Some(cursor) = &search.after {
        query.before = Some(cursor.0.parse().map_err(|_| unsupported())?);
    }
    narrow(&search.filter, &mut query)?;
    Ok(query)
}

fn narrow(filter: &Predicate, query: &mut AuditQuery) -> Result<(), Error> {
    match filter {
        Predicate::And(all) => all.iter().try_for_each(|one| narrow(one, query)),
        Predicate::Or(any) if any.len() == 1 => narrow(&any[0], query),
        Predicate::Param { param, test: Test::Refers(patient) }
            if matches!(param.as_str(), "patient" | "entity") && patient.resource_type == "Patient" =>
        {
            if query.patient.replace(patient.id.clone()).is_some() {
                return Err(unsupported());
            }
            Ok(())
        }
        Predicate::Param { param, test } if param == "date" => between(test, query),
        Predicate::LastUpdated(test) => between(test, query),
        _ => Err(unsupported()),
    }
}

/// An event is an instant, so every test of a date is a bound or two.
fn between(test: &Test, query: &mut AuditQuery) -> Result<(), Error> {
    let (from, to) = match test {
        Test::DateWithin(range) | Test::DateOverlaps(range) => (Some(range.low), Some(range.high)),
        Test::DateAfter(at) | Test::DateStartsAtOrAfter(at) => (Some(*at), None),
        Test::DateBefore(at) | Test::DateEndsBefore(at) => (None, Some(*at)),
        _ => return Err(unsupported()),
    };
    query.from = query.from.max(from);
    query.to = match (query.to, to) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    };
    Ok(())
}

fn unsupported() -> Error {
    let message =
        "the audit is searched by one patient, by date and by _lastUpdated, newest first, without a total";
    refused(ErrorKind::Malformed, "fhir.search", &[Issue::error(IssueCode::NotSupported, message)])
}
