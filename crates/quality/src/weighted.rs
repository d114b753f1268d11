//! Statistics over values that each stand for a stretch of time.

/// A value and how long it held, in microseconds.
pub(crate) type Held = (f64, i64);

/// The time-weighted median: the least value that, together with all smaller ones, held for at least half of the time.
///
/// It is always one of the values, never a mean of two. None when no value held for any time. Values must be numbers.
pub(crate) fn median(mut values: Vec<Held>) -> Option<f64> {
    values.retain(|(_, held)| *held > 0);
    values.sort_by(|a, b| a.0.total_cmp(&b.0));
    let total: i128 = values.iter().map(|(_, held)| i128::from(*held)).sum();
    let mut passed = 0_i128;
    for (value, held) in values {
        passed += i128::from(held);
        if passed * 2 >= total {
            return Some(value);
        }
    }
    None
}

/// The time-weighted mean. None when no value held for any time.
pub(crate) fn mean(values: impl IntoIterator<Item = Held>) -> Option<f64> {
    let (mut sum, mut total) = (0.0, 0.0);
    for (value, held) in values {
        if held > 0 {
            sum += value * held as f64;
            total += held as f64;
        }
    }
    (total > 0.0).then(|| sum / total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_weighted_by_time() {
        assert_eq!(median(vec![(1.0, 10), (9.0, 11)]), Some(9.0));
        assert_eq!(median(vec![(1.0, 10), (9.0, 10)]), Some(1.0), "half of the time is enough");
        assert_eq!(median(vec![(5.0, 1), (1.0, 1), (3.0, 1)]), Some(3.0));
        assert_eq!(median(vec![(5.0, 0)]), None);
        assert_eq!(median(vec![]), None);
    }

    #[test]
    fn the_mean_is_weighted_by_time() {
        assert_eq!(mean([(1.0, 30), (5.0, 10)]), Some(2.0));
        assert_eq!(mean([]), None);
    }
}
