//! Sign-in by a hospital's own OpenID Connect provider (OpenID Connect Core 1.0, authorization code flow with PKCE).
//!
//! | file | what |
//! |---|---|
//! | `settings` | what an administrator writes down of a provider |
//! | `metadata` | what the provider publishes of itself: addresses and keys |
//! | `flow` | a sign-in that is under way, bound to its browser |
//! | `begin`, `finish` | the two halves of a sign-in, or of a proof |
//! | `token` | the ID token, held against all that it must be |
//! | `admission` | whose account it is, and which role |
//! | `there` | what a session remembers of the one at the provider |
//! | `sign_out`, `logout` | both end: begun here, begun there |

mod admission;
mod begin;
mod finish;
mod flow;
mod logout;
mod metadata;
mod proof;
pub mod settings;
mod sign_out;
#[cfg(test)]
mod tests;
mod there;
mod token;

pub(super) use begin::linked;
pub use begin::{Begun, Choice, begin_proof, begin_sign_in, offered};
pub use finish::{Finished, Returned, finish};
pub use logout::logout;
pub use metadata::Published;
pub(super) use proof::accepts;
pub use settings::Provider;
pub use sign_out::sign_out;
pub(super) use there::{AtProvider, There};

use crate::ports::outbound::Failure;
use crate::{Error, ErrorKind};

/// The provider does not answer, or not as one; passwords still work.
fn down(failure: Failure) -> Error {
    let message = format!("the identity provider cannot be asked now: {failure}");
    Error::new(ErrorKind::Unavailable, "provider.down", message)
        .with_details(serde_json::json!({"reason": failure.code()}))
}

/// What the provider sent is not what it must be. `why` is for the audit and for administrators.
fn refused(why: &'static str) -> Error {
    Error::new(
        ErrorKind::SignIn,
        "provider.refused",
        format!("the identity provider's answer is refused: {why}"),
    )
}
