//! Conditions of writes: searches that must match one resource, or none (FHIR R4, RESTful API 3.1.0.4.1, 3.1.0.3.1).

use bianque_fhir::{Issue, IssueCode};
use bianque_model::{Context, ResourceId};
use bianque_query::{Predicate, Query, Scope};
use bianque_store::Expectation;

use crate::records::{prepare, search};
use crate::{App, Error, ErrorKind};

/// The decoded pairs of a search.
pub type Pairs = Vec<(String, String)>;

/// What matches a condition.
pub(crate) enum Matching {
    /// Nothing, and the commit will hold that.
    None(Expectation),
    /// One resource, and the commit will hold that it is the only one.
    One(ResourceId, Expectation),
}

/// The query of a condition; it is about all resources of the type, whoever asks.
pub(crate) async fn query(
    app: &App,
    context: &Context,
    resource_type: &str,
    pairs: &[(String, String)],
) -> Result<Query, Error> {
    let search = search::read_strictly(app, context, resource_type, pairs).await?;
    if search.filter == Predicate::And(Vec::new()) {
        let message = "the condition has no search parameter";
        return Err(prepare::malformed(Issue::error(IssueCode::Invalid, message)));
    }
    Ok(Query { limit: 2, ..search.query(Scope::All) })
}

/// What matches now. More than one: refused.
pub(crate) async fn matching(
    app: &App,
    context: &Context,
    resource_type: &str,
    pairs: &[(String, String)],
) -> Result<Matching, Error> {
    let query = query(app, context, resource_type, pairs).await?;
    let mut rows = app.store.search(context.tenant, query.clone()).await?.rows;
    match (rows.pop(), rows.pop()) {
        (None, _) => Ok(Matching::None(Expectation::NoMatch(query))),
        (Some(only), None) => {
            let id = only.id;
            Ok(Matching::One(id.clone(), Expectation::OnlyMatch { query, id }))
        }
        (Some(_), Some(_)) => Err(Error::new(
            ErrorKind::Refused,
            "fhir.matches",
            "more than one resource matches the condition",
        )),
    }
}
