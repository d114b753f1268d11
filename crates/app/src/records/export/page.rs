//! A page of resources of one type, as they stood at the instant of the export.

use bianque_model::{Context, ResourceId, Timestamp};
use bianque_query::{Cursor, DateRange, Predicate, Query, Scope, Test};
use bianque_store::{HistoryQuery, StoredResource};

use super::Place;
use crate::policy::{self, Action};
use crate::{App, Error};

/// Bytes of a page, about: how many resources it has follows from how large those before were.
const PAGE_BYTES: usize = 4 << 20;
const SMALLEST: u32 = 10;
const LARGEST: u32 = 500;
/// Resources of the first page of a type.
pub(super) const FIRST: u32 = 50;

/// What the pages of a type have in common.
pub(super) struct Reading<'a> {
    pub(super) app: &'a App,
    pub(super) context: &'a Context,
    pub(super) resource_type: &'a str,
    pub(super) since: Option<Timestamp>,
    /// What must hold besides.
    pub(super) filter: Option<Predicate>,
    /// The instant whose data is exported.
    pub(super) at: Timestamp,
}

impl Reading<'_> {
    /// Resources behind a place, of one patient or of all, and where to go on.
    pub(super) async fn page(
        &self,
        place: &Place,
        patient: Option<&ResourceId>,
        limit: u32,
    ) -> Result<(Vec<StoredResource>, Option<String>), Error> {
        let query = Query { after: place.after.clone().map(Cursor), limit, ..self.query(patient)? };
        let scope = query.scope.clone();
        let page = self.app.store.search(self.context.tenant, query).await?;
        let mut rows = Vec::with_capacity(page.rows.len());
        for row in page.rows {
            rows.extend(self.as_it_stood(row, &scope).await?);
        }
        Ok((rows, page.next.map(|cursor| cursor.0)))
    }

    /// Whether there is anything at all.
    pub(super) async fn is_empty(&self) -> Result<bool, Error> {
        Ok(self.app.store.count(self.context.tenant, self.query(None)?, 1).await? == 0)
    }

    fn query(&self, patient: Option<&ResourceId>) -> Result<Query, Error> {
        let scope = policy::records(self.context, self.resource_type, Action::Search)?;
        let mut all: Vec<Predicate> = self.filter.iter().cloned().collect();
        all.extend(patient.map(|patient| Predicate::In(policy::patient_compartment(patient))));
        all.extend(self.since.map(|since| Predicate::LastUpdated(Test::DateStartsAtOrAfter(since))));
        Ok(Query {
            resource_type: self.resource_type.to_owned(),
            filter: Predicate::And(all),
            scope,
            order: Vec::new(),
            after: None,
            limit: 1,
        })
    }

    /// The version that stood at the instant; none: it was not there, or is older than what is wanted.
    async fn as_it_stood(&self, row: StoredResource, scope: &Scope) -> Result<Option<StoredResource>, Error> {
        if row.last_updated <= self.at {
            return Ok(Some(row));
        }
        let query = HistoryQuery {
            resource_type: Some(row.resource_type),
            id: Some(row.id),
            scope: scope.clone(),
            since: self.since,
            at: Some(DateRange { low: self.at, high: Timestamp(self.at.0.saturating_add(1)) }),
            before: None,
            limit: 1,
        };
        let found = self.app.store.history(self.context.tenant, query).await?;
        Ok(found.into_iter().map(|(_, stored)| stored).find(|stored| stored.document.is_some()))
    }
}

/// How many resources the next page has, when these many were so large together.
pub(super) fn next_limit(rows: usize, bytes: usize) -> u32 {
    let fit = PAGE_BYTES.saturating_mul(rows.max(1)) / bytes.max(1);
    u32::try_from(fit).unwrap_or(u32::MAX).clamp(SMALLEST, LARGEST)
}
