//! Take an instance, piece by piece.
//!
//! The header is read on the way. As soon as it says of which study the instance is, its bytes are sealed under the key of
//! that study, as they come: whatever its size, nothing of it is held but the header. What came as a data set alone gets the
//! head of a file (PS3.10) in front of it, so that what is kept is always a file.
//!
//! Once it is whole and on the disk, one commit makes it part of the index. An instance that is there already with the same
//! data set is stored, and was before; one with another is refused, for an instance does not change. The instances that an
//! asker brings of one study within five minutes share the audit row that is in the commit of the first.

use bianque_blobs::{BlobError, Sealed, Writer};
use bianque_dicom::part10::{self, FileMetaReader};
use bianque_dicom::{Ending, Header, HeaderReader, Limits, TransferSyntax, checked_uid, tags};
use bianque_model::Context;
use bianque_query::ImageLevel;
use bianque_store::CommitError;

use super::entry::{Entry, study_uid};
use super::keep::{self, Kept};
use super::refusal::{Refusal, status};
use super::study;
use crate::policy::{self, ImageAction};
use crate::{App, Error};

/// Bytes that are held until it is known of which study they are: nearly always some hundred.
const HELD: usize = 17 << 20;
/// How often a commit is tried against others who bring the same study.
const ATTEMPTS: u32 = 8;

/// What is said of an instance before it comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announced {
    /// SOP Class UID.
    pub class: String,
    /// SOP Instance UID.
    pub instance: String,
    /// The transfer syntax of its data set.
    pub syntax: String,
    /// The AE title it comes from.
    pub source: String,
}

/// An instance that is part of the archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// SOP Class UID.
    pub class: String,
    /// SOP Instance UID.
    pub instance: String,
    /// Series Instance UID.
    pub series: String,
    /// Study Instance UID.
    pub study: String,
    /// It was there before, the same.
    pub known_before: bool,
}

/// An instance that is not part of the archive, as far as it is known which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// SOP Class UID; empty: unknown.
    pub class: String,
    /// SOP Instance UID; empty: unknown.
    pub instance: String,
    /// Why.
    pub refusal: Refusal,
}

/// An instance that comes. Dropped before [`Self::finish`], it never was.
pub struct Receiving {
    app: App,
    context: Context,
    announced: Option<Announced>,
    stage: Stage,
    /// Bytes of the file that are not sealed yet.
    held: Vec<u8>,
    /// Where they are sealed, and the study under whose key.
    writer: Option<(Writer, String)>,
    /// Where in the file the data set begins.
    data_set: u64,
    refused: Option<Refusal>,
    /// SOP Class UID and SOP Instance UID, once they have come.
    known: (String, String),
}

/// How far the reading is.
enum Stage {
    /// In the head of a file.
    Head(FileMetaReader),
    /// In the data set.
    DataSet(Box<HeaderReader>),
    /// Nothing more is read.
    Over,
}

/// An instance that is whole and on the disk, and not in the index yet.
pub struct Whole {
    app: App,
    context: Context,
    entry: Box<Entry>,
    header: Box<Header>,
    sealed: Sealed,
    data_set: u64,
}

impl Receiving {
    /// An instance of which the data set comes alone: C-STORE.
    pub fn of_data_set(app: &App, context: &Context, announced: Announced) -> Self {
        let syntax = TransferSyntax::from_uid(&announced.syntax);
        let source = Some(announced.source.as_str());
        let held = part10::file_meta(&announced.class, &announced.instance, syntax, source);
        let valid = checked_uid(&announced.class).is_ok() && checked_uid(&announced.instance).is_ok();
        let refused = may_store(context).err().or_else(|| {
            (!valid).then(|| Refusal::new(status::NOT_UNDERSTOOD, "what is announced has no UID that is one"))
        });
        Self {
            app: app.clone(),
            context: context.clone(),
            announced: Some(announced),
            stage: Stage::DataSet(Box::new(reader_of(syntax))),
            data_set: held.len() as u64,
            held,
            writer: None,
            refused,
            known: (String::new(), String::new()),
        }
    }

    /// An instance that comes as a file: STOW-RS, an import.
    pub fn of_file(app: &App, context: &Context) -> Self {
        Self {
            app: app.clone(),
            context: context.clone(),
            announced: None,
            stage: Stage::Head(FileMetaReader::new()),
            held: Vec::new(),
            writer: None,
            data_set: 0,
            refused: may_store(context).err(),
            known: (String::new(), String::new()),
        }
    }

