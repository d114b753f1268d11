//! `bianque serve`: open, bind, tell that it is ready, run until it is told to stop.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use bianque_app::App;
use bianque_edge_http::{Edge, Trust, router};
use bianque_edge_media::Relay;
use bianque_edge_mllp::Lines;
use bianque_model::TenantId;
use bianque_worker::Pace;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::accept::{AssociationPort, Clocks, Gate, IceTcp, LinePort, Service, TurnPort};
use crate::cli::ServeFlags;
use crate::config::{Config, Listener};
use crate::control::Desk;
use crate::open::Opened;
use crate::tls::Tls;
use crate::{accept, assets, audit, control, health, open, ready, relay};

/// Runs the server.
pub(crate) async fn serve(flags: ServeFlags) -> anyhow::Result<ExitCode> {
    let config = Config::decide(&flags)?;
    // SIGHUP is for looking at files again; where there are none to look at it ends nothing either.
    let _hangup = signal(SignalKind::hangup())?;
    let server = Server::bind(&config, false).await?;
    let mut ready = server.ready_fields();
    if !server.app().tenants.is_alone() && server.app().tenants.hosts(TenantId::FIRST).is_empty() {
        tracing::warn!("the first tenant has no host among several and is reached by nobody: set public-url");
    }
    if let Some(link) = bianque_app::identity::setup::ensure(&server.opened.app).await? {
        tracing::info!("set this server up at {link}");
        ready.insert("setup".into(), json!(link));
    }
    server.run(ready).await
}

/// Everything that is bound and opened.
pub(crate) struct Server {
    /// The data folder and the use cases.
    pub opened: Opened,
    listener: TcpListener,
    turn: Option<TcpListener>,
    mllp: Option<TcpListener>,
    dimse: Option<TcpListener>,
    tls: Option<Tls>,
    base: String,
    media: Arc<bianque_edge_media::Handle>,
    config: Config,
}

impl Server {
    /// Binds every listener and opens the data folder.
    pub(crate) async fn bind(config: &Config, demo: bool) -> anyhow::Result<Self> {
        open_more_files();
        let listener =
            TcpListener::bind(config.http).await.with_context(|| format!("listen on {}", config.http))?;
        let http = listener.local_addr()?;
        let turn = match config.turn {
            Some(address) => Some(
                TcpListener::bind(address).await.with_context(|| format!("listen on {address} for TURN"))?,
            ),
            None => None,
        };
        let mllp = may_lack(config.mllp, "mllp", "HL7 v2").await?;
        let dimse = may_lack(config.dimse, "dimse", "DICOM").await?;
        let scheme = if config.is_tls(http.ip()) { "https" } else { "http" };
        let base = format!("{scheme}://{http}");
        let public_url = config.public_url.clone().unwrap_or_else(|| base.clone());
        let turn_port = turn.as_ref().map(TcpListener::local_addr).transpose()?.map(|at| at.port());
        let media = Arc::new(start_media(config, relay::of(config, http.ip(), turn_port))?);
        let opened = open::open(config, media.control(), public_url, demo).await?;
        // After the folder is ours: a certificate may be made in it.
        let tls = config.is_tls(http.ip()).then(|| Tls::open(config, http.ip())).transpose()?;
        control::listen(Desk {
            app: opened.app.clone(),
            data: config.data.clone(),
            master: Arc::clone(&opened.master),
        })?;
        Ok(Self { opened, listener, turn, mllp, dimse, tls, base, media, config: config.clone() })
    }

    /// The use cases.
    pub(crate) fn app(&self) -> &App {
        &self.opened.app
    }

    /// Where HL7 v2 is taken.
    pub(crate) fn lines(&self) -> Option<SocketAddr> {
        self.mllp.as_ref()?.local_addr().ok()
    }

