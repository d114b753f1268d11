//! Have images: which instances there are below a study, a series or an instance, and their bytes.
//!
//! Having images of a patient is audited before the first byte is given, as one row for a study, an asker and five minutes:
//! viewers fetch a study in thousands of pieces.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use bianque_blobs::Reader;
use bianque_dicom::{FrameTable, TransferSyntax};
use bianque_model::{BlobId, Context, ResourceId, TenantId, Timestamp};
use bianque_query::{ImageLevel, ImageQuery};
use bianque_store::{AuditAction, ImageRow, agent_of};

use super::asked::Asked;
use super::find::{self, Model};
use super::refusal::{Refusal, status};
use super::study::subject;
use crate::change::audit_row;
use crate::policy::{self, ImageAction, STUDY};
use crate::{App, Error};

/// Instances that one request gives.
const MOST: u32 = 100_000;
/// How long one audit row speaks for further looks at a study.
const SPEAKS_S: i64 = 300;
/// Looks that are remembered.
const LOOKS: usize = 10_000;

/// Which instances are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Study Instance UIDs.
    pub studies: Vec<String>,
    /// Series Instance UIDs; none: all of the studies.
    pub series: Vec<String>,
    /// SOP Instance UIDs; none: all of the series.
    pub instances: Vec<String>,
}

/// An instance that may be given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// SOP Class UID.
    pub class: String,
    /// SOP Instance UID.
    pub instance: String,
    /// Series Instance UID.
    pub series: String,
    /// Study Instance UID.
    pub study: String,
    /// The transfer syntax it is kept in.
    pub syntax: String,
    /// Bytes of the file: preamble, file meta information and data set.
    pub size: u64,
    /// Where in the file the data set begins.
    pub data_set: u64,
    /// Bytes of the data set up to its pixel data.
    pub header: u64,
    /// How many frames it has; 0: none.
    pub frames: u32,
    blob: BlobId,
    subject: String,
}

/// The bytes of an instance.
pub struct Bytes {
    reader: Reader,
    at: u64,
    end: u64,
    /// So many bytes at the start of the file are given as zeros.
    blank: u64,
}

/// Bytes of a preamble.
const PREAMBLE: u64 = 128;
/// Bytes that are read at once.
const PIECE: usize = 4 * bianque_blobs::CHUNK_BYTES;

impl Outgoing {
    fn of(row: ImageRow) -> Option<Self> {
        let (study, series, instance) = (row.study?, row.series?, row.instance?);
        Some(Self {
            class: instance.class,
            instance: instance.uid,
            series: series.uid,
            study: study.uid,
            syntax: instance.syntax,
            size: instance.size,
            data_set: instance.data_set,
            header: instance.header,
            frames: instance.frames,
            blob: instance.blob,
            subject: subject(&study.id),
        })
    }

    /// The file, its preamble blank: what a stranger wrote there may be a program or a page to others (PS3.10, 7.5). Blocks.
    pub fn open(&self, app: &App, context: &Context) -> Result<Bytes, Error> {
        self.open_part(app, context, 0, self.size)
    }

    /// Bytes of the file from `from` to before `to`, the preamble blank. Blocks.
    pub fn open_part(&self, app: &App, context: &Context, from: u64, to: u64) -> Result<Bytes, Error> {
        let part = self.part(app, context.tenant, from, to)?;
        // A file without a head has no preamble either.
        let blank = if self.data_set > PREAMBLE { PREAMBLE } else { 0 };
        Ok(Bytes { blank, ..part })
    }

    /// The data set alone. Blocks.
    pub fn open_data_set(&self, app: &App, context: &Context) -> Result<Bytes, Error> {
        self.part(app, context.tenant, self.data_set, self.size)
    }

    /// Bytes of the data set from `from` to before `to`. Blocks.
    pub fn open_range(&self, app: &App, context: &Context, from: u64, to: u64) -> Result<Bytes, Error> {
        let place = |offset: u64| self.data_set.saturating_add(offset).min(self.size);
        self.part(app, context.tenant, place(from), place(to))
    }

    fn part(&self, app: &App, tenant: TenantId, from: u64, to: u64) -> Result<Bytes, Error> {
        let reader = app.blobs.open_blob(tenant, &self.subject, self.blob).map_err(Error::internal)?;
        Ok(Bytes { end: to.min(reader.size()), reader, at: from, blank: 0 })
    }
}

impl Bytes {
    /// How many are left.
    pub const fn left(&self) -> u64 {
        self.end.saturating_sub(self.at)
    }

    /// The next piece, up to 256 KiB; none: there is no more. Blocks.
    pub fn next_piece(&mut self) -> Result<Option<Vec<u8>>, Error> {
        if self.left() == 0 {
            return Ok(None);
        }
        // Pieces end where sealed chunks do, so that none is opened twice.
        let piece = PIECE as u64;
        let length = (piece - self.at % piece).min(self.left());
        let bytes = self.reader.read_range(self.at, usize::try_from(length).unwrap_or(PIECE));
        let mut bytes = bytes.map_err(Error::internal)?;
        let blank = usize::try_from(self.blank.saturating_sub(self.at)).unwrap_or(0).min(bytes.len());
        bytes[..blank].fill(0);
        self.at += bytes.len() as u64;
        Ok(Some(bytes))
    }

