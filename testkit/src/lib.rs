//! The harness of the tests that drive a real server from outside: the built `bianque` in a process of its own, on
//! free ports and with data of its own, spoken to over HTTP and WebSocket as a browser would.
//!
//! ```no_run
//! use bianque_testkit::Setup;
//! use serde_json::json;
//!
//! # fn main() -> anyhow::Result<()> {
//! // In an integration test of the package `bianque`: Setup::demo(env!("CARGO_BIN_EXE_bianque")).
//! let mut server = Setup::demo("target/debug/bianque").start()?;
//! let mut clinician = server.browser();
//! clinician.post("/api/demo/sign-in", &json!({"key": "clinician"})).expect(200);
//! server.kill()?;
//! server.restart()?;
//! clinician.get("/api/session").expect(200);
//! # Ok(())
//! # }
//! ```

mod answer;
mod browser;
mod server;
mod socket;

pub use answer::Answer;
pub use browser::Browser;
pub use server::{Server, Setup};
pub use socket::Socket;
