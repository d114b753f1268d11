//! The values of a parameter, as tests of its index rows.

use std::collections::BTreeMap;

use bianque_model::Timestamp;
use bianque_query::{Bound, DateRange, Interval, NORMALISED, Predicate, Reference, Test, fold};

use super::asked::Asked;
use super::{Refusal, SearchOptions, escape, number};
use crate::date as fhir_date;
use crate::index::{LONGEST_TEXT, PRESENT, needs_rows};
use crate::tables::{Group, ParamKind};
use crate::terminology::{self, Terminology};
use crate::ucum;
use crate::validate::{Literal, literal};

/// One parameter with its alternatives.
pub(super) fn predicate(
    param: Asked<'_>,
    modifier: Option<&str>,
    alternatives: &[&str],
    options: SearchOptions<'_>,
) -> Result<Predicate, Refusal> {
    if modifier == Some("missing") {
        return missing(param, alternatives);
    }
    if alternatives.iter().any(|value| value.is_empty()) {
        return Err(Refusal::Invalid("one of the values is empty".into()));
    }
    if param.kind() == ParamKind::Composite {
        if modifier.is_some() {
            return Err(unknown_modifier(modifier));
        }
        let any = alternatives.iter().map(|value| composite(param.groups(), value, options));
        return Ok(Predicate::Or(any.collect::<Result<_, _>>()?));
    }
    if param.kind() == ParamKind::Token
        && let Some(modifier @ ("in" | "not-in" | "above" | "below")) = modifier
    {
        return codes(param.code(), modifier, alternatives, options.terminology);
    }
    let any = alternatives.iter().map(|value| {
        let (asked, test) = of_kind(param.kind(), param.targets(), modifier, value, options)?;
        let code = param.code();
        let row = if asked.is_empty() { code.to_owned() } else { format!("{code}:{asked}") };
        let test = implied(param, &test).unwrap_or(test);
        Ok(Predicate::Param { param: row, test })
    });
    let any = Predicate::Or(any.collect::<Result<_, Refusal>>()?);
    Ok(if modifier == Some("not") { Predicate::Not(Box::new(any)) } else { any })
}

/// A system that an element's values do not say, and mean by their binding: they are asked for by their codes.
fn implied(param: Asked<'_>, test: &Test) -> Option<Test> {
    let Test::Token { system: Some(system), code } = test else { return None };
    let codes = param.bound()?.of_system(system, code.as_deref());
    let codes: Vec<String> = codes.into_iter().map(str::to_owned).collect();
    (!codes.is_empty()).then(|| Test::TokenAny { system: String::new(), codes })
}

/// `:in` and `:not-in` a value set by its URL, `:below` and `:above` a code with its system.
fn codes(
    param: &str,
    modifier: &str,
    alternatives: &[&str],
    terminology: &Terminology,
) -> Result<Predicate, Refusal> {
    let mut wanted: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let unknown = |refusal: terminology::Refusal| Refusal::Invalid(refusal.to_string());
    for value in alternatives {
        if matches!(modifier, "in" | "not-in") {
            for (system, code) in terminology.codes_in(&escape::plain(value)).map_err(unknown)? {
                wanted.entry(system).or_default().push(code);
            }
            continue;
        }
        let parts = escape::split(value, '|');
        let [system, code] = parts.as_slice() else {
            return Err(Refusal::Invalid("expected system|code".into()));
        };
        let (system, code) = (escape::plain(system), escape::plain(code));
        let others = match modifier {
            "below" => terminology.descendants(&system, &code),
            _ => terminology.ancestors(&system, &code),
        };
        let codes = wanted.entry(system).or_default();
        codes.push(code);
        codes.extend(others.map_err(unknown)?);
    }
    let any = wanted.into_iter().map(|(system, codes)| Predicate::Param {
        param: param.to_owned(),
        test: Test::TokenAny { system, codes },
    });
    let any = Predicate::Or(any.collect());
    Ok(if modifier == "not-in" { Predicate::Not(Box::new(any)) } else { any })
}

