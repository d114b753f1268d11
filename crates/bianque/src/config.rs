//! Settings, decided: flag, then variable, then file, then default.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, bail};
use bianque_app::RatingConstants;
use bianque_edge_http::{ForwardedHeader, Proxies};
use bianque_edge_out::Allowed;
use serde::Deserialize;

use crate::cli::ServeFlags;
use crate::keys::Source;

/// The directory of Let's Encrypt.
const LETS_ENCRYPT: &str = "https://acme-v02.api.letsencrypt.org/directory";
/// A hospital has one address and many people, each with a page and a socket or two.
const CONNECTIONS_PER_ADDRESS: usize = 512;
/// What the rules of most places ask for outpatient records, years.
const RETENTION_YEARS: u16 = 15;
/// Time to say so to each other. Calls come back with the server.
const DRAIN: Duration = Duration::from_secs(5);
const RECORDING_YEARS: u16 = 3;
/// Time for somebody to see to what failed in the night.
const SUBSCRIPTION_HOURS: u16 = 24;
/// What the server is called in DICOM unless said otherwise.
const AE_TITLE: &str = "BIANQUE";
/// Entries of a transaction unless given.
const TRANSACTION_ENTRIES: usize = 500;
/// Time to fetch what was asked for in the evening.
const EXPORT_HOURS: u32 = 24;
const EXPORT_JOBS: usize = 4;
/// Enough for a frame of 256 MiB, unpacked.
const DECODE_MEMORY_MB: u32 = 1024;

/// A listener of a server that may do without it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Listener {
    /// Where.
    pub address: SocketAddr,
    /// Somebody asked for it: then the server does not start without it.
    pub asked: bool,
}

/// The settings of a server.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    /// The data folder.
    pub data: PathBuf,
    /// The HTTP listener.
    pub http: SocketAddr,
    /// The UDP socket of calls.
    pub media: SocketAddr,
    /// What browsers are told of it: nothing, or an address of each IP version at most.
    pub media_public: Vec<SocketAddr>,
    /// Threads of calls; none: one for each core.
    pub media_threads: Option<NonZeroUsize>,
    /// Calls at a time; none: as many as the machine carries.
    pub media_rooms: Option<NonZeroUsize>,
    /// How late calls may be served before no more begin; none: as late as is not yet heard.
    pub media_late: Option<Duration>,
    /// People in one call; none: as many as a call is made for.
    pub media_people: Option<NonZeroUsize>,
    /// How long calls in progress may take to end when the server is told to stop.
    pub drain: Duration,
    /// The port for TURN alone.
    pub turn: Option<SocketAddr>,
    /// The listener of HL7 v2.
    pub mllp: Listener,
    /// The listener of DICOM.
    pub dimse: Listener,
    /// What links carry.
    pub public_url: Option<String>,
    /// Where the certificate comes from.
    pub certificate: Certificate,
    /// Who may say from whom a request comes.
    pub proxies: Proxies,
    /// Connections that one address may have at a time.
    pub connections_per_address: usize,
    /// Where the audit is sent.
    pub audit_export: Option<String>,
    /// Where the audit of emergencies goes on while its database fails; none: in the data folder.
    pub emergency_audit: Option<PathBuf>,
    /// What a syslog server's certificate is held against.
    pub audit_export_ca: Option<PathBuf>,
    /// Hosts inside this network that the server may ask.
    pub outbound_allowed: Allowed,
    /// By what servers are known that this one asks, besides the public roots.
    pub outbound_ca: Option<PathBuf>,
    /// Where the day pack is written; none: it is not.
    pub day_pack: Option<PathBuf>,
    /// Where the master key comes from.
    pub master_key: Source,
    /// Years that a record is kept before it may be shredded.
    pub retention_years: u16,
    /// Years that a recording is kept before it may be deleted.
    pub recording_years: u16,
    /// The AE title by which peers of DICOM call the server.
    pub ae_title: String,
    /// Entries that one transaction of FHIR may have.
    pub transaction_entries: usize,
    /// How long the endpoint of a subscription may fail, seconds.
    pub subscription_patience_s: u32,
    /// Hours that the files of an export are kept.
    pub export_hours: u32,
    /// Exports of one tenant that may wait or be under way.
    pub export_jobs: usize,
    /// Memory of a process that decodes medical images, MiB.
    pub decode_memory_mb: u32,
    /// Constants of the transmission rating.
    pub rating: RatingConstants,
}

