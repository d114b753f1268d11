//! Transfer syntaxes (PS3.5 section 10, PS3.6 table A-1): how a data set is written, and how its pixels are.

use std::fmt;

use dicom_dictionary_std::uids;

/// How the pixels of a transfer syntax are coded. The standard's retired codings of JPEG are one kind: nothing writes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Codec {
    /// As they are, in the value of the element.
    Native,
    /// As they are, in fragments (PS3.5 A.4.11).
    EncapsulatedNative,
    /// Run lengths (PS3.5 annex G).
    Rle,
    /// JPEG baseline, 8 bits, lossy.
    JpegBaseline,
    /// JPEG extended, 8 or 12 bits, lossy.
    JpegExtended,
    /// JPEG lossless, process 14; with first-order prediction only, or with any.
    JpegLossless,
    /// Progressive, hierarchical and other retired processes of JPEG.
    JpegRetired,
    /// JPEG-LS, lossless.
    JpegLsLossless,
    /// JPEG-LS, near-lossless.
    JpegLsNearLossless,
    /// JPEG 2000, reversible only.
    Jpeg2000Lossless,
    /// JPEG 2000, lossy or not.
    Jpeg2000,
    /// JPEG 2000 part 2, with transforms over components.
    Jpeg2000Part2,
    /// High-throughput JPEG 2000, reversible only, in any progression.
    HtJ2kLossless,
    /// High-throughput JPEG 2000, lossy or not.
    HtJ2k,
    /// JPEG XL, lossless.
    JpegXlLossless,
    /// JPEG XL that was a JPEG and becomes that JPEG again.
    JpegXlRecompression,
    /// JPEG XL, lossy or not.
    JpegXl,
    /// Each frame deflated.
    DeflatedFrame,
    /// MPEG-2 video.
    Mpeg2,
    /// MPEG-4 AVC video, H.264.
    Mpeg4,
    /// HEVC video, H.265.
    Hevc,
    /// Pixels lie elsewhere, at a JPIP server.
    Jpip,
    /// Real-time streams of SMPTE ST 2110; no objects.
    Smpte2110,
    /// Private, or younger than this program.
    Unknown,
}

impl Codec {
    /// Whether what is decoded is always exactly what was encoded.
    pub fn lossless(self) -> bool {
        matches!(
            self,
            Self::Native
                | Self::EncapsulatedNative
                | Self::Rle
                | Self::JpegLossless
                | Self::JpegLsLossless
                | Self::Jpeg2000Lossless
                | Self::HtJ2kLossless
                | Self::JpegXlLossless
                | Self::DeflatedFrame
        )
    }

    /// Whether frames are pictures of a stream that only make sense one after another.
    pub fn video(self) -> bool {
        matches!(self, Self::Mpeg2 | Self::Mpeg4 | Self::Hevc)
    }

    /// The media type of one frame over DICOMweb (PS3.18 table 8.7.3-2, 8.7.3-5), none when no such type is registered.
    pub fn media_type(self) -> Option<&'static str> {
        Some(match self {
            Self::Native | Self::EncapsulatedNative => "application/octet-stream",
            Self::Rle => "image/dicom-rle",
            Self::JpegBaseline | Self::JpegExtended | Self::JpegLossless | Self::JpegRetired => "image/jpeg",
            Self::JpegLsLossless | Self::JpegLsNearLossless => "image/jls",
            Self::Jpeg2000Lossless | Self::Jpeg2000 => "image/jp2",
            Self::Jpeg2000Part2 => "image/jpx",
            Self::HtJ2kLossless | Self::HtJ2k => "image/jphc",
            Self::JpegXlLossless | Self::JpegXlRecompression | Self::JpegXl => "image/jxl",
            Self::DeflatedFrame => "application/x-deflate",
            Self::Mpeg2 => "video/mpeg",
            Self::Mpeg4 => "video/mp4",
            Self::Hevc => "video/H265",
            Self::Jpip | Self::Smpte2110 | Self::Unknown => return None,
        })
    }
}

