//! The command line.

use std::net::{IpAddr, SocketAddr};
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use serde::{Deserialize, Deserializer};

use crate::import::Written;

mod decode;
mod tenants;

pub(crate) use decode::DecodeFlags;
pub(crate) use tenants::{HostCommand, TenantCommand};

/// The tenant that is meant where none is named.
const FIRST: u32 = bianque_model::TenantId::FIRST.0;

/// Telemedicine server: one binary that a clinic, a hospital or a region runs itself.
#[derive(Debug, Parser)]
#[command(name = "bianque", version, about)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the program does.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the server.
    Serve(ServeFlags),
    /// Run the server with synthetic patients, a schedule for today and one-click sign-in.
    Demo(DemoFlags),
    /// Bearer tokens for programs.
    Token {
        /// What to do with them.
        #[command(subcommand)]
        command: TokenCommand,
    },
    /// The audit.
    Audit {
        /// What to do with it.
        #[command(subcommand)]
        command: AuditCommand,
    },
    /// Copy the data folder elsewhere, beside a running server or without one.
    Backup(BackupFlags),
    /// Make a data folder from a backup.
    Restore(RestoreFlags),
    /// The keys of the installation.
    Keys {
        /// What to do with them.
        #[command(subcommand)]
        command: KeysCommand,
    },
    /// Destroy all that is kept of a patient, for good. Refused while retention runs or a hold exists.
    Shred(ShredFlags),
    /// Holds: what stands in the way of a shredding.
    Hold {
        /// What to do with them.
        #[command(subcommand)]
        command: HoldCommand,
    },
    /// Read every sealed file now, and say which were changed on the disk.
    Scrub(FolderFlags),
    /// Take in what another system knows, beside a running server or without one. A file may be imported again.
    Import {
        /// What of.
        #[command(subcommand)]
        command: ImportCommand,
    },
    /// Tenants: clinics that share this server and nothing else, each at host names of its own.
    Tenant {
        /// What to do with them.
        #[command(subcommand)]
        command: TenantCommand,
    },
    /// Say what of the settings is wrong, what is a risk and what is fine.
    CheckConfig(CheckFlags),
    /// A small hospital with made-up patients, which sends HL7 v2 to a server.
    Hospital(HospitalFlags),
    /// Decode what comes on standard input under limits. Started by the server itself.
    #[command(hide = true)]
    DecodeWorker(DecodeFlags),
}

/// Bearer tokens.
#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Make a token and print it, and only it. Safe beside a running server.
    Create(TokenFlags),
}

/// The audit.
#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// Walk the hash chains and say what was changed, dropped, reordered or cut off. Safe beside a running server.
    Verify(VerifyFlags),
}

/// The keys of the installation.
#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Replace the master key: everything is wrapped anew. Safe beside a running server; cut off, it goes on by itself.
    Rotate(RotateFlags),
}

/// What the master key is replaced by.
#[derive(Debug, Clone, Args)]
pub(crate) struct RotateFlags {
    /// The file of the new key; made where it is missing. Without it the file of the old one gets a new key, and the old
    /// one is kept beside it for backups.
    #[arg(long)]
    pub new_master_key: Option<PathBuf>,
    /// The server's folder.
    #[command(flatten)]
    pub folder: FolderFlags,
}

/// What is imported.
#[derive(Debug, Subcommand)]
pub(crate) enum ImportCommand {
    /// Patients from a table, known by an identifier with its authority.
    Patients(ImportFlags),
    /// Accounts of people who sign in from a table, known by their login, each with a one-time link for a password.
    Users(UserImportFlags),
    /// Weekly hours of clinicians from a table, known by their login.
    Schedules(ImportFlags),
    /// Resources of FHIR: a Bundle of type batch, collection or transaction, or NDJSON (a file named .ndjson).
    Fhir(ImportFlags),
}