    /// What the ready line says of listeners.
    pub(crate) fn ready_fields(&self) -> Map<String, Value> {
        let mut fields = Map::from_iter([
            ("http".to_owned(), json!(self.base)),
            ("media".to_owned(), json!(self.media.local_addr().to_string())),
        ]);
        if let Some(Ok(turn)) = self.turn.as_ref().map(TcpListener::local_addr) {
            fields.insert("turn".to_owned(), json!(turn.to_string()));
        }
        if let Some(mllp) = self.lines() {
            fields.insert("mllp".to_owned(), json!(mllp.to_string()));
        }
        if let Some(Ok(dimse)) = self.dimse.as_ref().map(TcpListener::local_addr) {
            fields.insert("dimse".to_owned(), json!(dimse.to_string()));
        }
        fields
    }

    /// Tells that it is ready, and runs until SIGTERM or SIGINT.
    pub(crate) async fn run(self, fields: Map<String, Value>) -> anyhow::Result<ExitCode> {
        let (mut terminate, mut interrupt) =
            (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        let trust = Trust { secure_cookies: self.tls.is_some(), proxies: self.config.proxies.clone() };
        let prometheus = metrics_exporter_prometheus::PrometheusBuilder::new().install_recorder()?;
        let media = Arc::clone(&self.media);
        let render = move || {
            measure(&media.metrics());
            prometheus.render()
        };
        let edge = Edge::with_metrics(self.opened.app.clone(), trust, Arc::new(assets::Web), render);
        let working = self.begin_work()?;
        let (stop, stopped) = watch::channel(false);
        let gate = Gate::new(self.config.connections_per_address, self.config.proxies.clone());
        let streams = self.media.streams();
        let clocks = Clocks::default();
        if let Some(listener) = self.media.listener() {
            let listener = TcpListener::from_std(listener?)?;
            let ice = IceTcp(streams.clone());
            tokio::spawn(accept::accept(listener, Arc::clone(&gate), ice, stopped.clone()));
        }
        if let Some(listener) = self.turn {
            let (streams, tls) = (streams.clone(), self.tls.clone());
            let turn = TurnPort { streams, tls, handshake: clocks.handshake };
            tokio::spawn(accept::accept(listener, Arc::clone(&gate), turn, stopped.clone()));
        }
        let mut accepting = Vec::new();
        if let Some(listener) = self.mllp {
            let lines = Lines::new(self.opened.app.clone(), bianque_edge_mllp::Patience::default());
            let port = LinePort { lines, tls: self.tls.clone(), handshake: clocks.handshake };
            accepting.push(tokio::spawn(accept::accept(listener, Arc::clone(&gate), port, stopped.clone())));
        }
        if let Some(listener) = self.dimse {
            let way_out = Arc::clone(&self.opened.way_out);
            let port = AssociationPort::new(self.opened.app.clone(), way_out, self.tls.clone(), clocks.handshake);
            accepting.push(tokio::spawn(accept::accept(listener, Arc::clone(&gate), port, stopped.clone())));
        }
        let service = Service { router: router(edge), tls: self.tls, calls: streams, clocks };
        accepting.push(tokio::spawn(accept::accept(self.listener, gate, service, stopped)));
        ready::print(fields)?;
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping");
        // Whoever asks again does not want to wait.
        tokio::select! {
            () = drain(&self.media, self.config.drain) => {}
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        if !self.media.is_quiet() {
            self.media.end_calls().await;
            tokio::time::sleep(LAST_WORDS).await;
        }
        let _ = stop.send(true);
        let ended = futures_util::future::join_all(accepting);
        let _ = tokio::time::timeout(Duration::from_secs(10), ended).await;
        working.iter().for_each(JoinHandle::abort);
        drop(self.media);
        let _ = std::fs::remove_file(control::path(&self.config.data));
        drop(self.opened);
        Ok(ExitCode::SUCCESS)
    }

    /// Starts what is done beside requests.
    fn begin_work(&self) -> anyhow::Result<Vec<JoinHandle<()>>> {
        let app = || self.opened.app.clone();
        let (media, secure) = (Arc::clone(&self.media), self.tls.is_some());
        let mut working = vec![
            bianque_worker::start(app()),
            bianque_worker::subscriptions::start(app(), Pace::default()),
            bianque_worker::lines::follow(app()),
            bianque_worker::lines::send(app(), Pace::default()),
            bianque_worker::look_after(app()),
            bianque_worker::watch_identities(app()),
            bianque_worker::tell_of_corrections(app()),
            bianque_worker::follow_studies(app()),
            bianque_worker::work(app()),
            tokio::spawn(health::watch(app(), self.config.clone(), media, secure)),
        ];
        let audit = audit::destination(&self.config)?;
        working.extend(audit.map(|destination| bianque_worker::audit_trail::start(app(), destination)));
        let day_pack = self.config.day_pack.clone();
        working.extend(day_pack.map(|folder| tokio::spawn(crate::day_pack::run(app(), folder))));
        Ok(working)
    }
}

/// Every connection is an open file, and what a process may open to begin with is little. As many as it may have at most.
fn open_more_files() {
    let limit = getrlimit(Resource::Nofile);
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }) {
        tracing::warn!(%error, files = limit.current.unwrap_or_default(), "no more files can be opened than now");
    }
}

