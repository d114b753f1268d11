//! The head of a DICOM file: preamble and File Meta Information (PS3.10 section 7).

use dicom_core::{Tag, VR};
use dicom_dictionary_std::tags;
use thiserror::Error;

use crate::data_set::{DataSet, Element};
use crate::dictionary::vr_of;
use crate::tokenizer::{Encoding, Head, read_head};
use crate::transfer_syntax::TransferSyntax;

/// Which program writes (PS3.7 D.3.3.2): a UID made from a UUID.
pub const IMPLEMENTATION_CLASS_UID: &str = "2.25.311369324649431523997640927303057295513";
/// Which version of it.
pub const IMPLEMENTATION_VERSION_NAME: &str = "BIANQUE_0_1";

/// The head of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileMeta {
    /// The elements of group 0002; none when the file has no head.
    pub data_set: DataSet,
    /// What the data set is written in: as the head says, or as its first bytes look.
    pub transfer_syntax: TransferSyntax,
    /// Whether that had to be guessed.
    pub guessed: bool,
    /// Where the data set begins, in bytes from the start of the file.
    pub data_set_offset: usize,
}

/// Why bytes are no DICOM file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum FileError {
    /// Neither a preamble nor a head, and what is there does not look like a data set.
    #[error("this is not a DICOM file")]
    NotDicom,
    /// The head is longer than a mebibyte.
    #[error("the head of the file is too long")]
    TooLong,
}

/// Reads the head of a file that comes in pieces.
#[derive(Debug, Default)]
pub struct FileMetaReader {
    bytes: Vec<u8>,
    /// It is looked again when so many bytes are there, so that a head that drips is not read anew for each drop.
    enough: usize,
}

/// No head is longer.
const LONGEST: usize = 1 << 20;
const PREAMBLE: usize = 128;
const MAGIC: &[u8] = b"DICM";

impl FileMetaReader {
    /// At the start of a file.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes. Once the head is there, it and the bytes after it that came already are given; then the reader
    /// is done, and what follows belongs to the data set.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Option<(FileMeta, Vec<u8>)>, FileError> {
        self.bytes.extend_from_slice(bytes);
        if self.bytes.len() < self.enough {
            return Ok(None);
        }
        self.enough = self.bytes.len() + self.bytes.len() / 16;
        self.take(false)
    }

    /// There is no more: a file may end after its head, or in it.
    pub fn finish(mut self) -> Result<(FileMeta, Vec<u8>), FileError> {
        self.take(true)?.ok_or(FileError::NotDicom)
    }

    fn take(&mut self, is_all: bool) -> Result<Option<(FileMeta, Vec<u8>)>, FileError> {
        let Some(meta) = head_of(&self.bytes, is_all)? else {
            return if self.bytes.len() > LONGEST { Err(FileError::TooLong) } else { Ok(None) };
        };
        let rest = self.bytes.split_off(meta.data_set_offset);
        Ok(Some((meta, rest)))
    }
}

/// Reads the head of a file that is at hand, or at least its beginning with the head and some bytes after it. A missing
/// preamble, a missing head and a wrong length of its group do not matter.
pub fn read(bytes: &[u8]) -> Result<FileMeta, FileError> {
    head_of(bytes, true)?.ok_or(FileError::NotDicom)
}

/// Writes preamble and File Meta Information for an object: its SOP class, its instance, the transfer syntax of what follows,
/// and the title of the application it came from.
pub fn file_meta(
    sop_class: &str,
    sop_instance: &str,
    transfer_syntax: TransferSyntax,
    source_ae_title: Option<&str>,
) -> Vec<u8> {
    let mut meta = DataSet::new();
    meta.set_bytes(tags::FILE_META_INFORMATION_VERSION, VR::OB, vec![0, 1]);
    meta.set_text(tags::MEDIA_STORAGE_SOP_CLASS_UID, sop_class);
    meta.set_text(tags::MEDIA_STORAGE_SOP_INSTANCE_UID, sop_instance);
    meta.set_text(tags::TRANSFER_SYNTAX_UID, transfer_syntax.uid());
    meta.set_text(tags::IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_CLASS_UID);
    meta.set_text(tags::IMPLEMENTATION_VERSION_NAME, IMPLEMENTATION_VERSION_NAME);
    if let Some(title) = source_ae_title.filter(|title| !title.is_empty()) {
        meta.set_text(tags::SOURCE_APPLICATION_ENTITY_TITLE, title);
    }
    write(meta)
}