/// Where the certificate comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Certificate {
    /// None was given: one is made where TLS is needed.
    Own,
    /// From files, PEM.
    Files {
        /// The chain.
        certificate: PathBuf,
        /// The private key.
        key: PathBuf,
    },
    /// From a certificate authority, by ACME.
    Acme(Acme),
}

/// How a certificate authority is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Acme {
    /// The names that the certificate is for.
    pub domains: Vec<String>,
    /// Whom the authority may write to.
    pub contact: Option<String>,
    /// The address of its directory.
    pub directory: String,
    /// Roots by which its server is known; none: the public ones.
    pub root: Option<PathBuf>,
}

impl Config {
    /// Decides the settings.
    pub(crate) fn decide(flags: &ServeFlags) -> anyhow::Result<Self> {
        let file = flags.config.as_deref().map(read).transpose()?.unwrap_or_default();
        let flags = stronger(flags.clone(), file.flags);
        let loopback = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let data = flags.data.clone().unwrap_or_else(|| "./bianque-data".into());
        let public_url = flags.public_url.as_deref().map(|url| url.trim_end_matches('/').to_owned());
        if let Some(url) = &public_url
            && !(url.starts_with("https://") || url.starts_with("http://"))
        {
            bail!("public-url must begin with https:// or http://");
        }
        if flags.connections_per_address == Some(0) {
            bail!("connections-per-address is at least 1");
        }
        Ok(Self {
            certificate: certificate(&flags)?,
            proxies: proxies(&flags)?,
            connections_per_address: flags.connections_per_address.unwrap_or(CONNECTIONS_PER_ADDRESS),
            outbound_allowed: Allowed::read(flags.outbound_allow.iter().map(String::as_str)).map_err(
                |wrong| {
                    anyhow::anyhow!(
                        "outbound-allow {wrong:?} is not like login.hospital.lan or http://127.0.0.1:9000"
                    )
                },
            )?,
            outbound_ca: flags.outbound_ca,
            day_pack: flags.day_pack,
            master_key: Source::decide(flags.master_key, flags.master_key_command.as_deref(), &data)?,
            retention_years: flags.retention_years.unwrap_or(RETENTION_YEARS),
            recording_years: flags.recording_years.unwrap_or(RECORDING_YEARS),
            ae_title: flags.ae_title.unwrap_or_else(|| AE_TITLE.to_owned()),
            transaction_entries: flags.transaction_entries.unwrap_or(TRANSACTION_ENTRIES),
            subscription_patience_s: u32::from(flags.subscription_hours.unwrap_or(SUBSCRIPTION_HOURS)) * 3600,
            export_hours: flags.export_hours.map_or(EXPORT_HOURS, NonZeroU32::get),
            export_jobs: flags.export_jobs.map_or(EXPORT_JOBS, NonZeroUsize::get),
            decode_memory_mb: flags.decode_memory_mb.unwrap_or(DECODE_MEMORY_MB),
            data,
            http: flags.http.unwrap_or_else(|| loopback(8080)),
            media: flags.media.unwrap_or_else(|| loopback(10_000)),
            media_public: media_public(&flags.media_public)?,
            media_threads: flags.media_threads,
            media_rooms: flags.media_rooms,
            media_late: flags.media_late_ms.map(|ms| Duration::from_millis(ms.into())),
            media_people: flags.media_people,
            drain: flags.drain_seconds.map_or(DRAIN, Duration::from_secs),
            turn: flags.turn,
            mllp: Listener {
                address: flags.mllp.unwrap_or_else(|| loopback(2575)),
                asked: flags.mllp.is_some(),
            },
            dimse: Listener {
                address: flags.dimse.unwrap_or_else(|| loopback(11_112)),
                asked: flags.dimse.is_some(),
            },
            public_url,
            audit_export: flags.audit_export,
            audit_export_ca: flags.audit_export_ca,
            emergency_audit: flags.emergency_audit,
            rating: rating(file.rating, flags.rating.as_deref())?,
        })
    }

