//! Which resources a criterion holds for, by going through all of them.

use std::collections::{BTreeSet, HashMap};

use crate::ask::{Criterion, Wanted};
use crate::elements::{Evaluated, Found, Target, target};
use crate::rules::{date, kind_of, matches, string_keys, times, token_keys};
use crate::time::{Range, range};
use crate::world::World;

/// Places of resources in the world.
pub(crate) type Places = BTreeSet<usize>;

/// The world with what its parameters find.
pub(crate) struct Scan<'w> {
    pub(crate) world: &'w World,
    pub(crate) evaluated: Evaluated,
    by_name: HashMap<(&'w str, &'w str), usize>,
}

/// A link: from a type by a parameter to a type.
pub(crate) type Link = (String, &'static str, String);

impl<'w> Scan<'w> {
    /// Evaluates every parameter of every resource.
    pub(crate) fn of(world: &'w World) -> Self {
        let each = world.resources.iter().enumerate();
        let by_name = each.map(|(place, one)| ((one.kind(), one.id()), place)).collect();
        Self { world, evaluated: Evaluated::of(world), by_name }
    }

    /// The links that there are.
    pub(crate) fn links(&self) -> Vec<Link> {
        let mut all: BTreeSet<Link> = BTreeSet::new();
        for (place, resource) in self.world.resources.iter().enumerate() {
            for param in self.evaluated.params(resource.kind()).iter().filter(|one| one.kind == "reference") {
                for other in self.referred(place, param.code) {
                    let other = self.world.resources[other].kind().to_owned();
                    all.insert((resource.kind().to_owned(), param.code, other));
                }
            }
        }
        all.into_iter().collect()
    }

    /// The resources of a type that a criterion holds for, of those that the asker sees.
    pub(crate) fn holding(&self, kind: &str, criterion: &Criterion, seen: &Places) -> Places {
        let all = self.world.of(kind).map(|(place, _)| place).filter(|place| seen.contains(place));
        match criterion {
            Criterion::Chain { code, targets, inner, .. } => {
                let wanted: Places = targets.iter().flat_map(|of| self.holding(of, inner, seen)).collect();
                all.filter(|place| self.referred(*place, code).iter().any(|one| wanted.contains(one)))
                    .collect()
            }
            Criterion::Has { from, code, inner } => {
                self.pointed_at(kind, self.holding(from, inner, seen), code, seen)
            }
            Criterion::Lists(ids) => {
                let of_list = |(place, one): (usize, &crate::world::Resource)| {
                    (ids.iter().any(|id| id == one.id()) && seen.contains(&place)).then_some(place)
                };
                self.pointed_at(kind, self.world.of("List").filter_map(of_list).collect(), "item", seen)
            }
            _ => all.filter(|place| self.holds(*place, kind, criterion)).collect(),
        }
    }

    /// The resources of a type that these refer to.
    fn pointed_at(&self, kind: &str, from: Places, code: &str, seen: &Places) -> Places {
        let to = from.into_iter().flat_map(|place| self.referred(place, code));
        to.filter(|to| self.world.resources[*to].kind() == kind && seen.contains(to)).collect()
    }

    /// The resources of this server that one refers to.
    fn referred(&self, place: usize, code: &str) -> Vec<usize> {
        let values = &self.evaluated.values(place, code).plain;
        let texts = values.iter().filter(|found| found.type_name == "Reference");
        let of_text = |found: &Found| match target(found.value["reference"].as_str()?) {
            Target::Here(kind, id) => self.by_name.get(&(kind.as_str(), id.as_str())).copied(),
            _ => None,
        };
        texts.filter_map(of_text).collect()
    }

    fn holds(&self, place: usize, kind: &str, criterion: &Criterion) -> bool {
        let resource = &self.world.resources[place];
        match criterion {
            Criterion::Ids { ids, not } => ids.iter().any(|id| id == resource.id()) != *not,
            Criterion::Updated(dates) => {
                let at = i128::from(resource.written.0);
                let at = Range { low: at, high: at + 1 };
                dates.iter().any(|(prefix, text)| date(prefix, at, range(text).unwrap()))
            }
            Criterion::Missing { code, missing } => {
                self.evaluated.values(place, code).plain.is_empty() == *missing
            }
            Criterion::Own { code, modifier, wanted } => {
                let kind = self.evaluated.param(kind, code).kind;
                let any = wanted.iter().any(|wanted| self.has(place, code, kind, modifier, wanted));
                any != (modifier == "not")
            }
            _ => unreachable!("links are gone through as sets"),
        }
    }

    /// Whether an element of the parameter matches.
    fn has(&self, place: usize, code: &str, kind: &str, modifier: &str, wanted: &Wanted) -> bool {
        let values = self.evaluated.values(place, code);
        let Wanted::Composite(wanted) = wanted else {
            return values.plain.iter().any(|found| matches(kind, modifier, found, wanted));
        };
        values.composite.iter().any(|parts| {
            let mut each = parts.iter().zip(wanted);
            each.all(|(found, wanted)| {
                found
                    .iter()
                    .any(|one| of_kind(one, wanted) && matches(kind_of(&one.type_name), "", one, wanted))
            })
        })
    }

    /// What a resource sorts by: the least value, or the greatest.
    pub(crate) fn key(&self, place: usize, kind: &str, code: &str, descending: bool) -> Option<Key> {
        if code == "_lastUpdated" {
            return Some(Key::Instant(i128::from(self.world.resources[place].written.0)));
        }
        let param = self.evaluated.param(kind, code);
        let values = &self.evaluated.values(place, code).plain;
        let keys = values.iter().flat_map(|found| keys(param.kind, found));
        let all: Vec<Key> = keys.collect();
        let order = |one: &&Key, other: &&Key| one.partial_cmp(other).unwrap();
        let edge = if descending { all.iter().max_by(order) } else { all.iter().min_by(order) };
        edge.cloned()
    }
}

/// Whether a value is of the kind that a part is asked for in.
fn of_kind(found: &Found, wanted: &Wanted) -> bool {
    let kind = match wanted {
        Wanted::Quantity { .. } => "quantity",
        Wanted::Date { .. } => "date",
        Wanted::Text(_) => "string",
        Wanted::Reference(_) => "reference",
        _ => "token",
    };
    kind == kind_of(&found.type_name)
}

/// A value to sort by.
#[derive(Debug, Clone, PartialEq, PartialOrd)]
pub(crate) enum Key {
    Instant(i128),
    Number(f64),
    Text(String),
}

fn keys(kind: &str, found: &Found) -> Vec<Key> {
    let number = |value: &serde_json::Value| value.as_f64().map(Key::Number).into_iter().collect();
    match kind {
        "date" => times(found).map(|range| Key::Instant(range.low)).into_iter().collect(),
        "number" => number(&found.value),
        "quantity" => number(&found.value["value"]),
        "string" => string_keys(found).into_iter().map(Key::Text).collect(),
        "token" => token_keys(found).into_iter().map(Key::Text).collect(),
        _ => found.value.as_str().map(|text| Key::Text(text.to_owned())).into_iter().collect(),
    }
}
