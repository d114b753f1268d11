//! Logs go to standard error; standard output belongs to the ready line and to answers of subcommands.
//!
//! Nothing of a patient is logged. What holds personal data has no `Display`, and `cargo xtask tidy` allows nothing but
//! `Display` in a log line; what is left are panics, whose messages may be made of values.

use std::any::Any;
use std::io::IsTerminal;
use std::panic::{self, PanicHookInfo};

use tracing_subscriber::EnvFilter;

/// Begins to log.
pub(crate) fn init() {
    let filter = EnvFilter::try_from_env("BIANQUE_LOG").unwrap_or_else(|_| EnvFilter::new("info,str0m=warn"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    panic::set_hook(Box::new(tell));
}

/// A panic is logged by its place, with its message where that was written by a programmer.
fn tell(panic: &PanicHookInfo<'_>) {
    let thread = std::thread::current();
    let name = thread.name().unwrap_or("unnamed");
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    tracing::error!(thread = name, %place, "panicked: {}", message(panic.payload()));
}

/// A message that was put together when it happened may hold what it was about.
fn message(payload: &(dyn Any + Send)) -> &'static str {
    payload.downcast_ref::<&'static str>().copied().unwrap_or("(a message with values, which are not logged)")
}

#[cfg(test)]
mod tests {
    use super::message;

    #[test]
    fn a_panic_tells_what_a_programmer_wrote_and_no_value() {
        let fixed = std::panic::catch_unwind(|| panic!("the queue was closed")).unwrap_err();
        assert_eq!(message(&*fixed), "the queue was closed");
        let name = "Wang Fang";
        let made = std::panic::catch_unwind(|| panic!("no bed for {name}")).unwrap_err();
        assert!(!message(&*made).contains(name));
        let unwrapped = std::panic::catch_unwind(|| <[&str; 2]>::try_from(vec![name]).unwrap()).unwrap_err();
        assert!(!message(&*unwrapped).contains(name));
    }
}
