//! DICOM objects as they come over a network and lie in an archive.
//!
//! Bytes pass through and are not held: [`HeaderReader`] takes an object in pieces of any size, keeps what an archive asks
//! about and where each frame lies, and counts the rest. Real files break the rules, so they are read leniently; what is
//! kept of them are their own bytes, decoded when somebody asks. [`DataSet`] reads and writes any transfer syntax,
//! [`Charset`] any character set of the standard, [`part10`] the head of files. No clock, no randomness, no IO; input of
//! any kind is a typed error, never a panic, and what a reader holds is bounded by [`Limits`].

pub mod charset;
mod data_set;
pub mod deidentify;
mod dictionary;
mod error;
mod frames;
mod header;
mod index;
mod json;
pub mod matching;
pub mod part10;
mod person_name;
mod tokenizer;
mod transfer_syntax;

pub use charset::Charset;
pub use data_set::{DataSet, Element, Fragment, Fragments, Lengths, Piece, Value, WriteError, swap_words};
pub use dicom_core::{Tag, VR};
pub use dicom_dictionary_std::{tags, uids};
pub use dictionary::{keyword_of, tag_of, vr_of};
pub use error::{Limits, ReadError};
pub use frames::{ByteRange, FrameError, FrameRanges, FrameTable, NoFrameTable};
pub use header::{Header, HeaderReader, PixelData};
pub use index::{
    IngestRefusal, InstanceAttributes, InstanceRow, Level, PatientRow, RequestAttributes, SeriesRow,
    StudyRow, UidFault, UidRole, checked_uid,
};
pub use json::{BulkReference, JsonDataSet, JsonError, JsonOptions, from_json, write_json};
pub use person_name::PersonName;
pub use tokenizer::{ElementHeader, Encoding, Ending, Sink, Token, Tokenizer};
pub use transfer_syntax::{Codec, TransferSyntax};
