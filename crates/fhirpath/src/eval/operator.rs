//! Operators (N1, 6.4 to 6.6).

use std::borrow::Cow;

use rust_decimal::Decimal;

use super::{Evaluated, Evaluator, LONGEST_TEXT, Scope, condition, maybe, one, without_unit};
use crate::error::EvaluationError;
use crate::item::{Item, Items, System};
use crate::syntax::{Node, Operator};
use crate::value::{Quantity, Temporal, decimal_of, integer_of};

impl<'a> Evaluator<'_, 'a> {
    pub(super) fn binary(
        &mut self,
        operator: Operator,
        left: &'a Node,
        right: &'a Node,
        scope: Scope<'_, 'a>,
    ) -> Evaluated<'a> {
        if matches!(operator, Operator::And | Operator::Or | Operator::Xor | Operator::Implies) {
            return self.logic(operator, left, right, scope);
        }
        let (left, right) = (self.scoped(left, scope)?, self.scoped(right, scope)?);
        let answer = |value: Option<bool>| Ok(maybe(value.map(Item::boolean)));
        match operator {
            Operator::Equal => answer(self.equal(&left, &right)?),
            Operator::NotEqual => answer(self.equal(&left, &right)?.map(|equal| !equal)),
            Operator::Equivalent => answer(Some(self.equivalent(&left, &right)?)),
            Operator::NotEquivalent => answer(Some(!self.equivalent(&left, &right)?)),
            Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => {
                answer(self.compared(operator, &left, &right)?)
            }
            Operator::In => answer(self.contained(&left, &right)?),
            Operator::Contains => answer(self.contained(&right, &left)?),
            Operator::Union => self.union(left, right),
            Operator::Concatenate => self.concatenated(&left, &right),
            _ => self.arithmetic(operator, &left, &right),
        }
    }

    /// Three-valued logic; the right operand is looked at when the left does not decide.
    fn logic(
        &mut self,
        operator: Operator,
        left: &'a Node,
        right: &'a Node,
        scope: Scope<'_, 'a>,
    ) -> Evaluated<'a> {
        let found = self.scoped(left, scope)?;
        let left = condition(&found, "a logical operator")?;
        match (operator, left) {
            (Operator::And, Some(false)) => return Ok(one(Item::boolean(false))),
            (Operator::Or, Some(true)) | (Operator::Implies, Some(false)) => {
                return Ok(one(Item::boolean(true)));
            }
            _ => {}
        }
        let found = self.scoped(right, scope)?;
        let right = condition(&found, "a logical operator")?;
        let result = match operator {
            Operator::And => match (left, right) {
                (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            },
            Operator::Or => match (left, right) {
                (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            },
            Operator::Xor => left.zip(right).map(|(left, right)| left != right),
            _ => match (left, right) {
                (_, Some(true)) => Some(true),
                (Some(true), right) => right,
                _ => None,
            },
        };
        Ok(maybe(result.map(Item::boolean)))
    }

    fn compared(
        &mut self,
        operator: Operator,
        left: &Items<'a>,
        right: &Items<'a>,
    ) -> Result<Option<bool>, EvaluationError> {
        let (left, right) = match (left.as_slice(), right.as_slice()) {
            ([], _) | (_, []) => return Ok(None),
            ([left], [right]) => (left, right),
            _ => return Err(EvaluationError::NotSingle("a comparison")),
        };
        let order = self.order(left, right, "a comparison")?;
        Ok(order.map(|order| match operator {
            Operator::Less => order.is_lt(),
            Operator::LessOrEqual => order.is_le(),
            Operator::Greater => order.is_gt(),
            _ => order.is_ge(),
        }))
    }

    fn contained(&mut self, item: &Items<'a>, items: &Items<'a>) -> Result<Option<bool>, EvaluationError> {
        match item.as_slice() {
            [] => Ok(None),
            [item] => self.has(items, item).map(Some),
            _ => Err(EvaluationError::NotSingle("in")),
        }
    }

    fn concatenated(&mut self, left: &Items<'a>, right: &Items<'a>) -> Evaluated<'a> {
        let left = self.string(left, "&")?.unwrap_or_default();
        let right = self.string(right, "&")?.unwrap_or_default();
        made(format!("{left}{right}"))
    }

    fn arithmetic(&mut self, operator: Operator, left: &Items<'a>, right: &Items<'a>) -> Evaluated<'a> {
        const WHAT: &str = "arithmetic";
        if left.is_empty() || right.is_empty() {
            return Ok(Items::new());
        }
        let wrong = || EvaluationError::Type(WHAT, "two operands that fit");
        let left = self.single_system(left, WHAT)?.ok_or_else(wrong)?;
        let right = self.single_system(right, WHAT)?.ok_or_else(wrong)?;
        let result = match (&left, &right) {
            (System::Integer(a), System::Integer(b)) => integers(operator, *a, *b),
            (System::Integer(a), System::Decimal(b)) => decimals(operator, decimal_of(*a), *b),
            (System::Decimal(a), System::Integer(b)) => decimals(operator, *a, decimal_of(*b)),
            (System::Decimal(a), System::Decimal(b)) => decimals(operator, *a, *b),
            (System::String(a), System::String(b)) if operator == Operator::Add => {
                return made(format!("{a}{b}"));
            }
            (System::Temporal(date), System::Quantity(by)) => return moved(operator, date, by),
            (System::Quantity(a), System::Quantity(b)) => quantities(operator, a, b).ok_or_else(wrong)?,
            (System::Quantity(a), b) => {
                quantities(operator, a, &without_unit(b).ok_or_else(wrong)?).ok_or_else(wrong)?
            }
            (a, System::Quantity(b)) => {
                quantities(operator, &without_unit(a).ok_or_else(wrong)?, b).ok_or_else(wrong)?
            }
            _ => return Err(wrong()),
        };
        Ok(maybe(result.map(Item::System)))
    }

    pub(super) fn signed(&mut self, items: &Items<'a>, negative: bool) -> Evaluated<'a> {
        const WHAT: &str = "a sign";
        if items.is_empty() {
            return Ok(Items::new());
        }
        let sign = |value: Decimal| if negative { -value } else { value };
        let value = match self.single_system(items, WHAT)? {
            Some(System::Integer(value)) if negative => {
                System::Integer(value.checked_neg().unwrap_or(i64::MAX))
            }
            Some(System::Integer(value)) => System::Integer(value),
            Some(System::Decimal(value)) => System::Decimal(sign(value)),
            Some(System::Quantity(quantity)) => {
                System::Quantity(Quantity { value: sign(quantity.value), ..quantity })
            }
            _ => return Err(EvaluationError::Type(WHAT, "a number or a quantity")),
        };
        Ok(one(Item::System(value)))
    }
}

