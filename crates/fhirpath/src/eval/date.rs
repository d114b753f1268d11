//! Dates and times: the moment, parts, boundaries (N1, 5.8; boundaries of the later release 2.1).

use super::{Evaluated, Evaluator, Scope, maybe, one};
use crate::error::EvaluationError;
use crate::item::{Item, Items, System};
use crate::syntax::{Function as F, Node};
use crate::value::{Quantity, Side, Temporal, decimal_boundary, decimal_of, temporal_boundary};

impl<'a> Evaluator<'_, 'a> {
    pub(super) fn date_function(
        &mut self,
        function: F,
        input: &Items<'a>,
        arguments: &'a [Node],
        scope: Scope<'_, 'a>,
    ) -> Evaluated<'a> {
        let what = function.name();
        let date =
            |value: Option<Temporal>| Ok(maybe(value.map(|value| Item::System(System::Temporal(value)))));
        if matches!(function, F::Now | F::Today | F::TimeOfDay) {
            let now = self.environment.now.ok_or(EvaluationError::Unanswered(what))?;
            return date(match function {
                F::Now => Some(now),
                F::Today => Some(now.to_date()),
                _ => now.to_time(),
            });
        }
        let value = self.single_system(input, what)?;
        if matches!(function, F::LowBoundary | F::HighBoundary) {
            return self.boundary(function, value, arguments, scope);
        }
        if function == F::Precision {
            return Ok(maybe(match value {
                Some(System::Integer(_)) => Some(Item::integer(0)),
                Some(System::Decimal(value)) => Some(Item::integer(i64::from(value.scale()))),
                Some(System::Temporal(value)) => Some(Item::integer(i64::from(value.precision()))),
                None => None,
                Some(_) => return Err(EvaluationError::Type(what, "a decimal or a date")),
            }));
        }
        let Some(value) = value else { return Ok(Items::new()) };
        let System::Temporal(value) = value else {
            return Err(EvaluationError::Type(what, "a date or a time"));
        };
        let number = match function {
            F::DateOf => return date(Some(value.to_date())),
            F::TimeOf => return date(value.to_time()),
            F::TimezoneOffsetOf => {
                let hours =
                    value.offset_minutes().map(|minutes| decimal_of(i64::from(minutes)) / decimal_of(60));
                return Ok(maybe(hours.map(Item::decimal)));
            }
            F::YearOf => 1,
            F::MonthOf => 2,
            F::DayOf => 3,
            F::HourOf => 4,
            F::MinuteOf => 5,
            F::SecondOf => 6,
            _ => 7,
        };
        Ok(maybe(value.part(number).map(Item::integer)))
    }

    fn boundary(
        &mut self,
        function: F,
        value: Option<System<'a>>,
        arguments: &'a [Node],
        scope: Scope<'_, 'a>,
    ) -> Evaluated<'a> {
        let what = function.name();
        let side = if function == F::LowBoundary { Side::Low } else { Side::High };
        let digits = match arguments {
            [digits] => {
                let digits = self.scoped(digits, scope)?;
                self.integer(&digits, what)?
            }
            _ => None,
        };
        let end = match value {
            None => None,
            Some(System::Integer(value)) => {
                decimal_boundary(decimal_of(value), side, digits).map(System::Decimal)
            }
            Some(System::Decimal(value)) => decimal_boundary(value, side, digits).map(System::Decimal),
            Some(System::Quantity(quantity)) => decimal_boundary(quantity.value, side, digits)
                .map(|value| System::Quantity(Quantity { value, ..quantity })),
            Some(System::Temporal(value)) => temporal_boundary(&value, side, digits).map(System::Temporal),
            Some(_) => return Err(EvaluationError::Type(what, "a number, a quantity or a date")),
        };
        Ok(end.map_or_else(Items::new, |end| one(Item::System(end))))
    }
}