    /// Whether a listener on `address` speaks TLS: off this machine always, on it when a certificate was asked for.
    pub(crate) fn is_tls(&self, address: IpAddr) -> bool {
        !address.is_loopback() || self.certificate != Certificate::Own
    }
}

/// Constants one by one: the flag's, else the file's, else those of the method.
fn rating(file: Option<toml::Table>, flag: Option<&str>) -> anyhow::Result<RatingConstants> {
    #[derive(Deserialize)]
    struct Flag {
        rating: toml::Table,
    }
    let mut table = file.unwrap_or_default();
    if let Some(text) = flag {
        let read: Flag = toml::from_str(&format!("rating = {{ {text} }}"))
            .with_context(|| format!("rating: {text:?} is not like \"ie = 0, bpl = 10\""))?;
        table.extend(read.rating);
    }
    let constants: RatingConstants = table.try_into().context("understand rating")?;
    Ok(constants.checked()?)
}

/// The flags, and where one is missing the file's line.
fn stronger(flags: ServeFlags, file: ServeFlags) -> ServeFlags {
    let command = flags.master_key_command.is_some();
    ServeFlags {
        config: flags.config,
        data: flags.data.or(file.data),
        http: flags.http.or(file.http),
        media: flags.media.or(file.media),
        media_public: listed(flags.media_public, file.media_public),
        media_threads: flags.media_threads.or(file.media_threads),
        media_rooms: flags.media_rooms.or(file.media_rooms),
        media_late_ms: flags.media_late_ms.or(file.media_late_ms),
        media_people: flags.media_people.or(file.media_people),
        drain_seconds: flags.drain_seconds.or(file.drain_seconds),
        turn: flags.turn.or(file.turn),
        mllp: flags.mllp.or(file.mllp),
        dimse: flags.dimse.or(file.dimse),
        public_url: flags.public_url.or(file.public_url),
        tls_cert: flags.tls_cert.or(file.tls_cert),
        tls_key: flags.tls_key.or(file.tls_key),
        acme_domain: listed(flags.acme_domain, file.acme_domain),
        acme_contact: flags.acme_contact.or(file.acme_contact),
        acme_directory: flags.acme_directory.or(file.acme_directory),
        acme_root: flags.acme_root.or(file.acme_root),
        trusted_proxy: listed(flags.trusted_proxy, file.trusted_proxy),
        forwarded_header: flags.forwarded_header.or(file.forwarded_header),
        connections_per_address: flags.connections_per_address.or(file.connections_per_address),
        audit_export: flags.audit_export.or(file.audit_export),
        audit_export_ca: flags.audit_export_ca.or(file.audit_export_ca),
        emergency_audit: flags.emergency_audit.or(file.emergency_audit),
        outbound_allow: listed(flags.outbound_allow, file.outbound_allow),
        outbound_ca: flags.outbound_ca.or(file.outbound_ca),
        day_pack: flags.day_pack.or(file.day_pack),
        // One of the two, and the stronger place decides which.
        master_key_command: flags
            .master_key_command
            .or(file.master_key_command.filter(|_| flags.master_key.is_none())),
        master_key: if command { flags.master_key } else { flags.master_key.or(file.master_key) },
        retention_years: flags.retention_years.or(file.retention_years),
        recording_years: flags.recording_years.or(file.recording_years),
        ae_title: flags.ae_title.or(file.ae_title),
        transaction_entries: flags.transaction_entries.or(file.transaction_entries),
        subscription_hours: flags.subscription_hours.or(file.subscription_hours),
        export_hours: flags.export_hours.or(file.export_hours),
        export_jobs: flags.export_jobs.or(file.export_jobs),
        decode_memory_mb: flags.decode_memory_mb.or(file.decode_memory_mb),
        rating: flags.rating,
    }
}

