//! The applications that a chart can be opened in.

use bianque_model::Context;
use serde_json::{Value, json};

use super::{client, for_users};
use crate::{App, Error};

/// By name.
pub async fn list(app: &App, context: &Context) -> Result<Value, Error> {
    for_users(context)?;
    let all = client::all(app, context).await?;
    let opened = all.iter().filter(|client| client.active && client.launch_url.is_some());
    let shown: Vec<Value> = opened.map(|client| json!({"id": client.id, "name": client.name})).collect();
    Ok(json!({"applications": shown}))
}
