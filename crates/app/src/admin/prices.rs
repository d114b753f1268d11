//! The price catalogue: visit types with what they cost, to whom.

use bianque_model::{Context, Role};
use bianque_quality::cost::Money;
use bianque_store::{AuditAction, StateKey};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::aggregate::{Aggregate, Loaded, shared};
use crate::visits::access::required;
use crate::{App, Change, Error, policy};

/// Entries of a catalogue.
const MOST: u32 = 500;

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// English.
    pub en: String,
    /// Chinese.
    pub zh: String,
}

/// A visit type.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PriceItem {
    /// Its code: small letters, digits and hyphens.
    pub code: String,
    /// Its name.
    pub name: Words,
    /// What it is sold for.
    pub price: Money,
    /// What it costs to give, where that is known: C of the quality of a visit.
    pub cost: Option<Money>,
    /// C0, the cost against which visits are compared over time.
    pub reference_cost: Option<Money>,
    /// How long it is booked for.
    pub minutes: u32,
    /// Whether it can be booked.
    pub active: bool,
}

impl Aggregate for PriceItem {
    const KIND: &'static str = "price";
    const ABOUT_PATIENT: bool = false;

    fn id(&self) -> String {
        self.code.clone()
    }

    fn keys(&self) -> Vec<StateKey> {
        vec![shared("all", "price")]
    }
}

/// A price as an administrator sets it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// Its name.
    pub name: Words,
    /// What it is sold for.
    pub price: Money,
    /// What it costs to give.
    pub cost: Option<Money>,
    /// What visits are compared at.
    pub reference_cost: Option<Money>,
    /// How long it is booked for.
    pub minutes: u32,
    /// Whether it can be booked.
    pub active: bool,
}

impl PriceItem {
    /// The visit type with this code, if there is one.
    pub async fn find(app: &App, context: &Context, code: &str) -> Result<Option<Self>, Error> {
        Ok(app.load::<Self>(context.tenant, code).await?.map(|loaded| loaded.value))
    }

    /// The visit type with this code, which must be one that can be booked.
    pub async fn active(app: &App, context: &Context, code: &str) -> Result<Self, Error> {
        let item = Self::find(app, context, code).await?;
        item.filter(|item| item.active)
            .ok_or_else(|| Error::field("visit-type.unknown", "visit_type", "no such visit type"))
    }

    /// The name of a visit type, in both languages; its code where it is gone from the catalogue.
    pub async fn name(app: &App, context: &Context, code: &str) -> Result<Value, Error> {
        let item = Self::find(app, context, code).await?;
        Ok(item.map_or_else(|| json!({"en": code, "zh": code}), |item| json!(item.name)))
    }
}

/// The whole catalogue, by code.
pub async fn catalogue(app: &App, context: &Context) -> Result<Vec<PriceItem>, Error> {
    let mut items: Vec<PriceItem> = app
        .list::<PriceItem>(context.tenant, "all", "price"..="price", MOST)
        .await?
        .into_iter()
        .map(|Loaded { value, .. }| value)
        .collect();
    items.sort_by(|a, b| a.code.cmp(&b.code));
    Ok(items)
}

/// The catalogue for its administrator.
pub async fn list(app: &App, context: &Context) -> Result<Value, Error> {
    policy::administrator(context)?;
    Ok(json!({"prices": catalogue(app, context).await?}))
}

/// What can be booked, for those who book, and for supervisors, who read its names beside figures.
pub async fn bookable(app: &App, context: &Context) -> Result<Value, Error> {
    policy::member(context, &[Role::Clinician, Role::FrontDesk, Role::Supervisor])?;
    let items = catalogue(app, context).await?;
    let shown: Vec<Value> = items
        .iter()
        .filter(|item| item.active)
        .map(|item| json!({"code": item.code, "name": item.name, "price": item.price, "minutes": item.minutes}))
        .collect();
    Ok(json!({"visit_types": shown}))
}

/// Sets a price, making the visit type where it is new.
pub async fn set(app: &App, context: &Context, code: &str, setting: Setting) -> Result<Value, Error> {
    policy::administrator(context)?;
    check(code, &setting)?;
    let item = PriceItem {
        code: code.to_owned(),
        name: setting.name,
        price: setting.price,
        cost: setting.cost,
        reference_cost: setting.reference_cost,
        minutes: setting.minutes,
        active: setting.active,
    };
    let mut change = Change::new(app, context);
    change.save(&item)?;
    change.audit(AuditAction::U, "price.set", None, &format!("Price/{code}"));
    change.commit().await?;
    Ok(json!({"price": item}))
}

fn check(code: &str, setting: &Setting) -> Result<(), Error> {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if !(1..=64).contains(&code.len()) || !code.bytes().all(allowed) {
        return Err(Error::field("field.code", "code", "a code has small letters, digits and hyphens"));
    }
    required("name", &setting.name.en, 200)?;
    required("name", &setting.name.zh, 200)?;
    if !(5..=480).contains(&setting.minutes) {
        return Err(Error::field("field.range", "minutes", "minutes are not between 5 and 480"));
    }
    let moneys =
        [("price", Some(setting.price)), ("cost", setting.cost), ("reference_cost", setting.reference_cost)];
    for (field, money) in moneys {
        if money.is_some_and(|money| !(0.0..=1e9).contains(&money.amount)) {
            return Err(Error::field("field.range", field, format!("{field} is not an amount")));
        }
    }
    let currencies = moneys.into_iter().filter_map(|(_, money)| money).map(|money| money.currency);
    if currencies.clone().any(|currency| currency != setting.price.currency) {
        return Err(Error::field("price.currency", "cost", "one visit type has one currency"));
    }
    Ok(())
}