/// A list is taken whole from the stronger place.
fn listed<T>(flags: Vec<T>, file: Vec<T>) -> Vec<T> {
    if flags.is_empty() { file } else { flags }
}

/// IPv4 addresses in their own form, and no more than one of each version: a browser that knows two tries both for nothing.
fn media_public(told: &[SocketAddr]) -> anyhow::Result<Vec<SocketAddr>> {
    let told: Vec<SocketAddr> =
        told.iter().map(|address| SocketAddr::new(address.ip().to_canonical(), address.port())).collect();
    let four = told.iter().filter(|address| address.is_ipv4()).count();
    if four > 1 || told.len() - four > 1 {
        bail!("media-public names one IPv4 and one IPv6 address at the most");
    }
    Ok(told)
}

fn certificate(flags: &ServeFlags) -> anyhow::Result<Certificate> {
    let acme = !flags.acme_domain.is_empty();
    match (flags.tls_cert.clone(), flags.tls_key.clone()) {
        (Some(_), Some(_)) if acme => bail!("a certificate comes from tls-cert or by acme-domain, not both"),
        (Some(certificate), Some(key)) => Ok(Certificate::Files { certificate, key }),
        (None, None) if acme => Ok(Certificate::Acme(Acme {
            domains: flags.acme_domain.clone(),
            contact: flags.acme_contact.clone(),
            directory: flags.acme_directory.clone().unwrap_or_else(|| LETS_ENCRYPT.to_owned()),
            root: flags.acme_root.clone(),
        })),
        (None, None) => Ok(Certificate::Own),
        _ => bail!("tls-cert and tls-key go together"),
    }
}

fn proxies(flags: &ServeFlags) -> anyhow::Result<Proxies> {
    let header = match flags.forwarded_header.as_deref() {
        None | Some("x-forwarded-for") => ForwardedHeader::XForwardedFor,
        Some("forwarded") => ForwardedHeader::Forwarded,
        Some(other) => bail!("forwarded-header is x-forwarded-for or forwarded, not {other:?}"),
    };
    Proxies::new(&flags.trusted_proxy, header).map_err(|wrong| {
        anyhow::anyhow!("trusted-proxy {wrong:?} is not an address or a network such as 10.0.0.0/8")
    })
}

/// The file: the names of the flags with underscores, and the constants of the rating as a table.
#[derive(Default)]
struct File {
    flags: ServeFlags,
    rating: Option<toml::Table>,
}

