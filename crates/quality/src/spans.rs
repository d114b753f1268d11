//! Sets of time: disjoint stretches in order, in microseconds.

use bianque_model::Timestamp;

/// A set of moments.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Spans(Vec<(i64, i64)>);

impl Spans {
    /// The union of stretches within `[from, to)`. A stretch that does not end after it begins is empty.
    pub(crate) fn within(
        from: Timestamp,
        to: Timestamp,
        stretches: impl IntoIterator<Item = (Timestamp, Timestamp)>,
    ) -> Self {
        let mut cut: Vec<(i64, i64)> = stretches
            .into_iter()
            .map(|(start, end)| (start.max(from).0, end.min(to).0))
            .filter(|(start, end)| start < end)
            .collect();
        cut.sort_unstable();
        let mut union: Vec<(i64, i64)> = Vec::with_capacity(cut.len());
        for (start, end) in cut {
            match union.last_mut() {
                Some(last) if start <= last.1 => last.1 = last.1.max(end),
                _ => union.push((start, end)),
            }
        }
        Self(union)
    }

    /// What is in this set and not in `other`.
    pub(crate) fn without(&self, other: &Self) -> Self {
        let mut left = Vec::new();
        for &(start, end) in &self.0 {
            let mut at = start;
            for (hole_start, hole_end) in other.touching(start, end) {
                if at < hole_start {
                    left.push((at, hole_start));
                }
                at = at.max(hole_end);
            }
            if at < end {
                left.push((at, end));
            }
        }
        Self(left)
    }

    /// How much of the set lies in `[start, end)`.
    pub(crate) fn overlap(&self, start: i64, end: i64) -> i64 {
        self.touching(start, end).map(|(a, b)| b.min(end).saturating_sub(a.max(start))).sum()
    }

    /// How much of the set lies in `other`.
    pub(crate) fn common(&self, other: &Self) -> i64 {
        self.0.iter().map(|&(start, end)| other.overlap(start, end)).sum()
    }

    /// Its length.
    pub(crate) fn length(&self) -> i64 {
        self.0.iter().map(|(start, end)| end.saturating_sub(*start)).sum()
    }

    fn touching(&self, start: i64, end: i64) -> impl Iterator<Item = (i64, i64)> + '_ {
        let first = self.0.partition_point(|span| span.1 <= start);
        self.0[first..].iter().copied().take_while(move |span| span.0 < end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(stretches: &[(i64, i64)]) -> Spans {
        let stretches = stretches.iter().map(|&(start, end)| (Timestamp(start), Timestamp(end)));
        Spans::within(Timestamp(0), Timestamp(100), stretches)
    }

    #[test]
    fn a_union_is_cut_and_joined() {
        assert_eq!(
            spans(&[(20, 30), (-5, 10), (10, 12), (25, 28), (90, 120), (50, 50)]).0,
            [(0, 12), (20, 30), (90, 100)]
        );
    }

    #[test]
    fn a_difference_leaves_the_rest() {
        let all = spans(&[(0, 40), (60, 80)]);
        assert_eq!(all.without(&spans(&[(10, 20), (30, 70)])).0, [(0, 10), (20, 30), (70, 80)]);
        assert_eq!(all.without(&spans(&[])), all);
        assert_eq!(all.overlap(30, 70), 20);
        assert_eq!(all.common(&spans(&[(35, 65)])), 10);
        assert_eq!(all.length(), 60);
    }
}
