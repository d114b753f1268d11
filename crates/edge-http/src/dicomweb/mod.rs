//! `/dicomweb`: QIDO-RS, WADO-RS and STOW-RS (PS3.18). Handlers read addresses, headers and parts; what is done is in
//! `app::archive`.

mod accept;
mod body;
pub(crate) mod frames;
pub(crate) mod qido;
pub(crate) mod rendered;
pub(crate) mod stow;
pub(crate) mod wado;

use std::time::Duration;

use bianque_app::App;
use bianque_app::archive::retrieve::Selection;
use bianque_model::TenantId;
use serde::Deserialize;

/// Objects may be slides.
pub(crate) const BODY_LIMIT: usize = 64 << 30;
/// How long bringing and fetching may take.
pub(crate) const PATIENCE: Duration = Duration::from_hours(2);
/// The media type of what is answered as JSON.
const DICOM_JSON: &str = "application/dicom+json";

/// What an address names: a study, a series of it, an instance of that; or less.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Address {
    study: Option<String>,
    series: Option<String>,
    instance: Option<String>,
}

impl Address {
    /// The instances at it.
    fn selection(self) -> Selection {
        let list = |one: Option<String>| one.into_iter().collect();
        Selection { studies: list(self.study), series: list(self.series), instances: list(self.instance) }
    }
}

/// The URL of a tenant's DICOMweb base, without a slash at its end.
fn base(app: &App, tenant: TenantId) -> String {
    format!("{}/dicomweb", app.public_url(tenant))
}

/// The parameters of an address.
fn pairs(query: Option<&str>) -> Vec<(String, String)> {
    url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned().collect()
}

/// The value of a parameter.
fn parameter<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}
