//! R over visits: the points, the control chart on ln R_ref, and what has no R beside it.

use std::collections::BTreeMap;

use bianque_model::{Actor, Context, Duty, ResourceId, Timestamp};
use bianque_quality::Reason;
use bianque_quality::chart::{Chart, control_chart};
use serde_json::{Value, json};

use super::summary::VisitQuality;
use crate::aggregate::Loaded;
use crate::visits::visit::schedule_key;
use crate::{App, Error, instant};

/// Visits of one chart.
const MOST: u32 = 5000;

/// Which visits are asked for.
#[derive(Debug, Clone)]
pub struct Range {
    /// The first instant.
    pub from: Timestamp,
    /// The first instant after it.
    pub to: Timestamp,
    /// Only of this clinician.
    pub practitioner: Option<ResourceId>,
}

/// The visits of a range: a clinician's or supervisor's own institution, or for an administrator all of them. No patient is named.
pub async fn over_visits(app: &App, context: &Context, range: &Range) -> Result<Value, Error> {
    let mut visits = load(app, context, range).await?;
    visits.retain(|visit| range.practitioner.as_ref().is_none_or(|wanted| visit.practitioner == *wanted));
    visits.sort_by(|a, b| (a.at, a.visit.as_str()).cmp(&(b.at, b.visit.as_str())));
    let count = |reason: &str| visits.iter().filter(|visit| visit.ended_reason == reason).count();
    let charted = visits.iter().filter_map(|visit| visit.r_ref.map(|value| (visit, value)));
    let chart = control_chart(charted, None);
    Ok(json!({
        "points": visits.iter().map(point).collect::<Vec<_>>(),
        "chart": chart_answer(&chart),
        "not_computed": not_computed(&visits),
        "failed": count("technical"),
        "abandoned": count("abandoned"),
        "no_shows": count("no-show"),
        "method_version": bianque_quality::METHOD_VERSION,
    }))
}

async fn load(app: &App, context: &Context, range: &Range) -> Result<Vec<VisitQuality>, Error> {
    let (name, low, high) = match &context.actor {
        Actor::Clinician { organization, .. } | Actor::Staff { duty: Duty::Supervisor, organization, .. } => {
            ("organization", schedule_key(organization, range.from), schedule_key(organization, range.to))
        }
        Actor::Administrator { .. } | Actor::Server => {
            ("all", instant::text(range.from), instant::text(range.to))
        }
        Actor::Anonymous => return Err(Error::sign_in()),
        _ => return Err(Error::forbidden()),
    };
    let rows = app.list::<VisitQuality>(context.tenant, name, low.as_str()..high.as_str(), MOST).await?;
    Ok(rows.into_iter().map(|Loaded { value, .. }| value).collect())
}

fn point(visit: &VisitQuality) -> Value {
    json!({
        "visit_id": visit.visit, "at": instant::text(visit.at), "r": visit.r, "r_ref": visit.r_ref,
        "t": visit.t, "c": visit.c, "d": visit.d, "mos": visit.mos, "visit_type": visit.visit_type,
        "currency": visit.currency, "not_computed": visit.reasons,
    })
}

fn not_computed(visits: &[VisitQuality]) -> Value {
    let mut reasons: BTreeMap<&str, u32> = BTreeMap::new();
    let without: Vec<&VisitQuality> = visits.iter().filter(|visit| visit.r.is_none()).collect();
    for visit in &without {
        *reasons.entry(why_without_r(visit)).or_default() += 1;
    }
    json!({"count": without.len(), "reasons": reasons})
}

/// What kept R from being computed, one reason per visit: how it ended, else what was missing first of T, C and D.
fn why_without_r(visit: &VisitQuality) -> &str {
    match visit.ended_reason.as_str() {
        "technical" => Reason::Failed.code(),
        "abandoned" => Reason::Abandoned.code(),
        _ => visit.reasons.first().map_or(Reason::NoSpeed.code(), String::as_str),
    }
}

fn chart_answer(chart: &Chart<&VisitQuality>) -> Value {
    let points: Vec<Value> = chart
        .points
        .iter()
        .map(|point| {
            json!({
                "visit_id": point.key.visit, "at": instant::text(point.key.at), "value": point.value,
                "moving_range": point.moving_range,
                "signals": point.signals.iter().map(|signal| signal.code()).collect::<Vec<_>>(),
            })
        })
        .collect();
    let limits = chart.limits.as_ref();
    json!({
        "centre": limits.map(|limits| limits.centre),
        "upper": limits.map(|limits| limits.upper),
        "lower": limits.map(|limits| limits.lower),
        "mean_moving_range": limits.map(|limits| limits.mean_moving_range),
        "moving_range_upper": limits.map(|limits| limits.moving_range_upper),
        "provisional": limits.is_none_or(|limits| limits.provisional),
        "unit": "ln(Mbit/s.CNY/s)",
        "points": points,
    })
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn without_r(ended_reason: &str, reasons: &[&str]) -> VisitQuality {
        let id = || ResourceId::from(Uuid::nil());
        VisitQuality {
            visit: id(),
            organization: id(),
            practitioner: id(),
            visit_type: "general".into(),
            at: Timestamp(0),
            ended_reason: ended_reason.into(),
            t: None,
            c: None,
            currency: None,
            d: None,
            r: None,
            r_ref: None,
            mos: None,
            reasons: reasons.iter().map(|reason| (*reason).to_owned()).collect(),
            basis: None,
            method_version: "1".into(),
        }
    }

    #[test]
    fn a_visit_without_r_is_counted_once_however_much_it_lacks() {
        let visits = [
            without_r("technical", &["no-speed", "no-media", "failed"]),
            without_r("done", &["no-speed", "no-media"]),
            without_r("done", &["no-media"]),
            without_r("no-show", &["not-admitted", "no-media"]),
            VisitQuality { r: Some(1.0), ..without_r("done", &["no-reference-cost"]) },
        ];
        let counted = not_computed(&visits);
        let reasons = json!({"failed": 1, "no-speed": 1, "no-media": 1, "not-admitted": 1});
        assert_eq!(counted, json!({"count": 4, "reasons": reasons}));
    }
}
