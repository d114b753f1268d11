//! Searches (FHIR R4, Search 3.1.1): from the pairs of a URL to the query algebra.
//!
//! A clinical search never answers more than was asked: a parameter, modifier or value that is not understood is
//! refused. `Prefer: handling=lenient` leaves out unknown ones, and the answer names them.

mod control;
mod escape;
mod typed;
mod values;

use bianque_model::{ResourceId, Timestamp};
use bianque_query::{Cursor, Order, Predicate, Query, Scope};

use crate::outcome::{Issue, IssueCode, Severity};
use crate::tables::{Param, params};

pub use typed::is_typed;

/// Pairs of one search.
const PAIRS: usize = 64;
/// Values of one parameter, parted by commas.
const ALTERNATIVES: usize = 200;
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
    /// Whether the answer tells how many match, counted exactly.
    pub total: bool,
    /// What was understood, for the links of the answer; without the cursor.
    pub understood: Vec<(String, String)>,
    /// What was left out, as warnings.
    pub ignored: Vec<Issue>,
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
            total: false,
            understood: Vec::new(),
            ignored: Vec::new(),
        },
        all: Vec::new(),
        errors: Vec::new(),
    };
    for (name, value) in pairs {
        reader.pair(name, value);
    }
    if !reader.errors.is_empty() {
        return Err(reader.errors);
    }
    reader.search.filter = Predicate::And(reader.all);
    Ok(reader.search)
}

/// A search under way.
struct Reader<'a> {
    options: SearchOptions<'a>,
    search: Search,
    all: Vec<Predicate>,
    errors: Vec<Issue>,
}

/// Why a pair was not taken.
enum Refusal {
    /// Not known, or not built: left out when the asker is lenient.
    Unsupported(String),
    /// Known, and its value makes no sense.
    Invalid(String),
}

impl Reader<'_> {
    fn pair(&mut self, name: &str, value: &str) {
        let taken = if value.len() > VALUE_LENGTH {
            Err(Refusal::Invalid(format!("longer than {VALUE_LENGTH} bytes")))
        } else if value.is_empty() {
            Err(Refusal::Invalid("the value is empty".into()))
        } else if name.starts_with('_') && self.param(name).is_none() {
            self.control(name, value)
        } else {
            self.criterion(name, value)
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
        }
    }

    /// The search parameter a name (with its modifier) begins with.
    fn param(&self, name: &str) -> Option<&'static Param> {
        let code = name.split([':', '.']).next().unwrap_or_default();
        params(&self.search.resource_type).iter().find(|param| param.code == code)
    }

    fn criterion(&mut self, name: &str, value: &str) -> Result<(), Refusal> {
        let resource_type = &self.search.resource_type;
        let Some(param) = self.param(name) else {
            return Err(Refusal::Unsupported(format!("{resource_type} has no such search parameter")));
        };
        if param.paths.is_empty() {
            return Err(Refusal::Unsupported("this search parameter is not supported".into()));
        }
        let (code, modifier) =
            name.split_once(':').map_or((name, None), |(code, modifier)| (code, Some(modifier)));
        if name.contains('.') || code != param.code {
            return Err(Refusal::Unsupported("chained parameters are not supported".into()));
        }
        let alternatives = escape::split(value, ',');
        if alternatives.len() > ALTERNATIVES {
            return Err(Refusal::Invalid(format!("at most {ALTERNATIVES} values")));
        }
        let predicate = values::predicate(param, modifier, &alternatives, self.options)?;
        self.all.push(predicate);
        Ok(())
    }
}

