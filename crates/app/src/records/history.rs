//! Versions, newest first: of a resource, of a type, of everything (FHIR R4, RESTful API 3.1.0.12).

use bianque_fhir::bundle::{History, Version};
use bianque_fhir::date_range;
use bianque_model::{Context, ResourceId, Timestamp};
use bianque_query::{DateRange, Scope};
use bianque_store::{AuditAction, HistoryQuery, StoredResource};
use serde_json::Value;

use super::search::encoded;
use super::{READ_ONLY, audited, base, read, served, visible};
use crate::change::audit_row;
use crate::policy::{self, Action};
use crate::{App, Error, ErrorKind};

/// Versions of a page when nothing is said, and at most.
const PAGE: u32 = 50;
const LARGEST_PAGE: u32 = 500;

/// Whose versions.
#[derive(Debug, Clone, Copy)]
pub enum Whose<'a> {
    /// Those of a resource.
    Resource(&'a str, &'a ResourceId),
    /// Those of all resources of a type.
    Type(&'a str),
    /// All that there are.
    Everything,
}

/// Which versions.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// At most this many.
    pub count: Option<u32>,
    /// Only versions before this place, from the page before.
    pub before: Option<u64>,
    /// Only versions written at this instant or later.
    pub since: Option<Timestamp>,
    /// Only versions that were current at some instant of these.
    pub at: Option<DateRange>,
    /// The pairs it was read from, for the link of the next page.
    written: String,
}

impl Wanted {
    /// Reads the pairs of a URL.
    pub fn read(pairs: &[(String, String)]) -> Result<Self, Error> {
        let mut wanted = Self::default();
        for (name, value) in pairs {
            let refuse = || {
                let message = format!("{name} cannot be taken with this value");
                Error::new(ErrorKind::Malformed, "fhir.parameter", message)
            };
            // A `+` that was not encoded arrives as a blank.
            let range = || date_range(&value.replace(' ', "+")).ok_or_else(refuse);
            if matches!(name.as_str(), "_since" | "_at") {
                wanted.written.push('&');
                wanted.written.push_str(&encoded(name, value));
            }
            match name.as_str() {
                "_count" => wanted.count = Some(value.parse().map_err(|_| refuse())?),
                "_cursor" => wanted.before = Some(value.parse().map_err(|_| refuse())?),
                "_since" => wanted.since = Some(range()?.low),
                "_at" => wanted.at = Some(range()?),
                "_format" | "_pretty" => {}
                _ => {
                    let message = "a history takes _since, _at, _count, _cursor and _format";
                    return Err(Error::new(ErrorKind::Malformed, "fhir.parameter", message));
                }
            }
        }
        Ok(wanted)
    }

    /// All of a resource's versions are counted, from one without a gap.
    fn is_everything(&self) -> bool {
        self.since.is_none() && self.at.is_none()
    }
}

/// The history Bundle, audited before it is answered.
pub async fn history(
    app: &App,
    context: &Context,
    whose: Whose<'_>,
    wanted: Wanted,
) -> Result<Vec<u8>, Error> {
    let limit = wanted.count.unwrap_or(PAGE).clamp(1, LARGEST_PAGE);
    let (since, at, before) = (wanted.since, wanted.at, wanted.before);
    let mut query =
        HistoryQuery { resource_type: None, id: None, scope: Scope::All, since, at, before, limit };
    let (mut path, mut total) = (String::new(), None);
    match whose {
        Whose::Resource(resource_type, id) => {
            let scope = readable(context, resource_type)?;
            let current = visible::current(app, context, scope, resource_type, id).await?;
            read::audit(app, context, "fhir.history", &current).await?;
            total = Some(current.version).filter(|_| wanted.is_everything());
            path = format!("/{resource_type}/{id}");
            (query.resource_type, query.id) = (Some(resource_type.to_owned()), Some(id.clone()));
        }
        Whose::Type(resource_type) => {
            query.scope = readable(context, resource_type)?;
            query.resource_type = Some(resource_type.to_owned());
            path = format!("/{resource_type}");
        }
        Whose::Everything => policy::everything(context, Action::Read)?,
    }
    let rows = app.store.history(context.tenant, query).await?;
    if !matches!(whose, Whose::Resource(..)) {
        audit(app, context, path.trim_start_matches('/'), &rows).await?;
    }
    let base = base(app, context.tenant);
    let own_link = format!("{base}{path}/_history?_count={limit}{}", wanted.written);
    let last = rows.last().filter(|_| rows.len() == limit as usize);
    let next_link = last.map(|(place, _)| format!("{own_link}&_cursor={place}"));
    let answer = History { base: &base, own_link, next_link, total };
    Ok(answer.bundle(context.now, rows.iter().map(|(_, stored)| version(stored))))
}

/// The scope of a type whose history may be read.
fn readable(context: &Context, resource_type: &str) -> Result<Scope, Error> {
    let scope = policy::records(context, served(resource_type)?, Action::Read)?;
    if resource_type == READ_ONLY { Err(Error::not_found()) } else { Ok(scope) }
}

/// One row for the whole answer, with the patients whose versions it shows.
async fn audit(
    app: &App,
    context: &Context,
    entity: &str,
    rows: &[(u64, StoredResource)],
) -> Result<(), Error> {
    let mut row = audit_row(context, AuditAction::R, "fhir.history", None, entity);
    for document in rows.iter().filter_map(|(_, stored)| stored.document.as_deref()) {
        let resource: Value = serde_json::from_slice(document).map_err(Error::internal)?;
        row.patients.extend(bianque_fhir::patients(&resource));
    }
    row.patients.sort();
    row.patients.dedup();
    if !entity.is_empty() && !audited(entity) && row.patients.is_empty() {
        return Ok(());
    }
    Ok(app.store.audit_read(context.tenant, row).await?)
}

/// A stored version as it goes into a Bundle.
pub(super) fn version(stored: &StoredResource) -> Version<'_> {
    Version {
        resource_type: &stored.resource_type,
        id: stored.id.as_str(),
        version: stored.version,
        last_updated: stored.last_updated,
        document: stored.document.as_deref(),
    }
}
