//! Numbers (N1, 5.7).

use rust_decimal::prelude::{FromPrimitive, ToPrimitive};
use rust_decimal::{Decimal, RoundingStrategy};

use super::{Evaluated, Evaluator, Scope, maybe};
use crate::error::EvaluationError;
use crate::item::{Item, Items, System};
use crate::syntax::{Function as F, Node};
use crate::value::{Quantity, decimal_of, integer_of};

impl<'a> Evaluator<'_, 'a> {
    pub(super) fn math(
        &mut self,
        function: F,
        input: &Items<'a>,
        arguments: &'a [Node],
        scope: Scope<'_, 'a>,
    ) -> Evaluated<'a> {
        let what = function.name();
        let argument = match arguments {
            [argument] => {
                let found = self.scoped(argument, scope)?;
                match self.single_system(&found, what)? {
                    Some(value) => Some(number(&value).ok_or(EvaluationError::Type(what, "a number"))?),
                    None => return Ok(Items::new()),
                }
            }
            _ => None,
        };
        let Some(value) = self.single_system(input, what)? else {
            return if input.is_empty() {
                Ok(Items::new())
            } else {
                Err(EvaluationError::Type(what, "a number"))
            };
        };
        let result = match &value {
            System::Integer(value) => of_integer(function, *value, argument),
            System::Decimal(value) => of_decimal(function, *value, argument),
            System::Quantity(quantity) => match of_decimal(function, quantity.value, argument) {
                Some(System::Decimal(value)) => {
                    Some(System::Quantity(Quantity { value, ..quantity.clone() }))
                }
                Some(System::Integer(value)) => {
                    Some(System::Quantity(Quantity { value: decimal_of(value), ..quantity.clone() }))
                }
                other => other,
            },
            _ => return Err(EvaluationError::Type(what, "a number")),
        };
        Ok(maybe(result.map(Item::System)))
    }
}

fn number(value: &System<'_>) -> Option<Decimal> {
    match value {
        System::Integer(value) => Some(decimal_of(*value)),
        System::Decimal(value) => Some(*value),
        _ => None,
    }
}

fn of_integer<'a>(function: F, value: i64, argument: Option<Decimal>) -> Option<System<'a>> {
    match function {
        F::Abs => Some(System::Integer(value.checked_abs()?)),
        F::Ceiling | F::Floor | F::Truncate => Some(System::Integer(value)),
        F::Power => {
            let whole = argument.and_then(integer_of).and_then(|power| u32::try_from(power).ok());
            match whole {
                Some(power) => value.checked_pow(power).map(System::Integer),
                None => of_decimal(function, decimal_of(value), argument),
            }
        }
        _ => of_decimal(function, decimal_of(value), argument),
    }
}

fn of_decimal<'a>(function: F, value: Decimal, argument: Option<Decimal>) -> Option<System<'a>> {
    let whole = |value: Decimal| integer_of(value).map(System::Integer);
    let floating = |value: f64| Decimal::from_f64(value).map(System::Decimal);
    match function {
        F::Abs => Some(System::Decimal(value.abs())),
        F::Ceiling => whole(value.ceil()),
        F::Floor => whole(value.floor()),
        F::Truncate => whole(value.trunc()),
        F::Round => {
            let digits = u32::try_from(argument.map_or(Some(0), integer_of)?).ok()?;
            let rounded =
                value.round_dp_with_strategy(digits.min(28), RoundingStrategy::MidpointAwayFromZero);
            Some(System::Decimal(rounded))
        }
        F::Exp => floating(value.to_f64()?.exp()),
        F::Ln => floating(value.to_f64()?.ln()),
        F::Sqrt => floating(value.to_f64()?.sqrt()),
        F::Log => {
            let (value, base) = (value.to_f64()?, argument?);
            if base == decimal_of(2) {
                floating(value.log2())
            } else if base == decimal_of(10) {
                floating(value.log10())
            } else {
                floating(value.log(base.to_f64()?))
            }
        }
        F::Power => match integer_of(argument?).and_then(|power| u32::try_from(power).ok()) {
            Some(power) => power_of(value, power).map(System::Decimal),
            None => floating(value.to_f64()?.powf(argument?.to_f64()?)),
        },
        _ => None,
    }
}

/// By repeated squaring; none when it is out of range.
fn power_of(value: Decimal, power: u32) -> Option<Decimal> {
    let (mut result, mut square, mut left) = (Decimal::ONE, value, power);
    while left > 0 {
        if left & 1 == 1 {
            result = result.checked_mul(square)?;
        }
        left >>= 1;
        if left > 0 {
            square = square.checked_mul(square)?;
        }
    }
    Some(result)
}