/// The value sets and code systems that a search asks about, by their URLs.
pub fn asked_sets(pairs: &[(String, String)]) -> Vec<String> {
    let asked = pairs.iter().filter_map(|(name, value)| match name.rsplit_once(':')?.1 {
        "in" | "not-in" => Some(escape::split(value, ',').into_iter().map(escape::plain).collect::<Vec<_>>()),
        "above" | "below" => {
            let codes = escape::split(value, ',').into_iter();
            Some(codes.filter_map(|code| Some(escape::plain(code.split_once('|')?.0))).collect())
        }
        _ => None,
    });
    asked.flatten().collect()
}

/// `:missing`. A composite is missing where no element has all its parts.
fn missing(param: Asked<'_>, alternatives: &[&str]) -> Result<Predicate, Refusal> {
    let missing = match alternatives {
        ["true"] => true,
        ["false"] => false,
        _ => return Err(Refusal::Invalid("expected true or false".into())),
    };
    if param.kind() == ParamKind::Composite {
        return Err(Refusal::Unsupported("whether a composite is missing cannot be asked".into()));
    }
    let rows = [param.code().to_owned(), format!("{}:{PRESENT}", param.code())];
    let each = rows.map(|param| Predicate::Missing { param, missing }).into();
    Ok(if missing { Predicate::And(each) } else { Predicate::Or(each) })
}

/// `first$second`: in one element, each part is like this.
fn composite(
    groups: &'static [Group],
    value: &str,
    options: SearchOptions<'_>,
) -> Result<Predicate, Refusal> {
    let values = escape::split(value, '$');
    let ways = groups.iter().map(|group| {
        if values.len() != group.parts.len() || values.iter().any(|value| value.is_empty()) {
            let words = format!("expected {} values parted by $", group.parts.len());
            return Err(Refusal::Invalid(words));
        }
        let mut tests = Vec::with_capacity(values.len());
        for (place, (part, value)) in (0_u8..).zip(group.parts.iter().zip(&values)) {
            let (asked, test) = of_kind(part.kind, &[], None, value, options)?;
            tests.push((if asked == "ucum" { NORMALISED + place } else { place }, test));
        }
        Ok(together(group, tests))
    });
    Ok(Predicate::Or(ways.collect::<Result<_, Refusal>>()?))
}

/// Parts of the resource itself are parameters of their own; those of an element inside have rows together.
fn together(group: &'static Group, tests: Vec<(u8, Test)>) -> Predicate {
    if needs_rows(group) {
        return Predicate::Together { param: group.rows.to_owned(), tests };
    }
    let alike = group.parts.iter().filter_map(|part| part.alike).zip(tests);
    Predicate::And(
        alike
            .map(|(code, (part, test))| {
                let param = if part >= NORMALISED { format!("{code}:ucum") } else { code.to_owned() };
                Predicate::Param { param, test }
            })
            .collect(),
    )
}

