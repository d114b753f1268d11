//! One figure: what was measured, how often, and what it is held against.

use serde::Serialize;

/// A figure of a bench.
#[derive(Debug, Clone, Serialize)]
pub struct Figure {
    /// What was measured, with its unit as the last part: `start.ready_ms`.
    pub name: String,
    /// Ours: the median of the runs.
    pub ours: f64,
    /// The peer's in the same run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peer: Option<f64>,
    /// Ours divided by the peer's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ratio: Option<f64>,
    /// What it should be: at most this, or at least, as `name` suggests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub goal: Option<f64>,
    /// Whether the goal is met.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub met: Option<bool>,
    /// Every run, in order.
    pub runs: Vec<f64>,
}

impl Figure {
    /// The median of these runs.
    pub fn new(name: &str, runs: Vec<f64>) -> Self {
        Self {
            name: name.to_owned(),
            ours: median(&runs),
            peer: None,
            ratio: None,
            goal: None,
            met: None,
            runs,
        }
    }

    /// Beside a peer's runs.
    pub fn beside(mut self, peer: &[f64]) -> Self {
        let peer = median(peer);
        self.peer = Some(peer);
        self.ratio = Some(self.ours / peer);
        self
    }

    /// Held against a goal that ours must not exceed.
    pub fn at_most(mut self, goal: f64) -> Self {
        self.met = Some(self.ours <= goal);
        self.goal = Some(goal);
        self
    }

    /// Held against a goal that the ratio to the peer must reach.
    pub fn ratio_at_least(mut self, goal: f64) -> Self {
        self.met = self.ratio.map(|ratio| ratio >= goal);
        self.goal = Some(goal);
        self
    }

    /// Held against a goal that the ratio to the peer must not exceed.
    pub fn ratio_at_most(mut self, goal: f64) -> Self {
        self.met = self.ratio.map(|ratio| ratio <= goal);
        self.goal = Some(goal);
        self
    }

    /// Prints it as one line of JSON.
    #[expect(clippy::print_stdout, reason = "figures are the output of a bench")]
    pub fn print(&self) -> serde_json::Result<()> {
        println!("{}", serde_json::to_string(self)?);
        Ok(())
    }
}

/// The middle value; the mean of the middle two of an even number. NaN of nothing.
pub fn median(values: &[f64]) -> f64 {
    let sorted = sorted(values);
    match sorted.len() {
        0 => f64::NAN,
        odd if odd % 2 == 1 => sorted[odd / 2],
        even => f64::midpoint(sorted[even / 2 - 1], sorted[even / 2]),
    }
}

/// The value that this share of all values does not exceed: 0.99 for p99. NaN of nothing.
pub fn percentile(values: &[f64], share: f64) -> f64 {
    let sorted = sorted(values);
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the rank lies between 0 and the last index"
    )]
    let rank = (share.clamp(0.0, 1.0) * last as f64).ceil() as usize;
    sorted[rank.min(last)]
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_and_percentiles() {
        assert!((median(&[3.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!((median(&[4.0, 1.0, 2.0, 3.0]) - 2.5).abs() < f64::EPSILON);
        assert!(median(&[]).is_nan());
        let hundred: Vec<f64> = (0..=100).map(f64::from).collect();
        assert!((percentile(&hundred, 0.99) - 99.0).abs() < f64::EPSILON);
        assert!((percentile(&[7.0], 0.5) - 7.0).abs() < f64::EPSILON);
    }

    #[test]
    fn a_goal_is_met_or_not() {
        assert_eq!(Figure::new("start.ready_ms", vec![250.0]).at_most(300.0).met, Some(true));
        assert_eq!(Figure::new("start.ready_ms", vec![350.0]).at_most(300.0).met, Some(false));
        let figure = Figure::new("store.commits_per_second", vec![90.0]).beside(&[100.0]);
        assert_eq!(figure.ratio_at_least(0.95).met, Some(false));
    }
}
