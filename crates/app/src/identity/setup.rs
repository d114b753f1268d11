//! The first start of a tenant: a one-time link that makes the first institution and the first administrator.

use bianque_model::{Context, Role, TenantId, Timestamp, UserId};
use bianque_store::AuditAction;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::accounts::{self, Account};
use super::device::Browser;
use super::sessions::{self, Arrival, Begun};
use super::{passwords, same_secret, stored_form};
use crate::admin::organizations;
use crate::aggregate::Aggregate;
use crate::secrets::random_token;
use crate::visits::access::required;
use crate::{App, Change, Error, ErrorKind};

const PURPOSE: &str = "setup";
/// How long the link of a tenant that was made besides is good, seconds: a week.
const GOOD_FOR_S: i64 = 7 * 24 * 3600;

/// The open set-up; gone once it is used.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Setup {
    /// The stored form of the link's token.
    pub token: String,
    /// When the link ends; none, for the first tenant: when the server is started again.
    #[serde(default)]
    pub until: Option<Timestamp>,
}

impl Aggregate for Setup {
    const KIND: &'static str = "setup";
    const ABOUT_PATIENT: bool = false;

    fn id(&self) -> String {
        "setup".to_owned()
    }

    fn expires(&self) -> Option<Timestamp> {
        self.until
    }
}

/// What the first administrator fills in.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FirstUse {
    /// The link's token.
    pub token: String,
    /// The administrator's name.
    pub name: String,
    /// Their login.
    pub login: String,
    /// Their password.
    pub password: String,
    /// The first institution.
    pub institution: Institution,
}

/// The first institution.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Institution {
    /// Its name.
    pub name: String,
    /// Its town.
    #[serde(default)]
    pub city: String,
}

/// Whether nobody has set this tenant up yet.
pub async fn is_needed(app: &App, tenant: TenantId) -> Result<bool, Error> {
    Ok(app.list::<Account>(tenant, "all", "account"..="account", 1).await?.is_empty())
}

/// A fresh set-up link of the first tenant while nobody has an account; each start makes a new one and ends the one
/// before.
pub async fn ensure(app: &App) -> Result<Option<String>, Error> {
    if is_needed(app, TenantId::FIRST).await? {
        renew(app, TenantId::FIRST).await.map(Some)
    } else {
        Ok(None)
    }
}

/// A fresh set-up link of a tenant, which ends the one before.
pub(crate) async fn renew(app: &App, tenant: TenantId) -> Result<String, Error> {
    let context = app.server_context(tenant);
    let token = random_token()?;
    let until = (tenant != TenantId::FIRST).then(|| context.now.plus_seconds(GOOD_FOR_S));
    let mut change = Change::new(app, &context);
    change.save(&Setup { token: stored_form(app, PURPOSE, &token), until })?;
    change.commit().await?;
    Ok(format!("{}/setup/{token}", app.public_url(tenant)))
}

/// Makes the first institution and the first administrator, who is signed in at once.
pub async fn complete(
    app: &App,
    context: &Context,
    browser: &Browser,
    first: FirstUse,
) -> Result<Begun, Error> {
    let invalid = || Error::new(ErrorKind::Forbidden, "setup.invalid", "this set-up link is not open");
    let setup = app.load::<Setup>(context.tenant, "setup").await?.ok_or_else(invalid)?;
    if setup.value.until.is_some_and(|until| context.now >= until)
        || !same_secret(&stored_form(app, PURPOSE, &first.token), &setup.value.token)
        || !is_needed(app, context.tenant).await?
    {
        return Err(invalid());
    }
    let login = accounts::new_login(&first.login)?;
    let organization = organizations::resource(organizations::Making {
        name: first.institution.name,
        city: first.institution.city,
        phone: String::new(),
        kind: "clinic".into(),
    })?;
    let account = Account {
        id: UserId(Uuid::now_v7()),
        name: required("name", &first.name, 200)?,
        role: Role::Administrator,
        title: String::new(),
        registration: String::new(),
        practitioner: None,
        organization: organization["id"].as_str().unwrap_or_default().parse().map_err(Error::internal)?,
        password: Some(passwords::hash(&login, &first.password).await?),
        login,
        active: true,
        created_at: context.now,
        last_seen_at: Some(context.now),
    };
    let mut change = Change::new(app, context);
    change.create(&organization)?;
    change.insert(&account)?;
    change.expect(bianque_store::Expectation::StateVersion {
        kind: Setup::KIND,
        id: "setup".into(),
        version: setup.version,
    });
    change.remove::<Setup>("setup");
    change.audit(AuditAction::C, "setup", None, &format!("User/{}", account.id));
    change.commit().await.map_err(|error| if error.code == "changed" { invalid() } else { error })?;
    let mut change = Change::new(app, context);
    let begun = sessions::begin(app, context, browser, &account, &Arrival::Proved, &mut change).await?;
    change.commit().await?;
    Ok(begun)
}
