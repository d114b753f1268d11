//! The rules by which values match (FHIR R4, Search 3.1.1.4), written down with no index and no SQL.

use bianque_fhir::ucum;
use bianque_query::{fold, name_keys};
use serde_json::Value;

use crate::ask::Wanted;
use crate::elements::{Found, Target, target};
use crate::exact::{Exact, Meant};
use crate::time::{Range, about, range};

/// Whether an element matches what is wanted by a parameter of this kind.
pub(crate) fn matches(kind: &str, modifier: &str, found: &Found, wanted: &Wanted) -> bool {
    match wanted {
        Wanted::Token { system, code } => token(modifier, found, system.as_deref(), code.as_deref()),
        Wanted::OfType { system, code, value } => of_type(found, system, code, value),
        Wanted::Text(text) if kind == "token" => {
            texts_of_token(found).iter().any(|found| fold(found).starts_with(&fold(text)))
        }
        Wanted::Text(text) => string(modifier, found, text),
        Wanted::Date { prefix, text } => {
            times(found).is_some_and(|found| date(prefix, found, range(text).unwrap()))
        }
        Wanted::Number { prefix, text } => {
            Meant::read(prefix, text).holds(&Exact::read(&found.value.to_string()).unwrap())
        }
        Wanted::Quantity { prefix, text, unit } => quantity(found, prefix, text, unit.as_ref()),
        Wanted::Reference(text) => reference(modifier, found, text),
        Wanted::Uri(text) => uri(modifier, found, text),
        Wanted::Composite(_) => unreachable!("the parts of a composite are matched one by one"),
    }
}

/// The kind of parameter that finds values of a type, of the parts of composites.
pub(crate) fn kind_of(type_name: &str) -> &'static str {
    match type_name {
        "Quantity" | "Age" | "Duration" => "quantity",
        "dateTime" | "date" | "instant" | "Period" => "date",
        "string" => "string",
        "Reference" => "reference",
        _ => "token",
    }
}

fn text<'v>(value: &'v Value, member: &str) -> Option<&'v str> {
    value[member].as_str()
}

fn texts<'v>(value: &'v Value, member: &str) -> Vec<&'v str> {
    match &value[member] {
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
        other => other.as_str().into_iter().collect(),
    }
}

fn items<'v>(value: &'v Value, member: &str) -> &'v [Value] {
    value[member].as_array().map_or(&[], Vec::as_slice)
}

/// The codes that a value has, each with its system.
fn codes<'f>(modifier: &str, found: &'f Found) -> Vec<(Option<&'f str>, String)> {
    let value = &found.value;
    let of_coding = |coding: &'f Value| Some((text(coding, "system"), text(coding, "code")?.to_owned()));
    let of_identifier = |one: &'f Value| Some((text(one, "system"), text(one, "value")?.to_owned()));
    match found.type_name.as_str() {
        "CodeableConcept" => items(value, "coding").iter().filter_map(of_coding).collect(),
        "Coding" => of_coding(value).into_iter().collect(),
        "Identifier" => of_identifier(value).into_iter().collect(),
        "Reference" if modifier == "identifier" => of_identifier(&value["identifier"]).into_iter().collect(),
        "ContactPoint" => contact(value),
        "boolean" => vec![(None, value.as_bool().unwrap().to_string())],
        _ => value.as_str().map(|code| (None, code.to_owned())).into_iter().collect(),
    }
}

/// A telephone number is found by its digits too, as FHIR leaves to servers.
fn contact(point: &Value) -> Vec<(Option<&str>, String)> {
    let Some(value) = text(point, "value") else { return Vec::new() };
    let digits: String = value.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
    let system = text(point, "system");
    let mut all = vec![(system, value.to_owned())];
    if matches!(system, Some("phone" | "sms" | "fax")) {
        all.push((system, digits));
    }
    all
}

fn token(modifier: &str, found: &Found, system: Option<&str>, code: Option<&str>) -> bool {
    codes(modifier, found).iter().any(|(its_system, its_code)| {
        let of_system = match system {
            None => true,
            Some("") => its_system.is_none(),
            Some(system) => *its_system == Some(system) || found.implied == Some(system),
        };
        of_system && code.is_none_or(|code| code == its_code)
    })
}

fn of_type(found: &Found, system: &str, code: &str, value: &str) -> bool {
    let typed = items(&found.value["type"], "coding").iter().any(|coding| {
        text(coding, "code") == Some(code) && text(coding, "system").unwrap_or_default() == system
    });
    typed && text(&found.value, "value") == Some(value)
}

/// The texts that stand beside codes.
fn texts_of_token(found: &Found) -> Vec<&str> {
    let value = &found.value;
    match found.type_name.as_str() {
        "CodeableConcept" => {
            let displays = items(value, "coding").iter().filter_map(|coding| text(coding, "display"));
            displays.chain(text(value, "text")).collect()
        }
        "Coding" => text(value, "display").into_iter().collect(),
        "Identifier" => text(&value["type"], "text").into_iter().collect(),
        _ => Vec::new(),
    }
}

