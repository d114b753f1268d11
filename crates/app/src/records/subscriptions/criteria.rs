//! `Subscription.criteria`: a search without a base, such as `Observation?code=http://loinc.org|1975-2`.

use bianque_fhir::{Issue, IssueCode, is_about_the_answer, resource_types};
use bianque_model::Context;
use bianque_query::Predicate;

use crate::records::{READ_ONLY, search};
use crate::{App, Error};

/// What a resource must be like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Criteria {
    /// Its type.
    pub(super) resource_type: &'static str,
    /// The decoded pairs of the search.
    pairs: Vec<(String, String)>,
}

impl Criteria {
    /// Reads the text. Whether a search understands the pairs is found out by [`Self::filter`].
    pub(super) fn read(text: &str) -> Result<Self, Issue> {
        let (name, query) = text.split_once('?').unwrap_or((text, ""));
        let Some(resource_type) = resource_types().iter().copied().find(|known| *known == name) else {
            let words = "expected a type of resource and a search, such as Observation?code=1975-2";
            return Err(fault(IssueCode::NotSupported, words));
        };
        if resource_type == READ_ONLY {
            return Err(fault(IssueCode::NotSupported, "the audit is not subscribed to"));
        }
        let pairs: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        match pairs.iter().find(|(name, _)| is_about_the_answer(name)) {
            None => Ok(Self { resource_type, pairs }),
            Some((name, _)) => {
                let name: String = name.chars().take(64).collect();
                let words = format!("{name} is about the answer to a search, and a subscription has none");
                Err(fault(IssueCode::NotSupported, &words))
            }
        }
    }

    /// The condition, as a search reads it now: what value sets hold may have changed since.
    pub(super) async fn filter(&self, app: &App, context: &Context) -> Result<Predicate, Error> {
        let search = search::read_strictly(app, context, self.resource_type, &self.pairs).await?;
        Ok(search.filter)
    }
}

/// Whether a condition asks who refers to the resource.
pub(super) fn asks_who_refers(filter: &Predicate) -> bool {
    match filter {
        Predicate::And(parts) | Predicate::Or(parts) => parts.iter().any(asks_who_refers),
        Predicate::Not(part) | Predicate::Chain { filter: part, .. } => asks_who_refers(part),
        Predicate::ReferredBy { .. } => true,
        _ => false,
    }
}

/// A fault of the criteria.
pub(super) fn fault(code: IssueCode, words: &str) -> Issue {
    Issue::error(code, format!("criteria: {words}")).at("Subscription.criteria")
}
