//! The quality of one visit: R = T x C / D with what it is made of, shown while it runs and kept when it ends.

use bianque_model::{Context, ResourceId, Timestamp};
use bianque_quality::assess::Outcome;
use bianque_quality::call::window_rating;
use bianque_quality::cost::{CostInput, Currency, Money};
use bianque_quality::delay::DelayInput;
use bianque_quality::rating::mos;
use bianque_quality::{Assessment, MediaWindow, Quality, Reason, assess};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Visit;
use super::access::load_as;
use super::encounter::{self, status};
use super::rungs;
use super::windows::{self, Window};
use crate::admin::prices::PriceItem;
use crate::policy::Part;
use crate::quality::summary::{Basis, VisitQuality};
use crate::{App, Change, Error, instant};

/// Codes of T, C, D, R and R_ref.
const QUALITY_SYSTEM: &str = "https://bianque.example/fhir/CodeSystem/visit-quality";

/// The quality of a visit; of one that goes on, up to now.
pub async fn show(app: &App, context: &Context, visit: &ResourceId) -> Result<Value, Error> {
    let access = load_as(app, context, visit, &[Part::Clinician, Part::Supervisor]).await?;
    app.audit_read(context, "visit.quality", &access.visit.value.patient, &access.entity()).await?;
    let windows = windows::of_visit(app, context, visit).await?;
    let (quality, _) = of(app, context, &access.visit.value, &access.encounter.value, &windows).await?;
    let mut answer = answer(app, &quality, &windows);
    answer["steps"] = rungs::of_visit(app, context, visit).await?;
    Ok(answer)
}

/// Keeps the quality of a visit that ends: Observations on its Encounter and a line for the chart over visits.
pub(super) async fn keep(
    app: &App,
    context: &Context,
    visit: &Visit,
    encounter: &Value,
    change: &mut Change<'_>,
) -> Result<(), Error> {
    let windows = windows::of_visit(app, context, &visit.id).await?;
    let (quality, basis) = of(app, context, visit, encounter, &windows).await?;
    write(context.now, visit, &quality, Some(basis), change)
}

/// Counts a visit to which the patient never came: a line for the chart over visits. Its Encounter has no figures.
pub(super) async fn count_no_show(
    app: &App,
    context: &Context,
    visit: &Visit,
    encounter: &Value,
    change: &mut Change<'_>,
) -> Result<(), Error> {
    let (quality, basis) = of(app, context, visit, encounter, &[]).await?;
    change.save(&VisitQuality::of(visit, context.now, &quality, Some(basis)))
}

/// Writes the quality of a visit that ended at `at`.
pub(crate) fn write(
    at: Timestamp,
    visit: &Visit,
    quality: &Quality,
    basis: Option<Basis>,
    change: &mut Change<'_>,
) -> Result<(), Error> {
    for observation in observations(at, visit, quality) {
        change.create(&observation)?;
    }
    change.save(&VisitQuality::of(visit, at, quality, basis))
}

/// What C and C0 are taken from: of a visit that is over what was known then, because prices change.
async fn basis(app: &App, context: &Context, visit: &Visit) -> Result<Basis, Error> {
    if visit.ended_reason.is_some()
        && let Some(kept) = app.load::<VisitQuality>(context.tenant, visit.id.as_str()).await?
        && let Some(basis) = kept.value.basis
    {
        return Ok(basis);
    }
    let price = PriceItem::find(app, context, &visit.visit_type).await?;
    let cost = CostInput {
        configured: price.as_ref().and_then(|price| price.cost),
        charges: charges(app, context, &visit.id).await?,
        catalogue: price.as_ref().map(|price| price.price),
    };
    Ok(Basis { cost, reference_cost: price.and_then(|price| price.reference_cost) })
}

/// The quality of a visit by these windows, and what its cost was taken from.
async fn of(
    app: &App,
    context: &Context,
    visit: &Visit,
    encounter: &Value,
    windows: &[Window],
) -> Result<(Quality, Basis), Error> {
    let basis = basis(app, context, visit).await?;
    let rates = windows::patient_rates(visit, windows);
    let media = |role: &str| -> Vec<MediaWindow> {
        windows.iter().filter(|window| window.role == role).filter_map(|window| window.media).collect()
    };
    let (patient, clinician) = (media("patient"), media("clinician"));
    let quality = assess(&Assessment {
        outcome: outcome(visit),
        admitted: encounter::first_in(encounter, status::IN_PROGRESS),
        ended: Some(encounter::first_in(encounter, status::FINISHED).unwrap_or(context.now)),
        delay: DelayInput::Call {
            arrived: encounter::first_in(encounter, status::ARRIVED),
            appointed: (!visit.walk_in).then_some(visit.start),
            two_way_media: visit.first_media_at,
        },
        cost: basis.cost.clone(),
        reference_cost: basis.reference_cost,
        rates: &rates,
        patient: &patient,
        clinician: &clinician,
        rating: app.settings.rating,
        video: bianque_quality::call::VideoConstants::default(),
    });
    Ok((quality, basis))
}

fn outcome(visit: &Visit) -> Outcome {
    match visit.ended_reason.as_deref() {
        Some("technical") => Outcome::Failed,
        Some("abandoned") => Outcome::Abandoned,
        Some("no-show" | "cancelled") => Outcome::NotBegun,
        _ => Outcome::Held,
    }
}

