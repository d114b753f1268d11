//! Whether a version is one to tell of: the criteria hold for it, and whoever wrote the subscription may see the resource
//! as it stands now.

use std::sync::Arc;

use bianque_model::Context;
use bianque_query::{IndexRow, IndexValue, Predicate, Query, Scope, Subject};

use super::asked::Channel;
use super::course::{Ended, Running, newest};
use super::feed::Version;
use crate::policy::{self, Action};
use crate::records::search_parameters;
use crate::{App, Error, ErrorKind};

/// How long criteria are taken as they were read, seconds.
const FRESH_S: f64 = 60.0;

/// What is to be done with a version.
#[derive(Debug)]
pub enum Considered {
    /// Nothing.
    Passed,
    /// It is told of, as this.
    Matches(Box<Context>),
    /// The subscription ends.
    Over(Ended),
}

/// Considers a version.
pub async fn consider(app: &App, running: &mut Running, version: &Version) -> Result<Considered, Error> {
    if !app.tenants.is_active(running.tenant) {
        return Ok(Considered::Over(Ended::Gone));
    }
    let filter = match refreshed(app, running).await? {
        Ok(filter) => filter,
        Err(ended) => return Ok(Considered::Over(ended)),
    };
    let Some(read) = version.read() else { return Ok(Considered::Passed) };
    let in_force = search_parameters::in_force(app, running.tenant).await?;
    let rows = in_force.rows(&read.resource, &read.indexed.rows)?;
    let subject = Subject {
        id: &version.stored.id,
        last_updated: version.stored.last_updated,
        rows: &rows,
        compartments: &read.indexed.compartments,
    };
    let held = filter.holds(&subject);
    if held == Some(false) {
        return Ok(Considered::Passed);
    }
    // What they may see is asked anew for everything that is told.
    let Some(context) = running.writer.context(app, running.tenant).await? else {
        return Ok(Considered::Over(revoked()));
    };
    let Some(scope) = scope(&context, running)? else { return Ok(Considered::Over(revoked())) };
    if held.is_none() {
        let settled = settled(app, &context, &scope, &filter, subject.rows).await?;
        if settled.holds(&subject) != Some(true) {
            return Ok(Considered::Passed);
        }
    }
    let own = Predicate::Ids(vec![version.stored.id.clone()]);
    if finds(app, &context, running.resource_type(), own, scope).await? {
        Ok(Considered::Matches(Box::new(context)))
    } else {
        Ok(Considered::Passed)
    }
}

/// The condition as it is read now, or why there is none any more.
async fn refreshed(app: &App, running: &mut Running) -> Result<Result<Arc<Predicate>, Ended>, Error> {
    let now = app.clock.now();
    if let Some((read, filter)) = &running.filter
        && now.seconds_since(*read) < FRESH_S
    {
        return Ok(Ok(Arc::clone(filter)));
    }
    let there = newest(app, running.tenant, &running.id).await?;
    if there.is_none_or(|(_, stored, _)| stored.version != running.version) {
        return Ok(Err(Ended::Gone));
    }
    let Some(context) = running.writer.context(app, running.tenant).await? else { return Ok(Err(revoked())) };
    match running.asked.criteria.filter(app, &context).await {
        Ok(filter) => {
            let filter = Arc::new(app.store.meant(running.tenant, filter).await?);
            running.filter = Some((now, Arc::clone(&filter)));
            Ok(Ok(filter))
        }
        Err(error) if matches!(error.kind, ErrorKind::Unavailable | ErrorKind::Internal) => Err(error),
        Err(error) => {
            Ok(Err(Ended::Error(format!("the criteria are not understood any more: {}", error.message))))
        }
    }
}

/// What they may see of the type; none: nothing any more.
fn scope(context: &Context, running: &Running) -> Result<Option<Scope>, Error> {
    let sent = matches!(running.asked.channel, Channel::RestHook { payload: true, .. });
    let mut scope = Scope::All;
    for action in [Some(Action::Search), sent.then_some(Action::Read)].into_iter().flatten() {
        match policy::records(context, running.resource_type(), action) {
            Ok(seen) => scope = scope.and(seen),
            Err(error) if error.kind == ErrorKind::Forbidden => return Ok(None),
            Err(error) => return Err(error),
        }
    }
    Ok(Some(scope))
}

/// The condition with its links followed, as the resources at their ends stand now.
async fn settled(
    app: &App,
    context: &Context,
    scope: &Scope,
    filter: &Predicate,
    rows: &[IndexRow],
) -> Result<Predicate, Error> {
    Ok(match filter {
        Predicate::And(parts) => Predicate::And(all(app, context, scope, parts, rows).await?),
        Predicate::Or(parts) => Predicate::Or(all(app, context, scope, parts, rows).await?),
        Predicate::Not(part) => {
            Predicate::Not(Box::new(Box::pin(settled(app, context, scope, part, rows)).await?))
        }
        Predicate::Chain { param, target_type, filter } => {
            let ids = rows.iter().filter(|row| row.param == *param).filter_map(|row| match &row.value {
                IndexValue::Reference(to) if to.resource_type == *target_type => Some(to.id.clone()),
                _ => None,
            });
            let there = Predicate::And(vec![Predicate::Ids(ids.collect()), (**filter).clone()]);
            let found = finds(app, context, target_type, there, scope.clone()).await?;
            // All of nothing holds, and any of nothing does not.
            if found { Predicate::And(Vec::new()) } else { Predicate::Or(Vec::new()) }
        }
        other => other.clone(),
    })
}

async fn all(
    app: &App,
    context: &Context,
    scope: &Scope,
    parts: &[Predicate],
    rows: &[IndexRow],
) -> Result<Vec<Predicate>, Error> {
    let mut all = Vec::with_capacity(parts.len());
    for part in parts {
        all.push(if part.has_links() {
            Box::pin(settled(app, context, scope, part, rows)).await?
        } else {
            part.clone()
        });
    }
    Ok(all)
}

async fn finds(
    app: &App,
    context: &Context,
    resource_type: &str,
    filter: Predicate,
    scope: Scope,
) -> Result<bool, Error> {
    let query = Query {
        resource_type: resource_type.to_owned(),
        filter,
        scope,
        order: Vec::new(),
        after: None,
        limit: 1,
    };
    Ok(!app.store.search(context.tenant, query).await?.rows.is_empty())
}

fn revoked() -> Ended {
    Ended::Off("who wrote the subscription may not see what it asks for any more".to_owned())
}
