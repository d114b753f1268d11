//! Searches held against an oracle: the published `SearchParameter.expression` of each parameter, evaluated by FHIRPath on
//! every resource of a random world, and FHIR's rules of matching written down in plain Rust.
//!
//! What is compared is which resources are found, in which order and on which page, for askers with different policies.
//! What an asker sees at all is taken from a search without criteria: the matrix of policies holds that against an oracle
//! of its own. `BIANQUE_CASES` says how many queries are asked, `BIANQUE_SEED` of which world.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]
#![allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap, reason = "the world is small")]

mod ask;
mod compare;
mod dice;
mod documents;
mod draw;
mod elements;
mod exact;
mod pages;
mod rules;
mod scan;
mod time;
mod values;
mod world;

use compare::Comparison;
use world::World;

/// Queries when nothing is said: some forty seconds of them without optimisation.
const CASES: usize = 4_000;

/// Tasks that ask, each with queries of its own.
const TASKS: usize = 2;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_search_answers_what_a_scan_by_the_published_expressions_finds() {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<usize>().unwrap());
    let (cases, seed) = (number("BIANQUE_CASES").unwrap_or(CASES), number("BIANQUE_SEED").unwrap_or(7));
    // It lives as long as the tasks that ask, which is as long as the test.
    let world: &'static World = Box::leak(Box::new(World::build(seed as u64).await));
    let asking = (0..TASKS).map(|task| {
        tokio::spawn(async move {
            let mut comparison = Comparison::of(world, (seed * TASKS + task) as u64).await;
            for _ in 0..cases.div_ceil(TASKS) {
                comparison.ask().await;
            }
            comparison
        })
    });
    for task in asking.collect::<Vec<_>>() {
        task.await.unwrap().is_sound();
    }
}
