//! The last observations of each kind (FHIR R4, Observation `$lastn`).

use std::collections::HashMap;

use bianque_fhir::bundle::Searchset;
use bianque_fhir::{Issue, IssueCode, Search, Shape};
use bianque_model::Context;
use bianque_query::{Direction, Order, OrderKey, Query, Scope, fold};
use bianque_store::AuditAction;
use serde_json::Value;

use crate::change::audit_row;
use crate::policy::{self, Action};
use crate::records::asked::missing;
use crate::records::base;
use crate::records::outcome::refused;
use crate::records::prepare::malformed;
use crate::records::search::{Found, links, read_strictly, text};
use crate::{App, Error, ErrorKind};

const PATH: &str = "Observation/$lastn";
/// Observations of each kind that may be asked for.
const LARGEST_MAX: usize = 100;
/// Observations that are looked at, and of these at a time.
const LOOKED_AT: usize = 10_000;
const AT_A_TIME: u32 = 500;
/// Observations of one answer.
const ANSWERED: usize = 1_000;
/// Parameters by which a patient is named.
const WHOSE: [&str; 4] = ["patient", "subject", "patient:Patient", "subject:Patient"];
/// Parameters about an answer that is sorted, cut and put together otherwise here.
const OTHER: [&str; 9] = [
    "_sort",
    "_count",
    "_cursor",
    "_total",
    "_totalMethod",
    "_summary",
    "_elements",
    "_include",
    "_revinclude",
];

/// A searchset Bundle with the `max` newest observations of each code that match, by their effective date. Audited before
/// it is answered.
pub async fn last_n(app: &App, context: &Context, pairs: &[(String, String)]) -> Result<Vec<u8>, Error> {
    let scope = policy::records(context, "Observation", Action::Search)?;
    let (max, pairs) = max_of(pairs)?;
    if !pairs.iter().any(|(name, _)| WHOSE.contains(&name.as_str())) {
        return Err(missing("patient or subject"));
    }
    let mut search = read_strictly(app, context, "Observation", &pairs).await?;
    search.understood.insert(0, ("max".to_owned(), max.to_string()));
    let found = newest(app, context, &search, scope, max).await?;
    let mut row = audit_row(context, AuditAction::R, "fhir.lastn", None, PATH);
    row.patients = found.iter().flat_map(|found| bianque_fhir::patients(&found.resource)).collect();
    row.patients.sort();
    row.patients.dedup();
    row.detail = text(app, &search);
    app.store.audit_read(context.tenant, row).await?;
    let base = base(app, context.tenant);
    let (own_link, _) = links(&base, PATH, &search, &Shape::Whole, None);
    let total = u64::try_from(found.len()).ok();
    let set = Searchset { base: &base, own_link, next_link: None, total, notes: &[] };
    Ok(set.bundle(context.now, found.iter().map(Found::version), std::iter::empty()))
}

/// How many of each kind, and what is left of the parameters.
fn max_of(pairs: &[(String, String)]) -> Result<(usize, Vec<(String, String)>), Error> {
    let (max, rest): (Vec<_>, Vec<_>) = pairs.iter().cloned().partition(|(name, _)| name == "max");
    let bare = |name: &str| name.split(':').next().unwrap_or_default().to_owned();
    if let Some((name, _)) = rest.iter().find(|(name, _)| OTHER.contains(&bare(name).as_str())) {
        let message = format!("{} is not taken: the newest come, at most max of each code", bare(name));
        let issue = Issue::error(IssueCode::NotSupported, message);
        return Err(refused(ErrorKind::Malformed, "fhir.parameter", &[issue]));
    }
    let max = match max.as_slice() {
        [] => Some(1),
        [(_, text)] => text.parse().ok().filter(|max| (1..=LARGEST_MAX).contains(max)),
        _ => None,
    };
    let wrong = || Issue::error(IssueCode::Invalid, format!("max is a number from 1 to {LARGEST_MAX}"));
    Ok((max.ok_or_else(|| malformed(wrong()))?, rest))
}

/// The newest of each kind; kinds by their newest, within a kind the newest first.
async fn newest(
    app: &App,
    context: &Context,
    search: &Search,
    scope: Scope,
    max: usize,
) -> Result<Vec<Found>, Error> {
    let order = vec![Order { key: OrderKey::Param("date".to_owned()), direction: Direction::Descending }];
    let mut query = Query { order, limit: AT_A_TIME, ..search.query(scope) };
    let (mut kinds, mut looked_at, mut kept) = (Kinds::default(), 0, 0);
    loop {
        let page = app.store.search(context.tenant, query.clone()).await?;
        looked_at += page.rows.len();
        for found in Found::all(page.rows)? {
            kept += usize::from(kinds.take(found, max));
        }
        query.after = page.next;
        let more = query.after.is_some();
        if kept > ANSWERED || (more && looked_at >= LOOKED_AT) {
            return Err(too_many());
        }
        if !more {
            return Ok(kinds.of.into_iter().flatten().collect());
        }
    }
}

/// Observations by what they are of. Codes that stand together in one observation are of one kind.
#[derive(Default)]
struct Kinds {
    of: Vec<Vec<Found>>,
    places: HashMap<String, usize>,
}

impl Kinds {
    /// Keeps an observation unless there are enough of its kind; whether it did.
    fn take(&mut self, found: Found, max: usize) -> bool {
        let keys = keys(&found.resource["code"]);
        let known = keys.iter().find_map(|key| self.places.get(key).copied());
        let place = known.unwrap_or(self.of.len());
        if place == self.of.len() {
            self.of.push(Vec::new());
        }
        for key in keys {
            self.places.entry(key).or_insert(place);
        }
        let is_wanted = self.of[place].len() < max;
        if is_wanted {
            self.of[place].push(found);
        }
        is_wanted
    }
}

/// What a concept is known by: its codes, or, without one, its text.
fn keys(concept: &Value) -> Vec<String> {
    let codings = concept["coding"].as_array().into_iter().flatten();
    let of_coding = |coding: &Value| {
        Some(format!("{}|{}", coding["system"].as_str().unwrap_or_default(), coding["code"].as_str()?))
    };
    let keys: Vec<String> = codings.filter_map(of_coding).collect();
    if !keys.is_empty() {
        return keys;
    }
    vec![format!("text {}", fold(concept["text"].as_str().unwrap_or_default()))]
}

fn too_many() -> Error {
    let message = format!(
        "more than {ANSWERED} observations would be answered, or more than {LOOKED_AT} looked at: ask with category, code or date"
    );
    refused(ErrorKind::Malformed, "fhir.search", &[Issue::error(IssueCode::TooCostly, message)])
}
