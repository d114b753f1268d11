//! Equality, equivalence and order (N1, 6.1 and 6.2).

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::HashSet;

use serde_json::Value;

use super::{Evaluated, Evaluator, without_unit};
use crate::error::EvaluationError;
use crate::item::{Item, Items, System};
use crate::model::Model;
use crate::value::{decimal, decimal_of, equivalent};

impl<'a> Evaluator<'_, 'a> {
    /// `=` of collections: in order, item by item; none where it cannot be said.
    pub(super) fn equal(&mut self, a: &Items<'a>, b: &Items<'a>) -> Result<Option<bool>, EvaluationError> {
        if a.is_empty() || b.is_empty() {
            return Ok(None);
        }
        if a.len() != b.len() {
            return Ok(Some(false));
        }
        let mut sum = Some(true);
        for (a, b) in a.iter().zip(b) {
            self.step()?;
            match equals(self.model, a, b) {
                Some(true) => {}
                Some(false) => return Ok(Some(false)),
                None => sum = None,
            }
        }
        Ok(sum)
    }

    /// `~` of collections: in any order.
    pub(super) fn equivalent(&mut self, a: &Items<'a>, b: &Items<'a>) -> Result<bool, EvaluationError> {
        if a.len() != b.len() {
            return Ok(false);
        }
        let mut left: Vec<&Item<'a>> = b.iter().collect();
        for item in a {
            let mut found = None;
            for (at, other) in left.iter().enumerate() {
                self.step()?;
                if is_equivalent(self.model, item, other) {
                    found = Some(at);
                    break;
                }
            }
            match found {
                Some(at) => drop(left.swap_remove(at)),
                None => return Ok(false),
            }
        }
        Ok(true)
    }

    /// Whether a collection has an item equal to this one.
    pub(super) fn has(&mut self, items: &[Item<'a>], wanted: &Item<'a>) -> Result<bool, EvaluationError> {
        for item in items {
            self.step()?;
            if equals(self.model, item, wanted) == Some(true) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The items without those that are equal to one before.
    pub(super) fn distinct(&mut self, items: Items<'a>) -> Evaluated<'a> {
        if items.len() < 2 {
            return Ok(items);
        }
        if let Some(texts) = texts(self.model, &items) {
            let mut seen = HashSet::with_capacity(texts.len());
            let first: Vec<bool> = texts.iter().map(|text| seen.insert(text)).collect();
            let kept = items.iter().zip(first).filter(|(_, first)| *first).map(|(item, _)| item.clone());
            return Ok(kept.collect());
        }
        let mut out = Items::new();
        for item in items {
            if !self.has(&out, &item)? {
                out.push(item);
            }
        }
        Ok(out)
    }

    /// Which of two items is less; none where it cannot be said.
    pub(super) fn order(
        &self,
        a: &Item<'a>,
        b: &Item<'a>,
        what: &'static str,
    ) -> Result<Option<Ordering>, EvaluationError> {
        let wrong = || EvaluationError::Type(what, "two numbers, texts, dates or quantities");
        let (Some(a), Some(b)) = (a.system(self.model), b.system(self.model)) else { return Err(wrong()) };
        if let Some((a, b)) = numbers(&a, &b) {
            return Ok(Some(a.cmp(&b)));
        }
        match (&*a, &*b) {
            (System::String(a), System::String(b)) => Ok(Some(a.cmp(b))),
            (System::Temporal(one), System::Temporal(two)) => {
                use crate::value::TemporalKind::Time;
                if (one.kind() == Time) != (two.kind() == Time) {
                    return Err(wrong());
                }
                Ok(one.compare(two))
            }
            (System::Quantity(a), System::Quantity(b)) => Ok(a.compare(b)),
            (System::Quantity(a), b) => without_unit(b).map(|b| a.compare(&b)).ok_or_else(wrong),
            (a, System::Quantity(b)) => without_unit(a).map(|a| a.compare(b)).ok_or_else(wrong),
            _ => Err(wrong()),
        }
    }
}

/// All items as texts, when all are.
fn texts<'i>(model: &dyn Model, items: &'i Items<'_>) -> Option<Vec<Cow<'i, str>>> {
    let text = |item: &'i Item<'_>| match item.system(model)? {
        Cow::Borrowed(System::String(text)) => Some(Cow::Borrowed(&**text)),
        Cow::Owned(System::String(Cow::Borrowed(text))) => Some(Cow::Borrowed(text)),
        _ => None,
    };
    items.iter().map(text).collect()
}

/// Two numbers as decimals.
fn numbers(a: &System<'_>, b: &System<'_>) -> Option<(rust_decimal::Decimal, rust_decimal::Decimal)> {
    let number = |value: &System<'_>| match value {
        System::Integer(value) => Some(decimal_of(*value)),
        System::Decimal(value) => Some(*value),
        _ => None,
    };
    number(a).zip(number(b))
}

/// `=` of two items.
fn equals(model: &dyn Model, a: &Item<'_>, b: &Item<'_>) -> Option<bool> {
    let (Some(left), Some(right)) = (a.system(model), b.system(model)) else {
        return Some(match (a, b) {
            (Item::Element(a), Item::Element(b)) => {
                a.value.zip(b.value).is_some_and(|(a, b)| same(a, b, false))
                    || (a.value.is_none() && b.value.is_none() && a.beside == b.beside)
            }
            (Item::Type { namespace, name }, Item::Type { namespace: other_space, name: other }) => {
                namespace == other_space && name == other
            }
            _ => false,
        });
    };
    if let Some((a, b)) = numbers(&left, &right) {
        return Some(a == b);
    }
    match (&*left, &*right) {
        (System::Temporal(a), System::Temporal(b)) => a.equals(b),
        (System::Quantity(a), System::Quantity(b)) => a.compare(b).map(Ordering::is_eq),
        (System::Quantity(a), b) => {
            without_unit(b).map_or(Some(false), |b| a.compare(&b).map(Ordering::is_eq))
        }
        (a, System::Quantity(b)) => {
            without_unit(a).map_or(Some(false), |a| a.compare(b).map(Ordering::is_eq))
        }
        (a, b) => Some(a == b),
    }
}

/// `~` of two items.
fn is_equivalent(model: &dyn Model, a: &Item<'_>, b: &Item<'_>) -> bool {
    let (Some(left), Some(right)) = (a.system(model), b.system(model)) else {
        return match (a, b) {
            (Item::Element(a), Item::Element(b)) => {
                a.value.zip(b.value).is_some_and(|(a, b)| same(a, b, true))
            }
            _ => equals(model, a, b) == Some(true),
        };
    };
    if let Some((a, b)) = numbers(&left, &right) {
        return equivalent(a, b);
    }
    match (&*left, &*right) {
        (System::String(a), System::String(b)) => folded(a) == folded(b),
        (System::Quantity(a), System::Quantity(b)) => a.is_equivalent(b),
        (System::Quantity(a), b) => without_unit(b).is_some_and(|b| a.is_equivalent(&b)),
        (a, System::Quantity(b)) => without_unit(a).is_some_and(|a| a.is_equivalent(b)),
        _ => equals(model, a, b) == Some(true),
    }
}

/// Without case, blanks as one.
fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Whether two JSON values say the same: numbers by value, members in any order. Loosely: arrays in any order, texts
/// without case, and ids left out.
fn same(a: &Value, b: &Value, loosely: bool) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => match (decimal(a.as_str()), decimal(b.as_str())) {
            (Some(a), Some(b)) if loosely => equivalent(a, b),
            (Some(a), Some(b)) => a == b,
            _ => a == b,
        },
        (Value::String(a), Value::String(b)) if loosely => folded(a) == folded(b),
        (Value::Array(a), Value::Array(b)) if loosely => {
            a.len() == b.len() && a.iter().all(|one| b.iter().any(|other| same(one, other, true)))
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b, false))
        }
        (Value::Object(a), Value::Object(b)) => {
            let counted = |name: &str| !(loosely && name == "id");
            a.keys().filter(|name| counted(name)).count() == b.keys().filter(|name| counted(name)).count()
                && a.iter()
                    .filter(|(name, _)| counted(name))
                    .all(|(name, a)| b.get(name).is_some_and(|b| same(a, b, loosely)))
        }
        _ => a == b,
    }
}
