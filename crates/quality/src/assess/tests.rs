//! A visit by hand, and what is left out when something is missing.

use proptest::prelude::*;

use super::*;
use crate::Source;
use crate::cost::CostSource;

const TEN: Timestamp = Timestamp(1_767_348_000_000_000);

fn yuan(amount: f64) -> Money {
    Money { amount, currency: Currency::CNY }
}

fn rates(mbps: f64, seconds: i64) -> [RateWindow; 1] {
    [RateWindow {
        from: TEN,
        to: TEN.plus_seconds(seconds),
        connected: true,
        available_up_bps: Some(mbps * 1e6),
        available_down_bps: Some(mbps * 2e6),
        source: Source::ServerEstimate,
        application_limited: false,
    }]
}

fn media(rtt_ms: f64, jitter_buffer_ms: f64) -> [MediaWindow; 1] {
    [MediaWindow {
        from: TEN,
        to: TEN.plus_seconds(5),
        connected: true,
        rtt_ms: Some(rtt_ms),
        far_rtt_ms: None,
        jitter_buffer_ms: Some(jitter_buffer_ms),
        concealed_samples: 0,
        total_samples: 240_000,
        bytes_up: 0,
        bytes_down: 0,
        video: None,
    }]
}

/// Appointed at ten, arrived two minutes early, media after 40 s, ten minutes at 2.5 Mbit/s, costs 80 yuan.
fn visit<'a>(
    rates: &'a [RateWindow],
    patient: &'a [MediaWindow],
    clinician: &'a [MediaWindow],
) -> Assessment<'a> {
    Assessment {
        outcome: Outcome::Held,
        admitted: Some(TEN),
        ended: Some(TEN.plus_seconds(600)),
        delay: DelayInput::Call {
            arrived: Some(TEN.plus_seconds(-120)),
            appointed: Some(TEN),
            two_way_media: Some(TEN.plus_seconds(40)),
        },
        cost: CostInput { configured: Some(yuan(80.0)), ..CostInput::default() },
        reference_cost: Some(yuan(50.0)),
        rates,
        patient,
        clinician,
        rating: RatingConstants::default(),
        video: VideoConstants::default(),
    }
}

#[test]
fn a_visit_by_hand() {
    let (rates, near, far) = (rates(2.5, 600), media(40.0, 60.0), media(120.0, 80.0));
    let quality = assess(&visit(&rates, &near, &far));
    assert_eq!(quality.t.unwrap().mbps, 2.5);
    assert_eq!(quality.c.unwrap().source, CostSource::VisitType);
    assert_eq!(quality.d, Ok(40.0));
    let r = quality.r.unwrap();
    assert_eq!((r.value, r.unit().as_str()), (5.0, "Mbit/s.CNY/s"), "2.5 x 80 / 40");
    assert_eq!(quality.r_ref.unwrap().value, 3.125, "2.5 x 50 / 40");
    assert_eq!(quality.d_network, Ok(0.2465));
    assert_eq!(quality.r_network.unwrap().value, 2.5 * 80.0 / 0.2465);
    assert_eq!(quality.method_version, METHOD_VERSION);
    assert_eq!(quality.reasons(), []);
}

#[test]
fn what_is_missing_is_named_and_the_rest_stands() {
    let (rates, near) = (rates(2.5, 600), media(40.0, 60.0));
    let whole = visit(&rates, &near, &[]);

    let unpriced = assess(&Assessment { cost: CostInput::default(), ..whole.clone() });
    assert_eq!((unpriced.r, unpriced.r_ref.map(|r| r.value)), (Err(Reason::NoCost), Ok(3.125)));

    let free = CostInput { catalogue: Some(yuan(0.0)), ..CostInput::default() };
    let free = assess(&Assessment { cost: free, reference_cost: None, ..whole.clone() });
    assert_eq!(free.reasons(), [Reason::ZeroCost, Reason::NoReferenceCost]);

    let unmeasured = assess(&Assessment { rates: &[], ..whole.clone() });
    assert_eq!((unmeasured.r, unmeasured.d), (Err(Reason::NoSpeed), Ok(40.0)));

    let one_leg = assess(&whole);
    assert_eq!((one_leg.r_network, one_leg.r.is_ok()), (Err(Reason::NoNetworkDelay), true));
    assert_eq!(one_leg.reasons(), [], "the secondary figure does not speak for the visit");
}

#[test]
fn failed_abandoned_and_stored_visits_have_no_r() {
    let (rates, near) = (rates(2.5, 600), media(40.0, 60.0));
    let whole = visit(&rates, &near, &near);
    for (outcome, reason) in [(Outcome::Failed, Reason::Failed), (Outcome::Abandoned, Reason::Abandoned)] {
        let quality = assess(&Assessment { outcome, ..whole.clone() });
        assert_eq!((quality.r, quality.r_ref), (Err(reason), Err(reason)));
        assert_eq!(quality.reasons(), [reason]);
    }
    let delay = DelayInput::StoreAndForward { requested: TEN, answered: Some(TEN.plus_seconds(7200)) };
    let stored = assess(&Assessment { delay, ..whole });
    assert_eq!((stored.d, stored.r), (Ok(7200.0), Err(Reason::StoreAndForward)));
}

#[test]
fn a_visit_without_connection_has_r_zero_and_not_a_reason() {
    let (rates, near) = (rates(2.5, 100), media(40.0, 60.0));
    let quality = assess(&visit(&rates, &near, &near));
    assert_eq!(quality.r.map(|r| r.value), Ok(0.0), "connected for 100 s of 600");
}

proptest! {
    #[test]
    fn r_is_t_times_c_over_d(mbps in 0.01..1000.0_f64, price in 0.01..1e5_f64, wait in -100..10_000_i64) {
        let (rates, near) = (rates(mbps, 600), media(40.0, 60.0));
        let mut visit = visit(&rates, &near, &near);
        visit.cost.configured = Some(yuan(price));
        visit.delay = DelayInput::Call {
            arrived: Some(TEN),
            appointed: None,
            two_way_media: Some(TEN.plus_seconds(wait)),
        };
        let quality = assess(&visit);
        let (t, c, d) = (quality.t.unwrap().mbps, quality.c.unwrap().money.amount, quality.d.unwrap());
        prop_assert!(d >= 1.0);
        let r = quality.r.unwrap().value;
        prop_assert!((r - t * c / d).abs() <= 1e-9 * r.abs());
        let r_ref = quality.r_ref.unwrap().value;
        prop_assert!((r_ref / r - 50.0 / price).abs() <= 1e-9 * (50.0 / price));
    }
}
