//! What an export is asked (Bulk Data Access 2.0, "Query Parameters").

use std::collections::BTreeSet;

use bianque_fhir::{Issue, IssueCode, Shape, date_range};
use bianque_model::{Context, ResourceId, Timestamp};
use bianque_query::Predicate;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::form_urlencoded;

use super::Level;
use crate::records::outcome::refused;
use crate::records::prepare::malformed;
use crate::records::search::{encode, read_strictly, text};
use crate::records::write::Pairs;
use crate::records::{Asked, served};
use crate::{App, Error, ErrorKind};

/// Ways to name the one format there is.
const FORMATS: [&str; 3] = ["application/fhir+ndjson", "application/ndjson", "ndjson"];
/// Filters of one export, and patients that one may name.
const FILTERS: usize = 64;
const PATIENTS: usize = 1_000;
/// Parameters of a search that say how it is answered.
const OF_ANSWERS: [&str; 11] = [
    "_count",
    "_cursor",
    "_sort",
    "_total",
    "_summary",
    "_elements",
    "_include",
    "_revinclude",
    "_format",
    "_pretty",
    "_type",
];

/// What is wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Wanted {
    pub(super) types: BTreeSet<String>,
    pub(super) since: Option<Timestamp>,
    /// Searches, `Type?parameters`.
    pub(super) filters: Vec<String>,
    elements: Option<String>,
    pub(super) patients: BTreeSet<ResourceId>,
    /// As it stands in an address.
    said: Vec<(String, String)>,
}

impl Wanted {
    /// Reads the parameters.
    pub(super) fn read(asked: &Asked, level: &Level) -> Result<Self, Error> {
        let mut names = vec!["_outputFormat", "_since", "_type", "_typeFilter", "_elements"];
        names.extend((*level != Level::System).then_some("patient"));
        asked.only(&names)?;
        let mut wanted = Self::default();
        if let Some(format) = asked.text("_outputFormat") {
            // A `+` that was not encoded arrives as a blank.
            if !FORMATS.contains(&format.replace(' ', "+").as_str()) {
                return Err(refuse("_outputFormat is application/fhir+ndjson, the one format there is"));
            }
            wanted.say("_outputFormat", format);
        }
        if let Some(since) = asked.text("_since") {
            let range = date_range(&since.replace(' ', "+"));
            wanted.since = Some(range.ok_or_else(|| refuse("_since must be an instant"))?.low);
            wanted.say("_since", since);
        }
        for text in asked.texts("_type") {
            for name in text.split(',').map(str::trim).filter(|name| !name.is_empty()) {
                let name = served(name).map_err(|_| refuse(&format!("_type: there is no type {name}")))?;
                wanted.types.insert(name.to_owned());
            }
            wanted.say("_type", text.to_owned());
        }
        for text in asked.texts("_typeFilter").filter(|text| !text.is_empty()) {
            wanted.filters.extend(searches(text));
            wanted.say("_typeFilter", text.to_owned());
        }
        if wanted.filters.len() > FILTERS {
            return Err(refuse(&format!("_typeFilter has more than {FILTERS} searches")));
        }
        if let Some(elements) = asked.text("_elements") {
            wanted.elements = Some(elements.clone());
            wanted.shape()?;
            wanted.say("_elements", elements);
        }
        wanted.patients = patients(asked)?;
        Ok(wanted)
    }

    fn say(&mut self, name: &str, value: String) {
        self.said.push((name.to_owned(), value));
    }

    /// The parameters of the address.
    pub(super) fn written(&self) -> String {
        let pairs = self.said.iter().map(|(name, value)| format!("{name}={}", encode(value)));
        let pairs = pairs.collect::<Vec<_>>().join("&");
        if pairs.is_empty() { pairs } else { format!("?{pairs}") }
    }

