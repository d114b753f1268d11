//! Register and change applications.

use bianque_model::{Context, ResourceId};
use bianque_store::AuditAction;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::client::{self, Client, Kind};
use super::scopes::Scopes;
use super::{addresses, client_proof, grants, keys, published_keys};
use crate::visits::access::required;
use crate::{App, Change, Error, policy};

/// Redirect addresses of one application.
const MOST: usize = 20;

/// An application as an administrator registers it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Making {
    /// What people will know it by.
    pub name: String,
    /// What it can keep secret.
    pub kind: Kind,
    /// Where people are sent back to; a service has none.
    #[serde(default)]
    pub redirect_uris: Vec<String>,
    /// Where it is opened from a chart.
    #[serde(default)]
    pub launch_url: Option<String>,
    /// What it may ask for, with blanks between.
    pub scopes: String,
    /// Its public keys, a JWK Set, where its kind has keys.
    #[serde(default)]
    pub keys: Option<Value>,
    /// Where it publishes them instead.
    #[serde(default)]
    pub jwks_uri: Option<String>,
}

/// What is changed of an application. Its kind stays.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Changing {
    /// What people know it by.
    pub name: Option<String>,
    /// Where people are sent back to.
    pub redirect_uris: Option<Vec<String>>,
    /// Where it is opened from a chart; empty: it is not.
    pub launch_url: Option<String>,
    /// What it may ask for, with blanks between.
    pub scopes: Option<String>,
    /// Its public keys, in place of an address.
    pub keys: Option<Value>,
    /// Where it publishes them, in place of keys.
    pub jwks_uri: Option<String>,
    /// Whether it may do anything.
    pub active: Option<bool>,
}

/// All applications.
pub async fn list(app: &App, context: &Context) -> Result<Value, Error> {
    policy::administrator(context)?;
    let all = client::all(app, context).await?;
    Ok(json!({"applications": all.iter().map(Client::shown).collect::<Vec<_>>()}))
}

/// Registers one. Its secret, where its kind has one, is told here and never again.
pub async fn make(app: &App, context: &Context, making: Making) -> Result<Value, Error> {
    policy::administrator(context)?;
    let mut client = Client {
        id: Uuid::now_v7().into(),
        name: required("name", &making.name, 100)?,
        kind: making.kind,
        redirect_uris: redirects(making.kind, &making.redirect_uris)?,
        launch_url: launch_url(making.kind, making.launch_url)?,
        scopes: scopes(&making.scopes)?,
        keys: making.keys,
        jwks_uri: jwks_uri(making.jwks_uri)?,
        secret: None,
        active: true,
        created_at: context.now,
    };
    check(&client)?;
    let secret = (client.kind == Kind::ConfidentialSecret).then(client_proof::new_secret).transpose()?;
    client.secret = secret.as_ref().map(|secret| client_proof::stored(app, secret));
    let mut change = Change::new(app, context);
    change.insert(&client)?;
    change.audit(AuditAction::C, "application.register", None, &format!("Application/{}", client.id));
    change.commit().await?;
    Ok(json!({
        "application": client.shown(), "client_secret": secret, "keys_read": keys_read(app, &client).await,
    }))
}

/// Changes one. What is no longer active, or may no longer ask for what it did, loses every grant.
pub async fn change(
    app: &App,
    context: &Context,
    id: &ResourceId,
    changing: Changing,
) -> Result<Value, Error> {
    policy::administrator(context)?;
    let mut loaded = client::existing(app, context, id).await?;
    let before = loaded.value.clone();
    apply(&mut loaded.value, changing)?;
    check(&loaded.value)?;
    let after = &loaded.value;
    let mut change = Change::new(app, context);
    if !after.active || !before.allowed()?.are_within(&after.allowed()?) {
        grants::end_of_client(app, context, id, &mut change).await?;
    }
    change.update(&loaded)?;
    change.audit(AuditAction::U, "application.change", None, &format!("Application/{id}"));
    change.commit().await?;
    Ok(json!({"application": loaded.value.shown(), "keys_read": keys_read(app, &loaded.value).await}))
}

