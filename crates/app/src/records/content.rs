//! Photos lie sealed beside the store; their Binary gets its data when it is read.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bianque_model::Context;
use serde_json::Value;

use super::Record;
use crate::photos::{record::Photo, view};
use crate::{App, Error};

/// The record with the data of its photo, when it is the Binary of one.
pub(super) async fn with_data(app: &App, context: &Context, mut record: Record) -> Result<Record, Error> {
    if record.resource_type != "Binary" {
        return Ok(record);
    }
    let mut binary: Value = serde_json::from_slice(&record.body).map_err(Error::internal)?;
    if binary.get("data").is_some() {
        return Ok(record);
    }
    if let Some(photo) = app.load::<Photo>(context.tenant, record.id.as_str()).await? {
        let bytes = view::read(app, context, &photo.value.patient, photo.value.blob).await?;
        binary["data"] = STANDARD.encode(bytes).into();
        record.body = binary.to_string().into_bytes();
    }
    Ok(record)
}
