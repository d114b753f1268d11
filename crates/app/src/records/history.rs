//! The versions of a resource, newest first (FHIR R4, RESTful API 3.1.0.8).

use bianque_fhir::bundle::{History, Version};
use bianque_model::{Context, ResourceId};
use bianque_store::{HistoryQuery, StoredResource};

use super::{READ_ONLY, base, read, served, visible};
use crate::policy::{self, Action};
use crate::{App, Error, ErrorKind};

/// Versions of a page when nothing is said, and at most.
const PAGE: u32 = 50;
const LARGEST_PAGE: u32 = 500;

/// Which versions.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted {
    /// At most this many.
    pub count: Option<u32>,
    /// Only versions below this, from the page before.
    pub before: Option<u64>,
}

impl Wanted {
    /// Reads the pairs of a URL.
    pub fn read(pairs: &[(String, String)]) -> Result<Self, Error> {
        let mut wanted = Self::default();
        for (name, value) in pairs {
            let refuse = || {
                Error::new(
                    ErrorKind::Malformed,
                    "fhir.parameter",
                    format!("{name} cannot be taken with this value"),
                )
            };
            match name.as_str() {
                "_count" => wanted.count = Some(value.parse().map_err(|_| refuse())?),
                "_cursor" => wanted.before = Some(value.parse().map_err(|_| refuse())?),
                "_format" | "_pretty" => {}
                _ => {
                    let message = "a history takes _count, _cursor and _format";
                    return Err(Error::new(ErrorKind::Malformed, "fhir.parameter", message));
                }
            }
        }
        Ok(wanted)
    }
}

/// The history Bundle, audited before it is answered.
pub async fn history(
    app: &App,
    context: &Context,
    resource_type: &str,
    id: &ResourceId,
    wanted: Wanted,
) -> Result<Vec<u8>, Error> {
    let scope = policy::records(context, served(resource_type)?, Action::Read)?;
    if resource_type == READ_ONLY {
        return Err(Error::not_found());
    }
    let current = visible::current(app, context, scope, resource_type, id).await?;
    read::audit(app, context, "fhir.history", &current).await?;
    let limit = wanted.count.unwrap_or(PAGE).clamp(1, LARGEST_PAGE);
    let query = HistoryQuery {
        resource_type: resource_type.to_owned(),
        id: id.clone(),
        before: wanted.before,
        limit,
    };
    let versions = app.store.history(context.tenant, query).await?;
    let base = base(app, context.tenant);
    let own_link = format!("{base}/{resource_type}/{id}/_history?_count={limit}");
    let oldest = versions.last().map(|stored| stored.version);
    let next = oldest.filter(|oldest| *oldest > 1 && versions.len() == limit as usize);
    let next_link = next.map(|oldest| format!("{own_link}&_cursor={oldest}"));
    // Versions are counted from one without a gap.
    let answer = History { base: &base, own_link, next_link, total: current.version };
    Ok(answer.bundle(context.now, versions.iter().map(version)))
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
