//! Control chart of individuals and moving range on ln R_ref (Shewhart; ISO 7870-2).
//!
//! R_ref is a product of ratios and spreads over powers of ten, so the chart runs on its natural logarithm. With
//! `x = ln R_ref` in the order of the visits and `MR` the distance of neighbours, the centre is the mean of x, the limits
//! lie `2.66 x mean MR` (3 / 1.128) on both sides, and the limit of MR is `3.267 x mean MR`.

/// 3 / d2 for two neighbours, d2 = 1.128.
const INDIVIDUALS: f64 = 2.66;
/// D4 for two neighbours.
const MOVING_RANGE: f64 = 3.267;
/// As many points on one side of the centre are no chance.
const RUN: usize = 8;
/// Under this many points limits still move much.
const SETTLED: usize = 20;

/// What a point says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Signal {
    /// It lies beyond a limit.
    BeyondLimit,
    /// It is the eighth or a later one in a row on one side of the centre.
    RunOfEight,
    /// It lies farther from the one before than the limit of the moving range.
    Jump,
}

impl Signal {
    /// The code as the API writes it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::BeyondLimit => "beyond-limit",
            Self::RunOfEight => "run-of-eight",
            Self::Jump => "jump",
        }
    }
}

/// One visit on the chart.
#[derive(Debug, Clone, PartialEq)]
pub struct Point<K> {
    /// Whose.
    pub key: K,
    /// ln R_ref.
    pub value: f64,
    /// Distance from the one before; none for the first.
    pub moving_range: Option<f64>,
    /// What it says.
    pub signals: Vec<Signal>,
}

/// The lines of a chart, in ln(Mbit/s.currency/s).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// The mean.
    pub centre: f64,
    /// The upper limit.
    pub upper: f64,
    /// The lower limit.
    pub lower: f64,
    /// The mean moving range.
    pub mean_moving_range: f64,
    /// The upper limit of the moving range.
    pub moving_range_upper: f64,
    /// There are fewer than 20 points behind the lines.
    pub provisional: bool,
}

/// A chart.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart<K> {
    /// The lines; none with fewer than two points.
    pub limits: Option<Limits>,
    /// The points in the order given.
    pub points: Vec<Point<K>>,
    /// Visits whose R_ref has no logarithm: zero (nobody was connected for most of the visit) or not a number.
    pub uncharted: Vec<K>,
}

impl<K> Chart<K> {
    /// What the newest point says: the series has left its limits now.
    pub fn alarm(&self) -> &[Signal] {
        self.points.last().map_or(&[], |point| point.signals.as_slice())
    }
}

/// The chart of R_ref over visits, in the order of time. The lines come from the first `baseline` points, or from all.
///
/// Values of different currencies do not belong on one chart.
pub fn control_chart<K>(values: impl IntoIterator<Item = (K, f64)>, baseline: Option<usize>) -> Chart<K> {
    let (mut keys, mut logs, mut uncharted) = (Vec::new(), Vec::new(), Vec::new());
    for (key, r_ref) in values {
        if r_ref.is_finite() && r_ref > 0.0 {
            keys.push(key);
            logs.push(r_ref.ln());
        } else {
            uncharted.push(key);
        }
    }
    let ranges = moving_ranges(&logs);
    let limits = limits(&logs[..baseline.unwrap_or(logs.len()).min(logs.len())]);
    let mut signals =
        limits.map_or_else(|| vec![Vec::new(); logs.len()], |lines| signals(&logs, &ranges, &lines));
    let points = keys
        .into_iter()
        .enumerate()
        .map(|(at, key)| Point {
            key,
            value: logs[at],
            moving_range: ranges[at],
            signals: std::mem::take(&mut signals[at]),
        })
        .collect();
    Chart { limits, points, uncharted }
}

fn moving_ranges(logs: &[f64]) -> Vec<Option<f64>> {
    let later = logs.windows(2).map(|pair| Some((pair[1] - pair[0]).abs()));
    std::iter::once(None).chain(later).take(logs.len()).collect()
}

fn limits(logs: &[f64]) -> Option<Limits> {
    if logs.len() < 2 {
        return None;
    }
    let centre = logs.iter().sum::<f64>() / logs.len() as f64;
    let ranges = moving_ranges(logs);
    let mean_moving_range = ranges.iter().flatten().sum::<f64>() / (logs.len() - 1) as f64;
    let width = INDIVIDUALS * mean_moving_range;
    Some(Limits {
        centre,
        upper: centre + width,
        lower: centre - width,
        mean_moving_range,
        moving_range_upper: MOVING_RANGE * mean_moving_range,
        provisional: logs.len() < SETTLED,
    })
}

