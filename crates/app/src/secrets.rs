//! The keys of this installation, made at its first start and kept in the data folder, sealed with the master key.

use std::path::Path;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hmac;
use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bianque_blobs::{BlobError, MasterKeys};
use bianque_store::AuditKey;

use crate::Error;

/// Keys that use cases sign with. Never logged, never answered.
pub struct Secrets {
    link: hmac::Key,
    /// ES256 (P-256) private key, PKCS#8, that signs notes and plans.
    pub signing: Vec<u8>,
    /// ES256 (P-256) private key, PKCS#8, that signs who users are, for applications.
    pub(crate) identity: Vec<u8>,
}

impl Secrets {
    /// Reads the keys below `folder`, or makes them when it has none. What is not sealed with the current master key is
    /// sealed with it.
    ///
    /// # Errors
    /// [`BlobError::Corrupt`] when another master key sealed them.
    pub fn open(folder: &Path, master: &MasterKeys) -> Result<Self, BlobError> {
        let failed = |_| BlobError::Io {
            what: "make a key".into(),
            cause: std::io::Error::other("key generation failed"),
        };
        make_folder(folder)?;
        let link = master.secret(&folder.join("link.key"), || {
            let mut key = vec![0; 32];
            SystemRandom::new().fill(&mut key).map(|()| key).map_err(failed)
        })?;
        let pair = || {
            use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
            let document =
                EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
            document.map(|document| document.as_ref().to_vec()).map_err(failed)
        };
        let signing = master.secret(&folder.join("signing.p8"), pair)?;
        let identity = master.secret(&folder.join("identity.p8"), pair)?;
        Ok(Self { link: hmac::Key::new(hmac::HMAC_SHA256, &link), signing, identity })
    }

    /// The public half of `signing`: an uncompressed point.
    pub fn verifying(&self) -> Result<Vec<u8>, aws_lc_rs::error::KeyRejected> {
        point_of(&self.signing)
    }

    /// The public half of `identity`: an uncompressed point.
    pub(crate) fn identity_point(&self) -> Result<Vec<u8>, aws_lc_rs::error::KeyRejected> {
        point_of(&self.identity)
    }

    /// The key of the audit's chains.
    pub fn audit_key(&self) -> AuditKey {
        AuditKey::new(self.tag("audit chain", b""))
    }

    /// Seals a small secret that has to be read again, such as the key of an authenticator app, as URL-safe text. `about`
    /// says whose it is, and must be said again to open it.
    pub fn seal(&self, about: &str, secret: &[u8]) -> Result<String, Error> {
        let nonce = random_bytes::<NONCE_LEN>()?;
        let mut bytes = secret.to_vec();
        self.sealing_key()?
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(about), &mut bytes)
            .map_err(|_| Error::internal("a secret was not sealed"))?;
        Ok(URL_SAFE_NO_PAD.encode([nonce.as_slice(), &bytes].concat()))
    }

    /// Opens what [`Self::seal`] sealed about the same thing.
    pub fn unseal(&self, about: &str, sealed: &str) -> Result<Vec<u8>, Error> {
        let unreadable =
            || Error::internal("a sealed secret cannot be opened with the keys of this installation");
        let bytes = URL_SAFE_NO_PAD.decode(sealed).map_err(|_| unreadable())?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE_LEN>().ok_or_else(unreadable)?;
        let mut sealed = sealed.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let opened = self.sealing_key()?.open_in_place(nonce, Aad::from(about), &mut sealed);
        opened.map(|plain| plain.to_vec()).map_err(|_| unreadable())
    }

    /// Derived from the key that signs links, so that an installation has no more keys to keep than before.
    fn sealing_key(&self) -> Result<LessSafeKey, Error> {
        let key = self.tag("sealing-key", b"aes-256-gcm");
        UnboundKey::new(&AES_256_GCM, &key)
            .map(LessSafeKey::new)
            .map_err(|_| Error::internal("no sealing key"))
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

fn point_of(private: &[u8]) -> Result<Vec<u8>, aws_lc_rs::error::KeyRejected> {
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, private)?;
    Ok(pair.public_key().as_ref().to_vec())
}

/// The id of a public key, given as its point.
pub(crate) fn key_id(point: &[u8]) -> String {
    use sha2::Digest;
    URL_SAFE_NO_PAD.encode(&sha2::Sha256::digest(point)[..12])
}

/// 32 random bytes as URL-safe text: session cookies, one-time links.
pub fn random_token() -> Result<String, Error> {
    Ok(URL_SAFE_NO_PAD.encode(random_bytes::<32>()?))
}

/// Bytes as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// Random bytes.
pub fn random_bytes<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_| Error::internal("no randomness"))?;
    Ok(bytes)
}

fn make_folder(folder: &Path) -> Result<(), BlobError> {
    use std::os::unix::fs::DirBuilderExt;
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|cause| BlobError::Io { what: format!("make {}", folder.display()), cause })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_secret_opens_about_its_owner_with_its_installation_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        let master = bianque_blobs::MasterKey::make(&path).unwrap().into();
        let secrets = Secrets::open(folder.path(), &master).unwrap();
        let sealed = secrets.seal("totp|li", b"twenty bytes of key!").unwrap();
        assert_ne!(sealed, secrets.seal("totp|li", b"twenty bytes of key!").unwrap());
        assert_eq!(
            Secrets::open(folder.path(), &master).unwrap().unseal("totp|li", &sealed).unwrap(),
            b"twenty bytes of key!"
        );
        assert!(secrets.unseal("totp|wang", &sealed).is_err());
        assert!(secrets.unseal("totp|li", "").is_err());
        let elsewhere = tempfile::tempdir().unwrap();
        assert!(Secrets::open(elsewhere.path(), &master).unwrap().unseal("totp|li", &sealed).is_err());
    }
}