    /// Reads every filter, so that it is refused now and not when nobody listens; gives what was asked as the audit has it.
    pub(super) async fn check(
        &self,
        app: &App,
        context: &Context,
        types: &[String],
    ) -> Result<String, Error> {
        let mut detail: Vec<String> = self
            .said
            .iter()
            .filter(|(name, _)| name != "_typeFilter")
            .map(|(name, value)| format!("{name}={}", encode(value)))
            .collect();
        for filter in &self.filters {
            let (resource_type, pairs) = parts(filter)?;
            if !types.iter().any(|name| name == resource_type) {
                return Err(refuse(&format!(
                    "_typeFilter: {resource_type} is not among the types that are exported"
                )));
            }
            let search = read_strictly(app, context, resource_type, &pairs).await?;
            detail.push(format!("_typeFilter={resource_type}?{}", text(app, &search)));
        }
        if !self.patients.is_empty() {
            let patients: Vec<&str> = self.patients.iter().map(ResourceId::as_str).collect();
            detail.push(format!("patient={}", patients.join(",")));
        }
        Ok(detail.join("&"))
    }

    /// What must hold of resources of a type: any of its filters.
    pub(super) async fn filter(
        &self,
        app: &App,
        context: &Context,
        resource_type: &str,
    ) -> Result<Option<Predicate>, Error> {
        let mut any = Vec::new();
        for filter in &self.filters {
            let (of, pairs) = parts(filter)?;
            if of == resource_type {
                any.push(read_strictly(app, context, resource_type, &pairs).await?.filter);
            }
        }
        Ok((!any.is_empty()).then_some(Predicate::Or(any)))
    }

    /// How much of each resource.
    pub(super) fn shape(&self) -> Result<Shape, Error> {
        let mut pairs: Vec<_> =
            self.elements.iter().map(|elements| ("_elements".to_owned(), elements.clone())).collect();
        Shape::take(&mut pairs).map_err(malformed)
    }
}

/// The searches of a list: a comma parts two where `Type?` follows.
fn searches(text: &str) -> Vec<String> {
    let mut searches: Vec<String> = Vec::new();
    for part in text.split(',') {
        let begins =
            part.split_once('?').is_some_and(|(name, _)| name.chars().all(|c| c.is_ascii_alphabetic()));
        match searches.last_mut() {
            Some(last) if !begins => {
                last.push(',');
                last.push_str(part);
            }
            _ => searches.push(part.to_owned()),
        }
    }
    searches
}

fn parts(filter: &str) -> Result<(&str, Pairs), Error> {
    let (resource_type, query) = filter
        .split_once('?')
        .ok_or_else(|| refuse("_typeFilter is a list of searches such as Observation?status=final"))?;
    let pairs: Pairs = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let of_answer = |name: &str| OF_ANSWERS.contains(&name.split(':').next().unwrap_or_default());
    if let Some((name, _)) = pairs.iter().find(|(name, _)| of_answer(name)) {
        return Err(refuse(&format!("_typeFilter: {name} says nothing of what is wanted")));
    }
    Ok((resource_type, pairs))
}

/// The patients who are named, by references of the address or of Parameters.
fn patients(asked: &Asked) -> Result<BTreeSet<ResourceId>, Error> {
    let texts = asked.texts("patient").flat_map(|text| text.split(','));
    let references = asked.objects("patient").map(|value| value["reference"].as_str().unwrap_or_default());
    let mut found = BTreeSet::new();
    for text in texts.chain(references) {
        let id = text.rsplit_once("Patient/").map_or(text, |(_, id)| id);
        let id = id.parse().map_err(|_| refuse("patient must be a reference such as Patient/1"))?;
        found.insert(id);
    }
    if found.len() > PATIENTS {
        return Err(refuse(&format!("more than {PATIENTS} patients are named: make them a Group")));
    }
    Ok(found)
}

/// An export that cannot be done as it is asked.
pub(super) fn refuse(message: &str) -> Error {
    refused(ErrorKind::Malformed, "fhir.parameter", &[Issue::error(IssueCode::NotSupported, message)])
}

/// The members of a Group that count, or why it has none.
pub(super) fn members(group: &Value) -> Result<BTreeSet<ResourceId>, Error> {
    let not_of_patients = || {
        let issue = Issue::error(
            IssueCode::NotSupported,
            "a Group that is exported lists Patients as members and nothing else",
        );
        refused(ErrorKind::Refused, "fhir.group", &[issue])
    };
    if group["actual"] != true {
        return Err(not_of_patients());
    }
    let members = group["member"].as_array().into_iter().flatten();
    let counted = members.filter(|member| member["inactive"] != true);
    let id = |member: &Value| member["entity"]["reference"].as_str()?.rsplit_once("Patient/")?.1.parse().ok();
    counted.map(|member| id(member).ok_or_else(not_of_patients)).collect()
}
