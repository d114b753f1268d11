//! Definitions of the program as answers: by id, and behind the stored ones in a search.

use bianque_fhir::definitions::Definition;
use bianque_fhir::{Issue, IssueCode, Search, Severity, Total};
use bianque_model::{Context, ResourceId};
use bianque_query::{Cursor, Page, Predicate, Query, Scope, Subject, Test};
use bianque_store::StoredResource;

use crate::{App, Error};

/// Begins a cursor among the definitions of the program; the id of the last one that was answered follows.
const BEHIND: &str = "program:";
/// Ids and URLs that are looked for among the stored at a time.
const AT_ONCE: usize = 400;

/// The definition of the program with this id, where nothing is stored under it.
pub(in crate::records) fn standing_in(
    app: &App,
    context: &Context,
    (resource_type, id): (&str, &ResourceId),
) -> Option<StoredResource> {
    if !super::defines(resource_type) {
        return None;
    }
    let all = app.definitions.of_type(resource_type, context.now);
    let place = all.binary_search_by(|definition| definition.id.as_str().cmp(id.as_str())).ok()?;
    app.definitions.stored(resource_type, &all[place], context.now)
}

/// A page of a search for definitions, with the total where it is told: the stored ones in the order that was asked for,
/// then those of the program by their ids.
pub(in crate::records) async fn page(
    app: &App,
    context: &Context,
    search: &Search,
    scope: Scope,
) -> Result<(Page<StoredResource>, Option<u64>, Option<Issue>), Error> {
    let own = of_program(app, context, search).await?;
    let after = search.after.as_ref().and_then(|cursor| cursor.0.strip_prefix(BEHIND));
    let count = search.count as usize;
    let mut page = match after {
        None if count > 0 => app.store.search(context.tenant, search.query(scope.clone())).await?,
        _ => Page { rows: Vec::new(), next: None },
    };
    if page.next.is_none() && count > 0 {
        let after = after.unwrap_or_default();
        let mut rest = own.iter().filter(|definition| definition.id.as_str() > after).peekable();
        let mut last = after;
        while page.rows.len() < count
            && let Some(definition) = rest.next()
        {
            last = &definition.id;
            let resource_type = &search.resource_type;
            page.rows.extend(app.definitions.stored(resource_type, definition, context.now));
        }
        page.next = rest.peek().map(|_| Cursor(format!("{BEHIND}{last}")));
    }
    let total = match search.total {
        Total::None => None,
        Total::Estimate if search.after.is_some() => None,
        // There are never so many of them that an estimate would be worth it.
        Total::Estimate | Total::Accurate => {
            let query = Query { after: None, ..search.query(scope) };
            let stored = app.store.count(context.tenant, query, u64::MAX).await?;
            Some(stored + own.len() as u64)
        }
    };
    Ok((page, total, note(search, !own.is_empty())))
}

/// What of the program matches and is not stored under its id or URL.
async fn of_program<'a>(
    app: &'a App,
    context: &Context,
    search: &Search,
) -> Result<Vec<&'a Definition>, Error> {
    let made = app.definitions.made(context.now).at;
    let all = app.definitions.of_type(&search.resource_type, context.now);
    let mut matching: Vec<(&Definition, ResourceId)> = Vec::new();
    for definition in all {
        let Ok(id) = definition.id.parse() else { continue };
        let subject = Subject { id: &id, last_updated: made, rows: &definition.rows, compartments: &[] };
        // It refers to nothing that is stored, and nothing that is stored to it.
        if search.filter.holds(&subject) == Some(true) {
            matching.push((definition, id));
        }
    }
    let mut left = Vec::with_capacity(matching.len());
    for some in matching.chunks(AT_ONCE) {
        let taken = stored(app, context, &search.resource_type, some).await?;
        let free = some.iter().filter(|(definition, id)| {
            !taken.iter().any(|(taken, url)| taken == id || url.as_deref() == Some(&definition.url))
        });
        left.extend(free.map(|(definition, _)| *definition));
    }
    Ok(left)
}

/// What is stored under these ids or URLs, whoever asks: its id and URL.
async fn stored(
    app: &App,
    context: &Context,
    resource_type: &str,
    some: &[(&Definition, ResourceId)],
) -> Result<Vec<(ResourceId, Option<String>)>, Error> {
    let url = |(definition, _): &(&Definition, _)| {
        let test = Test::Uri(definition.url.clone());
        Predicate::Param { param: "url".to_owned(), test }
    };
    let ids = Predicate::Ids(some.iter().map(|(_, id)| id.clone()).collect());
    let mut query = Query {
        resource_type: resource_type.to_owned(),
        filter: Predicate::Or(some.iter().map(url).chain([ids]).collect()),
        scope: Scope::All,
        order: Vec::new(),
        after: None,
        limit: 500,
    };
    let mut found = Vec::new();
    loop {
        let page = app.store.search(context.tenant, query.clone()).await?;
        for stored in page.rows {
            let document = stored.document.as_deref().unwrap_or(b"null");
            let value: serde_json::Value = serde_json::from_slice(document).map_err(Error::internal)?;
            found.push((stored.id, value["url"].as_str().map(str::to_owned)));
        }
        let Some(next) = page.next else { return Ok(found) };
        query.after = Some(next);
    }
}

/// An order is one of the stored; that is told where it matters.
fn note(search: &Search, some: bool) -> Option<Issue> {
    let message = "the definitions of the program come behind the stored ones, by their ids";
    let issue = Issue::error(IssueCode::Informational, message);
    (some && !search.order.is_empty()).then_some(Issue { severity: Severity::Warning, ..issue })
}
