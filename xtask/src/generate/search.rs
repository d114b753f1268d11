//! The search-parameter table: for every resource type its parameters, each with the JSON paths of its values.
//!
//! ```text
//! = Patient
//! name string Patient-name name:HumanName
//! phone token individual-phone telecom[system=phone]:ContactPoint
//! death-date date Patient-death-date deceasedDateTime:dateTime
//! patient reference>Patient clinical-patient subject[Patient]:Reference
//! ```
//! A choice is spelt out as the members JSON has for it; every path ends with the FHIR type found there. A parameter
//! without paths (special, phonetic) is known by name and cannot be searched by. A composite has the elements that its
//! parts are taken from together ([`composite`]).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use anyhow::{Context, Result};
use serde_json::Value;

use super::composite;
use super::definitions::{Definitions, list, text};
use super::elements::Model;
use super::expression::{Step, branches};

/// A parameter that may refer to more types than this refers to any.
const NAMED_TARGETS: usize = 40;

/// A path under way: what is written of it, the type it stands at, and the choice that is still open.
#[derive(Clone)]
struct Walk {
    written: String,
    type_name: String,
    choice: Option<(String, Vec<String>)>,
}

/// The table as text.
pub(crate) fn table(definitions: &Definitions, model: &Model) -> Result<String> {
    let mut resources: BTreeMap<&str, BTreeMap<&str, String>> = BTreeMap::new();
    for (name, found) in &model.types {
        if found.kind == "resource" {
            resources.insert(name, BTreeMap::new());
        }
    }
    for parameter in &definitions.search_parameters {
        let code = text(parameter, "code");
        for (name, params) in &mut resources {
            if bases(parameter, name, model) {
                let line = line(definitions, parameter, name, model);
                params.insert(code, line.with_context(|| format!("{name}.{code}"))?);
            }
        }
    }
    let mut out = String::new();
    for (name, params) in resources {
        let _ = writeln!(out, "= {name}");
        for line in params.values() {
            let _ = writeln!(out, "{line}");
        }
    }
    Ok(out)
}

/// Whether the parameter is for this type or one of its bases. `_id` and `_lastUpdated` are the store's own columns.
fn bases(parameter: &Value, name: &str, model: &Model) -> bool {
    if matches!(text(parameter, "code"), "_id" | "_lastUpdated" | "_text" | "_content" | "_query") {
        return false;
    }
    let mut lineage = vec![name];
    while let Some(base) =
        lineage.last().and_then(|last| model.types.get(*last)).and_then(|found| found.base.as_deref())
    {
        lineage.push(base);
    }
    list(parameter, "base").filter_map(Value::as_str).any(|base| lineage.contains(&base))
}

fn line(definitions: &Definitions, parameter: &Value, name: &str, model: &Model) -> Result<String> {
    let kind = text(parameter, "type");
    let mut written = Vec::new();
    if kind == "composite" {
        written = composite::groups(definitions, parameter, name, model)?;
    }
    // How `phonetic` matches is left to servers, and this one has no answer of its own.
    if kind != "composite" && kind != "special" && text(parameter, "code") != "phonetic" {
        for (start, mut steps) in branches(text(parameter, "expression"))? {
            // One definition leaves the type out.
            let starts_inside = !model.types.contains_key(&start);
            if starts_inside {
                steps.insert(0, Step::Member(start.clone()));
            }
            if starts_inside || start == name || matches!(start.as_str(), "Resource" | "DomainResource") {
                for path in paths(name, &steps, model)? {
                    if convertible(kind, &path) && !written.contains(&path) {
                        written.push(path);
                    }
                }
            }
        }
    }
    let mut line = format!("{} {kind}", text(parameter, "code"));
    let targets = targets(parameter, &written);
    if !targets.is_empty() && targets.len() <= NAMED_TARGETS {
        let _ = write!(line, ">{}", targets.into_iter().collect::<Vec<_>>().join("|"));
    }
    let _ = write!(line, " {}", text(parameter, "id"));
    for path in written {
        let _ = write!(line, " {path}");
    }
    Ok(line)
}

