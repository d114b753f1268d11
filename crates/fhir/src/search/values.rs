//! The values of a parameter, as tests of its index rows.

use bianque_model::Timestamp;
use bianque_query::{DateRange, Predicate, Reference, Test, fold};

use super::{Refusal, SearchOptions, escape};
use crate::date as fhir_date;
use crate::tables::{Param, ParamKind};
use crate::validate::{Literal, literal};

/// One parameter with its alternatives.
pub(super) fn predicate(
    param: &'static Param,
    modifier: Option<&str>,
    alternatives: &[&str],
    options: SearchOptions<'_>,
) -> Result<Predicate, Refusal> {
    if modifier == Some("missing") {
        let missing = match alternatives {
            ["true"] => true,
            ["false"] => false,
            _ => return Err(Refusal::Invalid("expected true or false".into())),
        };
        return Ok(Predicate::Missing { param: param.code.to_owned(), missing });
    }
    let tests = alternatives.iter().map(|value| test(param, modifier, value, options));
    let any: Vec<Predicate> = tests
        .map(|test| test.map(|test| Predicate::Param { param: param.code.to_owned(), test }))
        .collect::<Result<_, _>>()?;
    let any = Predicate::Or(any);
    Ok(if modifier == Some("not") { Predicate::Not(Box::new(any)) } else { any })
}

fn test(
    param: &Param,
    modifier: Option<&str>,
    value: &str,
    options: SearchOptions<'_>,
) -> Result<Test, Refusal> {
    if value.is_empty() {
        return Err(Refusal::Invalid("one of the values is empty".into()));
    }
    match (param.kind, modifier) {
        (ParamKind::Token, None | Some("not")) | (ParamKind::Reference, Some("identifier")) => {
            Ok(token(value))
        }
        (ParamKind::Token, Some("text")) | (ParamKind::String, None) => Ok(Test::StartsWith(folded(value)?)),
        (ParamKind::String, Some("contains")) => Ok(Test::Contains(folded(value)?)),
        (ParamKind::String, Some("exact")) => Ok(Test::Exact(escape::plain(value))),
        (ParamKind::Date, None) => date(value, options.now),
        (ParamKind::Reference, modifier) => reference(param, modifier, &escape::plain(value), options),
        (ParamKind::Uri, None) => Ok(Test::Uri(escape::plain(value))),
        (ParamKind::Number | ParamKind::Quantity | ParamKind::Composite | ParamKind::Special, _) => {
            Err(Refusal::Unsupported(format!("{} parameters are not supported", param.kind.code())))
        }
        (_, modifier) => Err(unknown_modifier(modifier)),
    }
}

fn unknown_modifier(modifier: Option<&str>) -> Refusal {
    let modifier: String = modifier.unwrap_or_default().chars().take(64).collect();
    Refusal::Unsupported(format!("the modifier :{modifier} is not supported here"))
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
        "ap" => Test::DateWithin(about(range, now)),
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
    param: &Param,
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
            Ok(match (modifier, param.targets.as_slice()) {
                (Some(name), _) => of_type(name, id),
                (None, [name]) => of_type(name, id),
                (None, _) => Test::RefersToId(id),
            })
        }
    }
}
