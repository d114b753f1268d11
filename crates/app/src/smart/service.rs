//! A token for an application that acts for itself (SMART App Launch 2.2, "Backend Services").

use bianque_model::{Context, ResourceId};
use bianque_store::AuditAction;
use serde_json::{Value, json};

use super::client::{self, Client, Kind};
use super::scopes::{self, Scopes};
use super::{Pairs, access, assertion, needed, unauthorized_client};
use crate::{App, Change, Error};

/// Its tokens are short, for it can sign for the next at any time.
const LASTS_S: i64 = 5 * 60;

/// What of these scopes an application that acts for itself may still do; none: it may do nothing any more.
pub(crate) async fn still_allowed(
    app: &App,
    context: &Context,
    client: &ResourceId,
    scopes: &[String],
) -> Result<Option<Vec<String>>, Error> {
    let Some(client) = client::active(app, context, client.as_str()).await? else { return Ok(None) };
    if client.kind != Kind::Service {
        return Ok(None);
    }
    Ok(Some(Scopes::asked(&scopes.join(" "))?.of(&client.allowed()?).texts()))
}

/// A token of five minutes.
pub(super) async fn token(
    app: &App,
    context: &Context,
    client: &Client,
    pairs: &Pairs,
    mut change: Change<'_>,
) -> Result<Value, Error> {
    if client.kind != Kind::Service {
        return Err(unauthorized_client());
    }
    let given = Scopes::asked(needed(pairs, "scope")?)?.of(&client.allowed()?);
    if given.resources.is_empty() {
        return Err(scopes::invalid("nothing of this scope is allowed to the application"));
    }
    let text = access::make(app, context, (&client.id, None), given.texts(), LASTS_S, &mut change)?;
    change.audit(AuditAction::E, "application.token", None, &format!("Application/{}", client.id));
    change
        .commit()
        .await
        .map_err(|error| if error.code == "changed" { assertion::used_twice() } else { error })?;
    Ok(json!({
        "access_token": text, "token_type": "bearer", "expires_in": LASTS_S, "scope": given.to_string(),
    }))
}
