//! The texts of consent: published versions of an institution or for all, kept for ever as they were agreed to.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bianque_model::{ResourceId, TenantId, Timestamp, UserId};
use bianque_store::StateKey;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::consent::VERSION;
use crate::aggregate::{Aggregate, Loaded, shared, unique};
use crate::{App, Error};

/// Versions that are looked at.
const MOST: u32 = 1_000;
/// Those for all institutions stand together under this name.
const FOR_ALL: &str = "all";

const TEXT_EN: &str = include_str!("consent.en.txt");
const TEXT_ZH: &str = include_str!("consent.zh.txt");

/// A text in both languages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BothLanguages {
    /// English.
    pub en: String,
    /// Chinese.
    pub zh: String,
}

impl BothLanguages {
    /// The text that was read in a language.
    pub fn in_language(&self, language: &str) -> &str {
        if language == "en" { &self.en } else { &self.zh }
    }
}

/// A published version. It is written once and never changed or removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentText {
    /// Its name, which no other version has.
    pub version: String,
    /// Whose visits it is for; none: those of every institution without one of its own.
    pub organization: Option<ResourceId>,
    /// The text.
    pub text: BothLanguages,
    /// From when it is shown.
    pub valid_from: Timestamp,
    /// When it was published.
    pub published_at: Timestamp,
    /// By whom; none: it came with the program.
    pub published_by: Option<UserId>,
}

impl Aggregate for ConsentText {
    const KIND: &'static str = "consent-text";
    const ABOUT_PATIENT: bool = false;

    fn id(&self) -> String {
        self.version.clone()
    }

    fn keys(&self) -> Vec<StateKey> {
        vec![unique("version", &self.version), shared("all", "text")]
    }
}

impl ConsentText {
    /// The text that came with the program: in force where nothing was published.
    pub fn built_in() -> Self {
        Self {
            version: VERSION.to_owned(),
            organization: None,
            text: BothLanguages { en: TEXT_EN.to_owned(), zh: TEXT_ZH.to_owned() },
            valid_from: Timestamp(0),
            published_at: Timestamp(0),
            published_by: None,
        }
    }

    fn order(&self) -> (Timestamp, Timestamp, &str) {
        (self.valid_from, self.published_at, &self.version)
    }

    /// As whoever is to agree gets it.
    pub fn shown(&self) -> Value {
        json!({"version": self.version, "text": self.text})
    }

    /// The exact text as it was read, for the record of the consent.
    pub fn attachment(&self, language: &str) -> Value {
        json!({
            "contentType": "text/plain",
            "language": language,
            "data": STANDARD.encode(self.text.in_language(language)),
            "title": format!("Consent to a remote visit, version {}", self.version),
        })
    }
}

/// Every version, the newest first; the one that came with the program last.
pub async fn all(app: &App, tenant: TenantId) -> Result<Vec<ConsentText>, Error> {
    let found = app.list::<ConsentText>(tenant, "all", "text"..="text", MOST).await?;
    let mut texts: Vec<ConsentText> = found.into_iter().map(|Loaded { value, .. }| value).collect();
    texts.push(ConsentText::built_in());
    texts.sort_by(|a, b| b.order().cmp(&a.order()));
    Ok(texts)
}

/// The version in force at a moment for the visits of an institution: the newest of its own, else the newest for all.
pub fn in_force<'t>(
    texts: &'t [ConsentText],
    organization: Option<&ResourceId>,
    at: Timestamp,
) -> Option<&'t ConsentText> {
    let of = |whose: Option<&ResourceId>| {
        texts.iter().find(|text| text.organization.as_ref() == whose && text.valid_from <= at)
    };
    organization.and_then(|own| of(Some(own))).or_else(|| of(None))
}

/// The version that somebody is to agree to now.
pub async fn current(
    app: &App,
    tenant: TenantId,
    organization: Option<&ResourceId>,
    now: Timestamp,
) -> Result<ConsentText, Error> {
    let texts = all(app, tenant).await?;
    Ok(in_force(&texts, organization, now).cloned().unwrap_or_else(ConsentText::built_in))
}

/// Whose texts these are, as a name.
pub fn scope_name(organization: Option<&ResourceId>) -> String {
    organization.map_or_else(|| FOR_ALL.to_owned(), ToString::to_string)
}
