//! What use cases need of edges.

pub use bianque_media::MediaControl;