/// Gives it a new secret, told here and never again; the one before is good for nothing from now on.
pub async fn renew_secret(app: &App, context: &Context, id: &ResourceId) -> Result<Value, Error> {
    policy::administrator(context)?;
    let mut loaded = client::existing(app, context, id).await?;
    if loaded.value.kind != Kind::ConfidentialSecret {
        return Err(Error::conflict("application.no-secret", "an application of this kind has no secret"));
    }
    let secret = client_proof::new_secret()?;
    loaded.value.secret = Some(client_proof::stored(app, &secret));
    let mut change = Change::new(app, context);
    change.update(&loaded)?;
    change.audit(AuditAction::U, "application.secret", None, &format!("Application/{id}"));
    change.commit().await?;
    Ok(json!({"application": loaded.value.shown(), "client_secret": secret}))
}

fn apply(client: &mut Client, changing: Changing) -> Result<(), Error> {
    if let Some(name) = changing.name {
        client.name = required("name", &name, 100)?;
    }
    if let Some(uris) = changing.redirect_uris {
        client.redirect_uris = redirects(client.kind, &uris)?;
    }
    if changing.launch_url.is_some() {
        client.launch_url = launch_url(client.kind, changing.launch_url)?;
    }
    if let Some(text) = changing.scopes {
        client.scopes = scopes(&text)?;
    }
    let address = jwks_uri(changing.jwks_uri)?;
    if changing.keys.is_some() || address.is_some() {
        (client.keys, client.jwks_uri) = (changing.keys, address);
    }
    client.active = changing.active.unwrap_or(client.active);
    Ok(())
}

fn redirects(kind: Kind, uris: &[String]) -> Result<Vec<String>, Error> {
    let fault = |message: &str| Error::field("redirect.invalid", "redirect_uris", message);
    if (kind == Kind::Service) != uris.is_empty() {
        return Err(fault("an application with users has a redirect address, a service has none"));
    }
    if uris.len() > MOST {
        return Err(fault("an application has at most 20 redirect addresses"));
    }
    uris.iter().map(|uri| addresses::redirect(uri.trim())).collect()
}

fn launch_url(kind: Kind, url: Option<String>) -> Result<Option<String>, Error> {
    let url = url.map(|url| url.trim().to_owned()).filter(|url| !url.is_empty());
    if kind == Kind::Service && url.is_some() {
        return Err(Error::field("launch-url.invalid", "launch_url", "a service is not opened from a chart"));
    }
    url.map(|url| addresses::launch(&url)).transpose()
}

fn jwks_uri(address: Option<String>) -> Result<Option<String>, Error> {
    let address = address.map(|address| address.trim().to_owned()).filter(|address| !address.is_empty());
    address.map(|address| addresses::keys(&address)).transpose()
}

/// What came of reading the keys of an application at its address, so that whoever registers it sees what is wrong; null:
/// it has no address.
async fn keys_read(app: &App, client: &Client) -> Value {
    match &client.jwks_uri {
        Some(address) => published_keys::look(app, address).await,
        None => Value::Null,
    }
}

fn scopes(text: &str) -> Result<Vec<String>, Error> {
    Ok(Scopes::allowed(text)?.texts())
}

/// What must be together.
fn check(client: &Client) -> Result<(), Error> {
    let wrong = |message: &str| Err(Error::field("keys.invalid", "keys", message));
    match (&client.keys, &client.jwks_uri, client.kind.has_keys()) {
        (Some(set), None, true) => keys::registered(set)?,
        (None, Some(_), true) | (None, None, false) => {}
        (None, None, true) => return wrong("an application of this kind has keys, or an address of keys"),
        (Some(_), Some(_), true) => return wrong("an application has keys or an address of keys, not both"),
        (_, _, false) => return wrong("an application of this kind has no keys"),
    }
    if client.allowed()?.resources.is_empty() {
        let message = match client.kind {
            Kind::Service => "a service may ask for system/ scopes, and for one at least",
            _ => "an application may ask for patient/ or user/ scopes, and for one at least",
        };
        return Err(Error::field("scope.invalid", "scopes", message));
    }
    Ok(())
}
