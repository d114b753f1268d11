//! HL7 v2 (2.1 to 2.8): messages, MLLP framing, acknowledgements.
//!
//! [`Message::parse`] finds segments and fields and keeps the bytes as they came: what is not changed goes out byte for
//! byte. Repetitions, components and subcomponents are found when they are asked for, texts are decoded and unescaped
//! then. [`Draft`] builds and edits. Delimiters are those of the message, the character set is that of MSH-18. No clock,
//! no randomness, no IO; input of any kind is an error, never a panic.

mod ack;
mod charset;
mod delimiters;
mod draft;
mod escape;
mod message;
mod mllp;
mod path;
mod scan;

pub use ack::{Ack, AckCode, AckCondition, AckMode, Fault, Severity, unreadable};
pub use charset::Charset;
pub use delimiters::Delimiters;
pub use draft::{Draft, DraftError};
pub use message::{Message, Segment, Value};
pub use mllp::{FrameError, Frames, framed};
pub use path::{Path, PathError, SegmentName};
pub use scan::ParseError;
