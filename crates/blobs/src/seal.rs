//! AES-256-GCM as it is used here: keys wrapped by keys, and chunks with their place in the nonce.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::rand;

use crate::BlobError;

/// Bytes of a key.
pub(crate) const KEY: usize = 32;
/// Bytes that sealing adds.
pub(crate) const TAG: usize = 16;
/// Bytes of a wrapped key: nonce, sealed key, tag.
pub(crate) const WRAPPED: usize = NONCE_LEN + KEY + TAG;
/// Bytes of a nonce that was drawn, not counted.
pub(crate) const NONCE: usize = NONCE_LEN;

/// A key that seals.
pub(crate) struct Key(LessSafeKey);

impl Key {
    pub(crate) fn new(bytes: &[u8; KEY]) -> Result<Self, BlobError> {
        let key = UnboundKey::new(&AES_256_GCM, bytes).map_err(|_| BlobError::corrupt("a key"))?;
        Ok(Self(LessSafeKey::new(key)))
    }

    /// A new random key and itself wrapped by this one. `about` must be said again to unwrap it.
    pub(crate) fn make_wrapped(&self, about: &[u8]) -> Result<(Self, [u8; WRAPPED]), BlobError> {
        let mut bytes = [0; KEY];
        random(&mut bytes)?;
        Ok((Self::new(&bytes)?, self.wrap(about, &bytes)?))
    }

    /// The bytes of a key, wrapped by this one.
    pub(crate) fn wrap(&self, about: &[u8], bytes: &[u8; KEY]) -> Result<[u8; WRAPPED], BlobError> {
        let mut sealed = bytes.to_vec();
        let nonce = self.seal_drawn(about, &mut sealed)?;
        let mut wrapped = [0; WRAPPED];
        wrapped[..NONCE].copy_from_slice(&nonce);
        wrapped[NONCE..].copy_from_slice(&sealed);
        Ok(wrapped)
    }

    /// The key that was wrapped by this one, about the same thing.
    pub(crate) fn unwrap(&self, about: &[u8], wrapped: &[u8; WRAPPED]) -> Result<Self, BlobError> {
        Self::new(&self.unwrap_bytes(about, wrapped)?)
    }

    /// Its bytes, to be wrapped by another one.
    pub(crate) fn unwrap_bytes(&self, about: &[u8], wrapped: &[u8; WRAPPED]) -> Result<[u8; KEY], BlobError> {
        let (nonce, sealed) =
            wrapped.split_first_chunk::<NONCE>().ok_or_else(|| BlobError::corrupt("a key"))?;
        let mut sealed = sealed.to_vec();
        let plain = self.open_drawn(*nonce, about, &mut sealed)?;
        plain.try_into().map_err(|_| BlobError::corrupt("a key"))
    }

    /// Seals in place under a nonce that is drawn; appends the tag.
    pub(crate) fn seal_drawn(&self, about: &[u8], bytes: &mut Vec<u8>) -> Result<[u8; NONCE], BlobError> {
        let mut nonce = [0; NONCE];
        random(&mut nonce)?;
        self.seal(nonce, about, bytes)?;
        Ok(nonce)
    }

    /// Opens in place what [`Self::seal_drawn`] sealed.
    pub(crate) fn open_drawn<'a>(
        &self,
        nonce: [u8; NONCE],
        about: &[u8],
        bytes: &'a mut [u8],
    ) -> Result<&'a [u8], BlobError> {
        let nonce = Nonce::assume_unique_for_key(nonce);
        let plain = self.0.open_in_place(nonce, Aad::from(about), bytes);
        plain.map(|plain| &*plain).map_err(|_| BlobError::corrupt("a sealed part"))
    }

    /// Seals chunk `index` in place; appends the tag. A key seals each chunk once.
    pub(crate) fn seal_chunk(
        &self,
        index: u64,
        last: bool,
        about: &[u8],
        bytes: &mut Vec<u8>,
    ) -> Result<(), BlobError> {
        self.seal(chunk_nonce(index, last), about, bytes)
    }

    /// Opens chunk `index` in place.
    pub(crate) fn open_chunk<'a>(
        &self,
        index: u64,
        last: bool,
        about: &[u8],
        bytes: &'a mut [u8],
    ) -> Result<&'a [u8], BlobError> {
        self.open_drawn(chunk_nonce(index, last), about, bytes)
    }

    fn seal(&self, nonce: [u8; NONCE], about: &[u8], bytes: &mut Vec<u8>) -> Result<(), BlobError> {
        self.0
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(about), bytes)
            .map_err(|_| BlobError::corrupt("a part to seal"))
    }
}

/// Random bytes from the system.
pub(crate) fn random(bytes: &mut [u8]) -> Result<(), BlobError> {
    rand::fill(bytes).map_err(|_| BlobError::Io {
        what: "draw random bytes".into(),
        cause: std::io::Error::other("the system's generator failed"),
    })
}

fn chunk_nonce(index: u64, last: bool) -> [u8; NONCE] {
    let mut nonce = [0; NONCE];
    nonce[0] = u8::from(last);
    nonce[4..].copy_from_slice(&index.to_be_bytes());
    nonce
}