/// Which file, and how.
#[derive(Debug, Clone, Args)]
pub(crate) struct ImportFlags {
    /// The file.
    pub file: PathBuf,
    /// The tenant it is for.
    #[arg(long, default_value_t = FIRST)]
    pub tenant: u32,
    /// Look at everything and write nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Where what is not taken is written, one row for each fault; an older file is replaced.
    #[arg(long)]
    pub errors: Option<PathBuf>,
    /// How the file is written, where that is not found out by itself.
    #[arg(long)]
    pub encoding: Option<Written>,
    /// The server's folder.
    #[command(flatten)]
    pub folder: FolderFlags,
}

/// The same for users.
#[derive(Debug, Clone, Args)]
pub(crate) struct UserImportFlags {
    /// Which file, and how.
    #[command(flatten)]
    pub flags: ImportFlags,
    /// A new file for the one-time links. Each is as good as a password.
    #[arg(long)]
    pub links: Option<PathBuf>,
    /// A new link also for who is here and has not chosen a password yet.
    #[arg(long)]
    pub renew_links: bool,
    /// What links begin with, where no server runs on the folder and its file of settings does not say it.
    #[arg(long, env = "BIANQUE_PUBLIC_URL")]
    pub public_url: Option<String>,
}

/// Holds.
#[derive(Debug, Subcommand)]
pub(crate) enum HoldCommand {
    /// Keep a patient's record, whatever retention says.
    Add(ShredFlags),
    /// Keep it no longer than others.
    Remove(ShredFlags),
}

/// Whose record, and why.
#[derive(Debug, Clone, Args)]
pub(crate) struct ShredFlags {
    /// The tenant that the record is of.
    #[arg(long, default_value_t = FIRST)]
    pub tenant: u32,
    /// The patient's id.
    #[arg(long)]
    pub patient: String,
    /// Why; it stays in the audit.
    #[arg(long)]
    pub reason: String,
    /// The server's folder.
    #[command(flatten)]
    pub folder: FolderFlags,
}

/// What the audit is held against.
#[derive(Debug, Clone, Args)]
pub(crate) struct VerifyFlags {
    /// Of which data folder.
    #[command(flatten)]
    pub folder: FolderFlags,
    /// Checkpoints that were kept outside of the data folder: files of an export, or one checkpoint a line.
    #[arg(long)]
    pub checkpoints: Vec<PathBuf>,
    /// Print the report as JSON.
    #[arg(long)]
    pub json: bool,
}

