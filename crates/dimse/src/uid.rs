//! Unique identifiers (PS3.5 section 9) and those that associations speak of (PS3.6 annex A).

use std::borrow::Cow;
use std::fmt;

/// Most characters of a UID.
const LONGEST: usize = 64;

/// A unique identifier: digits and dots, 1 to 64 of them.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Uid(Cow<'static, str>);

impl Uid {
    /// One that is written in the program.
    pub const fn known(text: &'static str) -> Self {
        Self(Cow::Borrowed(text))
    }

    /// Reads a UID as it came, with the NUL or the spaces that pad it.
    ///
    /// Components with leading zeros are taken, as they are in the wild; what could not stand in a UID at all is not.
    pub fn read(bytes: &[u8]) -> Result<Self, NoUid> {
        let bytes = trimmed(bytes);
        if bytes.is_empty() || bytes.len() > LONGEST {
            return Err(NoUid::Length(bytes.len()));
        }
        if !bytes.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.') {
            return Err(NoUid::Character);
        }
        let text = String::from_utf8(bytes.to_vec()).map_err(|_| NoUid::Character)?;
        Ok(Self(Cow::Owned(text)))
    }

    /// Its text, without padding.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::str::FromStr for Uid {
    type Err = NoUid;

    fn from_str(text: &str) -> Result<Self, NoUid> {
        Self::read(text.as_bytes())
    }
}

/// Why something is no UID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoUid {
    /// So many characters are none, or too many.
    #[error("a UID of {0} characters")]
    Length(usize),
    /// It has a character other than digits and dots.
    #[error("a UID with a character other than digits and dots")]
    Character,
}

/// Without the NULs and spaces on either side.
pub(crate) fn trimmed(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | 0, rest @ ..] | [rest @ .., b' ' | 0] = bytes {
        bytes = rest;
    }
    bytes
}

/// DICOM Application Context Name (PS3.7 annex A.2.1).
pub const APPLICATION_CONTEXT: Uid = Uid::known("1.2.840.10008.3.1.1.1");

/// Abstract syntaxes: SOP classes that associations are negotiated for.
pub mod sop_class {
    use super::Uid;

    /// Verification (PS3.4 annex A).
    pub const VERIFICATION: Uid = Uid::known("1.2.840.10008.1.1");
    /// Storage Commitment Push Model (PS3.4 annex J).
    pub const STORAGE_COMMITMENT: Uid = Uid::known("1.2.840.10008.1.20.1");
    /// The well-known instance that commitment is asked of.
    pub const STORAGE_COMMITMENT_INSTANCE: Uid = Uid::known("1.2.840.10008.1.20.1.1");
    /// Modality Performed Procedure Step (PS3.4 annex F.7).
    pub const PERFORMED_STEP: Uid = Uid::known("1.2.840.10008.3.1.2.3.3");
    /// Modality Worklist, FIND (PS3.4 annex K).
    pub const WORKLIST_FIND: Uid = Uid::known("1.2.840.10008.5.1.4.31");
    /// Patient Root Query/Retrieve, FIND (PS3.4 annex C).
    pub const PATIENT_ROOT_FIND: Uid = Uid::known("1.2.840.10008.5.1.4.1.2.1.1");
    /// Patient Root Query/Retrieve, MOVE.
    pub const PATIENT_ROOT_MOVE: Uid = Uid::known("1.2.840.10008.5.1.4.1.2.1.2");
    /// Patient Root Query/Retrieve, GET.
    pub const PATIENT_ROOT_GET: Uid = Uid::known("1.2.840.10008.5.1.4.1.2.1.3");
    /// Study Root Query/Retrieve, FIND.
    pub const STUDY_ROOT_FIND: Uid = Uid::known("1.2.840.10008.5.1.4.1.2.2.1");
    /// Study Root Query/Retrieve, MOVE.
    pub const STUDY_ROOT_MOVE: Uid = Uid::known("1.2.840.10008.5.1.4.1.2.2.2");
    /// Study Root Query/Retrieve, GET.
    pub const STUDY_ROOT_GET: Uid = Uid::known("1.2.840.10008.5.1.4.1.2.2.3");
    /// Patient/Study Only Query/Retrieve, FIND (retired).
    pub const PATIENT_STUDY_FIND: Uid = Uid::known("1.2.840.10008.5.1.4.1.2.3.1");
    /// Patient/Study Only Query/Retrieve, MOVE (retired).
    pub const PATIENT_STUDY_MOVE: Uid = Uid::known("1.2.840.10008.5.1.4.1.2.3.2");
    /// Patient/Study Only Query/Retrieve, GET (retired).
    pub const PATIENT_STUDY_GET: Uid = Uid::known("1.2.840.10008.5.1.4.1.2.3.3");

