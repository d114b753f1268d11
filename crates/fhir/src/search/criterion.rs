//! What a resource must be like: `name`, `name:modifier`, `_id`, `_lastUpdated`, `_list`; and links to others,
//! `subject:Patient.name` and `_has:Observation:patient:code` (FHIR R4, Search 3.1.1.4.6 and 3.1.1.4.5).

use std::cell::Cell;

use bianque_model::ResourceId;
use bianque_query::Predicate;

use super::asked::{known, reference};
use super::{ALTERNATIVES, Refusal, SearchOptions, escape, values};

/// Links that one criterion may follow.
const LINKS: usize = 8;

/// Reads a criterion on resources of a type.
pub(super) fn read(
    resource_type: &str,
    name: &str,
    value: &str,
    options: SearchOptions<'_>,
    conditions: &Cell<usize>,
) -> Result<Predicate, Refusal> {
    linked(resource_type, name, value, options, Way { links: 0, conditions })
}

/// How far a criterion has led.
#[derive(Clone, Copy)]
struct Way<'c> {
    /// Links that were followed.
    links: usize,
    /// Conditions that the whole search may still have. A link to several types is a condition for each of them, and those
    /// of several links multiply.
    conditions: &'c Cell<usize>,
}

impl Way<'_> {
    fn on(self) -> Self {
        Self { links: self.links + 1, ..self }
    }

    /// Takes as many conditions as the values of a criterion will be.
    fn takes(self, value: &str) -> Result<(), Refusal> {
        let values = 1 + value.bytes().filter(|byte| *byte == b',').count();
        let left = self.conditions.get().checked_sub(values);
        self.conditions.set(left.ok_or(Refusal::Costly)?);
        Ok(())
    }
}

fn linked(
    resource_type: &str,
    name: &str,
    value: &str,
    options: SearchOptions<'_>,
    way: Way<'_>,
) -> Result<Predicate, Refusal> {
    if way.links > LINKS {
        return Err(Refusal::Unsupported(format!("at most {LINKS} links may be followed")));
    }
    if let Some(rest) = name.strip_prefix("_has:") {
        return referred_by(resource_type, rest, value, options, way);
    }
    match name.split_once('.') {
        Some((link, rest)) => chain(resource_type, (link, rest), value, options, way),
        None => way.takes(value).and_then(|()| own(resource_type, name, value, options)),
    }
}

/// `Type:param:rest`: some resource of the type refers to this one by the parameter, and the rest holds for it.
fn referred_by(
    resource_type: &str,
    text: &str,
    value: &str,
    options: SearchOptions<'_>,
    way: Way<'_>,
) -> Result<Predicate, Refusal> {
    let mut parts = text.splitn(3, ':');
    let (Some(from), Some(code), Some(rest)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(Refusal::Invalid("expected _has:Type:parameter:criterion".into()));
    };
    let link = reference(from, code, options.custom)?;
    if !link.refers_to(resource_type) {
        return Err(Refusal::Invalid(format!("{code} of {from} never refers to {resource_type}")));
    }
    let filter = Box::new(linked(from, rest, value, options, way.on())?);
    Ok(Predicate::ReferredBy { resource_type: from.to_owned(), param: code.to_owned(), filter })
}

/// `param.rest` or `param:Type.rest`: this refers by the parameter to a resource that the rest holds for.
fn chain(
    resource_type: &str,
    (link, rest): (&str, &str),
    value: &str,
    options: SearchOptions<'_>,
    way: Way<'_>,
) -> Result<Predicate, Refusal> {
    let (code, named) = link.split_once(':').map_or((link, None), |(code, named)| (code, Some(named)));
    let param = reference(resource_type, code, options.custom)?;
    let targets: Vec<&str> = match named {
        Some(name) if param.refers_to(name) => vec![name],
        Some(name) => {
            return Err(Refusal::Invalid(format!("{code} of {resource_type} never refers to {name:?}")));
        }
        None if param.targets().is_empty() => {
            let words = format!("{code} may refer to any type: say which, as in {code}:Patient.{rest}");
            return Err(Refusal::Unsupported(words));
        }
        None => param.targets().to_vec(),
    };
    let (mut ways, mut refused) = (Vec::new(), None);
    for target in targets {
        match linked(target, rest, value, options, way.on()) {
            Ok(filter) => ways.push(Predicate::Chain {
                param: code.to_owned(),
                target_type: target.to_owned(),
                filter: Box::new(filter),
            }),
            // Of several types, those count that have the parameter and are referred to by what `_has` names. What has
            // no way at all is refused, and where a value makes no sense that is said.
            Err(Refusal::Unsupported(why)) => {
                refused.get_or_insert(Refusal::Unsupported(format!("{target}: {why}")));
            }
            Err(Refusal::Costly) => return Err(Refusal::Costly),
            Err(invalid) => refused = Some(invalid),
        }
    }
    match (ways.len(), refused) {
        (0, Some(refusal)) => Err(refusal),
        (1, _) => Ok(ways.swap_remove(0)),
        _ => Ok(Predicate::Or(ways)),
    }
}

/// A criterion on the resource itself.
fn own(
    resource_type: &str,
    name: &str,
    value: &str,
    options: SearchOptions<'_>,
) -> Result<Predicate, Refusal> {
    let (code, modifier) =
        name.split_once(':').map_or((name, None), |(code, modifier)| (code, Some(modifier)));
    match (code, modifier) {
        ("_id", None) => return Ok(Predicate::Ids(ids(value))),
        ("_id", Some("not")) => return Ok(Predicate::Not(Box::new(Predicate::Ids(ids(value))))),
        ("_lastUpdated", None) => {
            let any =
                value.split(',').map(|part| values::date(part, options.now).map(Predicate::LastUpdated));
            return Ok(Predicate::Or(any.collect::<Result<_, _>>()?));
        }
        ("_list", None) => {
            let filter = Box::new(Predicate::Ids(ids(value)));
            return Ok(Predicate::ReferredBy { resource_type: "List".into(), param: "item".into(), filter });
        }
        _ => {}
    }
    let Some(param) = known(resource_type, code, options.custom)? else {
        return Err(Refusal::Unsupported(format!("{resource_type} has no such search parameter")));
    };
    if !param.is_searchable() {
        return Err(Refusal::Unsupported("this search parameter is not supported".into()));
    }
    let alternatives = escape::split(value, ',');
    if alternatives.len() > ALTERNATIVES {
        return Err(Refusal::Invalid(format!("at most {ALTERNATIVES} values")));
    }
    values::predicate(param, modifier, &alternatives, options)
}

/// Ids of a list; what has not the form of an id names nothing.
fn ids(value: &str) -> Vec<ResourceId> {
    value.split(',').filter_map(|id| id.trim().parse().ok()).collect()
}
