//! The languages that labels exist in.

use std::str::FromStr;

/// A language of labels. Content is printed as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    En,
    /// Chinese as written in mainland China.
    ZhCn,
}

/// A language that no labels exist in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("documents are printed in en and zh-CN")]
pub struct UnknownLanguage;

impl Language {
    /// The BCP 47 tag.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::ZhCn => "zh-CN",
        }
    }
}

impl FromStr for Language {
    type Err = UnknownLanguage;

    fn from_str(tag: &str) -> Result<Self, UnknownLanguage> {
        match tag {
            "en" => Ok(Self::En),
            "zh-CN" => Ok(Self::ZhCn),
            _ => Err(UnknownLanguage),
        }
    }
}
