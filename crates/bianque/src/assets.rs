//! What is embedded in the binary: the web application and the font of printed documents.

use std::borrow::Cow;

use bianque_edge_http::{Asset, Assets};
use rust_embed::Embed;

/// The built web application. In a development build it is read from `web/dist` as it stands.
#[derive(Embed)]
#[folder = "../../web/dist"]
pub(crate) struct Web;

impl Assets for Web {
    fn get(&self, path: &str) -> Option<Asset> {
        let file = <Self as Embed>::get(path)?;
        Some(Asset { bytes: file.data, hash: file.metadata.sha256_hash() })
    }
}

/// Fonts, put here by `cargo xtask web`.
#[derive(Embed)]
#[folder = "assets/fonts"]
pub(crate) struct Fonts;

impl Fonts {
    /// Noto Sans SC, where it was there at build time.
    pub(crate) fn noto_sans_sc() -> Option<Cow<'static, [u8]>> {
        <Self as Embed>::get("NotoSansSC-Regular.ttf").map(|file| file.data)
    }
}