/// What a value is compared with, and under which modifier its rows are.
fn of_kind(
    kind: ParamKind,
    targets: &[&'static str],
    modifier: Option<&str>,
    value: &str,
    options: SearchOptions<'_>,
) -> Result<(&'static str, Test), Refusal> {
    let plain = |test| Ok(("", test));
    match (kind, modifier) {
        (ParamKind::Token, None | Some("not")) | (ParamKind::Reference, Some("identifier")) => {
            plain(token(value))
        }
        (ParamKind::Token, Some("text")) => Ok(("text", Test::StartsWith(folded(value)?))),
        (ParamKind::Token, Some("of-type")) => Ok(("of-type", of_type(value)?)),
        (ParamKind::String, None) => plain(Test::StartsWith(folded(indexed(value)?)?)),
        (ParamKind::String, Some("contains")) => plain(Test::Contains(folded(indexed(value)?)?)),
        (ParamKind::String, Some("exact")) => plain(Test::Exact(escape::plain(indexed(value)?))),
        (ParamKind::Date, None) => plain(date(value, options.now)?),
        (ParamKind::Number, None) => {
            let number::Wanted { interval, outside } = number::wanted(value)?;
            plain(if outside { Test::NumberOutside(interval) } else { Test::Number(interval) })
        }
        (ParamKind::Quantity, None) => quantity(value),
        (ParamKind::Reference, modifier) => {
            plain(reference(targets, modifier, &escape::plain(value), options)?)
        }
        (ParamKind::Uri, None) => plain(Test::Uri(escape::plain(value))),
        (ParamKind::Uri, Some("below")) => plain(Test::UriBelow(escape::plain(value))),
        (ParamKind::Uri, Some("above")) => plain(Test::UriAbove(escape::plain(value))),
        (ParamKind::Composite | ParamKind::Special, _) => {
            Err(Refusal::Unsupported(format!("{} parameters are not supported", kind.code())))
        }
        (_, modifier) => Err(unknown_modifier(modifier)),
    }
}

fn unknown_modifier(modifier: Option<&str>) -> Refusal {
    let modifier: String = modifier.unwrap_or_default().chars().take(64).collect();
    Refusal::Unsupported(format!("the modifier :{modifier} is not supported here"))
}

/// `system|code|value`: an identifier by the code of its type.
fn of_type(value: &str) -> Result<Test, Refusal> {
    let parts = escape::split(value, '|');
    let [system, code, value] = parts.as_slice() else {
        return Err(Refusal::Invalid("expected system|code|value".into()));
    };
    if code.is_empty() || value.is_empty() {
        return Err(Refusal::Invalid("expected system|code|value".into()));
    }
    let system = format!("{}|{}", escape::plain(system), escape::plain(code));
    Ok(Test::Token { system: Some(system), code: Some(escape::plain(value)) })
}

/// `number`, `number|system|code` or `number||code`. In units of UCUM, every unit of the kind is compared.
fn quantity(value: &str) -> Result<(&'static str, Test), Refusal> {
    let parts = escape::split(value, '|');
    let (number, system, unit) = match parts.as_slice() {
        [number] => (*number, None, None),
        [number, "", unit] if !unit.is_empty() => (*number, None, Some(escape::plain(unit))),
        [number, system, unit] if !unit.is_empty() => {
            (*number, Some(escape::plain(system)), Some(escape::plain(unit)))
        }
        _ => return Err(Refusal::Invalid("expected number, number|system|code or number||code".into())),
    };
    let number::Wanted { interval, outside } = number::wanted(number)?;
    if system.as_deref() == Some(ucum::SYSTEM)
        && let Some((interval, base)) = unit.as_deref().and_then(|unit| in_base_units(interval, unit))
    {
        return Ok(("ucum", Test::Quantity { interval, outside, system: None, unit: Some(base) }));
    }
    Ok(("", Test::Quantity { interval, outside, system, unit }))
}

/// An interval narrower than this part of its end is within the digits that converted values are rounded to.
const ROUNDED: f64 = 1e-11;

/// The same interval in base units; none: this is no unit of UCUM that can be converted.
fn in_base_units(interval: Interval, unit: &str) -> Option<(Interval, String)> {
    let (_, base) = ucum::canonical(1.0, unit)?;
    let moved = |bound: Option<Bound>| match bound {
        None => Some(None),
        Some(bound) => {
            let (value, _) = ucum::canonical(bound.value, unit)?;
            Some(Some(Bound { value, ..bound }))
        }
    };
    let (low, mut high) = (moved(interval.low)?, moved(interval.high)?);
    if let (Some(low), Some(high)) = (low, &mut high)
        && high.value - low.value <= ROUNDED * high.value.abs().max(low.value.abs())
    {
        high.included = true;
    }
    Some((Interval { low, high }, base))
}

/// `code`, `system|code`, `|code` (no system) or `system|` (any code of it).
fn token(value: &str) -> Test {
    match escape::split(value, '|').as_slice() {
        [code] => Test::Token { system: None, code: Some(escape::plain(code)) },
        [system, ""] => Test::Token { system: Some(escape::plain(system)), code: None },
        [system, rest @ ..] => {
            Test::Token { system: Some(escape::plain(system)), code: Some(escape::plain(&rest.join("|"))) }
        }
        [] => Test::Token { system: None, code: None },
    }
}

/// What of a text can be found: beyond its beginning nothing is indexed.
fn indexed(value: &str) -> Result<&str, Refusal> {
    if escape::plain(value).chars().count() > LONGEST_TEXT {
        let words = format!("a text is searched by its first {LONGEST_TEXT} characters: ask for fewer");
        return Err(Refusal::Invalid(words));
    }
    Ok(value)
}

fn folded(value: &str) -> Result<String, Refusal> {
    let folded = fold(&escape::plain(value));
    if folded.is_empty() { Err(Refusal::Invalid("nothing to search for".into())) } else { Ok(folded) }
}

/// A date with its prefix (FHIR R4, Search 3.1.1.4.7).
///
/// `ge` and `le` also take what runs into the wanted range: a visit from before midnight is found by the day it ends.
pub(super) fn date(value: &str, now: Timestamp) -> Result<Test, Refusal> {
    let has_prefix = value.get(..2).is_some_and(|prefix| prefix.bytes().all(|b| b.is_ascii_lowercase()));
    let (prefix, text) = if has_prefix { value.split_at(2) } else { ("eq", value) };
    // A `+` that was not encoded arrives as a blank.
    let written = fhir_date::parse(&text.replace(' ', "+"));
    let range = written.ok_or_else(|| Refusal::Invalid(format!("{text:?} is no date")))?.range;
    Ok(match prefix {
        "eq" => Test::DateWithin(range),
        "ne" => Test::DateNotWithin(range),
        "gt" => Test::DateAfter(range.high),
        "ge" => Test::DateAfter(range.low),
        "lt" => Test::DateBefore(range.low),
        "le" => Test::DateBefore(range.high),
        "sa" => Test::DateStartsAtOrAfter(range.high),
        "eb" => Test::DateEndsBefore(range.low),
        "ap" => Test::DateOverlaps(about(range, now)),
        _ => return Err(Refusal::Invalid(format!("{prefix:?} is no prefix of a date"))),
    })
}

/// A tenth of the time between the date and now, to both sides.
fn about(range: DateRange, now: Timestamp) -> DateRange {
    let margin = now.0.saturating_sub(range.low.0).saturating_abs() / 10;
    DateRange {
        low: Timestamp(range.low.0.saturating_sub(margin)),
        high: Timestamp(range.high.0.saturating_add(margin)),
    }
}

/// `id`, `Type/id`, an absolute URL, or with `:Type` an id of that type.
fn reference(
    targets: &[&'static str],
    modifier: Option<&str>,
    value: &str,
    options: SearchOptions<'_>,
) -> Result<Test, Refusal> {
    if let Some(name) = modifier.filter(|name| !crate::is_resource_type(name)) {
        return Err(unknown_modifier(Some(name)));
    }
    let own = value.strip_prefix(options.base).and_then(|rest| rest.strip_prefix('/'));
    let text = own.filter(|_| !options.base.is_empty()).unwrap_or(value);
    let of_type = |name: &str, id| Test::Refers(Reference { resource_type: name.to_owned(), id });
    match literal(text) {
        Some(Literal::Local { resource_type, .. }) if modifier.is_some_and(|name| name != resource_type) => {
            Err(Refusal::Invalid(format!(
                "the modifier and the value name different types ({resource_type})"
            )))
        }
        Some(Literal::Local { resource_type, id }) => Ok(of_type(resource_type, id)),
        Some(Literal::Elsewhere(_)) => Ok(Test::Uri(value.to_owned())),
        Some(Literal::Contained(_)) => {
            Err(Refusal::Invalid("a contained resource cannot be searched for".into()))
        }
        None => {
            let id = text.parse().map_err(|_| Refusal::Invalid("expected Type/id, an id or a URL".into()))?;
            Ok(match (modifier, targets) {
                (Some(name), _) => of_type(name, id),
                (None, [name]) => of_type(name, id),
                (None, _) => Test::RefersToId(id),
            })
        }
    }
}
