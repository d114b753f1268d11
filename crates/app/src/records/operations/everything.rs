//! A whole record (FHIR R4, Patient `$everything` and Encounter `$everything`): what lies in the compartment, page by
//! page, and with each page what it refers to outside of it.
//!
//! Types come one after another and within a type by id, so that a page costs no more than its rows.

use std::collections::{BTreeMap, BTreeSet};

use bianque_fhir::bundle::Searchset;
use bianque_fhir::{Issue, IssueCode, compartment_members, date_range, local_references, patients};
use bianque_model::{Context, ResourceId, Timestamp};
use bianque_query::{Compartment, Cursor, Page, Predicate, Query, Test};
use bianque_store::{AuditAction, StoredResource};

use super::care_date::care_date;
use crate::change::audit_row;
use crate::policy::{self, Action};
use crate::records::asked::Asked;
use crate::records::outcome::refused;
use crate::records::prepare::malformed;
use crate::records::read::standing;
use crate::records::search::{Found, encode};
use crate::records::{READ_ONLY, base, served, visible};
use crate::{App, Error, ErrorKind};

/// Resources of a page when nothing is said, and at most.
const PAGE: u32 = 50;
const LARGEST_PAGE: u32 = 500;
/// Resources that may come along with one page.
const INCLUDED: usize = 1_000;
/// References of one page that are looked at, most of which are to what is in the record itself: one Provenance may name
/// all of it.
const REFERRED: usize = 20_000;
/// References that are looked at together.
const AT_ONCE: usize = 500;

/// Whose record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whole {
    /// All that is about a patient.
    Patient,
    /// All that belongs to an encounter.
    Encounter,
}

impl Whole {
    /// The type of the resource, and of its compartment.
    const fn kind(self) -> &'static str {
        match self {
            Self::Patient => "Patient",
            Self::Encounter => "Encounter",
        }
    }

    /// The parameters that are taken.
    pub(in crate::records) const fn names(self) -> &'static [&'static str] {
        match self {
            Self::Patient => &["_since", "_type", "_count", "_cursor", "start", "end"],
            Self::Encounter => &["_since", "_type", "_count", "_cursor"],
        }
    }
}

/// A searchset Bundle: matches are what lies in the compartment, includes what they refer to. Audited with everybody it
/// shows before it is answered.
pub async fn everything(
    app: &App,
    context: &Context,
    whole: Whole,
    id: &ResourceId,
    asked: &Asked,
) -> Result<Vec<u8>, Error> {
    let kind = whole.kind();
    let scope = policy::records(context, kind, Action::Read)?;
    asked.only(whole.names())?;
    let wanted = Wanted::read(asked)?;
    let root = visible::current(app, context, scope, kind, id).await?;
    standing(&root)?;
    let root = Found::all(vec![root])?;
    let within = Compartment { kind: kind.to_owned(), id: id.clone() };
    let queries = queries(context, &within, &wanted)?;
    let page = app.store.search_types(context.tenant, queries).await?;
    let next = page.next.clone();
    let complete = wanted.after.is_none() && next.is_none();
    let total = u64::try_from(page.rows.len()).ok().filter(|_| complete);
    let (matches, mut about) = read(page, &root)?;
    if whole == Whole::Patient {
        about.extend(app.same_patient(context.tenant, id).await?.all);
    }
    let included = outside(app, context, &within, &about, &matches).await?;
    audit(app, context, &format!("{kind}/{id}"), root.iter().chain(&matches).chain(&included)).await?;
    let base = base(app, context.tenant);
    let own_link = format!("{base}/{kind}/{id}/$everything?{}", wanted.written());
    let next_link = next.map(|cursor| format!("{own_link}&_cursor={}", encode(&cursor.0)));
    let set = Searchset { base: &base, own_link, next_link, total, notes: &[] };
    Ok(set.bundle(context.now, matches.iter().map(Found::version), included.iter().map(Found::version)))
}

/// What of the record is wanted.
struct Wanted {
    since: Option<Timestamp>,
    start: Option<Timestamp>,
    end: Option<Timestamp>,
    types: BTreeSet<&'static str>,
    count: u32,
    after: Option<Cursor>,
    /// As it stands in a URL.
    said: Vec<(&'static str, String)>,
}

impl Wanted {
    fn read(asked: &Asked) -> Result<Self, Error> {
        let mut said = Vec::new();
        let mut date = |name: &'static str| -> Result<_, Error> {
            let Some(text) = asked.text(name) else { return Ok(None) };
            // A `+` that was not encoded arrives as a blank.
            let range = date_range(&text.replace(' ', "+"));
            let range = range.ok_or_else(|| wrong(&format!("{name} must be a date or an instant")))?;
            said.push((name, text));
            Ok(Some(range))
        };
        let (since, start, end) = (date("_since")?, date("start")?, date("end")?);
        let mut types = BTreeSet::new();
        for text in asked.texts("_type") {
            for name in text.split(',').map(str::trim).filter(|name| !name.is_empty()) {
                types.insert(served(name)?);
            }
        }
        if !types.is_empty() {
            said.push(("_type", types.iter().copied().collect::<Vec<_>>().join(",")));
        }
        let count = asked.number("_count")?.map_or(PAGE, |count| u32::try_from(count).unwrap_or(u32::MAX));
        let count = count.clamp(1, LARGEST_PAGE);
        said.push(("_count", count.to_string()));
        Ok(Self {
            since: since.map(|range| range.low),
            start: start.map(|range| range.low),
            end: end.map(|range| range.high),
            types,
            count,
            after: asked.text("_cursor").map(Cursor),
            said,
        })
    }

