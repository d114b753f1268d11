//! Who is who: accounts, passwords, sessions, one-time links, bearer tokens.

pub mod accounts;
mod attempts;
pub mod one_click;
pub mod password_links;
pub mod passwords;
pub mod sessions;
pub mod setup;
pub mod sign_in;
pub mod tokens;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq;

use crate::App;

/// Whether two secrets are the same, told in a time that depends on neither.
pub fn same_secret(given: &str, expected: &str) -> bool {
    bool::from(given.as_bytes().ct_eq(expected.as_bytes()))
}

/// The form in which a random secret is kept: enough to know it again, not enough to be it.
pub(crate) fn stored_form(app: &App, purpose: &str, secret: &str) -> String {
    URL_SAFE_NO_PAD.encode(app.secrets.tag(purpose, secret.as_bytes()))
}

#[cfg(test)]
mod tests;
