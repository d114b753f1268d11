//! Opens a data folder: lock, store, blobs, keys - and puts the use cases together.

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use bianque_app::live::Live;
use bianque_app::ports::MediaControl;
use bianque_app::ports::lines::Lines;
use bianque_app::ports::outbound::Outbound;
use bianque_app::tenants::Registry;
use bianque_app::uploads::Lanes;
use bianque_app::visits::presence::Presence;
use bianque_app::{App, Secrets, Settings, SystemClock};
use bianque_blobs::{Blobs, Options};
use bianque_store::{DataFolder, sqlite};

use crate::assets::Fonts;
use crate::config::{Certificate, Config};
use crate::decode::{Limits, Pool};
use crate::keys::{self, Master};
use crate::tls::files::Shown;

/// What is lost of an export when the process is killed, at most.
const EXPORT_FILE_BYTES: u64 = 64 << 20;

/// An opened data folder.
pub(crate) struct Opened {
    /// The use cases.
    pub app: App,
    /// The way out to other systems.
    pub way_out: Arc<bianque_edge_out::Client>,
    /// The master key.
    pub master: Arc<Master>,
    /// Held while the folder is in use.
    _lock: DataFolder,
}

/// Opens the data folder of a configuration.
pub(crate) async fn open(
    config: &Config,
    media: Arc<dyn MediaControl>,
    public_url: String,
    demo: bool,
) -> anyhow::Result<Opened> {
    let lock = DataFolder::lock(&config.data)?;
    let (master, rotation) = keys::start(&config.master_key, &config.data)?;
    let secrets = Secrets::open(&config.data.join("keys"), &master).context("open the keys")?;
    let mut options = sqlite::Options::new(&config.data, secrets.audit_key());
    if let Some(file) = &config.emergency_audit {
        options.emergency_log = file.clone();
    }
    let store = sqlite::open(options)?;
    let current = master.current.clone();
    let blob_options = Options { folder: config.data.join("blobs"), master, durable: true };
    let blobs = Blobs::open_with(blob_options).context("open the sealed files")?;
    let way_out = Arc::new(way_out(config)?);
    let decoder = std::env::current_exe().context("find this program")?;
    let settings = Settings {
        demo,
        font: Fonts::noto_sans_sc(),
        decoder: decoder.clone(),
        rating: config.rating,
        retention_years: config.retention_years,
        recording_years: config.recording_years,
        ae_title: config.ae_title.clone(),
        transaction_entries: config.transaction_entries,
        subscription_patience_s: config.subscription_patience_s,
        export_hours: config.export_hours,
        export_jobs: config.export_jobs,
        export_file_bytes: EXPORT_FILE_BYTES,
        master_key: config.master_key.told(&config.data),
        rotate_command: config.master_key.rotate_command(&config.data),
    };
    let app = App {
        store,
        blobs: Arc::new(blobs),
        clock: Arc::new(SystemClock),
        live: Live::default(),
        presence: Arc::new(Presence::default()),
        uploads: Arc::new(Lanes::default()),
        recorders: Arc::default(),
        looks: Arc::default(),
        health: Arc::default(),
        jobs: Arc::default(),
        senders: Arc::default(),
        archive: Arc::default(),
        authorities: Arc::default(),
        flow: Arc::default(),
        out: Arc::default(),
        media,
        outbound: Arc::clone(&way_out) as Arc<dyn Outbound>,
        lines: Arc::clone(&way_out) as Arc<dyn Lines>,
        decoders: Arc::new(decoders(config, &decoder)),
        published: Arc::default(),
        application_keys: Arc::default(),
        definitions: Arc::default(),
        search_parameters: Arc::default(),
        terminology: Arc::default(),
        concept_maps: Arc::default(),
        profiles: Arc::default(),
        subscriptions: Arc::default(),
        secrets: Arc::new(secrets),
        tenants: Arc::new(Registry::new(public_url, config.public_url.is_some())),
        settings: Arc::new(settings),
    };
    app.read_tenants().await.context("read which tenants there are")?;
    if let Some(rotation) = rotation {
        keys::resume(&app, &config.data, &current, rotation).await.context("go on with the rotation")?;
    }
    bianque_app::admin::keys::seen(&app, &current.name()).await?;
    let master = Arc::new(Master::new(config.master_key.clone(), current));
    Ok(Opened { app, way_out, master, _lock: lock })
}

/// A decoder of medical images for each core.
fn decoders(config: &Config, program: &Path) -> Pool {
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    Pool::new(program, Limits::new(cores, u64::from(config.decode_memory_mb) << 20))
}

/// The way out to other servers. A certificate of files is shown to those that ask for one on lines of HL7 v2.
fn way_out(config: &Config) -> anyhow::Result<bianque_edge_out::Client> {
    let tls = bianque_edge_out::roots(config.outbound_ca.as_deref()).context("read outbound-ca")?;
    let client = bianque_edge_out::Client::new(config.outbound_allowed.clone(), tls);
    Ok(match &config.certificate {
        Certificate::Files { certificate, key } => {
            client.showing(Arc::new(Shown { certificate: certificate.clone(), key: key.clone() }))
        }
        _ => client,
    })
}

/// Whether a server has ever run on this folder.
pub(crate) fn is_initialised(data: &Path) -> bool {
    data.join("bianque.db").exists()
}
