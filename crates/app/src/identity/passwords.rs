//! Passwords: argon2id, few at a time, none that is easily guessed.

use std::sync::LazyLock;

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use super::accounts;
use crate::Error;
use crate::secrets::random_bytes;

/// 19 MiB, two passes, one lane (OWASP's choice for argon2id).
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
/// Hashes at one time: what bounds the memory they take.
static ROOM: Semaphore = Semaphore::const_new(2);
/// Fewest characters of a password.
const SHORTEST: usize = 10;
/// Most bytes of a password.
pub(super) const LONGEST: usize = 256;
/// What everybody tries first, folded.
const COMMON: [&str; 12] = [
    "1234567890",
    "0123456789",
    "password12",
    "password123",
    "qwertyuiop",
    "1q2w3e4r5t",
    "administrator",
    "letmein123",
    "iloveyou12",
    "abcdefghij",
    "woaini1314",
    "zxcvbnm123",
];

/// A hash that no password has, verified for unknown logins so that they take as long as known ones.
static NOBODY: LazyLock<Option<String>> = LazyLock::new(|| hash_now("no password has this hash").ok());

/// The hash of a password, after it was found strong enough.
pub async fn hash(login: &str, password: &str) -> Result<String, Error> {
    strong_enough(login, password)?;
    let password = password.to_owned();
    heavy(move || hash_now(&password)).await?
}

/// Whether a password belongs to a hash. Without a hash it takes the same time and is wrong.
pub async fn verify(hash: Option<&str>, password: &str) -> Result<bool, Error> {
    let (hash, known) = match hash {
        Some(hash) => (Some(hash.to_owned()), true),
        None => (None, false),
    };
    let password = password.to_owned();
    let right = heavy(move || {
        let hash = hash.or_else(|| NOBODY.clone()).unwrap_or_default();
        PasswordHash::new(&hash)
            .is_ok_and(|hash| hasher().verify_password(password.as_bytes(), &hash).is_ok())
    })
    .await?;
    Ok(right && known)
}

fn strong_enough(login: &str, password: &str) -> Result<(), Error> {
    let weak = |message: &str| Err(Error::field("password.weak", "password", message));
    let length = password.chars().count();
    if length < SHORTEST {
        return weak("a password has at least 10 characters");
    }
    if password.len() > LONGEST {
        return weak("a password has at most 256 bytes");
    }
    let folded = bianque_query::fold(password);
    let mut letters: Vec<char> = folded.chars().collect();
    letters.sort_unstable();
    letters.dedup();
    let login = accounts::folded_login(login);
    if letters.len() < 4
        || COMMON.contains(&folded.as_str())
        || (!login.is_empty() && folded.contains(&login))
    {
        return weak("this password is too easily guessed");
    }
    Ok(())
}

fn hasher() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hash_now(password: &str) -> Result<String, Error> {
    let salt =
        SaltString::encode_b64(&random_bytes::<16>()?).map_err(|error| Error::internal(error.to_string()))?;
    let hash = hasher().hash_password(password.as_bytes(), &salt);
    hash.map(|hash| hash.to_string()).map_err(|error| Error::internal(error.to_string()))
}

async fn heavy<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    let _room = ROOM.acquire().await.map_err(Error::internal)?;
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_known_again_and_another_is_not() {
        let hash = hash("li.na", "correct horse 7").await.unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert!(verify(Some(&hash), "correct horse 7").await.unwrap());
        assert!(!verify(Some(&hash), "correct horse 8").await.unwrap());
        assert!(!verify(None, "correct horse 7").await.unwrap());
    }

    #[test]
    fn what_is_easily_guessed_is_refused() {
        for weak in ["short", "aaaaaaaaaaaa", "1234567890", "Li.Na-2026xx"] {
            assert!(strong_enough("li.na", weak).is_err(), "{weak}");
        }
        assert!(strong_enough("li.na", "three blue kites").is_ok());
    }
}