/// Settings of the server: each is a flag, a variable and a line of the file, in that order of strength.
#[derive(Debug, Clone, Default, Args, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ServeFlags {
    /// A TOML file with any of these settings.
    #[arg(long, env = "BIANQUE_CONFIG")]
    #[serde(skip)]
    pub config: Option<PathBuf>,
    /// The data folder.
    #[arg(long, env = "BIANQUE_DATA")]
    pub data: Option<PathBuf>,
    /// The HTTP listener. An address that is not loopback is served over TLS.
    #[arg(long, env = "BIANQUE_HTTP")]
    pub http: Option<SocketAddr>,
    /// The UDP socket of calls.
    #[arg(long, env = "BIANQUE_MEDIA")]
    pub media: Option<SocketAddr>,
    /// The address of calls that browsers are told, when it differs from the socket's; may be given twice, for IPv4 and IPv6.
    #[arg(long, env = "BIANQUE_MEDIA_PUBLIC", value_delimiter = ',')]
    #[serde(deserialize_with = "one_or_more")]
    pub media_public: Vec<SocketAddr>,
    /// Threads of calls. One for each core unless given.
    #[arg(long, env = "BIANQUE_MEDIA_THREADS")]
    pub media_threads: Option<NonZeroUsize>,
    /// Calls at a time. 10000 unless given, which leaves it to the machine.
    #[arg(long, env = "BIANQUE_MEDIA_ROOMS")]
    pub media_rooms: Option<NonZeroUsize>,
    /// How late calls may be served before no more begin, ms, 99th percentile of five seconds. 100 unless given.
    #[arg(long, env = "BIANQUE_MEDIA_LATE_MS")]
    pub media_late_ms: Option<u32>,
    /// People in one call.
    #[arg(long, env = "BIANQUE_MEDIA_PEOPLE")]
    pub media_people: Option<NonZeroUsize>,
    /// Seconds that calls in progress are given when the server is told to stop. 5 unless given.
    #[arg(long, env = "BIANQUE_DRAIN_SECONDS")]
    pub drain_seconds: Option<u64>,
    /// A port for TURN alone, where a proxy owns that of HTTPS. Otherwise TURN is on the HTTP listener when it speaks TLS.
    #[arg(long, env = "BIANQUE_TURN")]
    pub turn: Option<SocketAddr>,
    /// The listener of HL7 v2. 127.0.0.1:2575 unless given; where that is taken, there is none.
    #[arg(long, env = "BIANQUE_MLLP")]
    pub mllp: Option<SocketAddr>,
    /// The listener of DICOM. 127.0.0.1:11112 unless given; where that is taken, there is none.
    #[arg(long, env = "BIANQUE_DIMSE")]
    pub dimse: Option<SocketAddr>,
    /// What links carry, for example `https://clinic.example`.
    #[arg(long, env = "BIANQUE_PUBLIC_URL")]
    pub public_url: Option<String>,
    /// The certificate chain, PEM; read again when it changes. Without one a certificate is made at start.
    #[arg(long, env = "BIANQUE_TLS_CERT")]
    pub tls_cert: Option<PathBuf>,
    /// The certificate's private key, PEM.
    #[arg(long, env = "BIANQUE_TLS_KEY")]
    pub tls_key: Option<PathBuf>,
    /// Where the audit is sent, off this machine: `file:FOLDER` or `syslog+tls://HOST:PORT`.
    #[arg(long, env = "BIANQUE_AUDIT_EXPORT")]
    pub audit_export: Option<String>,
    /// The file in which the audit of emergencies goes on while the database of audit fails; better on another disk.
    #[arg(long, env = "BIANQUE_EMERGENCY_AUDIT")]
    pub emergency_audit: Option<PathBuf>,
    /// The certificates, PEM, that the syslog server's certificate is held against.
    #[arg(long, env = "BIANQUE_AUDIT_EXPORT_CA")]
    pub audit_export_ca: Option<PathBuf>,
    /// A name to get a certificate for by ACME; may be given more than once. The port must be reachable as 443.
    #[arg(long, env = "BIANQUE_ACME_DOMAIN", value_delimiter = ',')]
    pub acme_domain: Vec<String>,
    /// Where the certificate authority may write to about certificates, for example `mailto:it@clinic.example`.
    #[arg(long, env = "BIANQUE_ACME_CONTACT")]
    pub acme_contact: Option<String>,
    /// The directory of the certificate authority. Let's Encrypt unless given.
    #[arg(long, env = "BIANQUE_ACME_DIRECTORY")]
    pub acme_directory: Option<String>,
    /// Roots, PEM, by which the authority's own server is known, where it is not a public one.
    #[arg(long, env = "BIANQUE_ACME_ROOT")]
    pub acme_root: Option<PathBuf>,
    /// A proxy in front, as address or network; may be given more than once. What it says of clients is believed.
    #[arg(long, env = "BIANQUE_TRUSTED_PROXY", value_delimiter = ',')]
    pub trusted_proxy: Vec<String>,
    /// The header in which trusted proxies name clients: `x-forwarded-for` (unless given) or `forwarded`.
    #[arg(long, env = "BIANQUE_FORWARDED_HEADER")]
    pub forwarded_header: Option<String>,
    /// Connections that one address may have at a time. Loopback and trusted proxies are not counted.
    #[arg(long, env = "BIANQUE_CONNECTIONS_PER_ADDRESS")]
    pub connections_per_address: Option<usize>,
    /// A host inside this network that the server may ask, such as an identity provider: `login.hospital.lan`, with a port
    /// `login.hospital.lan:8443`, without TLS `http://127.0.0.1:9000`; may be given more than once.
    #[arg(long, env = "BIANQUE_OUTBOUND_ALLOW", value_delimiter = ',')]
    pub outbound_allow: Vec<String>,
    /// Certificates, PEM, by which servers that this one asks are known besides the public roots.
    #[arg(long, env = "BIANQUE_OUTBOUND_CA")]
    pub outbound_ca: Option<PathBuf>,
    /// A folder for pages with the visits of these hours, written every 15 minutes. They hold names and health data.
    #[arg(long, env = "BIANQUE_DAY_PACK")]
    pub day_pack: Option<PathBuf>,
    /// The file of the master key; made where it is missing. Beside the data folder unless given: DATA.master.key.
    #[arg(long, env = "BIANQUE_MASTER_KEY")]
    pub master_key: Option<PathBuf>,
    /// A command that prints the master key, 32 bytes or 64 hexadecimal digits. Run once at the start, without a shell.
    #[arg(long, env = "BIANQUE_MASTER_KEY_COMMAND")]
    pub master_key_command: Option<String>,
    /// Years that a record is kept after its last encounter or change, before it may be shredded. 15 unless given.
    #[arg(long, env = "BIANQUE_RETENTION_YEARS")]
    pub retention_years: Option<u16>,
    /// Years that a recording of a call is kept before an administrator may delete it. 3 unless given.
    #[arg(long, env = "BIANQUE_RECORDING_YEARS")]
    pub recording_years: Option<u16>,
    /// The AE title by which peers of DICOM call the server. BIANQUE unless given.
    #[arg(long, env = "BIANQUE_AE_TITLE")]
    pub ae_title: Option<String>,
    /// Entries that one transaction of FHIR may have; other writes wait while it is written. 500 unless given.
    #[arg(long, env = "BIANQUE_TRANSACTION_ENTRIES")]
    pub transaction_entries: Option<usize>,
    /// Hours that the endpoint of a subscription may fail before the subscription is stopped, at most 168. 24 unless given.
    #[arg(long, env = "BIANQUE_SUBSCRIPTION_HOURS", value_parser = clap::value_parser!(u16).range(1..=168))]
    pub subscription_hours: Option<u16>,
    /// Hours that the files of an export are kept after it ended. 24 unless given.
    #[arg(long, env = "BIANQUE_EXPORT_HOURS")]
    pub export_hours: Option<NonZeroU32>,
    /// Exports of one tenant that may wait or be under way; who asks for more is told to wait. 4 unless given.
    #[arg(long, env = "BIANQUE_EXPORT_JOBS")]
    pub export_jobs: Option<NonZeroUsize>,
    /// Memory of a process that decodes medical images, MiB, at least 256. 1024 unless given.
    #[arg(long, env = "BIANQUE_DECODE_MEMORY_MB", value_parser = clap::value_parser!(u32).range(256..))]
    pub decode_memory_mb: Option<u32>,
    /// Constants of the transmission rating, which MOS comes from, for example "ie = 0, bpl = 10".
    #[arg(long, env = "BIANQUE_RATING")]
    #[serde(skip)]
    pub rating: Option<String>,
}