    /// Where storage classes of the standard begin.
    const STORAGE: &str = "1.2.840.10008.5.1.4.1.1.";
    /// Storage classes of the standard that lie elsewhere: instructions, protocols, templates, retired hard copies.
    const STORAGE_ELSEWHERE: &[&str] = &[
        "1.2.840.10008.5.1.1.27",
        "1.2.840.10008.5.1.1.29",
        "1.2.840.10008.5.1.1.30",
        "1.2.840.10008.5.1.4.34.7",
        "1.2.840.10008.5.1.4.34.10",
        "1.2.840.10008.5.1.4.38.1",
        "1.2.840.10008.5.1.4.39.1",
        "1.2.840.10008.5.1.4.43.1",
        "1.2.840.10008.5.1.4.44.1",
        "1.2.840.10008.5.1.4.45.1",
    ];

    /// Whether the standard has this class for storage.
    pub fn is_storage(class: &Uid) -> bool {
        class.as_str().starts_with(STORAGE) || STORAGE_ELSEWHERE.contains(&class.as_str())
    }

    /// Whether it is a manufacturer's own.
    pub fn is_private(class: &Uid) -> bool {
        !class.as_str().starts_with("1.2.840.10008.")
    }
}

/// Transfer syntaxes (PS3.5 annex A).
pub mod transfer_syntax {
    use super::Uid;

    /// Implicit VR Little Endian, the default that everybody speaks.
    pub const IMPLICIT_LITTLE_ENDIAN: Uid = Uid::known("1.2.840.10008.1.2");
    /// Explicit VR Little Endian.
    pub const EXPLICIT_LITTLE_ENDIAN: Uid = Uid::known("1.2.840.10008.1.2.1");
    /// Deflated Explicit VR Little Endian.
    pub const DEFLATED: Uid = Uid::known("1.2.840.10008.1.2.1.99");
    /// Explicit VR Big Endian (retired).
    pub const EXPLICIT_BIG_ENDIAN: Uid = Uid::known("1.2.840.10008.1.2.2");