fn read(path: &Path) -> anyhow::Result<File> {
    let understood = || format!("understand {}", path.display());
    let text = std::fs::read_to_string(path).with_context(|| format!("read {}", path.display()))?;
    let mut table: toml::Table = toml::from_str(&text).with_context(understood)?;
    let rating = table.remove("rating").map(toml::Value::try_into).transpose().with_context(understood)?;
    Ok(File { flags: table.try_into().with_context(understood)?, rating })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_file(text: &str, flags: ServeFlags) -> anyhow::Result<Config> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("bianque.toml");
        std::fs::write(&path, text)?;
        Config::decide(&ServeFlags { config: Some(path), ..flags })
    }

    #[test]
    fn a_flag_is_stronger_than_the_file_and_the_file_than_the_default() {
        let flags = ServeFlags { http: "127.0.0.1:7000".parse().ok(), ..ServeFlags::default() };
        let text = "http = \"127.0.0.1:9000\"\nmedia = \"127.0.0.1:9001\"\n";
        let config = with_file(text, flags.clone()).unwrap();
        assert_eq!(config.http.port(), 7000);
        assert_eq!(config.media.port(), 9001);
        assert_eq!(config.data, PathBuf::from("./bianque-data"));
        let refused = with_file("htp = \"127.0.0.1:9000\"\n", flags.clone()).unwrap_err();
        assert!(refused.chain().any(|error| error.to_string().contains("htp")));
        assert!(with_file("config = \"other.toml\"\n", flags).is_err());
    }

    #[test]
    fn calls_have_one_address_of_each_ip_version() {
        let told = |text: &str| {
            let config = with_file(text, ServeFlags::default())?;
            anyhow::Ok(config.media_public.iter().map(ToString::to_string).collect::<Vec<_>>())
        };
        assert!(told("").unwrap().is_empty());
        assert_eq!(told("media_public = \"203.0.113.7:10000\"\n").unwrap(), ["203.0.113.7:10000"]);
        let both = told("media_public = [\"203.0.113.7:10000\", \"[2001:db8::7]:10000\"]\n").unwrap();
        assert_eq!(both, ["203.0.113.7:10000", "[2001:db8::7]:10000"]);
        let mapped = "media_public = [\"203.0.113.7:10000\", \"[::ffff:203.0.113.8]:10000\"]\n";
        assert!(told(mapped).unwrap_err().to_string().contains("one IPv4 and one IPv6 address"));
        let unread = told("media_public = 10000\n").unwrap_err();
        assert!(unread.chain().any(|error| error.to_string().contains("203.0.113.7:10000")), "{unread:?}");
    }

    #[test]
    fn a_certificate_comes_from_one_place() {
        let decide = |text: &str| with_file(text, ServeFlags::default());
        let acme = decide("acme_domain = [\"clinic.example\"]\n").unwrap();
        assert!(matches!(&acme.certificate, Certificate::Acme(acme) if acme.directory == LETS_ENCRYPT));
        assert!(acme.is_tls(IpAddr::from([127, 0, 0, 1])));
        assert!(decide("tls_cert = \"a.pem\"\n").is_err());
        assert!(
            decide("tls_cert = \"a.pem\"\ntls_key = \"k.pem\"\nacme_domain = [\"clinic.example\"]\n")
                .is_err()
        );
    }

    #[test]
    fn a_proxy_that_is_no_network_is_refused_by_name() {
        let decide = |text: &str| with_file(text, ServeFlags::default());
        assert!(decide("trusted_proxy = [\"10.0.0.0/8\", \"2001:db8::1\"]\n").is_ok());
        let refused = decide("trusted_proxy = [\"10.0.0.0/33\"]\n").unwrap_err();
        assert!(refused.to_string().contains("10.0.0.0/33"), "{refused}");
        assert!(decide("forwarded_header = \"x-real-ip\"\n").is_err());
    }

    #[test]
    fn a_rating_constant_comes_from_the_flag_then_the_file_then_the_method() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bianque.toml");
        std::fs::write(&path, "[rating]\nie = 3\nbpl = 19.5\n").unwrap();
        let with = |rating: &str| {
            let flags = ServeFlags {
                config: Some(path.clone()),
                rating: Some(rating.to_owned()),
                ..ServeFlags::default()
            };
            Config::decide(&flags).map(|config| config.rating)
        };
        let expected = RatingConstants { ie: 3.0, bpl: 25.0, burst_ratio: 1.2, ..RatingConstants::default() };
        assert_eq!(with("bpl = 25, burst_ratio = 1.2").unwrap(), expected);
        for (wrong, why) in
            [("bpl", "ie = 0, bpl = 10"), ("bpl = 0", "bpl"), ("opus = 1", "opus"), ("ie = \"low\"", "ie")]
        {
            let error = with(wrong).unwrap_err();
            assert!(error.chain().any(|cause| cause.to_string().contains(why)), "{wrong}: {error:#}");
        }
    }
}
