//! The keys of this installation, made at its first start and kept in the data folder.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use aws_lc_rs::hmac;
use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bianque_store::AuditKey;

/// Keys that use cases sign with. Never logged, never answered.
pub struct Secrets {
    link: hmac::Key,
    /// ES256 (P-256) private key, PKCS#8, that signs notes and plans.
    pub signing: Vec<u8>,
}

impl Secrets {
    /// Reads the keys below `folder`, or makes them when it has none.
    pub fn open(folder: &Path) -> std::io::Result<Self> {
        fs::create_dir_all(folder)?;
        let link = read_or_make(&folder.join("link.key"), || {
            let mut key = vec![0; 32];
            SystemRandom::new().fill(&mut key).map(|()| key)
        })?;
        let signing = read_or_make(&folder.join("signing.p8"), || {
            use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
            let document =
                EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())?;
            Ok(document.as_ref().to_vec())
        })?;
        Ok(Self { link: hmac::Key::new(hmac::HMAC_SHA256, &link), signing })
    }

    /// The public half of `signing`: an uncompressed point.
    pub fn verifying(&self) -> Result<Vec<u8>, aws_lc_rs::error::KeyRejected> {
        use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &self.signing)?;
        Ok(pair.public_key().as_ref().to_vec())
    }

    /// The key of the audit's chains.
    pub fn audit_key(&self) -> AuditKey {
        AuditKey::new(self.tag("audit chain", b""))
    }

    /// A keyed digest of `text` for one `purpose`: signatures of links, CSRF values, stored forms of secrets.
    pub fn tag(&self, purpose: &str, text: &[u8]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.link);
        context.update(purpose.as_bytes());
        context.update(&[0]);
        context.update(text);
        let mut out = [0; 32];
        out.copy_from_slice(context.sign().as_ref());
        out
    }
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets(..)")
    }
}

/// 32 random bytes as URL-safe text: session cookies, one-time links.
pub fn random_token() -> Result<String, crate::Error> {
    Ok(URL_SAFE_NO_PAD.encode(random_bytes::<32>()?))
}

/// Bytes as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// Random bytes.
pub fn random_bytes<const N: usize>() -> Result<[u8; N], crate::Error> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_| crate::Error::internal("no randomness"))?;
    Ok(bytes)
}

fn read_or_make(
    path: &Path,
    make: impl FnOnce() -> Result<Vec<u8>, aws_lc_rs::error::Unspecified>,
) -> std::io::Result<Vec<u8>> {
    match fs::read(path) {
        Ok(bytes) => Ok(bytes),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let bytes = make().map_err(|_| std::io::Error::other("key generation failed"))?;
            let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
            file.write_all(&bytes)?;
            file.sync_all()?;
            if let Some(folder) = path.parent() {
                fs::File::open(folder)?.sync_all()?;
            }
            Ok(bytes)
        }
        Err(error) => Err(error),
    }
}
