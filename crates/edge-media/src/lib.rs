//! UDP socket and thread of the media core.
