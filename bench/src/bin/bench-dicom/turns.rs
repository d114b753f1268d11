//! Rounds in which the servers take turns, and the figures that come of them.

use anyhow::{Context, Result};
use bianque_bench::Figure;

use crate::servers::Side;

/// What a stretch came to, in one unit.
#[derive(Debug)]
pub(crate) struct Measure {
    unit: &'static str,
    value: f64,
    better: Better,
}

#[derive(Debug, Clone, Copy)]
enum Better {
    More,
    Less,
}

impl Measure {
    /// Work done in a time or for a cost: the more the better.
    pub(crate) fn more(unit: &'static str, value: f64) -> Self {
        Self { unit, value, better: Better::More }
    }

    /// A wait or a cost: the less the better.
    pub(crate) fn less(unit: &'static str, value: f64) -> Self {
        Self { unit, value, better: Better::Less }
    }
}

/// Measures every server once a round, and prints a figure for each unit. Ours is to be no worse than the peer.
pub(crate) fn take(
    name: &str,
    sides: &[Side],
    rounds: usize,
    mut stretch: impl FnMut(Side, usize) -> Result<Vec<Measure>>,
) -> Result<()> {
    let mut runs: Vec<Vec<Vec<Measure>>> = sides.iter().map(|_| Vec::new()).collect();
    for round in 0..rounds {
        for (side, runs) in sides.iter().zip(&mut runs) {
            runs.push(stretch(*side, round).with_context(|| format!("{name}, {side:?}"))?);
        }
    }
    let units = runs.iter().flatten().map(Vec::len).min().unwrap_or_default();
    for unit in 0..units {
        let of = |runs: &Vec<Vec<Measure>>| runs.iter().map(|round| round[unit].value).collect::<Vec<_>>();
        let first = &runs[0][0][unit];
        let figure = match (sides, &runs[..]) {
            ([_, _], [ours, theirs]) => {
                let figure =
                    Figure::new(&format!("dicom.{name}.{}", first.unit), of(ours)).beside(&of(theirs));
                match first.better {
                    Better::More => figure.ratio_at_least(1.0),
                    Better::Less => figure.ratio_at_most(1.0),
                }
            }
            _ => Figure::new(&format!("dicom.{name}.{} of {:?} alone", first.unit, sides[0]), of(&runs[0])),
        };
        figure.print()?;
    }
    Ok(())
}
