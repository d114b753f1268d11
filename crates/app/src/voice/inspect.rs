//! What a sound file is, by its own bytes.
//!
//! Browsers record Opus in WebM (Matroska, RFC 8794 and RFC 9559), Opus in Ogg (RFC 7845), or AAC in MP4 (ISO/IEC
//! 14496-12). Nothing is decoded here: what plays it is the listener's browser, in its own sandbox.

/// A container that clips come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SoundFormat {
    /// WebM.
    WebM,
    /// Ogg.
    Ogg,
    /// MP4.
    Mp4,
}

/// Where the names of codecs and tracks stand, at the latest.
const HEAD: usize = 64 << 10;

impl SoundFormat {
    /// Its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::WebM => "audio/webm",
            Self::Ogg => "audio/ogg",
            Self::Mp4 => "audio/mp4",
        }
    }

    /// The format that a browser names; what follows the semicolon is not looked at.
    pub fn from_media_type(declared: &str) -> Option<Self> {
        let name = declared.split(';').next().unwrap_or_default().trim();
        [Self::WebM, Self::Ogg, Self::Mp4].into_iter().find(|format| format.media_type() == name)
    }
}

/// The format of a file that was announced as `declared`; none: it is not that, or holds no sound, or pictures.
pub fn inspect(bytes: &[u8], declared: &str) -> Option<SoundFormat> {
    let format = SoundFormat::from_media_type(declared)?;
    let head = &bytes[..bytes.len().min(HEAD)];
    let sound = match format {
        SoundFormat::WebM => bianque_recording::codecs(bytes)
            .is_some_and(|codecs| codecs == ["A_OPUS"] || codecs == ["A_VORBIS"]),
        SoundFormat::Ogg => {
            head.starts_with(b"OggS")
                && holds(&head[..head.len().min(64)], b"OpusHead")
                && !holds(head, b"theora")
        }
        // A recorder that is asked for the whole at once writes what it holds at the end.
        SoundFormat::Mp4 => {
            head.get(4..8) == Some(b"ftyp") && handler(bytes, *b"soun") && !handler(bytes, *b"vide")
        }
    };
    sound.then_some(format)
}

fn holds(bytes: &[u8], name: &[u8]) -> bool {
    bytes.windows(name.len()).any(|window| window == name)
}

/// Whether a track has this handler (ISO/IEC 14496-12, section 8.4.3: version, flags and eight bytes on).
fn handler(bytes: &[u8], kind: [u8; 4]) -> bool {
    bytes.windows(16).any(|window| window.starts_with(b"hdlr") && window.ends_with(&kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file as browsers write it, up to its first cluster.
    fn webm(codec: &[u8]) -> Vec<u8> {
        let size = |content: &[u8]| 0x80 | u8::try_from(content.len()).unwrap();
        let codec = [&[0x86, size(codec)], codec].concat();
        let entry = [&[0xae, size(&codec)], &codec[..]].concat();
        let tracks = [&[0x16, 0x54, 0xae, 0x6b, size(&entry)], &entry[..]].concat();
        let head: &[u8] = &[0x1a, 0x45, 0xdf, 0xa3, 0x87, 0x42, 0x82, 0x84];
        [head, b"webm", &[0x18, 0x53, 0x80, 0x67, 0xff], &tracks, &[0x1f, 0x43, 0xb6, 0x75, 0xff]].concat()
    }

    #[test]
    fn a_clip_is_what_its_bytes_are() {
        let ogg = [&b"OggS\0\x02"[..], &[0; 22], b"OpusHead", &[0; 90]].concat();
        let mp4 = [&[0, 0, 0, 24][..], b"ftypiso5", &[0; 40], b"hdlr", &[0; 8], b"soun", &[0; 90]].concat();
        assert_eq!(inspect(&webm(b"A_OPUS"), "audio/webm;codecs=opus"), Some(SoundFormat::WebM));
        assert_eq!(inspect(&ogg, "audio/ogg; codecs=opus"), Some(SoundFormat::Ogg));
        assert_eq!(inspect(&mp4, "audio/mp4"), Some(SoundFormat::Mp4));
        let said = [&webm(b"A_OPUS")[..], b"V_VP8"].concat();
        assert_eq!(inspect(&said, "audio/webm"), Some(SoundFormat::WebM), "sound may hold any letters");
        for (bytes, declared) in [
            (&ogg, "audio/webm"),
            (&mp4, "audio/ogg"),
            (&webm(b"A_OPUS"), "audio/mp4"),
            (&webm(b"A_OPUS"), "audio/wav"),
            (&webm(b"V_VP8"), "audio/webm"),
            (&[&mp4[..], b"hdlr\0\0\0\0\0\0\0\0vide"].concat(), "audio/mp4"),
            (&b"<svg onload=alert(1)>".repeat(10), "audio/webm"),
            (&Vec::new(), "audio/ogg"),
        ] {
            assert_eq!(inspect(bytes, declared), None, "{declared}");
        }
    }
}