/// A text that was made, when it is not too long.
pub(super) fn made<'a>(text: String) -> Evaluated<'a> {
    if text.len() > LONGEST_TEXT { Err(EvaluationError::Items) } else { Ok(one(Item::text(text))) }
}

/// An integer of FHIRPath; none when it is out of its range.
pub(super) fn whole<'a>(value: i64) -> Option<System<'a>> {
    i32::try_from(value).ok().map(|value| System::Integer(i64::from(value)))
}

fn integers<'a>(operator: Operator, a: i64, b: i64) -> Option<System<'a>> {
    match operator {
        Operator::Add => whole(a.checked_add(b)?),
        Operator::Subtract => whole(a.checked_sub(b)?),
        Operator::Multiply => whole(a.checked_mul(b)?),
        Operator::Div => whole(a.checked_div(b)?),
        Operator::Mod => whole(a.checked_rem(b)?),
        _ => decimals(operator, decimal_of(a), decimal_of(b)),
    }
}

fn decimals<'a>(operator: Operator, a: Decimal, b: Decimal) -> Option<System<'a>> {
    let value = match operator {
        Operator::Add => a.checked_add(b)?,
        Operator::Subtract => a.checked_sub(b)?,
        Operator::Multiply => a.checked_mul(b)?,
        Operator::Divide => a.checked_div(b)?,
        Operator::Mod => a.checked_rem(b)?,
        _ => return integer_of(a.checked_div(b)?.trunc()).and_then(whole),
    };
    Some(System::Decimal(value))
}

/// None outside for an operator that quantities do not have; none inside for units that do not fit.
#[expect(clippy::option_option, reason = "a wrong operator is an error, units that do not fit are no result")]
fn quantities<'a>(operator: Operator, a: &Quantity<'_>, b: &Quantity<'_>) -> Option<Option<System<'a>>> {
    let owned = |q: Quantity<'_>| {
        System::Quantity(Quantity {
            value: q.value,
            unit: Cow::Owned(q.unit.into_owned()),
            calendar: q.calendar,
        })
    };
    Some(match operator {
        Operator::Add => a.plus(b, Decimal::ONE).map(owned),
        Operator::Subtract => a.plus(b, Decimal::NEGATIVE_ONE).map(owned),
        Operator::Multiply => a.times(b, false).map(owned),
        Operator::Divide => a.times(b, true).map(owned),
        _ => return None,
    })
}

fn moved<'a>(operator: Operator, date: &Temporal, by: &Quantity<'_>) -> Evaluated<'a> {
    let sign = match operator {
        Operator::Add => Decimal::ONE,
        Operator::Subtract => Decimal::NEGATIVE_ONE,
        _ => return Err(EvaluationError::Type("arithmetic with dates", "+ or -")),
    };
    let unit = by.duration().ok_or_else(|| EvaluationError::Duration(by.unit.chars().take(64).collect()))?;
    let moved = by.value.checked_mul(sign).and_then(|value| date.plus(value, unit));
    Ok(maybe(moved.map(|date| Item::System(System::Temporal(date)))))
}
