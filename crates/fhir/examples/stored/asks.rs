//! The searches that must find a resource, from its index rows.

use std::collections::{BTreeMap, BTreeSet};

use bianque_query::{IndexRow, IndexValue, NORMALISED};

use crate::corpus::Example;
use crate::server::Server;
use crate::{dates, units};

/// The longest text that is asked whole; a value may be 4,096 bytes.
const LONGEST: usize = 1_000;
/// Characters of the beginning of a text.
const BEGINNING: usize = 3;

/// One parameter of a search.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Ask {
    pub(crate) name: String,
    pub(crate) value: String,
}

/// Every search by one parameter that must find this resource, each once.
pub(crate) fn of(example: &Example, server: &Server) -> Vec<Ask> {
    let Some(told) = &example.told else { return Vec::new() };
    let mut asks = BTreeSet::new();
    let mut add = |name: &str, value: String| {
        asks.insert(Ask { name: name.to_owned(), value });
    };
    add("_lastUpdated", told.last_updated.clone());
    add("_lastUpdated", format!("ge{}", told.last_updated));
    for row in &told.index.rows {
        of_row(row, |code| server.kind(&example.resource_type, code), &server.base(), &mut add);
    }
    together(&told.index.rows, &mut add);
    asks.into_iter().collect()
}

/// The one value that only rows like this have; none where others may match it too.
pub(crate) fn exact(row: &IndexRow, kind: &str) -> Option<Ask> {
    let value = match (&row.value, kind) {
        (IndexValue::Token { system, code }, "token") if !row.param.contains(':') => {
            format!("{}|{}", escaped(system), escaped(code))
        }
        (IndexValue::Uri(uri), "uri") => escaped(uri),
        (IndexValue::Reference(reference), "reference") => {
            format!("{}/{}", reference.resource_type, reference.id)
        }
        (IndexValue::Text { exact, .. }, "string") => {
            return Some(Ask { name: format!("{}:exact", row.param), value: escaped(exact) });
        }
        _ => return None,
    };
    Some(Ask { name: row.param.clone(), value })
}

type Add<'a> = dyn FnMut(&str, String) + 'a;

fn of_row<'k>(row: &IndexRow, kind: impl Fn(&str) -> &'k str, base: &str, add: &mut Add<'_>) {
    let (code, modifier) = row.param.split_once(':').unwrap_or((&row.param, ""));
    let kind = kind(code);
    let missing = format!("{code}:missing");
    match (&row.value, modifier) {
        (IndexValue::Rule(_) | IndexValue::Part { .. }, _) => return,
        (_, "present") => {}
        (IndexValue::Token { system, code: value }, "of-type") => {
            add(&row.param, format!("{}|{}", of_type(system), escaped(value)));
        }
        (IndexValue::Token { system, code: value }, _) if kind == "reference" => {
            tokens(&format!("{code}:identifier"), system, value, add);
        }
        (IndexValue::Token { system, code: value }, _) => tokens(code, system, value, add),
        (IndexValue::Text { folded, exact }, "text") => beginnings(&row.param, folded, exact, add),
        (IndexValue::Text { folded, exact }, _) => {
            beginnings(code, folded, exact, add);
            add(&format!("{code}:exact"), escaped(exact));
            let middle: String = folded.chars().skip(folded.chars().count() / 3).take(BEGINNING).collect();
            if !middle.trim().is_empty() {
                add(&format!("{code}:contains"), escaped(&middle));
            }
        }
        (IndexValue::Date(range), _) => dates::asks(*range).into_iter().for_each(|value| add(code, value)),
        (IndexValue::Number(value), _) => {
            for prefix in ["", "ge", "le", "ap"] {
                add(code, format!("{prefix}{}", units::number(*value)));
            }
        }
        (IndexValue::Quantity { value, unit, .. }, "ucum") => {
            for value in units::asks(*value, unit) {
                add(code, value);
            }
        }
        (IndexValue::Quantity { value, system, unit }, _) => quantities(code, *value, system, unit, add),
        (IndexValue::Reference(reference), _) => {
            let (of, id) = (&reference.resource_type, &reference.id);
            add(code, format!("{of}/{id}"));
            add(code, id.to_string());
            add(code, format!("{base}/{of}/{id}"));
            add(&format!("{code}:{of}"), id.to_string());
        }
        (IndexValue::Uri(uri), _) => uris(code, uri, kind, add),
    }
    add(&missing, "false".into());
}

