//! What an operation was asked: parameters of the address, or a Parameters resource.

use bianque_fhir::terminology::Coding;
use bianque_fhir::{Issue, IssueCode, document, validate};
use serde_json::Value;

use super::outcome::refused;
use super::prepare::malformed;
use crate::{Error, ErrorKind};

/// Parameters that say how to answer and are read elsewhere.
const OF_THE_ADDRESS: [&str; 2] = ["_format", "_pretty"];

/// Names and values, in the order they came.
#[derive(Debug, Clone, Default)]
pub struct Asked(Vec<(String, Given)>);

/// The value of a parameter.
#[derive(Debug, Clone)]
enum Given {
    /// A primitive: of the address, or any `value[x]` that is one.
    Text(String),
    /// A `value[x]` that is an object, or a resource.
    Object(Value),
}

impl Asked {
    /// From the parameters of the address and, of a POST, the body, which is a Parameters resource.
    pub fn read(pairs: Vec<(String, String)>, body: Option<&[u8]>) -> Result<Self, Error> {
        let pairs = pairs.into_iter().filter(|(name, _)| !OF_THE_ADDRESS.contains(&name.as_str()));
        let mut asked = Self(pairs.map(|(name, value)| (name, Given::Text(value))).collect());
        if let Some(body) = body {
            asked.0.extend(parameters(body)?);
        }
        Ok(asked)
    }

    /// Refuses what is not one of these names: an answer that leaves a condition out would be another answer.
    pub(super) fn only(&self, names: &[&str]) -> Result<(), Error> {
        match self.0.iter().find(|(name, _)| !names.contains(&name.as_str())) {
            None => Ok(()),
            Some((name, _)) => {
                let name: String = name.chars().take(64).collect();
                let message = format!("the parameter {name} is not taken; there are {}", names.join(", "));
                Err(refused(
                    ErrorKind::Malformed,
                    "fhir.parameter",
                    &[Issue::error(IssueCode::NotSupported, message)],
                ))
            }
        }
    }

    /// All values of a primitive.
    pub(super) fn texts<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter_map(move |(own, given)| match given {
            Given::Text(text) if own == name => Some(text.as_str()),
            _ => None,
        })
    }

    /// The value of a primitive; an empty one is none.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.texts(name).find(|text| !text.is_empty()).map(str::to_owned)
    }

    /// The value of a boolean; false when it is not there.
    pub(super) fn flag(&self, name: &str) -> Result<bool, Error> {
        match self.text(name).as_deref() {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(wrong(name, "true or false")),
        }
    }

    /// The value of a number that is not negative.
    pub(super) fn number(&self, name: &str) -> Result<Option<usize>, Error> {
        let text = self.text(name);
        text.map(|text| text.parse().map_err(|_| wrong(name, "a number of 0 or more"))).transpose()
    }

    /// A value that is an object.
    pub(super) fn object(&self, name: &str) -> Option<&Value> {
        self.objects(name).next()
    }

    /// All values that are objects.
    pub(super) fn objects<'a, 'n>(&'a self, name: &'n str) -> impl Iterator<Item = &'a Value> + use<'a, 'n> {
        self.0.iter().filter_map(move |(own, given)| match given {
            Given::Object(value) if own == name => Some(value),
            _ => None,
        })
    }

    /// A resource that is given in place.
    pub(super) fn resource(&self, name: &str, resource_type: &str) -> Result<Option<&Value>, Error> {
        match self.object(name) {
            Some(value) if value["resourceType"] == resource_type => Ok(Some(value)),
            Some(_) => Err(wrong(name, resource_type)),
            None => Ok(None),
        }
    }

    /// The codes that are asked about: a CodeableConcept, a Coding, or a code with the rest beside it.
    pub(super) fn codings(&self, system: &str, version: &str) -> Result<Vec<Coding>, Error> {
        if let Some(concept) = self.object("codeableConcept") {
            let codings = concept["coding"].as_array().into_iter().flatten();
            return Ok(codings.filter_map(Coding::read).collect());
        }
        if let Some(coding) = self.object("coding") {
            return Ok(Coding::read(coding).into_iter().collect());
        }
        let code = self.text("code").ok_or_else(|| missing("code, coding or codeableConcept"))?;
        let (system, version) = (self.text(system), self.text(version));
        Ok(vec![Coding { system, version, code, display: self.text("display") }])
    }
}

fn parameters(body: &[u8]) -> Result<Vec<(String, Given)>, Error> {
    let read = document::parse(body).map_err(|error| {
        malformed(Issue::error(IssueCode::Structure, format!("not a JSON document: {error}")))
    })?;
    if read["resourceType"] != "Parameters" {
        return Err(malformed(Issue::error(IssueCode::Structure, "the body must be a Parameters resource")));
    }
    let issues = validate(&read);
    if !issues.is_empty() {
        return Err(refused(ErrorKind::Refused, "fhir.invalid", &issues));
    }
    let parameters = read["parameter"].as_array().into_iter().flatten();
    Ok(parameters.filter_map(parameter).collect())
}

/// A parameter has a resource, or one member whose name begins with `value`.
fn parameter(parameter: &Value) -> Option<(String, Given)> {
    let name = parameter["name"].as_str()?.to_owned();
    let members = parameter.as_object()?;
    let (_, value) = members.iter().find(|(name, _)| *name == "resource" || name.starts_with("value"))?;
    let given = match value {
        Value::String(text) => Given::Text(text.clone()),
        Value::Object(_) => Given::Object(value.clone()),
        other => Given::Text(other.to_string()),
    };
    Some((name, given))
}

/// A parameter that must be there and is not.
pub(super) fn missing(what: &str) -> Error {
    malformed(Issue::error(IssueCode::Required, format!("{what} must be given")))
}

fn wrong(name: &str, expected: &str) -> Error {
    malformed(Issue::error(IssueCode::Invalid, format!("{name} must be {expected}")))
}