    fn written(&self) -> String {
        let pairs = self.said.iter().map(|(name, value)| format!("{name}={}", encode(value)));
        pairs.collect::<Vec<_>>().join("&")
    }

    /// What must hold of resources of a type. What has no date of care is of no time, and always comes.
    fn filter(&self, resource_type: &str, within: &Compartment) -> Predicate {
        let mut all = vec![Predicate::In(within.clone())];
        all.extend(self.since.map(|since| Predicate::LastUpdated(Test::DateStartsAtOrAfter(since))));
        if let Some(param) = care_date(resource_type) {
            let test = |test: Test| Predicate::Param { param: param.to_owned(), test };
            let bounds = self.start.map(Test::DateAfter).into_iter().chain(self.end.map(Test::DateBefore));
            let bounds: Vec<Predicate> = bounds.map(test).collect();
            if !bounds.is_empty() {
                let undated = Predicate::Missing { param: param.to_owned(), missing: true };
                all.push(Predicate::Or(vec![undated, Predicate::And(bounds)]));
            }
        }
        Predicate::And(all)
    }
}

/// A search for each type of the compartment that is wanted and that the asker may search.
fn queries(context: &Context, within: &Compartment, wanted: &Wanted) -> Result<Vec<Query>, Error> {
    let mut queries = Vec::new();
    let members = compartment_members(&within.kind);
    for resource_type in members.into_iter().filter(|name| *name != READ_ONLY) {
        if !wanted.types.is_empty() && !wanted.types.contains(resource_type) {
            continue;
        }
        let scope = match policy::records(context, resource_type, Action::Search) {
            Ok(scope) => scope,
            // Of all types, those come that the asker may search.
            Err(_) if wanted.types.is_empty() => continue,
            Err(error) => return Err(error),
        };
        queries.push(Query {
            resource_type: resource_type.to_owned(),
            filter: wanted.filter(resource_type, within),
            scope,
            order: Vec::new(),
            after: wanted.after.clone(),
            limit: wanted.count,
        });
    }
    Ok(queries)
}

/// The matches of a page, and the patients whom the whole record is about.
fn read(page: Page<StoredResource>, root: &[Found]) -> Result<(Vec<Found>, BTreeSet<ResourceId>), Error> {
    let about = root.iter().flat_map(|found| patients(&found.resource)).collect();
    Ok((Found::all(page.rows)?, about))
}

/// What the matches refer to outside of the compartment, one link far, as far as the asker may see it. What is about
/// somebody else is their record, and stays there.
async fn outside(
    app: &App,
    context: &Context,
    within: &Compartment,
    about: &BTreeSet<ResourceId>,
    matches: &[Found],
) -> Result<Vec<Found>, Error> {
    let mut wanted: BTreeMap<String, BTreeSet<ResourceId>> = BTreeMap::new();
    for reference in matches.iter().flat_map(|found| local_references(&found.resource)) {
        wanted.entry(reference.resource_type).or_default().insert(reference.id);
    }
    if wanted.values().map(BTreeSet::len).sum::<usize>() > REFERRED {
        return Err(too_many());
    }
    let mut found = Vec::new();
    for (resource_type, ids) in wanted {
        if resource_type == READ_ONLY {
            continue;
        }
        // What somebody may not see at all does not come with what they may.
        let Ok(scope) = policy::records(context, &resource_type, Action::Search) else { continue };
        let ids: Vec<ResourceId> = ids.into_iter().collect();
        for some in ids.chunks(AT_ONCE) {
            let limit = u32::try_from(some.len()).unwrap_or(u32::MAX);
            let elsewhere = Predicate::Not(Box::new(Predicate::In(within.clone())));
            let filter = Predicate::And(vec![Predicate::Ids(some.to_vec()), elsewhere]);
            let (resource_type, scope) = (resource_type.clone(), scope.clone());
            let query = Query { resource_type, filter, scope, order: Vec::new(), after: None, limit };
            let rows = app.store.search(context.tenant, query).await?.rows;
            found.extend(Found::all(rows)?.into_iter().filter(|found| {
                let theirs = patients(&found.resource);
                theirs.is_empty() || theirs.iter().any(|patient| about.contains(patient))
            }));
            if found.len() > INCLUDED {
                return Err(too_many());
            }
        }
    }
    Ok(found)
}

async fn audit(
    app: &App,
    context: &Context,
    entity: &str,
    shown: impl Iterator<Item = &Found>,
) -> Result<(), Error> {
    let mut row = audit_row(context, AuditAction::R, "fhir.everything", None, entity);
    row.patients = shown.flat_map(|found| patients(&found.resource)).collect();
    row.patients.sort();
    row.patients.dedup();
    Ok(app.store.audit_read(context.tenant, row).await?)
}

fn wrong(message: &str) -> Error {
    malformed(Issue::error(IssueCode::Invalid, message))
}

fn too_many() -> Error {
    let message = format!("one page refers to more than {INCLUDED} resources: ask for fewer with _count");
    refused(ErrorKind::Malformed, "fhir.search", &[Issue::error(IssueCode::TooCostly, message)])
}
