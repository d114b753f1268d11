//! Sharing out what a link carries among the pictures that are wanted on it.

/// A picture that a receiver shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wish {
    /// The line that carries it.
    pub(super) line: usize,
    /// What its layers take, bit/s, smallest first and none less than the one before; none that is larger than what is
    /// shown.
    pub(super) rates: Vec<u64>,
    /// The layer that it has; `None` is a pause, or nothing yet.
    pub(super) current: Option<usize>,
}

impl Wish {
    pub(super) fn takes(&self, layer: Option<usize>) -> u64 {
        layer.and_then(|layer| self.rates.get(layer)).copied().unwrap_or(0)
    }
}

/// A layer for each wish, or a pause.
pub(super) type Share = Vec<Option<usize>>;

/// What a share takes, bit/s.
pub(super) fn total(wishes: &[Wish], share: &[Option<usize>]) -> u64 {
    wishes.iter().zip(share).map(|(wish, layer)| wish.takes(*layer)).sum()
}

pub(super) fn current(wishes: &[Wish]) -> Share {
    wishes.iter().map(|wish| wish.current).collect()
}

/// The largest layer of each.
pub(super) fn ideal(wishes: &[Wish]) -> Share {
    wishes.iter().map(|wish| wish.rates.len().checked_sub(1)).collect()
}

/// Shares out `budget_bps` anew. `wishes` stand in the order of importance; `limit` says up to which layer each may go.
pub(super) fn share_out(budget_bps: u64, wishes: &[Wish], limit: impl Fn(&Wish) -> Option<usize>) -> Share {
    let mut left = budget_bps;
    let mut share: Share = Vec::with_capacity(wishes.len());
    for wish in wishes {
        let fits = limit(wish).is_some() && wish.rates.first().is_some_and(|rate| *rate <= left);
        share.push(fits.then_some(0));
        left -= wish.takes(fits.then_some(0)).min(left);
    }
    raise(left, wishes, &mut share, limit);
    share
}

/// Raises a share as far as `left_bps` beyond it reaches, the most important first; what is paused too.
pub(super) fn raise(
    left_bps: u64,
    wishes: &[Wish],
    share: &mut Share,
    limit: impl Fn(&Wish) -> Option<usize>,
) {
    let mut left = left_bps;
    for (wish, layer) in wishes.iter().zip(share.iter_mut()) {
        let Some(most) = limit(wish) else { continue };
        let has = wish.takes(*layer);
        let from = layer.map_or(0, |layer| layer + 1);
        let best = (from..=most).rev().find(|next| wish.takes(Some(*next)) <= has + left);
        if let Some(best) = best.filter(|best| *best < wish.rates.len()) {
            left = (has + left).saturating_sub(wish.takes(Some(best)));
            *layer = Some(best);
        }
    }
}

/// The share with the most important picture that is not at its best one layer larger; `None` if all are.
pub(super) fn one_step_up(wishes: &[Wish], share: &[Option<usize>]) -> Option<Share> {
    // A paused picture comes before any gets larger.
    let paused = share.iter().zip(wishes).position(|(layer, wish)| layer.is_none() && !wish.rates.is_empty());
    let below =
        || share.iter().zip(wishes).position(|(layer, wish)| layer.is_some_and(|l| l + 1 < wish.rates.len()));
    let index = paused.or_else(below)?;
    let mut next = share.to_vec();
    next[index] = Some(next[index].map_or(0, |layer| layer + 1));
    Some(next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn wish(rates: &[u64]) -> Wish {
        Wish { line: 0, rates: rates.to_vec(), current: None }
    }

    fn anew(budget: u64, wishes: &[Wish]) -> Share {
        share_out(budget, wishes, |wish| wish.rates.len().checked_sub(1))
    }

    const CAMERA: &[u64] = &[100, 400, 1200];

    #[test]
    fn everybody_is_seen_before_anybody_is_seen_large() {
        let wishes = [wish(CAMERA), wish(CAMERA), wish(CAMERA)];
        assert_eq!(anew(299, &wishes), [Some(0), Some(0), None]);
        assert_eq!(anew(300, &wishes), [Some(0), Some(0), Some(0)]);
        assert_eq!(anew(900, &wishes), [Some(1), Some(1), Some(0)]);
        assert_eq!(anew(1400, &wishes), [Some(2), Some(0), Some(0)]);
        assert_eq!(anew(10_000, &wishes), [Some(2), Some(2), Some(2)]);
    }

    #[test]
    fn the_most_important_is_sharp_first_and_paused_last() {
        let wishes = [wish(&[600]), wish(CAMERA)];
        assert_eq!(anew(99, &wishes), [None, None]);
        assert_eq!(anew(500, &wishes), [None, Some(1)]);
        assert_eq!(anew(699, &wishes), [Some(0), None]);
        assert_eq!(anew(1000, &wishes), [Some(0), Some(1)]);
    }

    #[test]
    fn one_step_up_brings_the_paused_back_first() {
        let wishes = [wish(CAMERA), wish(CAMERA)];
        assert_eq!(one_step_up(&wishes, &[Some(1), None]), Some(vec![Some(1), Some(0)]));
        assert_eq!(one_step_up(&wishes, &[Some(1), Some(0)]), Some(vec![Some(2), Some(0)]));
        assert_eq!(one_step_up(&wishes, &[Some(2), Some(2)]), None);
        assert_eq!(one_step_up(&[wish(&[])], &[None]), None);
    }

    proptest! {
        #[test]
        fn no_more_is_given_than_there_is(
            budget in 0u64..5000,
            mut rates in prop::collection::vec(prop::collection::vec(1u64..2000, 0..4), 0..8),
        ) {
            for rates in &mut rates {
                rates.sort_unstable();
            }
            let wishes: Vec<Wish> = rates.iter().map(|rates| wish(rates)).collect();
            let share = anew(budget, &wishes);
            prop_assert!(total(&wishes, &share) <= budget);
            for (wish, layer) in wishes.iter().zip(&share) {
                prop_assert!(layer.is_none_or(|layer| layer < wish.rates.len()));
                // A pause is only for want of room for the smallest.
                let left = budget - total(&wishes, &share);
                prop_assert!(layer.is_some() || wish.rates.first().is_none_or(|rate| *rate > left));
            }
        }
    }
}
