//! Configuration that use cases ask for.

use std::borrow::Cow;

use bianque_quality::RatingConstants;

use crate::admin::keys::MasterKeySource;

/// What the operator decided and use cases need to know.
#[derive(Debug, Clone)]
pub struct Settings {
    /// One-click sign-in and synthetic people exist.
    pub demo: bool,
    /// A font with Latin and Chinese for printed documents; none: documents cannot be printed.
    pub font: Option<Cow<'static, [u8]>>,
    /// The program to run for decoding pixels apart from the server, normally this one.
    pub decoder: std::path::PathBuf,
    /// The AE title by which the server is called.
    pub ae_title: String,
    /// Years that a record is kept after its last encounter or change, before it may be shredded.
    pub retention_years: u16,
    /// Years that a recording is kept before an administrator may delete it.
    pub recording_years: u16,
    /// Entries that one transaction of FHIR may have: it holds up every other write while it is written.
    pub transaction_entries: usize,
    /// How long the endpoint of a subscription may fail before the subscription is stopped, seconds.
    pub subscription_patience_s: u32,
    /// Hours that the files of an export are kept.
    pub export_hours: u32,
    /// Exports of one tenant that may wait or be under way.
    pub export_jobs: usize,
    /// Bytes after which a file of an export ends and the next begins.
    pub export_file_bytes: u64,
    /// Where the master key comes from.
    pub master_key: MasterKeySource,
    /// The command by which the operator replaces the master key.
    pub rotate_command: String,
    /// Constants of the transmission rating, which MOS comes from.
    pub rating: RatingConstants,
}
