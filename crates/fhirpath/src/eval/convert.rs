//! From one type to another (N1, 5.5).

use std::borrow::Cow;

use super::{Evaluated, Evaluator, Scope, maybe, one, without_unit};
use crate::error::EvaluationError;
use crate::item::{Item, Items, System};
use crate::syntax::{Function as F, Node};
use crate::value::{Quantity, Temporal, TemporalKind, decimal, decimal_of, is_number};

impl<'a> Evaluator<'_, 'a> {
    /// `toX()`, which is empty where there is no such value, and `convertsToX()`, which says whether there is.
    pub(super) fn convert(
        &mut self,
        function: F,
        input: &Items<'a>,
        arguments: &'a [Node],
        scope: Scope<'_, 'a>,
    ) -> Evaluated<'a> {
        if input.is_empty() {
            return Ok(Items::new());
        }
        let unit = match arguments {
            [unit] => {
                let unit = self.scoped(unit, scope)?;
                self.string(&unit, function.name())?
            }
            _ => None,
        };
        let value = self.single_system(input, function.name())?;
        let converted = value.as_ref().and_then(|value| match function {
            F::ToBoolean | F::ConvertsToBoolean => boolean(value).map(System::Boolean),
            F::ToInteger | F::ConvertsToInteger => integer(value).map(System::Integer),
            F::ToDecimal | F::ConvertsToDecimal => number(value),
            F::ToText | F::ConvertsToText => Some(System::String(Cow::Owned(value.to_string()))),
            F::ToQuantity | F::ConvertsToQuantity => quantity(value, unit.as_deref()).map(System::Quantity),
            _ => temporal(function, value).map(System::Temporal),
        });
        let asks = matches!(
            function,
            F::ConvertsToBoolean
                | F::ConvertsToInteger
                | F::ConvertsToDecimal
                | F::ConvertsToText
                | F::ConvertsToQuantity
                | F::ConvertsToDate
                | F::ConvertsToDateTime
                | F::ConvertsToTime
        );
        Ok(if asks { one(Item::boolean(converted.is_some())) } else { maybe(converted.map(Item::System)) })
    }

    pub(super) fn comparable(
        &mut self,
        input: &Items<'a>,
        arguments: &'a [Node],
        scope: Scope<'_, 'a>,
    ) -> Evaluated<'a> {
        const WHAT: &str = "comparable()";
        let [other] = arguments else { return Ok(Items::new()) };
        let other = self.scoped(other, scope)?;
        match (self.single_system(input, WHAT)?, self.single_system(&other, WHAT)?) {
            (Some(System::Quantity(a)), Some(System::Quantity(b))) => {
                Ok(one(Item::boolean(a.comparable(&b))))
            }
            (None, _) | (_, None) => Ok(Items::new()),
            _ => Err(EvaluationError::Type(WHAT, "quantities")),
        }
    }
}

fn boolean(value: &System<'_>) -> Option<bool> {
    match value {
        System::Boolean(value) => Some(*value),
        System::Integer(1) => Some(true),
        System::Integer(0) => Some(false),
        System::Decimal(value) if *value == decimal_of(1) => Some(true),
        System::Decimal(value) if value.is_zero() => Some(false),
        System::String(text) => match text.to_ascii_lowercase().as_str() {
            "true" | "t" | "yes" | "y" | "1" | "1.0" => Some(true),
            "false" | "f" | "no" | "n" | "0" | "0.0" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

fn integer(value: &System<'_>) -> Option<i64> {
    match value {
        System::Boolean(value) => Some(i64::from(*value)),
        System::Integer(value) => Some(*value),
        System::String(text) => text.parse::<i32>().ok().map(i64::from),
        _ => None,
    }
}

fn number<'a>(value: &System<'a>) -> Option<System<'a>> {
    Some(System::Decimal(match value {
        System::Boolean(value) => decimal_of(i64::from(*value)),
        System::Integer(value) => decimal_of(*value),
        System::Decimal(value) => *value,
        System::String(text) => {
            let lexeme = text.strip_prefix('+').unwrap_or(text);
            is_number(lexeme).then(|| decimal(lexeme)).flatten()?
        }
        _ => return None,
    }))
}

fn quantity<'a>(value: &System<'a>, unit: Option<&str>) -> Option<Quantity<'a>> {
    let found = match value {
        System::Quantity(quantity) => quantity.clone(),
        System::Boolean(value) => Quantity::new(decimal_of(i64::from(*value)), Cow::Borrowed("1")),
        System::String(text) => Quantity::read(text)?,
        other => without_unit(other)?,
    };
    match unit {
        Some(unit) => found.in_unit(unit),
        None => Some(found),
    }
}

fn temporal(function: F, value: &System<'_>) -> Option<Temporal> {
    match (function, value) {
        (F::ToDate | F::ConvertsToDate, System::String(text)) => {
            Temporal::date(text).or_else(|| Temporal::date_time(text).map(Temporal::to_date))
        }
        (F::ToDateTime | F::ConvertsToDateTime, System::String(text)) => Temporal::date_time(text),
        (F::ToTime | F::ConvertsToTime, System::String(text)) => {
            Temporal::time(text.strip_prefix('T').unwrap_or(text))
        }
        (F::ToTime | F::ConvertsToTime, System::Temporal(value)) => match value.kind() {
            TemporalKind::Time => Some(*value),
            _ => None,
        },
        (_, System::Temporal(value)) if value.kind() == TemporalKind::Time => None,
        (F::ToDate | F::ConvertsToDate, System::Temporal(value)) => Some(value.to_date()),
        (F::ToDateTime | F::ConvertsToDateTime, System::Temporal(value)) => Some(value.to_date_time()),
        _ => None,
    }
}