    /// What is said of it when it is refused.
    pub fn refused(&self, refusal: Refusal) -> Refused {
        let (class, instance) = self.known.clone();
        Refused { class, instance, refusal }
    }

    /// Takes the next bytes. Blocks: they are sealed and written. After a refusal the rest is thrown away.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        if let Some(refusal) = &self.refused {
            return Err(refusal.clone());
        }
        let taken = self.take(bytes);
        if let Err(refusal) = &taken {
            self.refused = Some(refusal.clone());
            (self.writer, self.held) = (None, Vec::new());
        }
        taken
    }

    fn take(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        match std::mem::replace(&mut self.stage, Stage::Over) {
            Stage::Head(mut reader) => {
                self.held.extend_from_slice(bytes);
                let Some((meta, rest)) = reader.push(bytes).map_err(|error| unreadable(&error))? else {
                    self.stage = Stage::Head(reader);
                    return Ok(());
                };
                self.data_set = meta.data_set_offset as u64;
                let mut reader = Box::new(reader_of(meta.transfer_syntax));
                reader.push(&rest).map_err(|error| unreadable(&error))?;
                self.begin(&reader)?;
                self.stage = Stage::DataSet(reader);
            }
            Stage::DataSet(mut reader) => {
                reader.push(bytes).map_err(|error| unreadable(&error))?;
                if let Some((writer, _)) = &mut self.writer {
                    writer.write(bytes).map_err(full)?;
                } else {
                    self.held.extend_from_slice(bytes);
                    self.begin(&reader)?;
                }
                self.stage = Stage::DataSet(reader);
            }
            Stage::Over => {}
        }
        Ok(())
    }

    /// Begins to seal what was held, once it is known under which key.
    fn begin(&mut self, reader: &HeaderReader) -> Result<(), Refusal> {
        let so_far = reader.so_far();
        let uid = |tag| so_far.and_then(|so_far| so_far.uid(tag)).unwrap_or_default();
        self.known = (uid(tags::SOP_CLASS_UID), uid(tags::SOP_INSTANCE_UID));
        let Some(Ok(study)) = so_far.map(study_uid) else {
            return if self.held.len() > HELD {
                Err(Refusal::new(status::NOT_UNDERSTOOD, "there is no Study Instance UID in its header"))
            } else {
                Ok(())
            };
        };
        let subject = study::subject(&study::id_of(self.context.tenant, &study));
        let mut writer = self.app.blobs.create(self.context.tenant, &subject).map_err(full)?;
        writer.write(&self.held).map_err(full)?;
        self.held = Vec::new();
        self.writer = Some((writer, study));
        Ok(())
    }

    /// There is no more: it is on the disk when this has answered. Blocks.
    pub fn seal(mut self) -> Result<Whole, Refusal> {
        if let Some(refusal) = self.refused.take() {
            return Err(refusal);
        }
        let reader = match std::mem::replace(&mut self.stage, Stage::Over) {
            Stage::DataSet(reader) => reader,
            Stage::Head(reader) => {
                // A file that is no longer than its head, or that has none.
                let (meta, rest) = reader.finish().map_err(|error| unreadable(&error))?;
                self.data_set = meta.data_set_offset as u64;
                let mut reader = Box::new(reader_of(meta.transfer_syntax));
                reader.push(&rest).map_err(|error| unreadable(&error))?;
                self.begin(&reader)?;
                reader
            }
            Stage::Over => return Err(Refusal::new(status::NOT_UNDERSTOOD, "there is nothing in it")),
        };
        let header = reader.finish().map_err(|error| unreadable(&error))?;
        if let Ending::Truncated { .. } = header.ending {
            return Err(Refusal::new(status::NOT_UNDERSTOOD, "the data set ends before its end"));
        }
        let entry = Entry::of(&header)?;
        self.check(&entry)?;
        let (writer, study) = self.writer.take().ok_or_else(|| {
            Refusal::new(status::NOT_UNDERSTOOD, "there is no Study Instance UID in its header")
        })?;
        if study != entry.study {
            // It says twice of which study it is, and its bytes lie under the key of the first.
            return Err(Refusal::new(status::NOT_UNDERSTOOD, "there is more than one Study Instance UID"));
        }
        let sealed = writer.finish().map_err(full)?;
        Ok(Whole {
            app: self.app,
            context: self.context,
            entry: Box::new(entry),
            header: Box::new(header),
            sealed,
            data_set: self.data_set,
        })
    }

    /// What came is what was announced.
    fn check(&self, entry: &Entry) -> Result<(), Refusal> {
        let Some(announced) = &self.announced else { return Ok(()) };
        if entry.class != announced.class || entry.instance != announced.instance {
            let words = "the data set is not the instance that was announced";
            return Err(Refusal::new(status::DOES_NOT_MATCH, words));
        }
        Ok(())
    }

    /// There is no more: it is part of the archive when this has answered.
    pub async fn finish(self) -> Result<Stored, Refusal> {
        let whole = tokio::task::spawn_blocking(move || self.seal()).await.map_err(Error::internal)??;
        whole.keep().await
    }
}

