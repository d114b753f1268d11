//! Users: their accounts, and of all but administrators their Practitioner and PractitionerRole.

use bianque_model::{Context, ResourceId, Role, UserId};
use bianque_store::AuditAction;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::aggregate::Loaded;
use crate::identity::accounts::{self, Account};
use crate::identity::{factors, password_links, sessions};
use crate::people::display_name;
use crate::visits::access::{bounded, required};
use crate::{App, Change, Error, instant, policy};

/// Accounts of one tenant that a page shows.
const MOST: u32 = 2000;
/// Registration numbers of practitioners.
pub const REGISTRATION_SYSTEM: &str = "https://bianque.example/fhir/registration";

/// What somebody is at an institution, as a PractitionerRole says it: the code of their [`Role`].
pub const ROLE_SYSTEM: &str = "https://bianque.example/fhir/CodeSystem/role";

/// A user as an administrator makes one.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Making {
    /// The person's name.
    pub name: String,
    /// What they type to sign in.
    pub login: String,
    /// One of [`accounts::ROLES`].
    pub role: Role,
    /// Their institution.
    pub organization_id: ResourceId,
    /// Their registration number, where their role has one.
    #[serde(default)]
    pub registration: String,
    /// Their title.
    #[serde(default)]
    pub title: String,
}

/// What is changed of a user.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Changing {
    /// Their name.
    pub name: Option<String>,
    /// Whether they may sign in.
    pub active: Option<bool>,
    /// Their institution.
    pub organization_id: Option<ResourceId>,
    /// Their registration number.
    pub registration: Option<String>,
    /// Their title.
    pub title: Option<String>,
}

/// All users, by name.
pub async fn list(app: &App, context: &Context) -> Result<Value, Error> {
    policy::administrator(context)?;
    let mut accounts = app.list::<Account>(context.tenant, "all", "account"..="account", MOST).await?;
    accounts.sort_by(|a, b| a.value.name.cmp(&b.value.name));
    let homes = accounts.iter().map(|account| ("Organization", &account.value.organization));
    let homes = app.read_many(context.tenant, homes).await?;
    let mut shown = Vec::with_capacity(accounts.len());
    let protected = factors::who_has_one(app, context.tenant).await?;
    for Loaded { value, .. } in &accounts {
        let mut user = line(value, homes.get("Organization", &value.organization)?);
        user["second_factor"] = json!(protected.contains(&value.id));
        shown.push(user);
    }
    Ok(json!({"users": shown}))
}

/// Makes a user; answers the one-time link by which they choose a password.
pub async fn make(app: &App, context: &Context, making: Making) -> Result<Value, Error> {
    policy::administrator(context)?;
    let account = account(context, making)?;
    require_organization(app, context, &account.organization).await?;
    let mut change = Change::new(app, context);
    write_practitioner(&account, &mut change)?;
    change.insert(&account)?;
    let link = password_links::make(app, context, account.id, &mut change)?;
    change.audit(AuditAction::C, "user.make", None, &format!("User/{}", account.id));
    change.commit().await.map_err(|error| match error.code {
        "taken" => {
            Error { field: Some("login"), ..Error::conflict("login.taken", "somebody has this login") }
        }
        _ => error,
    })?;
    Ok(json!({"user": show(app, context, &account).await?, "password_link": link}))
}

/// Refuses what [`make`] would refuse, but for a login that is taken.
pub(crate) async fn check(app: &App, context: &Context, making: &Making) -> Result<(), Error> {
    policy::administrator(context)?;
    let account = account(context, making.clone())?;
    require_organization(app, context, &account.organization).await
}

/// Changes a user; who is no longer active is signed out everywhere.
pub async fn change(app: &App, context: &Context, id: UserId, changing: Changing) -> Result<Value, Error> {
    policy::administrator(context)?;
    let mut loaded =
        app.load::<Account>(context.tenant, &id.to_string()).await?.ok_or_else(Error::not_found)?;
    let account = &mut loaded.value;
    if let Some(name) = changing.name {
        account.name = required("name", &name, 200)?;
    }
    if let Some(registration) = changing.registration {
        account.registration = registration_of(account.role, &registration)?;
    }
    if let Some(title) = changing.title {
        account.title = bounded("title", &title, 100)?;
    }
    if let Some(organization) = changing.organization_id {
        require_organization(app, context, &organization).await?;
        account.organization = organization;
    }
    let mut change = Change::new(app, context);
    if let Some(active) = changing.active {
        if !active && context.actor.user() == Some(id) {
            return Err(Error::field("user.self", "active", "nobody locks themself out"));
        }
        account.active = active;
        if !active {
            sessions::end_all(app, context, id, &mut change).await?;
        }
    }
    write_practitioner(account, &mut change)?;
    change.update(&loaded)?;
    change.audit(AuditAction::U, "user.change", None, &format!("User/{id}"));
    change.commit().await?;
    if !loaded.value.active {
        sessions::tell_ended(app, context, Some(id));
    }
    Ok(json!({"user": show(app, context, &loaded.value).await?}))
}

