//! How the bytes of a frame are packed: what of a transfer syntax matters to pixels (PS3.5 Annex A, PS3.6 Table A-1).

/// The packing of a frame's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Codec {
    /// Not packed; words with the small end first.
    LittleEndian,
    /// Not packed; words with the big end first.
    BigEndian,
    /// Deflated, frame by frame (PS3.5 A.4.14).
    DeflatedFrame,
    /// Run lengths of byte planes (PS3.5 Annex G).
    Rle,
    /// JPEG of any process: sequential with 8 or 12 bits, lossless (ITU-T T.81).
    Jpeg,
    /// JPEG-LS, lossless or nearly so (ITU-T T.87).
    JpegLs,
    /// JPEG 2000, lossless or not (ITU-T T.800).
    Jpeg2000,
    /// High-throughput JPEG 2000 (ITU-T T.814).
    HtJpeg2000,
}

impl Codec {
    /// The packing that a transfer syntax means; none for one that holds no frames that are decoded here: video, JPEG XL.
    ///
    /// The deflated data set (1.2.840.10008.1.2.1.99) is inflated as a whole by whoever reads it; its frames are then plain.
    pub fn of_transfer_syntax(uid: &str) -> Option<Self> {
        Some(match uid.trim_end_matches(['\0', ' ']).strip_prefix("1.2.840.10008.1.2")? {
            "" | ".1" | ".1.99" | ".1.98" => Self::LittleEndian,
            ".2" => Self::BigEndian,
            ".8.1" => Self::DeflatedFrame,
            ".5" => Self::Rle,
            ".4.50" | ".4.51" | ".4.53" | ".4.55" | ".4.57" | ".4.70" => Self::Jpeg,
            ".4.80" | ".4.81" => Self::JpegLs,
            ".4.90" | ".4.91" | ".4.92" | ".4.93" => Self::Jpeg2000,
            ".4.201" | ".4.202" | ".4.203" => Self::HtJpeg2000,
            _ => return None,
        })
    }

    /// Whether frames are packed, one fragment or more each.
    pub const fn is_encapsulated(self) -> bool {
        !matches!(self, Self::LittleEndian | Self::BigEndian)
    }
}

#[cfg(test)]
mod tests {
    use super::Codec;

    #[test]
    fn a_transfer_syntax_names_a_packing() {
        for (uid, codec) in [
            ("1.2.840.10008.1.2", Some(Codec::LittleEndian)),
            ("1.2.840.10008.1.2.1\0", Some(Codec::LittleEndian)),
            ("1.2.840.10008.1.2.2", Some(Codec::BigEndian)),
            ("1.2.840.10008.1.2.4.70", Some(Codec::Jpeg)),
            ("1.2.840.10008.1.2.4.203", Some(Codec::HtJpeg2000)),
            ("1.2.840.10008.1.2.4.102", None),
            ("1.2.840.10008.1.20", None),
            ("", None),
        ] {
            assert_eq!(Codec::of_transfer_syntax(uid), codec, "{uid}");
        }
    }
}
