//! What a client of DICOMweb wants to have (PS3.18, 8.7): media types with the media type of their parts and a transfer
//! syntax, from the Accept header or the `accept` parameter of the address.

use axum::http::HeaderMap;
use axum::http::header::ACCEPT;

/// Wishes that are read; the rest is left.
const MOST: usize = 32;

/// One media type that a client takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wish {
    /// The media type, in lower case; of multiparts that of the parts; `*/*` when none is said.
    pub(super) media_type: String,
    /// Whether parts in one body are taken.
    pub(super) multipart: bool,
    /// The transfer syntax; `*`: as it is kept; none: nothing is said.
    pub(super) syntax: Option<String>,
    /// Preference in thousandths; 0: not at all.
    quality: u16,
}

impl Wish {
    /// Whether a media type is meant.
    pub(super) fn takes(&self, media_type: &str) -> bool {
        let (kind, sub) = self.media_type.split_once('/').unwrap_or(("*", "*"));
        let (wanted, wanted_sub) = media_type.split_once('/').unwrap_or_default();
        (kind == "*" || kind == wanted) && (sub == "*" || sub == wanted_sub)
    }

    /// Whether a transfer syntax is meant.
    pub(super) fn takes_syntax(&self, syntax: &str) -> bool {
        self.syntax.as_deref().is_none_or(|wanted| wanted == "*" || wanted == syntax)
    }

    fn any() -> Self {
        Self { media_type: "*/*".into(), multipart: true, syntax: None, quality: 1000 }
    }
}

/// What is wanted, the most wanted first; everything when nothing is said.
pub(super) fn wishes(headers: &HeaderMap, parameter: Option<&str>) -> Vec<Wish> {
    let header = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let texts: Vec<&str> = parameter.map_or_else(|| header.collect(), |one| vec![one]);
    let mut all: Vec<Wish> =
        texts.iter().flat_map(|text| split(text, ',')).filter_map(wish).take(MOST).collect();
    all.retain(|wish| wish.quality > 0);
    // Equals stay in the order they were written in.
    all.sort_by_key(|wish| std::cmp::Reverse(wish.quality));
    if texts.iter().all(|text| text.trim().is_empty()) { vec![Wish::any()] } else { all }
}

fn wish(text: &str) -> Option<Wish> {
    let mut parts = split(text, ';').into_iter().map(str::trim);
    let kind = parts.next().filter(|kind| !kind.is_empty())?.to_ascii_lowercase();
    let multipart = kind == "multipart/related";
    let mut wish = Wish { media_type: kind, multipart, syntax: None, quality: 1000 };
    if multipart {
        // Without a type of the parts it is that of instances (PS3.18, 8.7.3).
        wish.media_type = "application/dicom".into();
    } else if wish.media_type == "*/*" {
        wish.multipart = true;
    }
    for part in parts {
        let Some((name, value)) = part.split_once('=') else { continue };
        let value = value.trim().trim_matches('"');
        match name.trim().to_ascii_lowercase().as_str() {
            "type" if multipart => wish.media_type = value.to_ascii_lowercase(),
            "transfer-syntax" => wish.syntax = Some(value.to_owned()),
            "q" => wish.quality = quality(value),
            _ => {}
        }
    }
    Some(wish)
}

fn quality(text: &str) -> u16 {
    let value: f32 = text.parse().unwrap_or(0.0);
    // Thousandths are all that RFC 9110 knows.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it lies between 0 and 1000")]
    let thousandths = (value.clamp(0.0, 1.0) * 1000.0) as u16;
    thousandths
}

/// Parts of a header between separators that stand outside of quotes.
fn split(text: &str, separator: char) -> Vec<&str> {
    let (mut parts, mut begin, mut quoted) = (Vec::new(), 0, false);
    for (place, character) in text.char_indices() {
        if character == '"' {
            quoted = !quoted;
        } else if character == separator && !quoted {
            parts.push(&text[begin..place]);
            begin = place + separator.len_utf8();
        }
    }
    parts.push(&text[begin..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<Wish> {
        wishes(&HeaderMap::new(), Some(text))
    }

    #[test]
    fn clients_are_understood_as_they_write() {
        let viewer = of(r#"multipart/related; type="application/octet-stream"; transfer-syntax=*"#);
        assert_eq!(viewer.len(), 1);
        assert!(viewer[0].multipart && viewer[0].takes("application/octet-stream"));
        assert!(viewer[0].takes_syntax("1.2.840.10008.1.2.4.90"));
        let plain = of("multipart/related;type=application/dicom;transfer-syntax=1.2.840.10008.1.2.1");
        assert!(plain[0].takes_syntax("1.2.840.10008.1.2.1") && !plain[0].takes_syntax("1.2.840.10008.1.2"));
        assert!(!of("image/jpeg")[0].multipart);
        let image = of("image/png;q=0.5, image/*, text/html;q=0");
        assert_eq!(
            image.iter().map(|wish| wish.media_type.as_str()).collect::<Vec<_>>(),
            ["image/*", "image/png"]
        );
        assert!(image[0].takes("image/webp"));
        assert!(of("multipart/related")[0].takes("application/dicom"));
    }

    #[test]
    fn who_says_nothing_takes_everything_and_who_says_nonsense_nothing() {
        let any = wishes(&HeaderMap::new(), None);
        assert!(any[0].takes("application/dicom+json") && any[0].multipart);
        assert!(of("*/*")[0].multipart);
        assert!(of(";;;").is_empty());
    }
}
