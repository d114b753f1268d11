//! Values beside limits, compared as FHIRPath does: by precision, and across units.

use std::sync::OnceLock;

use bianque_fhirpath::{Environment, Expression, Item, Model, TypeId};
use serde_json::Value;

use crate::tables::r4;

/// How a value stands to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Order {
    /// As Questionnaires and FHIRPath write it.
    pub(super) fn of(operator: &str) -> Option<Self> {
        Some(match operator {
            "<" => Self::Less,
            "<=" => Self::LessOrEqual,
            ">" => Self::Greater,
            ">=" => Self::GreaterOrEqual,
            _ => return None,
        })
    }

    fn expression(self) -> Option<&'static Expression> {
        static READ: [OnceLock<Option<Expression>>; 4] = [const { OnceLock::new() }; 4];
        let (at, text) = match self {
            Self::Less => (0, "$this < %other"),
            Self::LessOrEqual => (1, "$this <= %other"),
            Self::Greater => (2, "$this > %other"),
            Self::GreaterOrEqual => (3, "$this >= %other"),
        };
        READ[at].get_or_init(|| Expression::parse(text).ok()).as_ref()
    }
}

/// The type whose name ends the name of a choice: `Quantity`, `Decimal`, `DateTime`.
pub(super) fn type_of_choice(name: &str) -> Option<TypeId> {
    let lowered = name.get(..1)?.to_ascii_lowercase() + name.get(1..)?;
    r4().type_named(name).or_else(|| r4().type_named(&lowered))
}

/// Whether a value stands so to another; none where it cannot be said.
pub(super) fn stands(value: Item<'_>, order: Order, name: &str, other: &Value) -> Option<bool> {
    let expression = order.expression()?;
    let variables = [("other", vec![Item::element(other, None, type_of_choice(name))])];
    let environment = Environment::new(r4()).variables(&variables);
    expression.test(value, &environment).ok()?
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_compared_by_type_precision_and_unit() {
        let is = |name: &str, value: Value, operator: &str, other: Value| {
            stands(
                Item::element(&value, None, type_of_choice(name)),
                Order::of(operator).unwrap(),
                name,
                &other,
            )
        };
        assert_eq!(is("Decimal", json!(1.50), ">=", json!(1.5)), Some(true));
        assert_eq!(is("Date", json!("2020-02"), "<", json!("2020-01-01")), Some(false));
        assert_eq!(is("Date", json!("2020"), "<", json!("2020-01-01")), None);
        let grams = |value: i32, code: &str| json!({"value": value, "code": code, "system": "http://unitsofmeasure.org"});
        assert_eq!(is("Quantity", grams(2, "kg"), ">", grams(300, "g")), Some(true));
        assert_eq!(is("Quantity", grams(2, "kg"), ">", grams(300, "s")), None);
        assert_eq!(Order::of("exists"), None);
    }
}
