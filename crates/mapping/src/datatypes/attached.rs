//! Attachments: embedded data, pointers to data, and lines of text.

use bianque_hl7v2::Segment;
use serde_json::{Map, Value as Json};

/// The attachment of OBX with ED or RP; `None` where it holds neither data nor a place where they are.
pub(crate) fn attachment(segment: &Segment<'_>) -> Option<Json> {
    let value = segment.field(5);
    let text = |number: usize| value.component(number).given().map(|text| text.trim().to_owned());
    let mut attachment = Map::new();
    if segment.field(2).text() == "RP" {
        attachment.insert("url".into(), text(1).filter(|url| url.contains("://"))?.into());
    } else {
        let data = text(5).filter(|data| !data.is_empty())?;
        let data: String = match text(4)?.to_ascii_lowercase().as_str() {
            "base64" => data.split_whitespace().collect(),
            "hex" => base64(&hex(&data)?),
            _ => base64(data.as_bytes()),
        };
        attachment.insert("data".into(), data.into());
    }
    if let Some(kind) = kind(text(2).as_deref().unwrap_or_default(), text(3).as_deref().unwrap_or_default()) {
        attachment.insert("contentType".into(), kind.into());
    }
    if let Some(title) = segment.field(3).component(2).given() {
        attachment.insert("title".into(), title.trim().into());
    }
    Some(Json::Object(attachment))
}

/// Lines of text as an attachment.
pub(crate) fn plain(text: &str) -> Json {
    let members =
        [("contentType", "text/plain; charset=utf-8".to_owned()), ("data", base64(text.as_bytes()))];
    Json::Object(members.map(|(name, value)| (name.to_owned(), value.into())).into_iter().collect())
}

/// The media type, from the type and the subtype of data (tables 0191 and 0291).
fn kind(main: &str, sub: &str) -> Option<String> {
    let (main, sub) = (main.to_ascii_lowercase(), sub.to_ascii_lowercase());
    Some(match (main.as_str(), sub.as_str()) {
        (_, "pdf") => "application/pdf".to_owned(),
        (_, "jpeg" | "jpg") => "image/jpeg".to_owned(),
        (_, sub @ ("png" | "gif" | "tiff" | "bmp")) => format!("image/{sub}"),
        (_, "html") => "text/html".to_owned(),
        (_, "rtf") => "application/rtf".to_owned(),
        (_, "dicom") => "application/dicom".to_owned(),
        ("text" | "tx" | "ft", _) => "text/plain".to_owned(),
        (main, sub) if main.contains('/') && sub.is_empty() => main.to_owned(),
        ("application" | "image" | "audio" | "multipart", sub) if !sub.is_empty() => format!("{main}/{sub}"),
        _ => return None,
    })
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u32> = text.chars().map(|digit| digit.to_digit(16)).collect::<Option<_>>()?;
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    digits.chunks_exact(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).ok()).collect()
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}
