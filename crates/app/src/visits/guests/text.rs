//! What a guest agrees to before they ask to be let in.

use serde_json::{Value, json};

/// The version that came with the program.
pub(super) const VERSION: &str = "guest-2026-01";

const TEXT_EN: &str = include_str!("guest.en.txt");
const TEXT_ZH: &str = include_str!("guest.zh.txt");

/// The text in both languages, and its version.
pub(super) fn shown() -> Value {
    json!({"version": VERSION, "text": {"en": TEXT_EN, "zh": TEXT_ZH}})
}