/// The texts of a string parameter, each with its keys: names are found by each word and in pinyin, which is our own.
fn strings(found: &Found) -> Vec<(String, Vec<String>)> {
    let value = &found.value;
    let named = |text: String| (text.clone(), name_keys(&text));
    let plain = |text: &str| (text.to_owned(), vec![fold(text)]);
    match found.type_name.as_str() {
        "HumanName" => {
            let (family, given) = (text(value, "family"), texts(value, "given"));
            let mut all: Vec<String> =
                text(value, "text").into_iter().chain(family).map(str::to_owned).collect();
            if let Some(family) = family.filter(|_| !given.is_empty()) {
                all.push(format!("{family} {}", given.join(" ")));
                if fold(family).is_ascii() {
                    all.push(format!("{} {family}", given.join(" ")));
                }
            }
            all.extend(given.into_iter().map(str::to_owned));
            let mut all: Vec<_> = all.into_iter().map(named).collect();
            for part in ["prefix", "suffix"] {
                all.extend(texts(value, part).into_iter().map(plain));
            }
            all
        }
        "Address" => ["text", "city", "district", "state", "postalCode", "country", "line"]
            .into_iter()
            .flat_map(|part| texts(value, part))
            .map(plain)
            .collect(),
        _ => value.as_str().map(|text| named(text.to_owned())).into_iter().collect(),
    }
}

fn string(modifier: &str, found: &Found, wanted: &str) -> bool {
    let folded = fold(wanted);
    strings(found).iter().any(|(text, keys)| match modifier {
        "exact" => text == wanted,
        "contains" => keys.iter().any(|key| key.contains(&folded)),
        _ => keys.iter().any(|key| key.starts_with(&folded)),
    })
}

/// The least or greatest text that a string sorts by.
pub(crate) fn string_keys(found: &Found) -> Vec<String> {
    strings(found).into_iter().flat_map(|(_, keys)| keys).collect()
}

/// The codes that a token sorts by.
pub(crate) fn token_keys(found: &Found) -> Vec<String> {
    codes("", found).into_iter().map(|(_, code)| code).collect()
}

/// All instants that a value may mean.
pub(crate) fn times(found: &Found) -> Option<Range> {
    let value = &found.value;
    match found.type_name.as_str() {
        "Period" => span(value),
        "Timing" => {
            let events = texts(value, "event").into_iter().filter_map(range);
            let all: Vec<Range> = events.chain(span(&value["repeat"]["boundsPeriod"])).collect();
            let low = all.iter().map(|range| range.low).min()?;
            Some(Range { low, high: all.iter().map(|range| range.high).max()? })
        }
        _ => range(value.as_str()?),
    }
}

fn span(period: &Value) -> Option<Range> {
    let (start, end) = (text(period, "start"), text(period, "end"));
    (start.is_some() || end.is_some()).then(|| Range {
        low: start.map_or(i128::MIN, |text| range(text).unwrap().low),
        high: end.map_or(i128::MAX, |text| range(text).unwrap().high),
    })
}

/// By prefix, of what is found and what is wanted. With `ge` and `le` a value that runs into what is wanted counts too.
pub(crate) fn date(prefix: &str, found: Range, wanted: Range) -> bool {
    let within = wanted.low <= found.low && found.high <= wanted.high;
    match prefix {
        "" | "eq" => within,
        "ne" => !within,
        "gt" => found.high > wanted.high,
        "ge" => found.high > wanted.low,
        "lt" => found.low < wanted.low,
        "le" => found.low < wanted.high,
        "sa" => found.low >= wanted.high,
        "eb" => found.high <= wanted.low,
        "ap" => {
            let wide = about(wanted);
            found.low < wide.high && wide.low < found.high
        }
        other => unreachable!("{other}"),
    }
}

fn quantity(found: &Found, prefix: &str, wanted: &str, unit: Option<&(String, String)>) -> bool {
    let value = &found.value;
    let Value::Number(number) = &value["value"] else { return false };
    let meant = Meant::read(prefix, wanted);
    let Some((system, unit)) = unit else { return meant.holds(&Exact::read(&number.to_string()).unwrap()) };
    let (its_system, its_code) = (text(value, "system"), text(value, "code"));
    if system == ucum::SYSTEM
        && let Some((_, base)) = ucum::canonical(1.0, unit)
    {
        let in_base = its_code.filter(|_| its_system == Some(ucum::SYSTEM));
        let same = in_base.and_then(|code| ucum::canonical(number.as_f64().unwrap(), code));
        return same.is_some_and(|(number, its_base)| {
            its_base == base && meant.holds_in_base(number, |edge| ucum::canonical(edge, unit).unwrap().0)
        });
    }
    let of_unit = if system.is_empty() {
        its_code == Some(unit) || text(value, "unit") == Some(unit)
    } else {
        its_system == Some(system) && its_code == Some(unit)
    };
    of_unit && meant.holds(&Exact::read(&number.to_string()).unwrap())
}

fn reference(modifier: &str, found: &Found, wanted: &str) -> bool {
    let text =
        if found.type_name == "Reference" { text(&found.value, "reference") } else { found.value.as_str() };
    let Some(text) = text else { return false };
    let found_target = target(text);
    if found.type_name != "Reference" {
        return found_target == target(wanted)
            || text.split_once('|').is_some_and(|(bare, _)| bare == wanted);
    }
    match (&found_target, target(wanted)) {
        (Target::Here(kind, id), Target::Elsewhere(wanted)) if !wanted.contains(':') => {
            *id == wanted && (modifier.is_empty() || modifier == kind)
        }
        (Target::Here(..) | Target::Elsewhere(_), wanted) => found_target == wanted,
        (Target::Nothing, _) => false,
    }
}

fn uri(modifier: &str, found: &Found, wanted: &str) -> bool {
    let Some(text) = found.value.as_str() else { return false };
    let bare = text.split_once('|').map(|(bare, _)| bare).filter(|_| found.type_name == "canonical");
    [Some(text), bare].into_iter().flatten().any(|uri| match modifier {
        "below" => uri.starts_with(wanted),
        "above" => wanted.starts_with(uri),
        _ => uri == wanted,
    })
}
