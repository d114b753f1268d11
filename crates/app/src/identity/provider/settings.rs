//! Identity providers as administrators write them down.

use bianque_model::{Context, ResourceId, Role, TenantId, Timestamp};
use bianque_store::{AuditAction, StateKey};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;

use super::metadata;
use crate::admin::prices::Words;
use crate::aggregate::{Aggregate, Loaded, shared};
use crate::identity::accounts;
use crate::visits::access::{bounded, required};
use crate::{App, Change, Error, policy};

/// Providers of one tenant.
const MOST: u32 = 20;
/// Rows of one table of roles.
const MOST_ROWS: usize = 200;

/// An identity provider.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Provider {
    /// Its id here.
    pub id: String,
    /// The client secret, sealed with the installation's key; none: a public client.
    pub secret: Option<String>,
    /// When it was written down.
    pub made_at: Timestamp,
    /// The rest.
    pub settings: Settings,
}

/// What an administrator decides of a provider.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// What stands on its button.
    pub name: Words,
    /// Its issuer identifier, exactly.
    pub issuer: String,
    /// What it knows this server as.
    pub client_id: String,
    /// Scopes besides `openid`.
    pub scopes: Vec<String>,
    /// The claim that tells groups or roles.
    pub role_claim: String,
    /// Which value gives which role, the strongest first. Empty: roles are kept here.
    pub roles: Vec<Row>,
    /// Who comes for the first time and is known here is found by this claim, which is their login; none: by nothing.
    pub match_claim: Option<String>,
    /// Whether who comes for the first time and is not known here gets an account by the table.
    pub creates: bool,
    /// Values of `acr` that count as a second factor.
    pub factor_acr: Vec<String>,
    /// Values of `amr` that count as a second factor.
    pub factor_amr: Vec<String>,
    /// Whether anybody signs in by it.
    pub active: bool,
}

/// A row of the table of roles.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// The value of the claim, exactly.
    pub value: String,
    /// The role that it gives.
    pub role: Role,
    /// The institution that it is given in.
    pub organization_id: ResourceId,
}

/// A provider as it is sent.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Writing {
    /// The settings.
    pub settings: Settings,
    /// The client secret; missing: it stays as it is; empty: there is none.
    pub secret: Option<String>,
}

impl Aggregate for Provider {
    const KIND: &'static str = "identity-provider";
    const ABOUT_PATIENT: bool = false;

    fn id(&self) -> String {
        self.id.clone()
    }

    fn keys(&self) -> Vec<StateKey> {
        vec![shared("all", "provider")]
    }
}

impl Provider {
    /// The client secret, opened.
    pub(super) fn open_secret(&self, app: &App) -> Result<Option<String>, Error> {
        let Some(sealed) = &self.secret else { return Ok(None) };
        let plain = app.secrets.unseal(&about(&self.id), sealed)?;
        String::from_utf8(plain).map(Some).map_err(Error::internal)
    }
}

/// All providers, in the order in which they were written down.
pub(super) async fn all(app: &App, tenant: TenantId) -> Result<Vec<Loaded<Provider>>, Error> {
    let mut all = app.list::<Provider>(tenant, "all", "provider"..="provider", MOST).await?;
    all.sort_by_key(|provider| provider.value.made_at);
    Ok(all)
}

/// All providers, for an administrator; none of their secrets.
pub async fn list(app: &App, context: &Context) -> Result<Value, Error> {
    policy::administrator(context)?;
    let shown: Vec<Value> =
        all(app, context.tenant).await?.iter().map(|one| show(app, context.tenant, &one.value)).collect();
    Ok(json!({
        "providers": shown, "redirect_uri": redirect_uri(app, context.tenant), "post_logout_redirect_uri": after_sign_out(app, context.tenant),
    }))
}

/// Writes down a provider.
pub async fn make(app: &App, context: &Context, writing: Writing) -> Result<Value, Error> {
    policy::administrator(context)?;
    if all(app, context.tenant).await?.len() >= MOST as usize {
        return Err(Error::conflict("provider.most", "there are as many providers as there may be"));
    }
    let id = Uuid::now_v7().to_string();
    let settings = checked(app, context, writing.settings).await?;
    let secret = sealed(app, &id, writing.secret, None)?;
    let provider = Provider { id, secret, made_at: context.now, settings };
    let mut change = Change::new(app, context);
    change.insert(&provider)?;
    change.audit(AuditAction::C, "provider.make", None, &entity(&provider.id));
    change.commit().await?;
    Ok(json!({"provider": show(app, context.tenant, &provider)}))
}

/// Changes a provider. Another issuer is another provider: whoever was linked to the old one is not linked to it.
pub async fn change(app: &App, context: &Context, id: &str, writing: Writing) -> Result<Value, Error> {
    policy::administrator(context)?;
    let mut loaded = app.load::<Provider>(context.tenant, id).await?.ok_or_else(Error::not_found)?;
    let provider = &mut loaded.value;
    provider.settings = checked(app, context, writing.settings).await?;
    provider.secret = sealed(app, id, writing.secret, provider.secret.take())?;
    let mut change = Change::new(app, context);
    change.update(&loaded)?;
    change.audit(AuditAction::U, "provider.change", None, &entity(id));
    change.commit().await?;
    Ok(json!({"provider": show(app, context.tenant, &loaded.value)}))
}

