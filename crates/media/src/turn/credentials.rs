//! Credentials of TURN: short-lived, made of a secret of this process, and checked without a list of them.
//!
//! The form is the one that TURN servers share: the username names its end and what it is for, and the password is a
//! keyed hash of it ("A REST API For Access To TURN Services", draft-uberti-behave-turn-rest-00).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};

use super::message::{Hmac, REALM};

/// What passwords are made of. A new one at every start of the process: credentials do not outlive it.
pub struct TurnSecret {
    secret: [u8; 32],
    hmac: Hmac,
}

/// What a client gives to its browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// Its end, unix seconds, and what it is for.
    pub username: String,
    /// The password of that name.
    pub password: String,
}

impl TurnSecret {
    /// A secret of bytes that were drawn at random.
    pub fn new(secret: [u8; 32]) -> Self {
        Self { secret, hmac: Hmac::default() }
    }

    /// Credentials for one visit that are good until `ends_unix_s`. `scope` names the visit to the server alone: it is
    /// read by whoever may see the client's memory, so it is no name of a person.
    pub fn issue(&self, scope: &str, ends_unix_s: u64) -> Credential {
        let username = format!("{ends_unix_s}:{scope}");
        let password = self.password(&username);
        Credential { username, password }
    }

    /// What a username is for, if it is still good.
    pub(super) fn scope(username: &str, unix_s: u64) -> Option<&str> {
        let (ends, scope) = username.split_once(':')?;
        (ends.parse::<u64>().ok()? > unix_s).then_some(scope)
    }

    /// What a username is for, good or not.
    pub(super) fn scope_of(username: &str) -> Option<&str> {
        username.split_once(':').map(|(_, scope)| scope)
    }

    /// The key of long-term credentials (RFC 8489, section 9.2.2). MD5 is what browsers know; what it protects is a
    /// password of 160 random bits.
    pub(super) fn key(&self, username: &str) -> [u8; 16] {
        Md5::digest(format!("{username}:{REALM}:{}", self.password(username))).into()
    }

    fn password(&self, username: &str) -> String {
        STANDARD.encode(self.hmac.of(&self.secret, &[username.as_bytes()]))
    }
}
