//! What the process knows of itself, put on the board of health every few seconds, and from there into the metrics.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bianque_app::App;
use bianque_app::health::{self, Certificate, DayPack, Machine, Media, Sample};
use bianque_edge_media::Handle;
use bianque_model::Timestamp;
use x509_parser::pem::Pem;

use crate::config::{self, Config};
use crate::day_pack;

/// How often figures are taken.
const EVERY: Duration = Duration::from_secs(10);
/// Every so many of them a sample is kept for the plots.
const SAMPLE: u64 = 3;
/// Every so many of them what takes longer is looked at: rows of blobs, the certificate.
const SLOW: u64 = 30;

/// Takes figures for ever.
pub(crate) async fn watch(app: App, config: Config, media: Arc<Handle>, has_tls: bool) {
    app.health.start(app.clock.now());
    let mut tick = tokio::time::interval(EVERY);
    let mut slow = (Certificate::None, (0, 0));
    let mut packets = (Instant::now(), media.metrics().forwarded);
    for round in 0_u64.. {
        tick.tick().await;
        if round % SLOW == 0 {
            let certificate = if has_tls { certificate(&config).await } else { Certificate::None };
            slow = (certificate, app.store.blob_totals().await.unwrap_or(slow.1));
        }
        let machine = Machine {
            certificate: slow.0,
            blobs: slow.1,
            media: calls(&media, &mut packets),
            ..of_disk(config.data.clone(), day_packs(&app, &config)).await
        };
        app.health.put(machine);
        if round % SAMPLE == 0 {
            app.health.sample(sample(&app, machine));
        }
        if let Err(error) = export(&app, machine).await {
            tracing::warn!(%error, "health could not be looked at");
        }
    }
}

fn sample(app: &App, machine: Machine) -> Sample {
    let store = app.store.figures();
    Sample {
        at: app.clock.now(),
        commit_p50_us: store.commit_p50_us,
        commit_p95_us: store.commit_p95_us,
        disk_free: machine.disk_free,
        packets_per_s: machine.media.packets_per_s,
    }
}

/// The same figures for whoever watches many servers. No label names a person, an address or a file.
async fn export(app: &App, machine: Machine) -> Result<(), bianque_app::Error> {
    let store = app.store.figures();
    for (name, value) in [
        ("bianque_store_database_bytes", machine.database_bytes as f64),
        ("bianque_store_log_bytes", machine.log_bytes as f64),
        ("bianque_store_waiting_commits", (store.waiting + store.waiting_bulk) as f64),
        ("bianque_disk_free_bytes", machine.disk_free as f64),
        ("bianque_disk_size_bytes", machine.disk_size as f64),
        ("bianque_blobs", machine.blobs.0 as f64),
        ("bianque_blob_bytes", machine.blobs.1 as f64),
        ("bianque_media_packets_per_second", machine.media.packets_per_s),
    ] {
        metrics::gauge!(name).set(value);
    }
    for (quantile, value) in [("0.5", store.commit_p50_us), ("0.95", store.commit_p95_us)] {
        metrics::gauge!("bianque_store_commit_seconds", "quantile" => quantile).set(value as f64 / 1e6);
    }
    for part in health::parts(app).await? {
        metrics::gauge!("bianque_health", "part" => part.id).set(f64::from(part.state.number()));
    }
    Ok(())
}

/// Where day packs lie; nowhere: they are not wanted.
fn day_packs(app: &App, config: &Config) -> Vec<PathBuf> {
    let Some(folder) = &config.day_pack else { return Vec::new() };
    app.tenants.active().into_iter().map(|tenant| day_pack::below(folder, tenant)).collect()
}

