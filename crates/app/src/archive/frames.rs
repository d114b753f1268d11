//! Where the frames of an instance lie in its data set.

use bianque_dicom::{FrameTable, Header, PixelData};

/// Where frames lie, as it is kept with the instance; empty where there are none, or they cannot be told apart.
pub(super) fn table(header: &Header) -> Vec<u8> {
    match FrameTable::of(header) {
        Ok(Some(table)) => table.to_bytes(),
        Ok(None) => Vec::new(),
        Err(error) => {
            tracing::debug!(%error, "the frames of an image cannot be told apart");
            Vec::new()
        }
    }
}

/// Bytes of the data set up to the pixel data; all of them where there is none, or it is deflated.
pub(super) fn header_length(header: &Header) -> u64 {
    if header.transfer_syntax.deflated() {
        return header.length;
    }
    match header.pixel_data() {
        // The head of the element and, of encapsulated pixel data, its table are part of it.
        Some(PixelData::Native { offset, .. }) => offset,
        Some(PixelData::Encapsulated { first_fragment, .. }) => first_fragment,
        None => header.length,
    }
}