/// One address, or an array of them.
fn one_or_more<'de, D: Deserializer<'de>>(file: D) -> Result<Vec<SocketAddr>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "an address such as \"203.0.113.7:10000\", or an array of them")]
    enum Told {
        One(SocketAddr),
        More(Vec<SocketAddr>),
    }
    Ok(match Told::deserialize(file)? {
        Told::One(address) => vec![address],
        Told::More(addresses) => addresses,
    })
}

/// Settings of the demo.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct DemoFlags {
    /// Those of the server.
    #[command(flatten)]
    pub serve: ServeFlags,
    /// The seed of the synthetic people.
    #[arg(long, default_value_t = 1, env = "BIANQUE_SEED")]
    pub seed: u64,
    /// Serve synthetic data to phones on this network, over TLS: the address of this machine in it.
    #[arg(long, env = "BIANQUE_LAN")]
    pub lan: Option<IpAddr>,
    /// Milliseconds between two messages that the demo's hospital sends by HL7 v2; 0: it sends none, and is told nothing.
    #[arg(long, default_value_t = 4000, env = "BIANQUE_HOSPITAL_MS")]
    pub hospital_ms: u64,
}

/// The hospital that sends.
#[derive(Debug, Clone, Args)]
pub(crate) struct HospitalFlags {
    /// Where HL7 v2 is taken.
    #[arg(long, default_value = "127.0.0.1:2575")]
    pub to: SocketAddr,
    /// The seed of what happens there.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Milliseconds between an answer and the next message.
    #[arg(long, default_value_t = 3000)]
    pub every_ms: u64,
    /// Messages that are sent; for ever unless given.
    #[arg(long)]
    pub messages: Option<u64>,
}