/// A transfer syntax, known or not. Two are equal when their UIDs are.
#[derive(Clone, Copy)]
pub struct TransferSyntax(Named);

#[derive(Clone, Copy)]
enum Named {
    Known(&'static Known),
    Other { uid: [u8; LONGEST_UID], length: u8 },
}

/// What is registered of a transfer syntax.
struct Known {
    uid: &'static str,
    name: &'static str,
    form: Form,
    codec: Codec,
}

/// How the data set around the pixels is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Implicit,
    Explicit,
    BigEndian,
    Deflated,
    Encapsulated,
}

/// A UID has at most this many characters (PS3.5 section 9.1).
const LONGEST_UID: usize = 64;

impl TransferSyntax {
    /// Implicit VR Little Endian, which everybody speaks.
    pub const IMPLICIT_LITTLE: Self = Self(Named::Known(&TABLE[0]));
    /// Explicit VR Little Endian.
    pub const EXPLICIT_LITTLE: Self = Self(Named::Known(&TABLE[1]));
    /// Explicit VR Big Endian, retired and still met.
    pub const EXPLICIT_BIG: Self = Self(Named::Known(&TABLE[2]));
    /// Deflated Explicit VR Little Endian.
    pub const DEFLATED_LITTLE: Self = Self(Named::Known(&TABLE[3]));

    /// By its UID; blanks and NULs at its ends do not matter. One that is not registered is taken for explicit little
    /// endian with encapsulated pixels of an unknown codec; of a text that is too long for a UID, 64 bytes are kept.
    pub fn from_uid(uid: &str) -> Self {
        let uid = uid.trim_matches([' ', '\0']);
        if let Some(known) = TABLE.iter().find(|known| known.uid == uid) {
            return Self(Named::Known(known));
        }
        let end = (0..=uid.len().min(LONGEST_UID)).rev().find(|at| uid.is_char_boundary(*at)).unwrap_or(0);
        let mut kept = [0; LONGEST_UID];
        kept[..end].copy_from_slice(&uid.as_bytes()[..end]);
        #[expect(clippy::cast_possible_truncation, reason = "at most 64")]
        Self(Named::Other { uid: kept, length: end as u8 })
    }

    /// Every one that is registered, retired ones too.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|known| Self(Named::Known(known)))
    }

    /// Its UID.
    pub fn uid(&self) -> &str {
        match &self.0 {
            Named::Known(known) => known.uid,
            // It was cut from a text at a border of characters.
            Named::Other { uid, length } => std::str::from_utf8(&uid[..usize::from(*length)]).unwrap_or(""),
        }
    }

    /// Its name, for people; none when it is not registered.
    pub fn name(&self) -> Option<&'static str> {
        self.known().map(|known| known.name)
    }

    /// Whether elements say their value representation.
    pub fn explicit_vr(&self) -> bool {
        self.form() != Form::Implicit
    }

    /// Whether numbers have their high byte first.
    pub fn big_endian(&self) -> bool {
        self.form() == Form::BigEndian
    }

    /// Whether the data set as a whole is deflated.
    pub fn deflated(&self) -> bool {
        self.form() == Form::Deflated
    }

    /// Whether pixel data lies in fragments.
    pub fn encapsulated(&self) -> bool {
        self.form() == Form::Encapsulated
    }

    /// Whether it is registered.
    pub fn registered(&self) -> bool {
        self.known().is_some()
    }

    /// How pixels are coded.
    pub fn codec(&self) -> Codec {
        self.known().map_or(Codec::Unknown, |known| known.codec)
    }

    fn known(&self) -> Option<&'static Known> {
        match self.0 {
            Named::Known(known) => Some(known),
            Named::Other { .. } => None,
        }
    }

    fn form(&self) -> Form {
        self.known().map_or(Form::Encapsulated, |known| known.form)
    }
}

impl PartialEq for TransferSyntax {
    fn eq(&self, other: &Self) -> bool {
        self.uid() == other.uid()
    }
}