/// A listener that nobody has to have: where its usual port is another's, there is none.
async fn may_lack(listener: Listener, flag: &str, what: &str) -> anyhow::Result<Option<TcpListener>> {
    let Listener { address, asked } = listener;
    match TcpListener::bind(address).await {
        Ok(listener) => Ok(Some(listener)),
        Err(error) if asked => Err(error).with_context(|| format!("listen on {address} for {what}")),
        Err(error) => {
            tracing::warn!(%address, %error, "no {what}: its usual port is taken; give --{flag} another");
            Ok(None)
        }
    }
}

fn start_media(config: &Config, relay: Option<Relay>) -> anyhow::Result<bianque_edge_media::Handle> {
    let mut options = bianque_edge_media::Options::new(config.media);
    options.public.clone_from(&config.media_public);
    options.relay = relay;
    options.threads = config.media_threads;
    options.max_rooms = config.media_rooms.map_or(options.max_rooms, NonZeroUsize::get);
    options.late = config.media_late.unwrap_or(options.late);
    options.max_participants = config.media_people.map_or(options.max_participants, NonZeroUsize::get);
    bianque_edge_media::start(&options).with_context(|| format!("listen on {} for calls", config.media))
}

/// What is told to the pages of calls that end is on its way to them by then.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// Lets no call begin, and gives those that are open their time.
async fn drain(media: &bianque_edge_media::Handle, within: Duration) {
    if !media.is_quiet() {
        tracing::info!(seconds = within.as_secs(), "waiting for calls to end");
    }
    if !media.drain(within).await {
        tracing::info!("calls in progress are ended; they come back with the server");
    }
}

/// What the media threads say of themselves, as gauges.
fn measure(media: &bianque_edge_media::Metrics) {
    for (name, value) in [
        ("bianque_media_rooms", media.rooms),
        ("bianque_media_sessions", media.sessions),
        ("bianque_media_forwarded_packets", media.forwarded),
        ("bianque_media_dropped_datagrams", media.dropped),
        ("bianque_media_send_failures", media.send_failures),
        ("bianque_media_cpu_microseconds", media.cpu_us),
        ("bianque_media_lag_p99_microseconds", media.lag_p99_us),
        ("bianque_media_threads", media.threads),
        ("bianque_media_busy_permille", media.busy_permille),
        ("bianque_media_refused_rooms", media.refused_rooms),
        ("bianque_media_crossed_datagrams", media.crossed),
        ("bianque_media_crossing_losses", media.crossing_losses),
    ] {
        metrics::gauge!(name).set(value as f64);
    }
}