/// Takes a provider away. Accounts stay, and whoever has no password asks an administrator for a link.
pub async fn remove(app: &App, context: &Context, id: &str) -> Result<(), Error> {
    policy::administrator(context)?;
    app.load::<Provider>(context.tenant, id).await?.ok_or_else(Error::not_found)?;
    let mut change = Change::new(app, context);
    change.remove::<Provider>(id);
    change.audit(AuditAction::D, "provider.remove", None, &entity(id));
    change.commit().await.map(drop)
}

/// Asks a provider for what it publishes of itself, and tells what came of it.
pub async fn test(app: &App, context: &Context, id: &str) -> Result<Value, Error> {
    policy::administrator(context)?;
    let provider = app.load::<Provider>(context.tenant, id).await?.ok_or_else(Error::not_found)?.value;
    let mut change = Change::new(app, context);
    change.audit(AuditAction::E, "provider.test", None, &entity(id));
    change.commit().await?;
    let result = match metadata::fetch(app, &provider.settings.issuer).await {
        Ok(found) => json!({
            "ok": true, "keys": found.keys.len(), "logout": found.metadata.end_session_endpoint.is_some(),
        }),
        Err(error) => {
            json!({"ok": false, "code": error.code, "message": error.message, "details": error.details})
        }
    };
    Ok(json!({"result": result}))
}

/// Where providers send people back to.
pub(super) fn redirect_uri(app: &App, tenant: TenantId) -> String {
    format!("{}/sign-in/provider", app.public_url(tenant))
}

/// Where providers send people back to who signed out there.
pub(super) fn after_sign_out(app: &App, tenant: TenantId) -> String {
    format!("{}/sign-in", app.public_url(tenant))
}

/// A provider as audit rows name it.
pub(super) fn entity(id: &str) -> String {
    format!("IdentityProvider/{id}")
}

async fn checked(app: &App, context: &Context, settings: Settings) -> Result<Settings, Error> {
    let words = |list: &[String], field| texts(field, list, 20);
    let settings = Settings {
        name: Words {
            en: required("name_en", &settings.name.en, 60)?,
            zh: required("name_zh", &settings.name.zh, 60)?,
        },
        issuer: issuer(&settings.issuer)?,
        client_id: required("client_id", &settings.client_id, 200)?,
        scopes: words(&settings.scopes, "scopes")?,
        role_claim: bounded("role_claim", &settings.role_claim, 200)?,
        match_claim: settings.match_claim.map(|claim| required("match_claim", &claim, 200)).transpose()?,
        factor_acr: words(&settings.factor_acr, "factor_acr")?,
        factor_amr: words(&settings.factor_amr, "factor_amr")?,
        ..settings
    };
    if settings.scopes.iter().any(|scope| scope.contains(char::is_whitespace)) {
        return Err(Error::field("field.blank", "scopes", "a scope has no blanks"));
    }
    if settings.roles.len() > MOST_ROWS {
        return Err(Error::field("field.long", "roles", "the table of roles is too long"));
    }
    if settings.role_claim.is_empty() && !settings.roles.is_empty() {
        return Err(Error::field(
            "field.required",
            "role_claim",
            "a table of roles needs the claim that it reads",
        ));
    }
    if settings.creates && settings.roles.is_empty() {
        let message = "accounts are made by the table of roles, which is empty";
        return Err(Error::field("provider.no-table", "roles", message));
    }
    for row in &settings.roles {
        required("roles", &row.value, 500)?;
        if accounts::is_registered(row.role).is_none() {
            return Err(Error::field("field.code", "roles", "a provider does not give this role"));
        }
        let unknown = |_| Error::field("organization.unknown", "roles", "no such institution");
        app.resource(context.tenant, "Organization", &row.organization_id).await.map_err(unknown)?;
    }
    Ok(settings)
}

fn texts(field: &'static str, list: &[String], most: usize) -> Result<Vec<String>, Error> {
    if list.len() > most {
        return Err(Error::field("field.long", field, format!("{field} has too many entries")));
    }
    list.iter().map(|text| required(field, text, 200)).collect()
}

/// OpenID Connect Discovery 1.0, section 4.1: no query and no fragment. Whether it may be asked is decided on the way out.
fn issuer(text: &str) -> Result<String, Error> {
    let text = required("issuer", text, 500)?;
    let wrong =
        || Error::field("provider.issuer", "issuer", "the issuer is an address that begins with https://");
    let url = Url::parse(&text).map_err(|_| wrong())?;
    let whole = url.host().is_some() && url.query().is_none() && url.fragment().is_none();
    if whole && matches!(url.scheme(), "https" | "http") && url.username().is_empty() {
        Ok(text)
    } else {
        Err(wrong())
    }
}

fn sealed(
    app: &App,
    id: &str,
    given: Option<String>,
    before: Option<String>,
) -> Result<Option<String>, Error> {
    match given {
        None => Ok(before),
        Some(secret) if secret.is_empty() => Ok(None),
        Some(secret) if secret.len() > 1000 => {
            Err(Error::field("field.long", "secret", "the secret is too long"))
        }
        Some(secret) => app.secrets.seal(&about(id), secret.as_bytes()).map(Some),
    }
}

fn about(id: &str) -> String {
    format!("identity-provider|{id}")
}

fn show(app: &App, tenant: TenantId, provider: &Provider) -> Value {
    let logout = format!("{}/api/identity-providers/{}/logout", app.public_url(tenant), provider.id);
    json!({
        "id": provider.id, "settings": provider.settings, "has_secret": provider.secret.is_some(),
        "backchannel_logout_uri": logout,
    })
}
