//! Work that may block, on the threads of a runtime that has others.

use tokio::runtime::{Handle, RuntimeFlavor};

/// Runs something that may block. Where there is one thread only, there is nobody else to run meanwhile.
pub(crate) fn blocking<T>(work: impl FnOnce() -> T) -> T {
    match Handle::current().runtime_flavor() {
        RuntimeFlavor::MultiThread => tokio::task::block_in_place(work),
        _ => work(),
    }
}