/// Charges of the visit (ChargeItem.priceOverride).
async fn charges(app: &App, context: &Context, visit: &ResourceId) -> Result<Vec<Money>, Error> {
    let items = app.referring(context, "ChargeItem", "context", ("Encounter", visit)).await?;
    let money = |item: &Value| {
        let price = &item["priceOverride"];
        let currency: Currency = price["currency"].as_str()?.parse().ok()?;
        Some(Money { amount: price["value"].as_f64()?, currency })
    };
    Ok(items.iter().filter_map(|item| money(&item.value)).collect())
}

fn answer(app: &App, quality: &Quality, windows: &[Window]) -> Value {
    let ratio = |ratio: &Result<bianque_quality::Ratio, Reason>| {
        ratio.as_ref().ok().map(|ratio| json!({"value": ratio.value, "unit": ratio.unit()}))
    };
    let heard = quality.patient.heard.or(quality.clinician.heard);
    json!({
        "t": quality.t.as_ref().ok().map(|speed| json!({
            "value": speed.mbps, "unit": "Mbit/s", "source": speed.lower().source.code(),
            "windows": speed.lower().windows, "up": speed.up.mbps, "down": speed.down.mbps,
            "up_source": speed.up.source.code(), "down_source": speed.down.source.code(),
        })),
        "c": quality.c.as_ref().ok().map(|cost| json!({
            "value": cost.money.amount, "unit": cost.money.currency.as_str(), "source": cost.source.code(),
        })),
        "d": quality.d.as_ref().ok().map(|seconds| json!({"value": seconds, "unit": "s"})),
        "r": ratio(&quality.r),
        "r_ref": ratio(&quality.r_ref),
        "r_network": ratio(&quality.r_network),
        "d_network": quality.d_network.as_ref().ok().map(|seconds| json!({"value": seconds, "unit": "s"})),
        "not_computed": quality.reasons().iter().map(|reason| reason.code()).collect::<Vec<_>>(),
        "mos": heard.map(|heard| json!({"value": heard.value, "worst": heard.worst})),
        "freeze_ratio": quality.patient.seen.and_then(|seen| seen.freeze_ratio),
        "goodput_up_mbps": quality.patient.goodput_up_mbps,
        "goodput_down_mbps": quality.patient.goodput_down_mbps,
        "method_version": quality.method_version,
        "windows": windows.iter().map(|window| line(app, window)).collect::<Vec<_>>(),
    })
}

/// One window for a plot.
fn line(app: &App, window: &Window) -> Value {
    let available = window.rate.available_down_bps.or(window.rate.available_up_bps);
    let rating = |media| window_rating(media, &app.settings.rating);
    json!({
        "from": instant::text(window.rate.from),
        "to": instant::text(window.rate.to),
        "participant": window.participant,
        "source": window.rate.source.code(),
        "connected": window.rate.connected,
        "transport": window.transport,
        "t_mbps": available.map(|bps| bps / 1e6),
        "application_limited": window.rate.application_limited,
        "rtt_ms": window.rtt_ms,
        "loss": window.loss,
        "mos": window.media.as_ref().and_then(rating).map(mos),
    })
}

fn observations(at: Timestamp, visit: &Visit, quality: &Quality) -> Vec<Value> {
    let ratio = |ratio: &Result<bianque_quality::Ratio, Reason>| {
        ratio.as_ref().map(|ratio| (ratio.value, ratio.unit())).map_err(|reason| *reason)
    };
    let t = quality.t.as_ref().map(|speed| (speed.mbps, "Mbit/s".to_owned())).map_err(|reason| *reason);
    let c = quality.c.map(|cost| (cost.money.amount, cost.money.currency.to_string()));
    let d = quality.d.map(|seconds| (seconds, "s".to_owned()));
    let figures = [
        ("T", "Communication speed", t),
        ("C", "Cost of the service", c),
        ("D", "Delay of the service", d),
        ("R", "Quality of the visit, T x C / D", ratio(&quality.r)),
        ("R_ref", "Quality at reference cost, T x C0 / D", ratio(&quality.r_ref)),
    ];
    figures.into_iter().map(|(code, display, figure)| observation(at, visit, code, display, figure)).collect()
}

/// An Observation about the Encounter and not about the patient: it is no part of a chart.
fn observation(
    at: Timestamp,
    visit: &Visit,
    code: &str,
    display: &str,
    figure: Result<(f64, String), Reason>,
) -> Value {
    let mut observation = json!({
        "resourceType": "Observation",
        "id": Uuid::now_v7(),
        "status": "final",
        "code": {"coding": [{"system": QUALITY_SYSTEM, "code": code, "display": display}], "text": display},
        "focus": [{"reference": format!("Encounter/{}", visit.id)}],
        "encounter": {"reference": format!("Encounter/{}", visit.id)},
        "effectiveDateTime": instant::text(at),
        "method": {"text": format!("Bianque visit quality {}", bianque_quality::METHOD_VERSION)},
    });
    match figure {
        Ok((value, unit)) => observation["valueQuantity"] = json!({"value": value, "unit": unit}),
        Err(reason) => {
            let system = "http://terminology.hl7.org/CodeSystem/data-absent-reason";
            observation["dataAbsentReason"] =
                json!({"coding": [{"system": system, "code": "not-performed"}], "text": reason.code()});
        }
    }
    observation
}

#[cfg(test)]
mod tests;