impl Eq for TransferSyntax {}

impl std::hash::Hash for TransferSyntax {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.uid().hash(state);
    }
}

impl fmt::Debug for TransferSyntax {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TransferSyntax({})", self.uid())
    }
}

impl fmt::Display for TransferSyntax {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name().unwrap_or_else(|| self.uid()))
    }
}

const fn known(uid: &'static str, name: &'static str, form: Form, codec: Codec) -> Known {
    Known { uid, name, form, codec }
}

const fn packed(uid: &'static str, name: &'static str, codec: Codec) -> Known {
    known(uid, name, Form::Encapsulated, codec)
}

#[expect(deprecated, reason = "retired transfer syntaxes lie in archives")]
#[rustfmt::skip]
static TABLE: &[Known] = &[
    known(uids::IMPLICIT_VR_LITTLE_ENDIAN, "Implicit VR Little Endian", Form::Implicit, Codec::Native),
    known(uids::EXPLICIT_VR_LITTLE_ENDIAN, "Explicit VR Little Endian", Form::Explicit, Codec::Native),
    known(uids::EXPLICIT_VR_BIG_ENDIAN, "Explicit VR Big Endian", Form::BigEndian, Codec::Native),
    known(uids::DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN, "Deflated Explicit VR Little Endian", Form::Deflated, Codec::Native),
    packed(uids::ENCAPSULATED_UNCOMPRESSED_EXPLICIT_VR_LITTLE_ENDIAN, "Encapsulated Uncompressed Explicit VR Little Endian", Codec::EncapsulatedNative),
    packed(uids::RLE_LOSSLESS, "RLE Lossless", Codec::Rle),
    packed(uids::JPEG_BASELINE8_BIT, "JPEG Baseline", Codec::JpegBaseline),
    packed(uids::JPEG_EXTENDED12_BIT, "JPEG Extended", Codec::JpegExtended),
    packed(uids::JPEG_LOSSLESS, "JPEG Lossless", Codec::JpegLossless),
    packed(uids::JPEG_LOSSLESS_SV1, "JPEG Lossless, First-Order Prediction", Codec::JpegLossless),
    packed(uids::JPEGLS_LOSSLESS, "JPEG-LS Lossless", Codec::JpegLsLossless),
    packed(uids::JPEGLS_NEAR_LOSSLESS, "JPEG-LS Near-Lossless", Codec::JpegLsNearLossless),
    packed(uids::JPEG2000_LOSSLESS, "JPEG 2000 Lossless", Codec::Jpeg2000Lossless),
    packed(uids::JPEG2000, "JPEG 2000", Codec::Jpeg2000),
    packed(uids::JPEG2000MC_LOSSLESS, "JPEG 2000 Part 2 Lossless", Codec::Jpeg2000Part2),
    packed(uids::JPEG2000MC, "JPEG 2000 Part 2", Codec::Jpeg2000Part2),
    packed(uids::HTJ2K_LOSSLESS, "HTJ2K Lossless", Codec::HtJ2kLossless),
    packed(uids::HTJ2K_LOSSLESS_RPCL, "HTJ2K Lossless RPCL", Codec::HtJ2kLossless),
    packed(uids::HTJ2K, "HTJ2K", Codec::HtJ2k),
    packed(uids::JPEGXL_LOSSLESS, "JPEG XL Lossless", Codec::JpegXlLossless),
    packed(uids::JPEGXLJPEG_RECOMPRESSION, "JPEG XL JPEG Recompression", Codec::JpegXlRecompression),
    packed(uids::JPEGXL, "JPEG XL", Codec::JpegXl),
    packed(uids::DEFLATED_IMAGE_FRAME_COMPRESSION, "Deflated Image Frame Compression", Codec::DeflatedFrame),
    packed(uids::MPEG2MPML, "MPEG2 Main Profile, Main Level", Codec::Mpeg2),
    packed(uids::MPEG2MPMLF, "Fragmentable MPEG2 Main Profile, Main Level", Codec::Mpeg2),
    packed(uids::MPEG2MPHL, "MPEG2 Main Profile, High Level", Codec::Mpeg2),
    packed(uids::MPEG2MPHLF, "Fragmentable MPEG2 Main Profile, High Level", Codec::Mpeg2),
    packed(uids::MPEG4HP41, "MPEG-4 AVC/H.264 High Profile 4.1", Codec::Mpeg4),
    packed(uids::MPEG4HP41F, "Fragmentable MPEG-4 AVC/H.264 High Profile 4.1", Codec::Mpeg4),
    packed(uids::MPEG4HP41BD, "MPEG-4 AVC/H.264 BD-compatible High Profile 4.1", Codec::Mpeg4),
    packed(uids::MPEG4HP41BDF, "Fragmentable MPEG-4 AVC/H.264 BD-compatible High Profile 4.1", Codec::Mpeg4),
    packed(uids::MPEG4HP422D, "MPEG-4 AVC/H.264 High Profile 4.2, 2D", Codec::Mpeg4),
    packed(uids::MPEG4HP422DF, "Fragmentable MPEG-4 AVC/H.264 High Profile 4.2, 2D", Codec::Mpeg4),
    packed(uids::MPEG4HP423D, "MPEG-4 AVC/H.264 High Profile 4.2, 3D", Codec::Mpeg4),
    packed(uids::MPEG4HP423DF, "Fragmentable MPEG-4 AVC/H.264 High Profile 4.2, 3D", Codec::Mpeg4),
    packed(uids::MPEG4HP42STEREO, "MPEG-4 AVC/H.264 Stereo High Profile 4.2", Codec::Mpeg4),
    packed(uids::MPEG4HP42STEREOF, "Fragmentable MPEG-4 AVC/H.264 Stereo High Profile 4.2", Codec::Mpeg4),
    packed(uids::HEVCMP51, "HEVC/H.265 Main Profile 5.1", Codec::Hevc),
    packed(uids::HEVCM10P51, "HEVC/H.265 Main 10 Profile 5.1", Codec::Hevc),
    known(uids::JPIP_REFERENCED, "JPIP Referenced", Form::Explicit, Codec::Jpip),
    known(uids::JPIP_REFERENCED_DEFLATE, "JPIP Referenced Deflate", Form::Deflated, Codec::Jpip),
    known(uids::JPIPHTJ2K_REFERENCED, "JPIP HTJ2K Referenced", Form::Explicit, Codec::Jpip),
    known(uids::JPIPHTJ2K_REFERENCED_DEFLATE, "JPIP HTJ2K Referenced Deflate", Form::Deflated, Codec::Jpip),
    known(uids::SMPTEST211020_UNCOMPRESSED_PROGRESSIVE_ACTIVE_VIDEO, "SMPTE ST 2110-20 Progressive Video", Form::Explicit, Codec::Smpte2110),
    known(uids::SMPTEST211020_UNCOMPRESSED_INTERLACED_ACTIVE_VIDEO, "SMPTE ST 2110-20 Interlaced Video", Form::Explicit, Codec::Smpte2110),
    known(uids::SMPTEST211030PCM_DIGITAL_AUDIO, "SMPTE ST 2110-30 Audio", Form::Explicit, Codec::Smpte2110),
    packed(uids::JPEG_EXTENDED35, "JPEG Extended (3 & 5)", Codec::JpegExtended),
    packed(uids::JPEG_SPECTRAL_SELECTION_NON_HIERARCHICAL68, "JPEG Spectral Selection (6 & 8)", Codec::JpegRetired),
    packed(uids::JPEG_SPECTRAL_SELECTION_NON_HIERARCHICAL79, "JPEG Spectral Selection (7 & 9)", Codec::JpegRetired),
    packed(uids::JPEG_FULL_PROGRESSION_NON_HIERARCHICAL1012, "JPEG Full Progression (10 & 12)", Codec::JpegRetired),
    packed(uids::JPEG_FULL_PROGRESSION_NON_HIERARCHICAL1113, "JPEG Full Progression (11 & 13)", Codec::JpegRetired),
    packed(uids::JPEG_LOSSLESS_NON_HIERARCHICAL15, "JPEG Lossless (15)", Codec::JpegRetired),
    packed(uids::JPEG_EXTENDED_HIERARCHICAL1618, "JPEG Extended, Hierarchical (16 & 18)", Codec::JpegRetired),
    packed(uids::JPEG_EXTENDED_HIERARCHICAL1719, "JPEG Extended, Hierarchical (17 & 19)", Codec::JpegRetired),
    packed(uids::JPEG_SPECTRAL_SELECTION_HIERARCHICAL2022, "JPEG Spectral Selection, Hierarchical (20 & 22)", Codec::JpegRetired),
    packed(uids::JPEG_SPECTRAL_SELECTION_HIERARCHICAL2123, "JPEG Spectral Selection, Hierarchical (21 & 23)", Codec::JpegRetired),
    packed(uids::JPEG_FULL_PROGRESSION_HIERARCHICAL2426, "JPEG Full Progression, Hierarchical (24 & 26)", Codec::JpegRetired),
    packed(uids::JPEG_FULL_PROGRESSION_HIERARCHICAL2527, "JPEG Full Progression, Hierarchical (25 & 27)", Codec::JpegRetired),
    packed(uids::JPEG_LOSSLESS_HIERARCHICAL28, "JPEG Lossless, Hierarchical (28)", Codec::JpegRetired),
    packed(uids::JPEG_LOSSLESS_HIERARCHICAL29, "JPEG Lossless, Hierarchical (29)", Codec::JpegRetired),
    known(uids::RFC2557MIME_ENCAPSULATION, "RFC 2557 MIME encapsulation", Form::Explicit, Codec::Unknown),
    known(uids::XML_ENCODING, "XML Encoding", Form::Explicit, Codec::Unknown),
    // Private and met in archives: implicit, but the pixels have their high byte first.
    known("1.2.840.113619.5.2", "GE Private Implicit VR Big Endian Pixels", Form::Implicit, Codec::Unknown),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_four_that_are_named_are_what_their_names_say() {
        let forms = [
            (TransferSyntax::IMPLICIT_LITTLE, "1.2.840.10008.1.2", false, false, false),
            (TransferSyntax::EXPLICIT_LITTLE, "1.2.840.10008.1.2.1", true, false, false),
            (TransferSyntax::EXPLICIT_BIG, "1.2.840.10008.1.2.2", true, true, false),
            (TransferSyntax::DEFLATED_LITTLE, "1.2.840.10008.1.2.1.99", true, false, true),
        ];
        for (syntax, uid, explicit, big, deflated) in forms {
            assert_eq!(syntax.uid(), uid);
            assert_eq!(
                (syntax.explicit_vr(), syntax.big_endian(), syntax.deflated()),
                (explicit, big, deflated)
            );
            assert!(!syntax.encapsulated() && syntax.codec() == Codec::Native);
        }
    }

    #[test]
    fn every_uid_of_the_table_is_there_once_and_finds_itself() {
        for syntax in TransferSyntax::all() {
            assert_eq!(TransferSyntax::from_uid(&format!("{}\0", syntax.uid())), syntax);
            assert_eq!(TransferSyntax::all().filter(|other| *other == syntax).count(), 1, "{syntax}");
        }
    }

    #[test]
    fn an_unknown_one_is_explicit_and_encapsulated_and_keeps_its_uid() {
        let syntax = TransferSyntax::from_uid(" 1.2.3.4 ");
        assert_eq!(syntax.uid(), "1.2.3.4");
        assert!(syntax.explicit_vr() && syntax.encapsulated() && !syntax.registered());
        assert_eq!(syntax.codec(), Codec::Unknown);
        assert_eq!(TransferSyntax::from_uid(&"é".repeat(60)).uid(), "é".repeat(32));
    }
}