/// Ids of a list; what has not the form of an id names nothing.
fn ids(value: &str) -> Vec<ResourceId> {
    value.split(',').filter_map(|id| id.trim().parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use bianque_query::{DateRange, Direction, OrderKey, Reference, Test};
    use proptest::prelude::*;

    const OPTIONS: SearchOptions<'_> =
        SearchOptions { base: "https://b.example/fhir", lenient: false, now: Timestamp(0) };

    fn read(resource_type: &str, query: &str) -> Result<Search, Vec<Issue>> {
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let pairs: Vec<_> = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        search(resource_type, &pairs, OPTIONS)
    }

    fn one(resource_type: &str, query: &str) -> Predicate {
        match read(resource_type, query).unwrap().filter {
            Predicate::And(mut all) if all.len() == 1 => match all.remove(0) {
                Predicate::Or(mut any) if any.len() == 1 => any.remove(0),
                other => other,
            },
            other => other,
        }
    }

    fn refused(resource_type: &str, query: &str) -> String {
        let issues = read(resource_type, query).unwrap_err();
        issues.iter().map(|issue| issue.message.clone()).collect::<Vec<_>>().join("; ")
    }

    fn param(param: &str, test: Test) -> Predicate {
        Predicate::Param { param: param.into(), test }
    }

    fn token(system: Option<&str>, code: Option<&str>) -> Test {
        Test::Token { system: system.map(Into::into), code: code.map(Into::into) }
    }

    #[test]
    fn tokens() {
        assert_eq!(one("Patient", "identifier=x|1"), param("identifier", token(Some("x"), Some("1"))));
        assert_eq!(one("Patient", "identifier=|1"), param("identifier", token(Some(""), Some("1"))));
        assert_eq!(one("Patient", "identifier=x|"), param("identifier", token(Some("x"), None)));
        assert_eq!(one("Patient", r"identifier=a\|b\,c"), param("identifier", token(None, Some("a|b,c"))));
        let any =
            Predicate::Or(["male", "female"].map(|code| param("gender", token(None, Some(code)))).to_vec());
        assert_eq!(one("Patient", "gender=male,female"), any.clone());
        assert_eq!(one("Patient", "gender:not=male,female"), Predicate::Not(Box::new(any)));
        assert_eq!(one("Observation", "code:text=Blood"), param("code", Test::StartsWith("blood".into())));
        assert_eq!(
            one("Patient", "gender:missing=true"),
            Predicate::Missing { param: "gender".into(), missing: true }
        );
    }

    #[test]
    fn strings_are_folded() {
        assert_eq!(one("Patient", "name=  José"), param("name", Test::StartsWith("jose".into())));
        assert_eq!(one("Patient", "family:exact=José"), param("family", Test::Exact("José".into())));
        assert_eq!(one("Patient", "family:contains=SE"), param("family", Test::Contains("se".into())));
    }

    #[test]
    fn references() {
        let to =
            |name: &str| Test::Refers(Reference { resource_type: name.into(), id: "p1".parse().unwrap() });
        for value in [
            "patient=p1",
            "patient=Patient/p1",
            "patient=https://b.example/fhir/Patient/p1",
            "patient:Patient=p1",
        ] {
            assert_eq!(one("Encounter", value), param("patient", to("Patient")), "{value}");
        }
        assert_eq!(one("Encounter", "subject=p1"), param("subject", Test::RefersToId("p1".parse().unwrap())));
        assert_eq!(one("Encounter", "subject:Group=p1"), param("subject", to("Group")));
        let elsewhere = "https://other.example/fhir/Patient/p1";
        assert_eq!(
            one("Encounter", &format!("subject={elsewhere}")),
            param("subject", Test::Uri(elsewhere.into()))
        );
        assert_eq!(one("Encounter", "subject:identifier=s|v"), param("subject", token(Some("s"), Some("v"))));
        assert!(refused("Encounter", "subject=a b").contains("expected Type/id"));
    }

    #[test]
    fn dates_with_prefixes() {
        let day = DateRange { low: Timestamp(0), high: Timestamp(86_400_000_000) };
        for (value, test) in [
            ("1970-01-01", Test::DateWithin(day)),
            ("eq1970-01-01", Test::DateWithin(day)),
            ("ne1970-01-01", Test::DateNotWithin(day)),
            ("gt1970-01-01", Test::DateAfter(day.high)),
            ("ge1970-01-01", Test::DateAfter(day.low)),
            ("lt1970-01-01", Test::DateBefore(day.low)),
            ("le1970-01-01", Test::DateBefore(day.high)),
            ("sa1970-01-01", Test::DateStartsAtOrAfter(day.high)),
            ("eb1970-01-01", Test::DateEndsBefore(day.low)),
        ] {
            assert_eq!(one("Encounter", &format!("date={value}")), param("date", test), "{value}");
        }
        assert_eq!(
            one("Patient", "_lastUpdated=gt1970-01-01"),
            Predicate::LastUpdated(Test::DateAfter(day.high))
        );
        for bad in ["xx1970", "1970-02-30", "gt", "yesterday", "1970-01-01T"] {
            assert!(refused("Encounter", &format!("date={bad}")).starts_with("date: "), "{bad}");
        }
    }

    #[test]
    fn the_answer_is_steered() {
        let search =
            read("Encounter", "_sort=-date,_id&_count=9999&_total=accurate&_cursor=c&status=finished")
                .unwrap();
        assert_eq!(search.order.len(), 1);
        assert_eq!(search.order[0].key, OrderKey::Param("date".into()));
        assert_eq!(search.order[0].direction, Direction::Descending);
        assert_eq!((search.count, search.total), (500, true));
        assert!(search.understood.iter().all(|(name, _)| name != "_cursor"));
        assert_eq!(read("Patient", "_summary=count").unwrap().count, 0);
        let Predicate::Ids(ids) = one("Patient", "_id=a,b c,d") else { panic!("expected ids") };
        assert_eq!(ids.len(), 2);
    }

    #[test]
    fn what_is_not_understood_is_refused_and_named() {
        for bad in [
            "colour=red",
            "subject.name=x",
            "subject:Patient.name=x",
            "_has:Observation:patient:code=x",
            "_include=x",
            "near=1|2",
            "_id:not=a",
            "_sort=colour",
            "_count=many",
            "gender:above=x",
            "gender=",
            "gender=male,",
            "_elements=id",
            "_format=xml",
            "identifier:of-type=a|b|c",
            "name:fuzzy=x",
            "_nothing=1",
            "_summary=text",
            "gender:missing=maybe",
            "phonetic=x",
        ] {
            let why = refused(if bad.starts_with("subject") { "Encounter" } else { "Patient" }, bad);
            assert!(!why.is_empty(), "{bad}");
        }
        assert!(refused("Observation", "value-quantity=5").contains("quantity parameters are not supported"));
        assert!(refused("Observation", "code-value-quantity=a$5").contains("not supported"));
    }

    #[test]
    fn a_lenient_search_says_what_it_left_out() {
        let pairs = [("colour".to_owned(), "red".to_owned()), ("gender".to_owned(), "male".to_owned())];
        let lenient = search("Patient", &pairs, SearchOptions { lenient: true, ..OPTIONS }).unwrap();
        assert_eq!(lenient.ignored.len(), 1);
        assert_eq!(lenient.understood, [("gender".to_owned(), "male".to_owned())]);
        let bad = [("birthdate".to_owned(), "soon".to_owned())];
        assert!(search("Patient", &bad, SearchOptions { lenient: true, ..OPTIONS }).is_err());
    }

    proptest! {
        #[test]
        fn any_pair_is_answered(
            name in "(name|date|birthdate|subject|identifier|_sort|_id|_lastUpdated|code|[a-z_]{0,6})(:[a-zA-Z]{0,8})?(\\.[a-z]{0,3})?",
            value in "(\\PC{0,20}|[a-z]{0,2}[0-9T:Z,|\\\\$-]{0,20})",
        ) {
            for resource_type in ["Patient", "Encounter", "Observation", "Nothing"] {
                let pairs = [(name.clone(), value.clone())];
                let _ = search(resource_type, &pairs, OPTIONS);
                let _ = search(resource_type, &pairs, SearchOptions { lenient: true, ..OPTIONS });
            }
        }
    }
}