fn tokens(name: &str, system: &str, code: &str, add: &mut Add<'_>) {
    add(name, escaped(code));
    add(name, format!("{}|{}", escaped(system), escaped(code)));
    if !system.is_empty() {
        add(name, format!("{}|", escaped(system)));
    }
}

/// The system and code of an identifier's type, which stand in one text.
fn of_type(both: &str) -> String {
    let (system, code) = both.rsplit_once('|').unwrap_or((both, ""));
    format!("{}|{}", escaped(system), escaped(code))
}

/// By a few characters, by all, and by all as it was written.
fn beginnings(name: &str, folded: &str, exact: &str, add: &mut Add<'_>) {
    let first: String = folded.chars().take(BEGINNING).collect();
    for value in [first.as_str(), folded, exact] {
        if !value.trim().is_empty() && value.len() <= LONGEST {
            // What is a word of a name begins no whole name.
            if value != exact || bianque_query::fold(exact).starts_with(folded) {
                add(name, escaped(value));
            }
        }
    }
}

fn quantities(code: &str, value: f64, system: &str, unit: &str, add: &mut Add<'_>) {
    let number = units::number(value);
    for prefix in ["", "ge", "le", "ap"] {
        add(code, format!("{prefix}{number}"));
    }
    if !unit.is_empty() {
        add(code, format!("{number}||{}", escaped(unit)));
        if !system.is_empty() {
            add(code, format!("{number}|{}|{}", escaped(system), escaped(unit)));
        }
    }
}

fn uris(code: &str, uri: &str, kind: &str, add: &mut Add<'_>) {
    add(code, escaped(uri));
    if kind == "uri" {
        add(&format!("{code}:below"), escaped(uri));
        add(&format!("{code}:above"), escaped(&format!("{uri}/below")));
        let above = uri.rsplit_once('/').map(|(above, _)| above).filter(|above| above.contains("://"));
        if let Some(above) = above.filter(|above| !above.ends_with('/')) {
            add(&format!("{code}:below"), escaped(above));
        }
    }
}

/// Composites: of each element, its parts together, so that each value of each part is asked once.
fn together(rows: &[IndexRow], add: &mut Add<'_>) {
    let mut elements: BTreeMap<(&str, u32), BTreeMap<u8, Vec<String>>> = BTreeMap::new();
    for row in rows {
        if let IndexValue::Part { group, part, value } = &row.value {
            let (part, text) =
                if *part >= NORMALISED { (part - NORMALISED, base(value)) } else { (*part, plain(value)) };
            let parts = elements.entry((&row.param, *group)).or_default();
            parts.entry(part).or_default().extend(text);
        }
    }
    for ((code, _), parts) in elements {
        let most = parts.values().map(Vec::len).max().unwrap_or_default();
        for turn in 0..most {
            let values: Option<Vec<&str>> =
                parts.values().map(|values| Some(values.get(turn % values.len().max(1))?.as_str())).collect();
            if let Some(values) = values {
                add(code, values.join("$"));
            }
        }
    }
}

/// A part as it is asked for.
fn plain(value: &IndexValue) -> Option<String> {
    Some(match value {
        IndexValue::Token { system, code } => format!("{}|{}", escaped(system), escaped(code)),
        IndexValue::Text { folded, .. } => escaped(folded),
        IndexValue::Date(range) => dates::asks(*range).pop()?,
        IndexValue::Number(value) => units::number(*value),
        IndexValue::Quantity { value, unit, .. } if unit.is_empty() => units::number(*value),
        IndexValue::Quantity { value, unit, .. } => format!("{}||{}", units::number(*value), escaped(unit)),
        IndexValue::Reference(reference) => format!("{}/{}", reference.resource_type, reference.id),
        IndexValue::Uri(uri) => escaped(uri),
        IndexValue::Part { .. } | IndexValue::Rule(_) => return None,
    })
}

/// A part that is a quantity in base units.
fn base(value: &IndexValue) -> Option<String> {
    match value {
        IndexValue::Quantity { value, unit, .. } => units::asks(*value, unit).into_iter().next(),
        _ => None,
    }
}

/// With the escapes of FHIR R4, Search 3.1.1.4.0.1.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, ',' | '|' | '$' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
