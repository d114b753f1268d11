//! The header of an instance that is kept, read again: for metadata, bulk data and pixels.

use bianque_dicom::{
    DataSet, Header, HeaderReader, JsonOptions, PixelData, TransferSyntax, Value, write_json,
};
use bianque_model::Context;

use super::retrieve::Outgoing;
use crate::{App, Error, ErrorKind};

/// Bytes of a header, and of a deflated data set, that are read for one request.
const MOST: u64 = 512 << 20;
/// Binary values of more bytes are bulk data.
const INLINE: usize = 1 << 10;

impl Outgoing {
    /// The syntax of its data set.
    pub fn transfer_syntax(&self) -> TransferSyntax {
        TransferSyntax::from_uid(&self.syntax)
    }

    /// Its header: everything but the pixels. Blocks.
    pub fn read_header(&self, app: &App, context: &Context) -> Result<Header, Error> {
        let mut reader = HeaderReader::new(self.transfer_syntax());
        let end = if self.transfer_syntax().deflated() { self.size } else { self.header };
        let mut bytes = self.open_range(app, context, 0, end)?;
        if bytes.left() > MOST {
            return Err(too_large());
        }
        while let Some(piece) = bytes.next_piece()? {
            reader.push(&piece).map_err(Error::internal)?;
        }
        reader.finish().map_err(Error::internal)
    }

    /// Its header as DICOM JSON; what is long is named by an address below `instance`, which is its own. Blocks.
    pub fn metadata(&self, app: &App, context: &Context, instance: &str) -> Result<Vec<u8>, Error> {
        let header = self.read_header(app, context)?;
        let bulk_data = format!("{instance}/bulkdata");
        let options = JsonOptions { bulk_data_uri: Some(&bulk_data), longest_inline: INLINE };
        let mut json = Vec::with_capacity(8 << 10);
        write_json(&header.data_set, &options, &mut json);
        Ok(json)
    }

    /// The value of an element, named as metadata names it. Blocks.
    ///
    /// # Errors
    /// `image.no-bulk-data`: there is no such element, or it has no bytes of its own.
    pub fn bulk_data(&self, app: &App, context: &Context, path: &str) -> Result<BulkData, Error> {
        let header = self.read_header(app, context)?;
        let missing = || Error::new(ErrorKind::NotFound, "image.no-bulk-data", "there is no such bulk data");
        let (_, element) = header.data_set.at_path(path).ok_or_else(missing)?;
        if let Some(PixelData::Native { tag, offset, .. }) = header.pixel_data()
            && tag == element.tag
            && !self.transfer_syntax().deflated()
        {
            // Nothing of the pixels was read: they end where the file does.
            return Ok(BulkData::Kept { from: offset, to: self.size.saturating_sub(self.data_set) });
        }
        match &element.value {
            Value::Bytes(bytes) => Ok(BulkData::Made(bytes.clone())),
            Value::Bulk { offset, length } if !self.transfer_syntax().deflated() => {
                Ok(BulkData::Kept { from: *offset, to: offset.saturating_add(u64::from(*length)) })
            }
            Value::Bulk { offset, length } => {
                let all = self.inflated(app, context)?;
                let range = usize::try_from(*offset).ok().and_then(|from| {
                    let to = from.checked_add(usize::try_from(*length).ok()?)?;
                    all.get(from..to)
                });
                range.map(|bytes| BulkData::Made(bytes.to_vec())).ok_or_else(missing)
            }
            Value::Sequence(_) | Value::Fragments(_) => Err(missing()),
        }
    }

    /// The data set of a deflated instance, inflated. Blocks.
    pub(super) fn inflated(&self, app: &App, context: &Context) -> Result<Vec<u8>, Error> {
        let deflated = self.open_data_set(app, context)?.read_all(MOST)?;
        let mut all = Vec::new();
        let inflating = flate2::read::DeflateDecoder::new(deflated.as_slice());
        let read = std::io::Read::read_to_end(&mut std::io::Read::take(inflating, MOST + 1), &mut all);
        read.map_err(Error::internal)?;
        if all.len() as u64 > MOST { Err(too_large()) } else { Ok(all) }
    }
}

/// The bytes of an element.
#[derive(Debug)]
pub enum BulkData {
    /// They lie in the data set, from one offset to before another.
    Kept {
        /// The first byte.
        from: u64,
        /// The byte behind the last.
        to: u64,
    },
    /// They were read with the header.
    Made(Vec<u8>),
}

fn too_large() -> Error {
    Error::new(ErrorKind::TooLarge, "image.too-large", "the header of this image is too large for this")
}

/// What stands in a data set, where it stands in a functional group of a frame too: first that of the frame, then that of
/// all frames, then the data set itself.
pub(super) fn of_frame<'a>(data_set: &'a DataSet, frame: u32) -> Vec<&'a DataSet> {
    use bianque_dicom::tags;
    let per_frame = data_set.sequence(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE);
    let groups = [
        usize::try_from(frame).ok().and_then(|frame| per_frame.get(frame)),
        data_set.sequence(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE).first(),
    ];
    let mut all: Vec<&'a DataSet> = Vec::new();
    for group in groups.into_iter().flatten() {
        for tag in [
            tags::FRAME_VOILUT_SEQUENCE,
            tags::PIXEL_VALUE_TRANSFORMATION_SEQUENCE,
            tags::PIXEL_MEASURES_SEQUENCE,
        ] {
            all.extend(group.sequence(tag).first());
        }
    }
    all.push(data_set);
    all
}
