//! Who is who: accounts, passwords, second factors, sessions, one-time links, bearer tokens.

pub mod accounts;
mod attempts;
pub mod authenticator_app;
pub mod device;
pub mod factors;
pub mod known_browsers;
pub mod one_click;
pub mod own_sessions;
pub mod passkeys;
pub mod password_links;
pub mod passwords;
pub mod proof;
pub mod provider;
pub mod recovery_codes;
pub mod rules;
pub mod second_step;
pub mod sessions;
pub mod setup;
pub mod sign_in;
pub mod tokens;
mod totp;

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
