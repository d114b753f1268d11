//! Opens a data folder: lock, store, blobs, keys - and puts the use cases together.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use bianque_app::live::Live;
use bianque_app::photos::upload::Lanes;
use bianque_app::ports::MediaControl;
use bianque_app::visits::presence::Presence;
use bianque_app::{App, Secrets, Settings, SystemClock};
use bianque_blobs::Blobs;
use bianque_store::{DataFolder, sqlite};

use crate::assets::Fonts;
use crate::config::Config;

/// An opened data folder.
pub(crate) struct Opened {
    /// The use cases.
    pub app: App,
    /// Held while the folder is in use.
    _lock: DataFolder,
}

/// Opens the data folder of a configuration.
pub(crate) fn open(
    config: &Config,
    media: Arc<dyn MediaControl>,
    public_url: String,
    demo: bool,
) -> anyhow::Result<Opened> {
    let lock = DataFolder::lock(&config.data)?;
    let secrets = Secrets::open(&config.data.join("keys")).context("open the keys")?;
    let store = sqlite::open(sqlite::Options::new(&config.data, secrets.audit_key()))?;
    let blobs =
        Blobs::open(&config.data.join("blobs"), &config.master_key).context("open the sealed files")?;
    let settings = Settings {
        public_url,
        demo,
        font: Fonts::noto_sans_sc(),
        decoder: std::env::current_exe().context("find this program")?,
        rating: config.rating,
    };
    let app = App {
        store,
        blobs: Arc::new(blobs),
        clock: Arc::new(SystemClock),
        live: Live::default(),
        presence: Arc::new(Presence::default()),
        uploads: Arc::new(Lanes::default()),
        media,
        secrets: Arc::new(secrets),
        settings: Arc::new(settings),
    };
    Ok(Opened { app, _lock: lock })
}

/// Whether a server has ever run on this folder.
pub(crate) fn is_initialised(data: &Path) -> bool {
    data.join("bianque.db").exists()
}