    /// All that is left, at most so many bytes. Blocks.
    ///
    /// # Errors
    /// There is more.
    pub fn read_all(mut self, most: u64) -> Result<Vec<u8>, Error> {
        if self.left() > most {
            return Err(Error::new(
                crate::ErrorKind::TooLarge,
                "image.too-large",
                "it is too large for this",
            ));
        }
        let mut all = Vec::with_capacity(usize::try_from(self.left()).unwrap_or(0));
        while let Some(piece) = self.next_piece()? {
            all.extend_from_slice(&piece);
        }
        Ok(all)
    }
}

/// The instances of a selection that the asker may have, in the order of their series and numbers; audited.
pub async fn retrieve(app: &App, context: &Context, selection: Selection) -> Result<Vec<Outgoing>, Error> {
    let scope = policy::images(context, ImageAction::Retrieve)?;
    let query = ImageQuery {
        studies: selection.studies,
        series: selection.series,
        instances: selection.instances,
        ..ImageQuery::all(ImageLevel::Instance, STUDY, scope, MOST)
    };
    outgoing(app, context, query).await
}

/// The instances that the identifier of a C-MOVE or a C-GET names, down from its level.
///
/// # Errors
/// As of [`super::find::find`]; also where the UID of the level, or of one above it, is missing.
pub async fn by_identifier(
    app: &App,
    context: &Context,
    model: Model,
    identifier: &[u8],
    syntax: &str,
) -> Result<Vec<Outgoing>, Refusal> {
    let scope = policy::images(context, ImageAction::Retrieve)?;
    let identifier = find::read(identifier, TransferSyntax::from_uid(syntax))?;
    let level = find::level_of(model, &identifier)?;
    let mut asked = Asked::new(ImageLevel::Instance, scope, MOST);
    find::keys(&mut asked, &identifier, &[])?;
    let query = &asked.query;
    let named = match level {
        ImageLevel::Patient => !query.conditions.is_empty(),
        ImageLevel::Study => !query.studies.is_empty(),
        ImageLevel::Series => !query.series.is_empty(),
        ImageLevel::Instance => !query.instances.is_empty(),
    };
    if !named {
        return Err(Refusal::new(status::DOES_NOT_MATCH, "the identifier does not name what is wanted"));
    }
    Ok(outgoing(app, context, asked.query).await?)
}

/// What a query finds, audited.
async fn outgoing(app: &App, context: &Context, query: ImageQuery) -> Result<Vec<Outgoing>, Error> {
    let rows = app.store.images(context.tenant, query).await?;
    audit(app, context, &rows).await?;
    Ok(rows.into_iter().filter_map(Outgoing::of).collect())
}

/// Where the frames of an instance lie in its data set; none: it has none, or they cannot be told apart.
pub async fn frames(app: &App, context: &Context, instance: &Outgoing) -> Result<Option<FrameTable>, Error> {
    let places = app.store.image_places(context.tenant, &instance.instance).await?;
    places.map(|bytes| FrameTable::from_bytes(&bytes).map_err(Error::internal)).transpose()
}

/// Who looked at which study, and when that was written down.
#[derive(Debug, Default)]
pub struct Looks(Mutex<HashMap<(TenantId, String, ResourceId), Timestamp>>);

impl Looks {
    /// Whether a look is to be written down.
    fn is_new(&self, context: &Context, agent: &str, study: &ResourceId) -> bool {
        let looks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (context.tenant, agent.to_owned(), study.clone());
        looks.get(&key).is_none_or(|at| context.now >= at.plus_seconds(SPEAKS_S))
    }

    fn remember(&self, context: &Context, agent: String, study: ResourceId) {
        let mut looks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if looks.len() >= LOOKS {
            looks.retain(|_, at| context.now < at.plus_seconds(SPEAKS_S));
        }
        if looks.len() < LOOKS {
            looks.insert((context.tenant, agent, study), context.now);
        }
    }
}

/// Writes down that studies are looked at, where that is not written yet.
async fn audit(app: &App, context: &Context, rows: &[ImageRow]) -> Result<(), Error> {
    let (agent, _) = agent_of(context);
    // The session or the token is part of who looks.
    let agent = format!("{agent} {}", context.address);
    let mut studies: BTreeMap<&ResourceId, Option<&ResourceId>> = BTreeMap::new();
    for row in rows {
        if let Some(study) = &row.study {
            studies.insert(&study.id, row.patient.patient.as_ref());
        }
    }
    for (study, patient) in studies {
        if app.archive.looks.is_new(context, &agent, study) {
            let row =
                audit_row(context, AuditAction::R, "archive.retrieve", patient, &format!("{STUDY}/{study}"));
            app.store.audit_read(context.tenant, row).await?;
            app.archive.looks.remember(context, agent.clone(), study.clone());
        }
    }
    Ok(())
}
