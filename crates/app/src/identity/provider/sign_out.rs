//! Signing out here and at the provider (OpenID Connect RP-Initiated Logout 1.0).

use bianque_model::Context;
use serde_json::{Value, json};
use url::Url;

use super::metadata;
use super::refused;
use super::settings::{Provider, after_sign_out};
use super::there::There;
use crate::identity::sessions;
use crate::secrets::random_token;
use crate::{App, Error};

/// Ends the session of a cookie, and tells where the browser goes to end the one at the provider: `{"url", "state"}`.
/// The session here has ended whatever the provider does; both are null when the provider cannot be asked.
pub async fn sign_out(app: &App, context: &Context, cookie: &str) -> Result<Value, Error> {
    let there = There::of_session(app, context, &sessions::id_of(app, cookie)).await?;
    sessions::end(app, context, cookie).await?;
    let state = random_token()?;
    match address(app, context, there, &state).await {
        Ok(Some(url)) => Ok(json!({"url": url.as_str(), "state": state})),
        Ok(None) => Ok(json!({"url": null, "state": null})),
        Err(error) => {
            tracing::warn!(%error, "sign-out at the identity provider");
            Ok(json!({"url": null, "state": null}))
        }
    }
}

async fn address(
    app: &App,
    context: &Context,
    there: Option<There>,
    state: &str,
) -> Result<Option<Url>, Error> {
    let Some(there) = there else { return Ok(None) };
    let Some(provider) = app.load::<Provider>(context.tenant, &there.provider).await? else {
        return Ok(None);
    };
    let settings = &provider.value.settings;
    let published = metadata::of(app, &settings.issuer).await?;
    let Some(mut url) = published.metadata.end_session_endpoint.clone() else { return Ok(None) };
    if !metadata::is_for_browsers(&url, &settings.issuer) {
        return Err(refused("its page for signing out is not https"));
    }
    let mut query = url.query_pairs_mut();
    if let Some(hint) = there.open_hint(app)? {
        query.append_pair("id_token_hint", &hint);
    }
    query
        .append_pair("client_id", &settings.client_id)
        .append_pair("post_logout_redirect_uri", &after_sign_out(app, context.tenant))
        .append_pair("state", state);
    drop(query);
    Ok(Some(url))
}
