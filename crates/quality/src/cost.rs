//! C, the cost of the service: the configured cost of the visit type; else its charges; else the catalogue price.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Reason;

/// A currency by its three letters (ISO 4217).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

/// Not three capital letters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a currency of three capital letters")]
pub struct InvalidCurrency;

impl Currency {
    /// The renminbi.
    pub const CNY: Self = Self(*b"CNY");

    /// Its letters.
    pub fn as_str(&self) -> &str {
        // Only capital letters come in, so the text is always there.
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for Currency {
    type Err = InvalidCurrency;

    fn from_str(text: &str) -> Result<Self, InvalidCurrency> {
        match text.as_bytes() {
            [a, b, c] if [a, b, c].iter().all(|letter| letter.is_ascii_uppercase()) => Ok(Self([*a, *b, *c])),
            _ => Err(InvalidCurrency),
        }
    }
}

impl TryFrom<String> for Currency {
    type Error = InvalidCurrency;

    fn try_from(text: String) -> Result<Self, InvalidCurrency> {
        text.parse()
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.as_str().to_owned()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An amount of money.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// How much, in whole units of the currency.
    pub amount: f64,
    /// Of what.
    #[schemars(with = "String", regex(pattern = "^[A-Z]{3}$"))]
    pub currency: Currency,
}

/// What is known about the cost of a visit.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CostInput {
    /// The cost configured for the visit type.
    pub configured: Option<Money>,
    /// The charges of this visit (ChargeItem); empty: none are known.
    pub charges: Vec<Money>,
    /// The price of the visit type in the catalogue.
    pub catalogue: Option<Money>,
}

/// Where C comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CostSource {
    /// The configured cost of the visit type.
    VisitType,
    /// The sum of the visit's charges.
    Charges,
    /// The catalogue price.
    Catalogue,
}

impl CostSource {
    /// The code as the API writes it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::VisitType => "visit-type",
            Self::Charges => "charges",
            Self::Catalogue => "catalogue",
        }
    }
}

/// C with its source.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cost {
    /// How much; above zero.
    pub money: Money,
    /// From where.
    pub source: CostSource,
}

/// C by the first of the three that is known.
///
/// What is known decides even when it is zero: a visit type that was given a cost of zero has [`Reason::ZeroCost`] and
/// does not borrow its price.
pub fn cost(input: &CostInput) -> Result<Cost, Reason> {
    let (money, source) = if let Some(money) = input.configured {
        (money, CostSource::VisitType)
    } else if let Some(total) = total(&input.charges)? {
        (total, CostSource::Charges)
    } else if let Some(money) = input.catalogue {
        (money, CostSource::Catalogue)
    } else {
        return Err(Reason::NoCost);
    };
    Ok(Cost { money: positive(money)?, source })
}

/// C0, the reference cost of the visit type.
pub fn reference_cost(reference: Option<Money>) -> Result<Money, Reason> {
    reference.and_then(|money| positive(money).ok()).ok_or(Reason::NoReferenceCost)
}

fn positive(money: Money) -> Result<Money, Reason> {
    if money.amount.is_finite() && money.amount > 0.0 { Ok(money) } else { Err(Reason::ZeroCost) }
}

fn total(charges: &[Money]) -> Result<Option<Money>, Reason> {
    let Some(first) = charges.first() else { return Ok(None) };
    if charges.iter().any(|charge| charge.currency != first.currency) {
        return Err(Reason::MixedCurrencies);
    }
    let amount = charges.iter().map(|charge| charge.amount).sum();
    Ok(Some(Money { amount, currency: first.currency }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn yuan(amount: f64) -> Money {
        Money { amount, currency: Currency::CNY }
    }

    fn euro(amount: f64) -> Money {
        Money { amount, currency: "EUR".parse().unwrap() }
    }

    #[test]
    fn the_first_that_is_known_decides() {
        let all = CostInput {
            configured: Some(yuan(60.0)),
            charges: vec![yuan(30.0), yuan(12.5)],
            catalogue: Some(yuan(80.0)),
        };
        let charged = CostInput { configured: None, ..all.clone() };
        let priced = CostInput { charges: vec![], ..charged.clone() };
        let seen = |input: &CostInput| cost(input).map(|c| (c.money.amount, c.source));
        assert_eq!(seen(&all), Ok((60.0, CostSource::VisitType)));
        assert_eq!(seen(&charged), Ok((42.5, CostSource::Charges)));
        assert_eq!(seen(&priced), Ok((80.0, CostSource::Catalogue)));
    }

    #[test]
    fn unknown_and_zero_are_reasons_and_never_zero() {
        assert_eq!(cost(&CostInput::default()), Err(Reason::NoCost));
        for amount in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            let input =
                CostInput { configured: Some(yuan(amount)), charges: vec![], catalogue: Some(yuan(80.0)) };
            assert_eq!(cost(&input), Err(Reason::ZeroCost), "{amount}");
            assert_eq!(reference_cost(Some(yuan(amount))), Err(Reason::NoReferenceCost), "{amount}");
        }
        let mixed = CostInput { charges: vec![yuan(1.0), euro(1.0)], ..CostInput::default() };
        assert_eq!(cost(&mixed), Err(Reason::MixedCurrencies));
        assert_eq!(reference_cost(None), Err(Reason::NoReferenceCost));
    }

    #[test]
    fn a_currency_is_three_capital_letters() {
        assert_eq!("CNY".parse::<Currency>().unwrap().to_string(), "CNY");
        for bad in ["", "cny", "CN", "CNYX", "C1Y", "元"] {
            assert!(bad.parse::<Currency>().is_err(), "{bad}");
        }
    }
}
