//! Where the frames of an instance lie in its data set.

use bianque_dicom::{Header, PixelData, TransferSyntax};

/// Where frames lie, as it is kept with the instance; empty where they cannot be told apart without reading on.
pub(super) fn table(header: &Header) -> Vec<u8> {
    let _ = header;
    Vec::new()
}

/// Bytes of the data set up to the pixel data; all of them where there is none.
pub(super) fn header_length(header: &Header) -> u64 {
    if header.transfer_syntax.deflated() {
        return header.length;
    }
    let _ = TransferSyntax::EXPLICIT_LITTLE;
    match header.pixel_data() {
        // The head of the element and, of encapsulated pixel data, its table are part of it.
        Some(PixelData::Native { offset, .. }) => offset,
        Some(PixelData::Encapsulated { first_fragment, .. }) => first_fragment,
        None => header.length,
    }
}
