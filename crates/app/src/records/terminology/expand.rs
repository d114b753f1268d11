//! All codes of a value set (FHIR R4, ValueSet `$expand`).

use bianque_fhir::instant;
use bianque_fhir::terminology::{Expand, Given};
use bianque_model::{Context, ResourceId};
use serde_json::Value;

use super::{known, may_ask, unanswered};
use crate::records::asked::{Asked, missing};
use crate::{App, Error};

/// What is taken. Codes are never nested in the answer, and none is put together, so that two of them change nothing.
pub(in crate::records) const NAMES: [&str; 12] = [
    "url",
    "valueSet",
    "valueSetVersion",
    "filter",
    "offset",
    "count",
    "includeDesignations",
    "activeOnly",
    "excludeNotForUI",
    "displayLanguage",
    "excludeNested",
    "excludePostCoordinated",
];

/// The expansion, a ValueSet: of the stored value set of an id, of one by its URL, or of one that is given in place.
pub async fn expand(
    app: &App,
    context: &Context,
    id: Option<&ResourceId>,
    asked: &Asked,
) -> Result<Vec<u8>, Error> {
    may_ask(context)?;
    asked.only(&NAMES)?;
    let wanted = Expand {
        filter: asked.text("filter"),
        offset: asked.number("offset")?.unwrap_or_default(),
        count: asked.number("count")?,
        active_only: asked.flag("activeOnly")?,
        selectable_only: asked.flag("excludeNotForUI")?,
        designations: asked.flag("includeDesignations")?,
        language: asked.text("displayLanguage"),
    };
    let now = instant(context.now);
    let expanded = match subject(app, context, id, asked).await? {
        Subject::Url(url) => known::about(app, context, vec![url.clone()]).await?.expand(&url, &wanted, &now),
        Subject::Resource(value_set) => known::about(app, context, taken_from(&value_set))
            .await?
            .expand_resource(&value_set, &wanted, &now),
    };
    Ok(expanded.map_err(|refusal| unanswered(&refusal))?.to_string().into_bytes())
}

/// The value set that is asked about.
pub(super) enum Subject {
    /// By URL, with a version behind a `|` where one is meant.
    Url(String),
    Resource(Box<Value>),
}

pub(super) async fn subject(
    app: &App,
    context: &Context,
    id: Option<&ResourceId>,
    asked: &Asked,
) -> Result<Subject, Error> {
    if let Some(id) = id {
        return Ok(Subject::Resource(Box::new(known::by_id(app, context, id).await?)));
    }
    if let Some(value_set) = asked.resource("valueSet", "ValueSet")? {
        return Ok(Subject::Resource(Box::new(value_set.clone())));
    }
    let url = asked.text("url").ok_or_else(|| missing("url or valueSet"))?;
    let version = asked.text("valueSetVersion").map(|version| format!("|{version}")).unwrap_or_default();
    Ok(Subject::Url(format!("{url}{version}")))
}

/// The URLs that a value set given as a resource takes from.
pub(super) fn taken_from(value_set: &Value) -> Vec<String> {
    Given::read(value_set).map(|given| given.references()).unwrap_or_default()
}