fn signals(logs: &[f64], ranges: &[Option<f64>], lines: &Limits) -> Vec<Vec<Signal>> {
    // The mean of equal values may differ from them in the last bit: that is no side and no distance.
    let noise = 1e-12 * lines.centre.abs().max(1.0);
    let (mut side, mut length) = (0_i8, 0_usize);
    let mut all = Vec::with_capacity(logs.len());
    for (value, range) in logs.iter().zip(ranges) {
        let distance = value - lines.centre;
        let here = if distance > noise { 1 } else { -i8::from(distance < -noise) };
        length = if here == side { length + 1 } else { 1 };
        side = here;
        let mut signals = Vec::new();
        if *value > lines.upper + noise || *value < lines.lower - noise {
            signals.push(Signal::BeyondLimit);
        }
        if side != 0 && length >= RUN {
            signals.push(Signal::RunOfEight);
        }
        if range.is_some_and(|range| range > lines.moving_range_upper + noise) {
            signals.push(Signal::Jump);
        }
        all.push(signals);
    }
    all
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn chart(logs: &[f64], baseline: Option<usize>) -> Chart<usize> {
        control_chart(logs.iter().map(|log| log.exp()).enumerate(), baseline)
    }

    fn near(left: f64, right: f64) {
        assert!((left - right).abs() < 1e-9, "{left} is not {right}");
    }

    #[test]
    fn lines_by_hand() {
        let chart = chart(&[1.0, 2.0, 1.5, 3.5], None);
        let lines = chart.limits.unwrap();
        // Mean 2; moving ranges 1, 0.5, 2, mean 7/6.
        near(lines.centre, 2.0);
        near(lines.mean_moving_range, 7.0 / 6.0);
        near(lines.upper, 2.0 + 2.66 * 7.0 / 6.0);
        near(lines.lower, 2.0 - 2.66 * 7.0 / 6.0);
        near(chart.points[2].moving_range.unwrap(), 0.5);
        assert!(lines.provisional && chart.points[0].moving_range.is_none());
        assert!(chart.alarm().is_empty());
    }

    #[test]
    fn a_point_beyond_the_limits_of_the_baseline_is_an_alarm() {
        let mut logs: Vec<f64> = (0..20).map(|at| if at % 2 == 0 { 1.0 } else { 1.2 }).collect();
        logs.push(3.0);
        let chart = chart(&logs, Some(20));
        assert_eq!(chart.alarm(), [Signal::BeyondLimit, Signal::Jump]);
        assert!(!chart.limits.unwrap().provisional);
        assert!(chart.points[..20].iter().all(|point| point.signals.is_empty()));
    }

    #[test]
    fn eight_on_one_side_are_a_run() {
        let mut logs: Vec<f64> = (0..20).map(|at| if at % 2 == 0 { 1.0 } else { 1.4 }).collect();
        logs.extend([1.25; 9]);
        let chart = chart(&logs, Some(20));
        let runs: Vec<usize> = chart
            .points
            .iter()
            .filter(|point| point.signals.contains(&Signal::RunOfEight))
            .map(|point| point.key)
            .collect();
        assert_eq!(runs, [26, 27, 28], "the point before the nine lies on their side too");
    }

    #[test]
    fn few_and_unusable_values() {
        assert_eq!(control_chart::<u8>([], None).limits, None);
        let chart = control_chart([('a', 0.0), ('b', 2.0), ('c', f64::NAN)], None);
        assert_eq!((chart.uncharted, chart.points.len(), chart.limits), (vec!['a', 'c'], 1, None));
    }

    proptest! {
        #[test]
        fn equal_values_say_nothing(value in 1e-6..1e6_f64, count in 2..60_usize) {
            let chart = control_chart((0..count).map(|at| (at, value)), None);
            prop_assert!(chart.points.iter().all(|point| point.signals.is_empty()));
        }

        #[test]
        fn a_change_of_currency_moves_the_lines_and_no_signal(
            values in proptest::collection::vec(0.01..100.0_f64, 2..60),
            rate in 0.01..100.0_f64,
        ) {
            let here = control_chart(values.iter().copied().enumerate(), None);
            let there = control_chart(values.iter().map(|value| value * rate).enumerate(), None);
            let (a, b) = (here.limits.unwrap(), there.limits.unwrap());
            prop_assert!((b.centre - a.centre - rate.ln()).abs() < 1e-9);
            prop_assert!(((b.upper - b.lower) - (a.upper - a.lower)).abs() < 1e-9);
            prop_assert!(a.lower <= a.centre && a.centre <= a.upper);
        }
    }
}
