//! The price catalogue.

use bianque_quality::cost::{Currency, Money};

/// A visit type with what it costs.
#[derive(Debug, Clone, PartialEq)]
pub struct Price {
    /// Its code.
    pub code: &'static str,
    /// Its name in English.
    pub en: &'static str,
    /// Its name in Chinese.
    pub zh: &'static str,
    /// What it is sold for.
    pub price: Money,
    /// What it costs to give, where that is known.
    pub cost: Option<Money>,
    /// C0, what it is compared at.
    pub reference_cost: Option<Money>,
    /// How long it is booked for.
    pub minutes: u32,
}

pub(super) fn all() -> Vec<Price> {
    let yuan = |amount: f64| Money { amount, currency: Currency::CNY };
    let price = |code, en, zh, price: f64, cost: Option<f64>, reference: f64, minutes| Price {
        code,
        en,
        zh,
        price: yuan(price),
        cost: cost.map(yuan),
        reference_cost: Some(yuan(reference)),
        minutes,
    };
    vec![
        price("general", "General practice, video", "全科视频就诊", 80.0, Some(56.0), 55.0, 15),
        price("follow-up", "Follow-up, video", "复诊视频就诊", 40.0, Some(30.5), 30.0, 15),
        price("specialist", "Specialist, video", "专科视频就诊", 180.0, Some(132.0), 125.0, 30),
        // No cost of its own is known: C is the price.
        price("counselling", "Counselling, video", "心理咨询视频就诊", 200.0, None, 150.0, 45),
        price("nurse", "Nurse advice, video", "护理咨询视频", 20.0, Some(16.0), 15.0, 15),
    ]
}
