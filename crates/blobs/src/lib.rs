//! Sealed bytes by random id: photos, images, documents, messages as they came.
//!
//! A blob is a file of 64 KiB chunks under AES-256-GCM with a random key of its own. That key lies in the file, wrapped
//! by the key of its subject (for example a patient); the subject's key lies in a small file, wrapped by the master
//! key. A chunk's nonce is its number and whether it is the last, so that chunks that are cut off, moved or changed do
//! not open. A range opens the chunks it touches.
//!
//! Durability: what [`Writer::finish`] or [`Stage::append`] answers for is on the disk, name and bytes. All calls
//! block; asynchronous callers run them on a thread for blocking work.
//!
//! The folder belongs to one process at a time (the data folder's lock); inside it every type may be used from
//! several threads.

mod blobs;
mod error;
mod folder;
mod hold;
mod keys;
mod master;
mod reader;
mod rotate;
mod scrub;
mod seal;
mod secret;
mod shred;
mod stage;
mod vault;
mod writer;

pub use blobs::{Blobs, Options};
pub use error::BlobError;
pub use hold::Hold;
pub use master::{MasterKey, MasterKeys};
pub use reader::Reader;
pub use rotate::{Generations, Subjects};
pub use scrub::{Known, Scrub};
pub use stage::Stage;
pub use vault::Vault;
pub use writer::{Sealed, Writer};

/// Plain bytes of a full chunk.
pub const CHUNK_BYTES: usize = 64 * 1024;
