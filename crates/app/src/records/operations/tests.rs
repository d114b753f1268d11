//! Stories of operations on records.

mod everything;
mod last_n;
mod match_patient;
mod meta;
mod purge;
mod validate;

use bianque_model::{Actor, Context};
use serde_json::{Value, json};

use crate::records::Asked;
use crate::testing::Clinic;
use crate::{Error, ErrorKind};

fn program(clinic: &Clinic, scopes: &[&str]) -> Context {
    let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    clinic.context(Actor::System { token: "t1".parse().unwrap(), scopes })
}

fn asked(pairs: &[(&str, &str)]) -> Asked {
    let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Asked::read(pairs.collect(), None).unwrap()
}

fn posted(parameters: &Value) -> Asked {
    let body = json!({"resourceType": "Parameters", "parameter": parameters});
    Asked::read(Vec::new(), Some(body.to_string().as_bytes())).unwrap()
}

/// An answer, which must be a resource.
fn answer(result: Result<Vec<u8>, Error>) -> Value {
    let answer = serde_json::from_slice(&result.unwrap()).unwrap();
    assert_eq!(bianque_fhir::validate(&answer), []);
    answer
}

/// The resources of a Bundle that came in a mode, as `Type/id`.
fn names(bundle: &Value, mode: &str) -> Vec<String> {
    let entries = bundle["entry"].as_array().into_iter().flatten();
    let of_mode = entries.filter(|entry| entry["search"]["mode"] == mode);
    let name = |resource: &Value| {
        format!("{}/{}", resource["resourceType"].as_str().unwrap(), resource["id"].as_str().unwrap())
    };
    of_mode.map(|entry| name(&entry["resource"])).collect()
}

fn kind(result: Result<impl Sized, Error>) -> ErrorKind {
    match result {
        Ok(_) => panic!("it was allowed"),
        Err(error) => error.kind,
    }
}
