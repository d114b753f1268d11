//! Identifiers. Each is its own type so that one can never stand where another is meant.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// An identifier that does not have the shape its kind demands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {kind}: {value:?}")]
pub struct InvalidId {
    /// What was being read, for example `"resource id"`.
    pub kind: &'static str,
    /// The text that was refused, cut to 64 characters.
    pub value: String,
}

impl InvalidId {
    fn new(kind: &'static str, value: &str) -> Self {
        Self { kind, value: value.chars().take(64).collect() }
    }
}

/// A tenant: the outermost border. First in every key; taken from host, token or sender, never from a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TenantId(pub u32);

impl TenantId {
    /// The scope of the server itself, for what is outside of every tenant: no host, token or sender leads there.
    pub const SERVER: Self = Self(0);
    /// The tenant that every installation has, and the only one of most.
    pub const FIRST: Self = Self(1);
}

impl From<u32> for TenantId {
    fn from(number: u32) -> Self {
        Self(number)
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The logical id of a FHIR resource: 1 to 64 of `A-Z a-z 0-9 - .` (FHIR R4, datatype `id`).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ResourceId(String);

impl ResourceId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ResourceId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'.';
        if (1..=64).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidId::new("resource id", text))
        }
    }
}

impl TryFrom<String> for ResourceId {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

impl From<ResourceId> for String {
    fn from(id: ResourceId) -> Self {
        id.0
    }
}

impl From<Uuid> for ResourceId {
    fn from(uuid: Uuid) -> Self {
        Self(uuid.hyphenated().to_string())
    }
}

impl fmt::Display for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Uuid::try_parse(text).map(Self).map_err(|_| InvalidId::new($kind, text))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }
    };
}

uuid_id!(
    /// A user account.
    UserId,
    "user id"
);
uuid_id!(
    /// A sealed blob. Random, so that it tells nothing and can be guessed by nobody.
    BlobId,
    "blob id"
);
uuid_id!(
    /// The idempotency id of a commit: the same id is applied once, however often it is sent.
    CommitId,
    "commit id"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_id_takes_what_fhir_allows_and_nothing_else() {
        for good in ["a", "A-1.b", &"x".repeat(64)] {
            assert!(good.parse::<ResourceId>().is_ok(), "{good}");
        }
        for bad in ["", "a b", "../etc", "a_b", "é", &"x".repeat(65)] {
            assert!(bad.parse::<ResourceId>().is_err(), "{bad}");
        }
    }
}