/// Makes a new one-time link and signs the user out everywhere.
pub async fn password_link(app: &App, context: &Context, id: UserId) -> Result<Value, Error> {
    policy::administrator(context)?;
    app.load::<Account>(context.tenant, &id.to_string()).await?.ok_or_else(Error::not_found)?;
    let mut change = Change::new(app, context);
    sessions::end_all(app, context, id, &mut change).await?;
    let link = password_links::make(app, context, id, &mut change)?;
    change.audit(AuditAction::U, "user.password-link", None, &format!("User/{id}"));
    change.commit().await?;
    sessions::tell_ended(app, context, Some(id));
    Ok(json!({"password_link": link}))
}

/// Takes a user's authenticator app, passkeys and recovery codes away, for who has lost them, and signs the user out
/// everywhere. The password stays.
pub async fn reset_second_factor(app: &App, context: &Context, id: UserId) -> Result<(), Error> {
    policy::administrator(context)?;
    app.load::<Account>(context.tenant, &id.to_string()).await?.ok_or_else(Error::not_found)?;
    let mut change = Change::new(app, context);
    sessions::end_all(app, context, id, &mut change).await?;
    factors::take_all(app, context.tenant, id, &mut change).await?;
    change.audit(AuditAction::E, "factor.reset", None, &format!("User/{id}"));
    change.commit().await?;
    sessions::tell_ended(app, context, Some(id));
    Ok(())
}

/// Writes the Practitioner and PractitionerRole of an account as it says; an administrator has none.
pub(crate) fn write_practitioner(account: &Account, change: &mut Change<'_>) -> Result<(), Error> {
    let Some(practitioner) = &account.practitioner else { return Ok(()) };
    let mut person = json!({
        "resourceType": "Practitioner",
        "id": practitioner,
        "active": account.active,
        "name": [{"text": account.name}],
    });
    if !account.registration.is_empty() {
        let identifier = json!({"system": REGISTRATION_SYSTEM, "value": account.registration});
        person["identifier"] = json!([identifier]);
        let title = if account.title.is_empty() { "Physician" } else { &account.title };
        person["qualification"] = json!([{"identifier": [identifier], "code": {"text": title}}]);
    } else if !account.title.is_empty() {
        person["name"][0]["prefix"] = json!([account.title]);
    }
    change.put(&person)?;
    change.put(&json!({
        "resourceType": "PractitionerRole",
        // One role per account: its id is the account's.
        "id": account.id,
        "active": account.active,
        "practitioner": {"reference": format!("Practitioner/{practitioner}"), "display": account.name},
        "organization": {"reference": format!("Organization/{}", account.organization)},
        "code": [{"coding": [{"system": ROLE_SYSTEM, "code": account.role}]}],
    }))
}

fn account(context: &Context, making: Making) -> Result<Account, Error> {
    let login = accounts::new_login(&making.login)?;
    let registration = registration_of(making.role, &making.registration)?;
    Ok(Account {
        id: UserId(Uuid::now_v7()),
        login,
        name: required("name", &making.name, 200)?,
        role: making.role,
        title: bounded("title", &making.title, 100)?,
        registration,
        practitioner: (making.role != Role::Administrator).then(|| Uuid::now_v7().into()),
        organization: making.organization_id,
        password: None,
        active: true,
        created_at: context.now,
        last_seen_at: None,
    })
}

fn registration_of(role: Role, registration: &str) -> Result<String, Error> {
    let registration = bounded("registration", registration, 64)?;
    let is_registered = accounts::is_registered(role)
        .ok_or_else(|| Error::field("field.code", "role", "no account has this role"))?;
    if is_registered && registration.is_empty() {
        return Err(Error::field("field.required", "registration", "this role has a registration number"));
    }
    Ok(registration)
}

async fn require_organization(app: &App, context: &Context, id: &ResourceId) -> Result<(), Error> {
    let unknown = |_| Error::field("organization.unknown", "organization_id", "no such institution");
    app.resource(context.tenant, "Organization", id).await.map(drop).map_err(unknown)
}

async fn show(app: &App, context: &Context, account: &Account) -> Result<Value, Error> {
    let organization = app.resource(context.tenant, "Organization", &account.organization).await?.value;
    Ok(line(account, &organization))
}

fn line(account: &Account, organization: &Value) -> Value {
    json!({
        "id": account.id, "name": account.name, "login": account.login, "role": account.role,
        "title": account.title, "registration": account.registration, "practitioner_id": account.practitioner,
        "organization": {"id": account.organization, "name": display_name(organization)},
        "active": account.active,
        "created_at": instant::text(account.created_at),
        "last_seen_at": account.last_seen_at.map(instant::text),
    })
}