/// Writes preamble and the elements of group 0002 of a data set, with the length of the group as it comes to be.
pub fn write(mut meta: DataSet) -> Vec<u8> {
    meta.retain(|element| element.tag.group() == 2 && element.tag.element() != 0);
    // It has neither values that lie elsewhere nor fragments.
    let group = meta.to_bytes(TransferSyntax::EXPLICIT_LITTLE).unwrap_or_default();
    let mut bytes = vec![0; PREAMBLE];
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(b"\x02\0\0\0UL\x04\0");
    bytes.extend_from_slice(&u32::try_from(group.len()).unwrap_or(u32::MAX).to_le_bytes());
    bytes.extend_from_slice(&group);
    bytes
}

/// The head, once it is there; `is_all` says that no more bytes will come.
fn head_of(bytes: &[u8], is_all: bool) -> Result<Option<FileMeta>, FileError> {
    let start = if bytes.get(PREAMBLE..PREAMBLE + 4) == Some(MAGIC) {
        PREAMBLE + 4
    } else if bytes.starts_with(MAGIC) {
        MAGIC.len()
    } else if bytes.len() < PREAMBLE + 4 && !is_all {
        return Ok(None);
    } else {
        0
    };
    let mut data_set = DataSet::new();
    let mut at = start;
    let mut declared_end = None;
    loop {
        let rest = bytes.get(at..).unwrap_or(&[]);
        let element = match next_element(rest, declared_end == Some(at)) {
            Next::Element(element, size) => {
                at += size;
                element
            }
            Next::Cut if is_all => break,
            Next::Cut => return Ok(None),
            Next::Over => break,
        };
        if element.tag == tags::FILE_META_INFORMATION_GROUP_LENGTH
            && let Some(length) = element.bytes().and_then(|bytes| bytes.first_chunk())
        {
            declared_end = at.checked_add(u32::from_le_bytes(*length) as usize);
        }
        data_set.put(element);
    }
    let declared = data_set.uid(tags::TRANSFER_SYNTAX_UID);
    let guessed = declared.is_none();
    let transfer_syntax = if let Some(uid) = declared {
        TransferSyntax::from_uid(&uid)
    } else {
        let looks = guess(bytes.get(at..).unwrap_or(&[]));
        if looks.is_none() && start == 0 {
            return Err(FileError::NotDicom);
        }
        looks.unwrap_or(TransferSyntax::IMPLICIT_LITTLE)
    };
    Ok(Some(FileMeta { data_set, transfer_syntax, guessed, data_set_offset: at.min(bytes.len()) }))
}

enum Next {
    Element(Element, usize),
    /// More bytes are needed.
    Cut,
    /// What follows is not of the group.
    Over,
}

fn next_element(bytes: &[u8], is_declared_end: bool) -> Next {
    let encoding = Encoding { explicit_vr: true, big_endian: false };
    let Ok(head) = read_head(bytes, encoding) else { return Next::Cut };
    let Head { tag: Tag(2, _), length: Some(length), .. } = head else { return Next::Over };
    // A deflated data set may begin like an element of the group.
    if is_declared_end && !head.explicit {
        return Next::Over;
    }
    let end = head.size.saturating_add(length as usize);
    match bytes.get(head.size..end) {
        Some(value) => Next::Element(Element::new(head.tag, head.vr, value.to_vec()), end),
        None => Next::Cut,
    }
}

