//! Searches (FHIR R4, Search 3.1.1): from the pairs of a URL to the query algebra.
//!
//! A clinical search never answers more than was asked: a parameter, modifier or value that is not understood is
//! refused. `Prefer: handling=lenient` leaves out unknown ones, and the answer names them.

mod asked;
mod control;
mod criterion;
mod escape;
mod include;
mod number;
mod typed;
mod values;
mod window;

use std::cell::Cell;

use bianque_model::Timestamp;
use bianque_query::{Cursor, Order, Predicate, Query, Scope};

use crate::custom::CustomParams;
use crate::outcome::{Issue, IssueCode, Severity};
use crate::terminology::Terminology;

pub use control::is_about_the_answer;
pub use include::{Include, Way};
pub(crate) use include::{is_link, links, refers_to};
pub use typed::is_typed;
pub use values::asked_sets;

/// Pairs of one search.
const PAIRS: usize = 64;
/// Values of one parameter, parted by commas.
const ALTERNATIVES: usize = 200;
/// Conditions of one search: values, times the types that links lead them to.
const CONDITIONS: usize = 4_000;
/// The length of one value.
const VALUE_LENGTH: usize = 4096;
/// The rows of a page when nothing is said.
const PAGE: u32 = 50;
/// The most rows of a page.
const LARGEST_PAGE: u32 = 500;

/// What a search is read with.
#[derive(Debug, Clone, Copy)]
pub struct SearchOptions<'a> {
    /// The URL of this server's FHIR base without a `/` at its end: references below it are its own.
    pub base: &'a str,
    /// Unknown parameters are left out instead of refused.
    pub lenient: bool,
    /// Now, for `ap`.
    pub now: Timestamp,
    /// What value sets hold, for `:in`, `:not-in`, `:above` and `:below`.
    pub terminology: &'a Terminology,
    /// The search parameters that the tenant defines.
    pub custom: &'a CustomParams,
}

/// A search, read.
#[derive(Debug, Clone, PartialEq)]
pub struct Search {
    /// The type that is searched.
    pub resource_type: String,
    /// What must hold.
    pub filter: Predicate,
    /// The order of the answer.
    pub order: Vec<Order>,
    /// Where the page before ended.
    pub after: Option<Cursor>,
    /// Rows of a page; 0: only the total is wanted.
    pub count: u32,
    /// How well the answer tells how many match.
    pub total: Total,
    /// What else comes with the matches.
    pub includes: Vec<Include>,
    /// What was understood, for the links of the answer; without the cursor.
    pub understood: Vec<(String, String)>,
    /// What was left out, as warnings.
    pub ignored: Vec<Issue>,
}

/// How well a search tells how many match (`_total`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Total {
    /// Not at all.
    None,
    /// About, with the first page: what nobody asked for.
    Estimate,
    /// Exactly, with every page.
    Accurate,
}

impl Search {
    /// The query for the store.
    pub fn query(&self, scope: Scope) -> Query {
        Query {
            resource_type: self.resource_type.clone(),
            filter: self.filter.clone(),
            scope,
            order: self.order.clone(),
            after: self.after.clone(),
            limit: self.count.max(1),
        }
    }
}

/// Reads the decoded pairs of a search over one resource type.
pub fn search(
    resource_type: &str,
    pairs: &[(String, String)],
    options: SearchOptions<'_>,
) -> Result<Search, Vec<Issue>> {
    if pairs.len() > PAIRS {
        return Err(vec![Issue::error(
            IssueCode::TooCostly,
            format!("a search has at most {PAIRS} parameters"),
        )]);
    }
    let mut reader = Reader {
        options,
        search: Search {
            resource_type: resource_type.to_owned(),
            filter: Predicate::And(Vec::new()),
            order: Vec::new(),
            after: None,
            count: PAGE,
            total: Total::Estimate,
            includes: Vec::new(),
            understood: Vec::new(),
            ignored: Vec::new(),
        },
        all: Vec::new(),
        errors: Vec::new(),
        conditions: Cell::new(CONDITIONS),
    };
    for (name, value) in pairs {
        reader.pair(name, value);
    }
    if !reader.errors.is_empty() {
        return Err(reader.errors);
    }
    window::add(resource_type, &mut reader.all);
    reader.search.filter = Predicate::And(reader.all);
    Ok(reader.search)
}

/// A search under way.
struct Reader<'a> {
    options: SearchOptions<'a>,
    search: Search,
    all: Vec<Predicate>,
    errors: Vec<Issue>,
    /// What the search may still have.
    conditions: Cell<usize>,
}

/// Why a pair was not taken.
#[derive(Debug)]
enum Refusal {
    /// Not known, or not built: left out when the asker is lenient.
    Unsupported(String),
    /// Known, and its value makes no sense.
    Invalid(String),
    /// More conditions than a search may have.
    Costly,
}

impl Reader<'_> {
    fn pair(&mut self, name: &str, value: &str) {
        let taken = if value.len() > VALUE_LENGTH {
            Err(Refusal::Invalid(format!("longer than {VALUE_LENGTH} bytes")))
        } else if value.contains(char::REPLACEMENT_CHARACTER) {
            // What stands in place of bytes of another encoding finds nobody, and who asked would take that for an answer.
            Err(Refusal::Invalid("the value is not UTF-8".into()))
        } else if value.is_empty() {
            Err(Refusal::Invalid("the value is empty".into()))
        } else if is_about_the_answer(name) {
            self.control(name, value)
        } else {
            criterion::read(&self.search.resource_type, name, value, self.options, &self.conditions)
                .map(|predicate| self.all.push(predicate))
        };
        let shown: String = name.chars().take(64).collect();
        match taken {
            Ok(()) if name != "_cursor" => self.search.understood.push((name.to_owned(), value.to_owned())),
            Ok(()) => {}
            Err(Refusal::Unsupported(why)) if self.options.lenient => {
                let issue = Issue::error(IssueCode::NotSupported, format!("{shown} was left out: {why}"));
                self.search.ignored.push(Issue { severity: Severity::Warning, ..issue });
            }
            Err(Refusal::Unsupported(why)) => {
                self.errors.push(Issue::error(IssueCode::NotSupported, format!("{shown}: {why}")));
            }
            Err(Refusal::Invalid(why)) => {
                self.errors.push(Issue::error(IssueCode::Value, format!("{shown}: {why}")));
            }
            Err(Refusal::Costly) => {
                let why = format!("{shown}: a search has at most {CONDITIONS} conditions");
                self.errors.push(Issue::error(IssueCode::TooCostly, why));
            }
        }
    }
}

#[cfg(test)]
mod tests;