async fn of_disk(data: PathBuf, day_packs: Vec<PathBuf>) -> Machine {
    let looked = tokio::task::spawn_blocking(move || {
        let length = |name: &str| fs::metadata(data.join(name)).map_or(0, |found| found.len());
        let disk = rustix::fs::statvfs(&data).ok();
        let bytes = |blocks: u64, size: u64| blocks.saturating_mul(size);
        Machine {
            version: env!("CARGO_PKG_VERSION"),
            database_bytes: length("bianque.db") + length("audit.db"),
            log_bytes: length("bianque.db-wal") + length("audit.db-wal"),
            disk_free: disk.as_ref().map_or(0, |disk| bytes(disk.f_bavail, disk.f_frsize)),
            disk_size: disk.as_ref().map_or(0, |disk| bytes(disk.f_blocks, disk.f_frsize)),
            day_pack: written(&day_packs),
            ..Machine::default()
        }
    });
    looked.await.unwrap_or_default()
}

/// When the pages of the day pack were written: the oldest counts, since one that stays behind is wrong.
fn written(folders: &[PathBuf]) -> DayPack {
    if folders.is_empty() {
        return DayPack::Off;
    }
    let entries = folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten().flatten();
    let pages = entries.filter(|entry| entry.path().extension().is_some_and(|end| end == "html"));
    let times = pages.filter_map(|entry| entry.metadata().ok()?.modified().ok());
    times.min().map_or(DayPack::Never, |at| DayPack::Written(timestamp(at)))
}

fn timestamp(at: SystemTime) -> Timestamp {
    let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

fn calls(media: &Handle, before: &mut (Instant, u64)) -> Media {
    let metrics = media.metrics();
    let (now, packets) = (Instant::now(), metrics.forwarded);
    let passed = now.duration_since(before.0).as_secs_f64();
    let packets_per_s = if passed > 0.0 { packets.saturating_sub(before.1) as f64 / passed } else { 0.0 };
    *before = (now, packets);
    Media {
        rooms: metrics.rooms,
        peers: metrics.sessions,
        packets_per_s,
        send_failures: metrics.send_failures,
        lag_p99_us: metrics.lag_p99_us,
        busy_permille: metrics.busy_permille,
        refused_rooms: metrics.refused_rooms,
    }
}

/// When the certificate that is served ends.
async fn certificate(config: &Config) -> Certificate {
    let tls = config.data.join("tls");
    let (path, own) = match &config.certificate {
        config::Certificate::Files { certificate, .. } => (Some(certificate.clone()), false),
        config::Certificate::Own => (Some(tls.join("own.crt")), true),
        config::Certificate::Acme(_) => (ordered(&tls.join("acme")), false),
    };
    let read = tokio::task::spawn_blocking(move || ends(&path?)).await.ok().flatten();
    read.map_or(Certificate::Unreadable, |at| Certificate::Ends { at, own })
}

/// The newest certificate that an authority gave.
fn ordered(folder: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(folder).ok()?.flatten();
    let certificates = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with("cached_cert"));
    certificates
        .max_by_key(|entry| entry.metadata().and_then(|found| found.modified()).ok())
        .map(|entry| entry.path())
}

fn ends(path: &Path) -> Option<Timestamp> {
    let bytes = fs::read(path).ok()?;
    let mut blocks = Pem::iter_from_buffer(&bytes).flatten();
    let leaf = blocks.find(|block| block.label == "CERTIFICATE")?;
    let parsed = leaf.parse_x509().ok()?;
    Some(Timestamp(parsed.validity().not_after.timestamp().saturating_mul(1_000_000)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_certificate_is_read_also_behind_its_key() {
        let made = rcgen::generate_simple_self_signed(vec!["clinic.example".into()]).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cached_cert_x");
        fs::write(&path, format!("{}{}", made.signing_key.serialize_pem(), made.cert.pem())).unwrap();
        assert!(ends(&path).unwrap() > timestamp(SystemTime::now()));
        assert_eq!(ordered(folder.path()), Some(path.clone()));
        fs::write(&path, "nothing").unwrap();
        assert_eq!(ends(&path), None);
    }

    #[test]
    fn the_oldest_page_of_the_day_pack_counts() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(written(&[folder.path().to_owned()]), DayPack::Never);
        fs::write(folder.path().join("a.html"), "a").unwrap();
        fs::write(folder.path().join("b.part"), "b").unwrap();
        assert!(
            matches!(written(&[folder.path().to_owned()]), DayPack::Written(at) if at <= timestamp(SystemTime::now()))
        );
    }
}