/// What a token may do.
#[derive(Debug, Clone, Args)]
pub(crate) struct TokenFlags {
    /// SMART v2 scopes, separated by spaces, for example "system/*.cruds".
    #[arg(long)]
    pub scope: String,
    /// The tenant it is for; it is good at that tenant's hosts.
    #[arg(long, default_value_t = FIRST)]
    pub tenant: u32,
    /// How long it is good: 90s, 15m, 1h, 7d.
    #[arg(long, default_value = "1h")]
    pub ttl: String,
    /// Of which data folder.
    #[command(flatten)]
    pub folder: FolderFlags,
}

/// Which data folder.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct FolderFlags {
    /// The server's TOML file.
    #[arg(long, env = "BIANQUE_CONFIG")]
    pub config: Option<PathBuf>,
    /// The data folder.
    #[arg(long, env = "BIANQUE_DATA")]
    pub data: Option<PathBuf>,
    /// The file of the master key, where it is not DATA.master.key.
    #[arg(long, env = "BIANQUE_MASTER_KEY")]
    pub master_key: Option<PathBuf>,
    /// A command that prints the master key.
    #[arg(long, env = "BIANQUE_MASTER_KEY_COMMAND")]
    pub master_key_command: Option<String>,
}

impl From<FolderFlags> for ServeFlags {
    fn from(folder: FolderFlags) -> Self {
        let FolderFlags { config, data, master_key, master_key_command } = folder;
        Self { config, data, master_key, master_key_command, ..Self::default() }
    }
}

/// What is backed up, and where to.
#[derive(Debug, Clone, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct BackupFlags {
    /// Something else with backups.
    #[command(subcommand)]
    pub command: Option<BackupCommand>,
    /// The folder of the backup; made where it is missing. Used again, it holds several sets and each blob once.
    #[arg(value_name = "DIR")]
    pub to: Option<PathBuf>,
    /// Keep this many sets, and remove older ones.
    #[arg(long)]
    pub keep: Option<usize>,
    /// The server's folder.
    #[command(flatten)]
    pub folder: FolderFlags,
}

/// What else there is to do with backups.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum BackupCommand {
    /// Read a backup to the last byte and compare it with its manifest.
    Verify(BackupVerifyFlags),
}

/// Which backup is read.
#[derive(Debug, Clone, Args)]
pub(crate) struct BackupVerifyFlags {
    /// The folder of the backup.
    #[arg(value_name = "DIR")]
    pub backup: PathBuf,
    /// The set, by the name of its folder. The newest unless given.
    #[arg(long)]
    pub at: Option<String>,
    /// The master key: whether the manifest is ours and sealed files open is looked at too.
    #[arg(long, env = "BIANQUE_MASTER_KEY")]
    pub master_key: Option<PathBuf>,
}

/// What is restored, and where to.
#[derive(Debug, Clone, Args)]
pub(crate) struct RestoreFlags {
    /// The folder of the backup.
    #[arg(value_name = "DIR")]
    pub backup: PathBuf,
    /// The data folder to make; it is new or empty.
    #[arg(long)]
    pub data: PathBuf,
    /// The set, by the name of its folder. The newest unless given.
    #[arg(long)]
    pub at: Option<String>,
    /// The master key that the backup was sealed with. It is not in the backup.
    #[arg(long, env = "BIANQUE_MASTER_KEY")]
    pub master_key: PathBuf,
}

/// Which settings are looked at.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct CheckFlags {
    /// Those of the server.
    #[command(flatten)]
    pub serve: ServeFlags,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}
