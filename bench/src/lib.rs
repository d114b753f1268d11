//! Benches, each beside a peer or a goal in the same run. `cargo xtask bench NAME` runs `src/bin/bench-NAME.rs` in the
//! release profile; every figure is one line of JSON on standard output.

mod figure;
mod process;

pub use figure::{Figure, median, percentile};
pub use process::Process;