/// The types a parameter refers to: what its paths are narrowed to, else what its definition says.
fn targets<'p>(parameter: &'p Value, written: &'p [String]) -> BTreeSet<&'p str> {
    let narrowed = |path: &'p String| {
        let name = path.strip_suffix("]:Reference")?.rsplit('[').next()?;
        (!name.contains('=')).then_some(name)
    };
    let all: Option<BTreeSet<&str>> = written.iter().map(narrowed).collect();
    match all {
        Some(all) if !all.is_empty() => all,
        _ => list(parameter, "target").filter_map(Value::as_str).collect(),
    }
}

/// The paths of these steps from a type, each with the FHIR type found there.
pub(super) fn paths(name: &str, steps: &[Step], model: &Model) -> Result<Vec<String>> {
    if let [Step::Member(member), Step::Present] = steps {
        let choice = &model.element(name, member).context("an unknown member")?.types;
        let members: Vec<String> = choice.iter().map(|code| choice_member(member, code)).collect();
        return Ok(vec![format!("{}:presence", members.join(","))]);
    }
    let mut walks = vec![Walk { written: String::new(), type_name: name.to_owned(), choice: None }];
    for step in steps {
        let mut after = Vec::new();
        for walk in walks {
            advance(walk, step, model, &mut after)?;
        }
        walks = after;
    }
    Ok(walks
        .into_iter()
        .flat_map(settle)
        .map(|walk| format!("{}:{}", walk.written, walk.type_name))
        .collect())
}

fn advance(walk: Walk, step: &Step, model: &Model, after: &mut Vec<Walk>) -> Result<()> {
    match step {
        Step::Member(member) => {
            for walk in settle(walk) {
                let element = model
                    .element(&walk.type_name, member)
                    .with_context(|| format!("{} has no {member}", walk.type_name))?;
                let dot = if walk.written.is_empty() { "" } else { "." };
                if element.name.ends_with("[x]") {
                    let choice = Some((member.clone(), element.types.clone()));
                    after.push(Walk { written: format!("{}{dot}", walk.written), choice, ..walk });
                } else {
                    let type_name = element.types.first().cloned().unwrap_or_default();
                    after.push(Walk {
                        written: format!("{}{dot}{member}", walk.written),
                        type_name,
                        choice: None,
                    });
                }
            }
        }
        Step::OfType(name) => after.extend(settle(walk).into_iter().filter(|walk| walk.type_name == *name)),
        Step::WhereEquals(member, value) => {
            let each = settle(walk).into_iter();
            after.extend(each.map(|w| Walk { written: format!("{}[{member}={value}]", w.written), ..w }));
        }
        Step::WhereRefers(name) => {
            let references = settle(walk).into_iter().filter(|walk| walk.type_name == "Reference");
            after.extend(references.map(|w| Walk { written: format!("{}[{name}]", w.written), ..w }));
        }
        Step::Index => after.push(walk),
        Step::Present => {}
    }
    Ok(())
}

/// An open choice becomes one path for each of its types.
fn settle(walk: Walk) -> Vec<Walk> {
    let Some((member, types)) = walk.choice else { return vec![walk] };
    let each = types.into_iter().map(|code| Walk {
        written: format!("{}{}", walk.written, choice_member(&member, &code)),
        type_name: code,
        choice: None,
    });
    each.collect()
}

fn choice_member(member: &str, code: &str) -> String {
    let (first, rest) = code.split_at(code.len().min(1));
    format!("{member}{}{rest}", first.to_uppercase())
}

/// Whether a value of the path's type has a form that a parameter of this kind is compared in.
pub(super) fn convertible(kind: &str, path: &str) -> bool {
    let found = path.rsplit(':').next().unwrap_or_default();
    match kind {
        "token" => matches!(
            found,
            "boolean"
                | "code"
                | "string"
                | "id"
                | "uri"
                | "canonical"
                | "oid"
                | "Identifier"
                | "Coding"
                | "CodeableConcept"
                | "ContactPoint"
                | "presence"
        ),
        "string" => matches!(found, "string" | "markdown" | "code" | "uri" | "HumanName" | "Address"),
        "date" => matches!(found, "date" | "dateTime" | "instant" | "Period" | "Timing"),
        "number" => matches!(found, "integer" | "positiveInt" | "unsignedInt" | "decimal"),
        "quantity" => matches!(found, "Quantity" | "Age" | "Duration" | "Distance" | "Count" | "Money"),
        "reference" => matches!(found, "Reference" | "canonical" | "uri"),
        "uri" => matches!(found, "uri" | "url" | "canonical" | "oid" | "uuid"),
        _ => false,
    }
}