    /// All in which objects come whole, with their names. The JPIP ones hold addresses of pixels and not the pixels,
    /// and are not among them.
    pub const OF_OBJECTS: &[(Uid, &str)] = &[
        (EXPLICIT_LITTLE_ENDIAN, "Explicit VR Little Endian"),
        (IMPLICIT_LITTLE_ENDIAN, "Implicit VR Little Endian"),
        (EXPLICIT_BIG_ENDIAN, "Explicit VR Big Endian"),
        (DEFLATED, "Deflated Explicit VR Little Endian"),
        (Uid::known("1.2.840.10008.1.2.1.98"), "Encapsulated Uncompressed Explicit VR Little Endian"),
        (Uid::known("1.2.840.10008.1.2.4.50"), "JPEG Baseline"),
        (Uid::known("1.2.840.10008.1.2.4.51"), "JPEG Extended"),
        (Uid::known("1.2.840.10008.1.2.4.57"), "JPEG Lossless"),
        (Uid::known("1.2.840.10008.1.2.4.70"), "JPEG Lossless, first-order prediction"),
        (Uid::known("1.2.840.10008.1.2.4.80"), "JPEG-LS Lossless"),
        (Uid::known("1.2.840.10008.1.2.4.81"), "JPEG-LS Near-lossless"),
        (Uid::known("1.2.840.10008.1.2.4.90"), "JPEG 2000 Lossless"),
        (Uid::known("1.2.840.10008.1.2.4.91"), "JPEG 2000"),
        (Uid::known("1.2.840.10008.1.2.4.92"), "JPEG 2000 Part 2 Lossless"),
        (Uid::known("1.2.840.10008.1.2.4.93"), "JPEG 2000 Part 2"),
        (Uid::known("1.2.840.10008.1.2.4.100"), "MPEG2 Main Level"),
        (Uid::known("1.2.840.10008.1.2.4.100.1"), "Fragmentable MPEG2 Main Level"),
        (Uid::known("1.2.840.10008.1.2.4.101"), "MPEG2 High Level"),
        (Uid::known("1.2.840.10008.1.2.4.101.1"), "Fragmentable MPEG2 High Level"),
        (Uid::known("1.2.840.10008.1.2.4.102"), "MPEG-4 AVC/H.264 High Profile 4.1"),
        (Uid::known("1.2.840.10008.1.2.4.102.1"), "Fragmentable MPEG-4 AVC/H.264 High Profile 4.1"),
        (Uid::known("1.2.840.10008.1.2.4.103"), "MPEG-4 AVC/H.264 BD-compatible"),
        (Uid::known("1.2.840.10008.1.2.4.103.1"), "Fragmentable MPEG-4 AVC/H.264 BD-compatible"),
        (Uid::known("1.2.840.10008.1.2.4.104"), "MPEG-4 AVC/H.264 4.2 for 2D"),
        (Uid::known("1.2.840.10008.1.2.4.104.1"), "Fragmentable MPEG-4 AVC/H.264 4.2 for 2D"),
        (Uid::known("1.2.840.10008.1.2.4.105"), "MPEG-4 AVC/H.264 4.2 for 3D"),
        (Uid::known("1.2.840.10008.1.2.4.105.1"), "Fragmentable MPEG-4 AVC/H.264 4.2 for 3D"),
        (Uid::known("1.2.840.10008.1.2.4.106"), "MPEG-4 AVC/H.264 Stereo"),
        (Uid::known("1.2.840.10008.1.2.4.106.1"), "Fragmentable MPEG-4 AVC/H.264 Stereo"),
        (Uid::known("1.2.840.10008.1.2.4.107"), "HEVC/H.265 Main"),
        (Uid::known("1.2.840.10008.1.2.4.108"), "HEVC/H.265 Main 10"),
        (Uid::known("1.2.840.10008.1.2.4.110"), "JPEG XL Lossless"),
        (Uid::known("1.2.840.10008.1.2.4.111"), "JPEG XL JPEG Recompression"),
        (Uid::known("1.2.840.10008.1.2.4.112"), "JPEG XL"),
        (Uid::known("1.2.840.10008.1.2.4.201"), "High-Throughput JPEG 2000 Lossless"),
        (Uid::known("1.2.840.10008.1.2.4.202"), "High-Throughput JPEG 2000 with RPCL Lossless"),
        (Uid::known("1.2.840.10008.1.2.4.203"), "High-Throughput JPEG 2000"),
        (Uid::known("1.2.840.10008.1.2.5"), "RLE Lossless"),
        (Uid::known("1.2.840.10008.1.2.8.1"), "Deflated Image Frame"),
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_is_taken_off_and_what_is_no_uid_is_told() {
        assert_eq!(Uid::read(b"1.2.3\0").unwrap().as_str(), "1.2.3");
        assert_eq!(Uid::read(b" 1.02.3 ").unwrap().as_str(), "1.02.3");
        assert_eq!(Uid::read(b"\0 "), Err(NoUid::Length(0)));
        assert_eq!(Uid::read(&[b'1'; 65]), Err(NoUid::Length(65)));
        for hostile in [&b"../../etc"[..], b"1.2\x003", b"1.2\xff", b"1 2"] {
            assert_eq!(Uid::read(hostile), Err(NoUid::Character), "{hostile:?}");
        }
    }

    #[test]
    fn storage_is_told_from_query() {
        assert!(sop_class::is_storage(&Uid::known("1.2.840.10008.5.1.4.1.1.2")));
        assert!(!sop_class::is_storage(&sop_class::STUDY_ROOT_FIND));
        assert!(sop_class::is_private(&Uid::known("1.3.12.2.1107.5.9.1")));
    }
}
