//! The highest load that is carried well: the most rooms before packets are lost or late.

use anyhow::Result;
use bianque_bench::Figure;

use crate::Shape;
use crate::load::Outcome;

type Run<'a> = &'a dyn Fn(Shape) -> Result<Outcome>;

/// Where it begins, and by which part of itself it grows.
const FIRST_ROOMS: usize = 8;
const GROWTH: usize = 4;
/// A load that was not carried is tried once more: something else may have disturbed it.
const TRIES: usize = 2;

/// Looks for it with both in turn, and prints the medians.
pub(crate) fn run(people: usize, runs: usize, ours: Run<'_>, theirs: Option<Run<'_>>) -> Result<()> {
    let (mut of_ours, mut of_theirs) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        of_ours.push(highest("ours", people, ours)?);
        if let Some(theirs) = theirs {
            of_theirs.push(highest("janus", people, theirs)?);
        }
    }
    let figure = Figure::new(&format!("media.highest_x{people}.packets_out_per_s"), of_ours);
    let figure = if of_theirs.is_empty() { figure } else { figure.beside(&of_theirs) };
    Ok(figure.ratio_at_least(2.5).print()?)
}

/// Packets in a second of the last load that was carried well.
fn highest(who: &str, people: usize, run: Run<'_>) -> Result<f64> {
    let (mut rooms, mut best) = (FIRST_ROOMS, 0.0);
    loop {
        let mut carried = None;
        for _ in 0..TRIES {
            let outcome = run(Shape { rooms, people })?;
            eprintln!(
                "{who}: {rooms} x {people}: {:.0} packets/s, {:.3} % lost, p99 {:.1} ms, {:.1} us each, generator {:.2}",
                outcome.packets_per_second(),
                outcome.loss_percent(),
                outcome.delay_ms(0.99),
                outcome.cpu_us_per_packet(),
                outcome.load_share(),
            );
            if outcome.is_good() {
                carried = Some(outcome.packets_per_second());
                break;
            }
        }
        let Some(packets) = carried else { return Ok(best) };
        best = packets;
        rooms += rooms.div_ceil(GROWTH);
    }
}
