//! What a WebM file holds that somebody else has written.

use crate::ebml::{elements, id};
use crate::log::{content, next};

/// The codecs of a WebM file's tracks, such as `A_OPUS`, by what stands before its first cluster; none: it is no WebM, or
/// does not say.
pub fn codecs(file: &[u8]) -> Option<Vec<String>> {
    let mut rest = file;
    let (id::EBML, size) = next(&mut rest).ok()?? else { return None };
    let head = content(&mut rest, size).ok()??;
    elements(&head).find(|element| element.id == id::DOC_TYPE && element.content == b"webm")?;
    loop {
        match next(&mut rest).ok()?? {
            // Its content follows as if it were ours.
            (id::SEGMENT, _) => {}
            (id::CLUSTER, _) => return None,
            (id::TRACKS, size) => {
                let tracks = content(&mut rest, size).ok()??;
                let of_entries = elements(&tracks).filter(|element| element.id == id::TRACK_ENTRY);
                let codec = |entry: &[u8]| {
                    let codec = elements(entry).find(|part| part.id == id::CODEC_ID)?.content.to_vec();
                    String::from_utf8(codec).ok()
                };
                return of_entries.map(|entry| codec(entry.content)).collect();
            }
            (_, size) => drop(content(&mut rest, size).ok()??),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::track::{Codec, TrackHead, head};
    use proptest::prelude::*;

    /// What Chromium's recorder begins with: an index of places before the tracks, which names clusters.
    const OF_A_BROWSER: &[u8] = b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webm\
        B\x87\x81\x04B\x85\x81\x02\x18S\x80g\x01\x00\x00\x00\x00\x00\x0e\xf3\x11M\x9bt\x8eM\xbb\x8bS\xab\x84\x1fC\xb6u\
        S\xac\x81\xd7\xec\x82\x00\x00\x16T\xaek\x9f\xae\x9d\xd7\x81\x01s\xc5\x87\x81oC\x88\xa4\x12\xe1\x83\x81\x02\
        \x86\x86A_OPUSc\xa2\x80\x1fC\xb6u\x81\x00";

    #[test]
    fn the_tracks_of_a_file_are_told() {
        assert_eq!(codecs(OF_A_BROWSER), Some(vec!["A_OPUS".to_owned()]));
        let track = |codec| TrackHead { codec, name: "V_VP8".into(), size: (640, 480) };
        let both = head(&[&track(Codec::Opus), &track(Codec::Vp8)], None);
        assert_eq!(codecs(&both), Some(vec!["A_OPUS".to_owned(), "V_VP8".to_owned()]));
        assert_eq!(codecs(b"<svg onload=alert(1)>"), None);
        assert_eq!(codecs(&OF_A_BROWSER[..60]), None);
    }

    proptest! {
        #[test]
        fn any_bytes_have_tracks_or_none(
            before in prop::collection::vec(any::<u8>(), 0..60), cut in 0..OF_A_BROWSER.len(),
        ) {
            codecs(&before);
            codecs(&[&OF_A_BROWSER[..cut], &before].concat());
        }
    }
}
