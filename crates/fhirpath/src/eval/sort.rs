//! `sort()`: by the items themselves, or by keys, of which a minus before makes the order fall. What has no key comes
//! first in either order.

use std::cmp::Ordering;

use super::{Evaluated, Evaluator, Scope};
use crate::error::EvaluationError;
use crate::item::{Item, Items};
use crate::syntax::Node;

impl<'a> Evaluator<'_, 'a> {
    pub(super) fn sort(&mut self, input: Items<'a>, keys: &'a [Node], scope: Scope<'_, 'a>) -> Evaluated<'a> {
        let mut rows: Vec<(Vec<Option<Item<'a>>>, Item<'a>)> = Vec::with_capacity(input.len());
        for (at, item) in input.into_iter().enumerate() {
            let mut row = Vec::with_capacity(keys.len().max(1));
            for key in keys {
                let key = if let Node::Negative(key) = key { key } else { key };
                let mut found = self.each(key, &item, at, scope)?;
                if found.len() > 1 {
                    return Err(EvaluationError::NotSingle("sort()"));
                }
                row.push(found.pop());
            }
            if keys.is_empty() {
                row.push(Some(item.clone()));
            }
            rows.push((row, item));
        }
        let falls = |at: usize| matches!(keys.get(at), Some(Node::Negative(_)));
        // What cannot be compared is an error of the whole, and sorting goes on only to end.
        let mut failed = None;
        rows.sort_by(|(a, _), (b, _)| {
            for (at, pair) in a.iter().zip(b).enumerate() {
                let order = match pair {
                    (Some(a), Some(b)) => match self.order(a, b, "sort()") {
                        Ok(Some(order)) if falls(at) => order.reverse(),
                        Ok(order) => order.unwrap_or(Ordering::Equal),
                        Err(error) => {
                            failed = Some(error);
                            Ordering::Equal
                        }
                    },
                    (a, b) => a.is_some().cmp(&b.is_some()),
                };
                if order.is_ne() {
                    return order;
                }
            }
            Ordering::Equal
        });
        match failed {
            Some(error) => Err(error),
            None => Ok(rows.into_iter().map(|(_, item)| item).collect()),
        }
    }
}