/// What a data set without a head is written in, by the look of its first element.
fn guess(bytes: &[u8]) -> Option<TransferSyntax> {
    let first = *bytes.first_chunk()?;
    let [little, big] = [false, true].map(|big_endian| Encoding { explicit_vr: true, big_endian }.tag(first));
    let explicit = VR::from_binary([first[4], first[5]]).is_some();
    let known = |tag: Tag| (2..=0x0040).contains(&tag.group()) && vr_of(tag).is_some();
    match (explicit, known(little), known(big)) {
        (true, true, _) => Some(TransferSyntax::EXPLICIT_LITTLE),
        (true, false, true) => Some(TransferSyntax::EXPLICIT_BIG),
        (false, true, _) => Some(TransferSyntax::IMPLICIT_LITTLE),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CT: &str = "1.2.840.10008.5.1.4.1.1.2";

    #[test]
    fn what_is_written_is_read() {
        let mut file = file_meta(CT, "1.2.3", TransferSyntax::EXPLICIT_LITTLE, Some("MODALITY"));
        let head = file.len();
        file.extend_from_slice(b"\x08\0\x60\0CS\x02\0CT");
        let meta = read(&file).unwrap();
        assert_eq!((meta.data_set_offset, meta.guessed), (head, false));
        assert_eq!(meta.transfer_syntax, TransferSyntax::EXPLICIT_LITTLE);
        assert_eq!(meta.data_set.uid(tags::MEDIA_STORAGE_SOP_INSTANCE_UID).as_deref(), Some("1.2.3"));
        assert_eq!(meta.data_set.text(tags::SOURCE_APPLICATION_ENTITY_TITLE).as_deref(), Some("MODALITY"));
        assert_eq!(
            meta.data_set.int(tags::FILE_META_INFORMATION_GROUP_LENGTH),
            Some(i64::try_from(head - 132 - 12).unwrap())
        );
    }

    #[test]
    fn a_file_that_comes_byte_by_byte_has_the_same_head() {
        let mut file = file_meta(CT, "1.2.3", TransferSyntax::IMPLICIT_LITTLE, None);
        file.extend_from_slice(b"\x08\0\x60\0\x02\0\0\0CT");
        let mut reader = FileMetaReader::new();
        let mut found = None;
        for byte in &file {
            match &mut found {
                None => found = reader.push(std::slice::from_ref(byte)).unwrap(),
                Some((_, rest)) => rest.push(*byte),
            }
        }
        let (meta, rest) = found.unwrap_or_else(|| reader.finish().unwrap());
        assert_eq!(meta, read(&file).unwrap());
        assert_eq!(rest, b"\x08\0\x60\0\x02\0\0\0CT");
    }

    #[test]
    fn without_a_head_the_first_element_tells_the_transfer_syntax() {
        for (bytes, syntax) in [
            (&b"\x08\0\x05\0CS\x0a\0ISO_IR 100"[..], TransferSyntax::EXPLICIT_LITTLE),
            (b"\x08\0\x05\0\x0a\0\0\0ISO_IR 100", TransferSyntax::IMPLICIT_LITTLE),
            (b"\0\x08\0\x05CS\0\x0aISO_IR 100", TransferSyntax::EXPLICIT_BIG),
        ] {
            let meta = read(bytes).unwrap();
            assert_eq!((meta.transfer_syntax, meta.data_set_offset, meta.guessed), (syntax, 0, true));
        }
    }

    #[test]
    fn what_is_no_dicom_file_is_refused() {
        for bytes in [&b""[..], b"%PDF-1.7 and so on", b"\x89PNG\r\n\x1a\n", &[0; 200]] {
            assert_eq!(read(bytes), Err(FileError::NotDicom));
        }
    }

    #[test]
    fn a_wrong_length_of_the_group_does_not_matter() {
        let mut file = file_meta(CT, "1.2.3", TransferSyntax::EXPLICIT_LITTLE, None);
        let head = file.len();
        file.extend_from_slice(b"\x08\0\x60\0CS\x02\0CT");
        for wrong in [0_u8, 26, 255] {
            file[140] = wrong;
            let meta = read(&file).unwrap();
            assert_eq!((meta.data_set_offset, meta.transfer_syntax), (head, TransferSyntax::EXPLICIT_LITTLE));
        }
    }

    #[test]
    fn a_head_that_never_ends_is_refused() {
        let mut reader = FileMetaReader::new();
        let mut file = vec![0; PREAMBLE];
        file.extend_from_slice(b"DICM\x02\0\x01\0OB\0\0\0\0\0\x10");
        assert_eq!(reader.push(&file), Ok(None));
        assert_eq!(reader.push(&vec![0; LONGEST]), Err(FileError::TooLong));
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_head_or_none(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = read(&bytes);
        }
    }
}
