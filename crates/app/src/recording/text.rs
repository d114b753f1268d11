//! What people agree to when a call is recorded: one text in both languages, with its version.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// The version that is in force.
pub(super) const VERSION: &str = "recording-2026-01";

const EN: &str = include_str!("text.en.txt");
const ZH: &str = include_str!("text.zh.txt");

/// As pages show it.
pub(super) fn shown() -> Value {
    json!({"version": VERSION, "en": EN.trim(), "zh": ZH.trim()})
}

/// As a Consent keeps it.
pub(super) fn attachment(language: &str) -> Value {
    let text = if language == "en" { EN } else { ZH };
    json!({
        "contentType": "text/plain; charset=utf-8",
        "language": language,
        "title": VERSION,
        "data": STANDARD.encode(text.trim()),
    })
}