impl Whole {
    /// SOP Class UID and SOP Instance UID.
    pub fn known(&self) -> (String, String) {
        (self.entry.class.clone(), self.entry.instance.clone())
    }

    /// Study Instance UID.
    pub fn study(&self) -> &str {
        &self.entry.study
    }

    /// Does not make it part of the archive after all.
    pub async fn refuse(self, refusal: Refusal) -> Refused {
        self.discard().await;
        Refused { class: self.entry.class.clone(), instance: self.entry.instance.clone(), refusal }
    }

    /// Makes it part of the archive, on a task of its own: whoever waits may go away.
    pub async fn keep(self) -> Result<Stored, Refusal> {
        tokio::spawn(self.commit()).await.map_err(Error::internal)?
    }

    async fn commit(self) -> Result<Stored, Refusal> {
        let kept = Kept { sealed: self.sealed, data_set: self.data_set, header: &self.header };
        for _ in 0..ATTEMPTS {
            let error = match keep::keep(&self.app, &self.context, &self.entry, &kept).await {
                Ok(()) => return Ok(self.stored(false)),
                Err(keep::Failed::Refused(refusal)) => {
                    self.discard().await;
                    return Err(refusal);
                }
                Err(keep::Failed::Commit(error)) => error,
            };
            match error {
                CommitError::ImageKnown { level: ImageLevel::Instance, .. } => return self.again().await,
                CommitError::ImageKnown { level, uid } => {
                    self.discard().await;
                    let words = match level {
                        ImageLevel::Series => format!("the series {uid} is of another study here"),
                        _ => format!("the study {uid} is of another patient here"),
                    };
                    return Err(Refusal::new(status::DOES_NOT_MATCH, words));
                }
                // Whether it is there is not known: the scrub finds out, and whoever sends asks again.
                CommitError::Unavailable(_) | CommitError::TooLarge { .. } => return Err(error.into()),
                // Somebody brought the study or its patient first; what stands now decides anew.
                _ => self.app.archive.known_studies.forget(self.context.tenant, &self.entry.study),
            }
        }
        self.discard().await;
        Err(Refusal::new(status::OUT_OF_RESOURCES, "others write the same study; send it again"))
    }

    /// It is there already: as it came now, or otherwise.
    async fn again(self) -> Result<Stored, Refusal> {
        let same = keep::same(&self.app, &self.context, &self.entry, self.sealed, self.data_set).await;
        self.discard().await;
        if same? {
            return Ok(self.stored(true));
        }
        Err(Refusal::new(status::DUPLICATE_INSTANCE, "this instance is here with another content"))
    }

    fn stored(&self, known_before: bool) -> Stored {
        Stored {
            class: self.entry.class.clone(),
            instance: self.entry.instance.clone(),
            series: self.entry.series.clone(),
            study: self.entry.study.clone(),
            known_before,
        }
    }

    /// Nothing speaks of its bytes.
    async fn discard(&self) {
        let (blobs, id) = (self.app.blobs.clone(), self.sealed.id);
        let removed = tokio::task::spawn_blocking(move || blobs.delete(id)).await;
        if !matches!(removed, Ok(Ok(()))) {
            tracing::warn!(blob = %id, "the bytes of an image that is not kept could not be removed");
        }
    }
}

/// Reads what the index asks about. The items of frames, of which a slide has a hundred thousand, are no part of it.
fn reader_of(syntax: TransferSyntax) -> HeaderReader {
    HeaderReader::with_limits(syntax, Limits { per_frame_items: 0, ..Limits::default() })
}

fn may_store(context: &Context) -> Result<(), Refusal> {
    policy::images(context, ImageAction::Store).map(drop).map_err(Refusal::from)
}

fn unreadable(error: &dyn std::fmt::Display) -> Refusal {
    Refusal::new(status::NOT_UNDERSTOOD, error.to_string())
}

#[expect(clippy::needless_pass_by_value, reason = "it is what errors are mapped by")]
fn full(error: BlobError) -> Refusal {
    tracing::error!(%error, "an image could not be written");
    Refusal::new(status::OUT_OF_RESOURCES, "it cannot be written now")
}
