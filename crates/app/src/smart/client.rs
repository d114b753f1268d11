//! A registered application: what an administrator knows of it, and what it may ask for.

use bianque_model::{Context, ResourceId, Timestamp};
use bianque_store::StateKey;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::scopes::{Level, Scopes};
use crate::aggregate::{Aggregate, Loaded, shared};
use crate::{App, Error, instant};

/// What an application can keep secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Nothing: it runs in browsers or on people's devices.
    Public,
    /// A secret that both sides know.
    ConfidentialSecret,
    /// A key, whose public half is registered.
    ConfidentialKey,
    /// A key too; it acts for itself and has no users.
    Service,
}

impl Kind {
    /// Whether it shows who it is by a signed assertion.
    pub const fn has_keys(self) -> bool {
        matches!(self, Self::ConfidentialKey | Self::Service)
    }
}

/// A registered application; its id is its client id.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Client {
    /// Its id.
    pub id: ResourceId,
    /// What people know it by.
    pub name: String,
    /// What it can keep secret.
    pub kind: Kind,
    /// Where people are sent back to, compared as they are.
    pub redirect_uris: Vec<String>,
    /// Where it is opened from a chart; none: it is not.
    pub launch_url: Option<String>,
    /// What it may ask for.
    pub scopes: Vec<String>,
    /// Its public keys, a JWK Set.
    pub keys: Option<Value>,
    /// Where it publishes them instead.
    #[serde(default)]
    pub jwks_uri: Option<String>,
    /// The stored form of its secret.
    pub secret: Option<String>,
    /// Whether it may do anything.
    pub active: bool,
    /// When it was registered.
    pub created_at: Timestamp,
}

impl Aggregate for Client {
    const KIND: &'static str = "application";
    const ABOUT_PATIENT: bool = false;

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn keys(&self) -> Vec<StateKey> {
        vec![shared("all", "application")]
    }
}

impl Client {
    /// What it may ask for.
    pub fn allowed(&self) -> Result<Scopes, Error> {
        let scopes = Scopes::allowed(&self.scopes.join(" "))?;
        // What acts for itself has no patient and no user; what acts for somebody never acts for itself.
        Ok(scopes.without(match self.kind {
            Kind::Service => &[Level::Patient, Level::User],
            _ => &[Level::System],
        }))
    }

    /// As administrators see it.
    pub fn shown(&self) -> Value {
        json!({
            "id": self.id, "name": self.name, "kind": self.kind, "redirect_uris": self.redirect_uris,
            "launch_url": self.launch_url, "scopes": self.scopes, "keys": self.keys, "jwks_uri": self.jwks_uri,
            "active": self.active, "created_at": instant::text(self.created_at),
        })
    }
}

/// All applications of a tenant that a page shows.
const MOST: u32 = 1000;

/// All applications, by name.
pub(super) async fn all(app: &App, context: &Context) -> Result<Vec<Client>, Error> {
    let found = app.list::<Client>(context.tenant, "all", "application"..="application", MOST).await?;
    let mut clients: Vec<Client> = found.into_iter().map(|found| found.value).collect();
    clients.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    Ok(clients)
}

/// An application that may do something.
pub(super) async fn active(app: &App, context: &Context, id: &str) -> Result<Option<Client>, Error> {
    let found = app.load::<Client>(context.tenant, id).await?;
    Ok(found.map(|found| found.value).filter(|client| client.active))
}

/// An application that must be there.
pub(super) async fn existing(app: &App, context: &Context, id: &ResourceId) -> Result<Loaded<Client>, Error> {
    app.load::<Client>(context.tenant, id.as_str()).await?.ok_or_else(Error::not_found)
}
