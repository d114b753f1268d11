//! The decode worker alone, as the tests of the previews run it.

use std::process::ExitCode;

fn main() -> ExitCode {
    bianque_app::photos::preview::run_worker()
}
