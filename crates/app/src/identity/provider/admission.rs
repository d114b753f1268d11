//! Whose account somebody from a provider is, and which role their groups give: decided anew at every sign-in.

use bianque_model::{Context, Role, UserId};
use bianque_store::{AuditAction, StateKey};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::settings::{Provider, Row, Settings};
use crate::admin::users;
use crate::aggregate::{Aggregate, Loaded, shared};
use crate::change::audit_row;
use crate::identity::accounts::{self, Account};
use crate::identity::{sessions, stored_form};
use crate::{App, Change, Error, ErrorKind};

const SUBJECT: &str = "provider-subject";

/// An account that somebody at a provider is; its id is the stored form of who they are there.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Link {
    id: String,
    /// The account.
    pub(super) user: UserId,
    /// The provider.
    pub(super) provider: String,
}

impl Aggregate for Link {
    const KIND: &'static str = "provider-link";
    const ABOUT_PATIENT: bool = false;

    fn id(&self) -> String {
        self.id.clone()
    }

    fn keys(&self) -> Vec<StateKey> {
        vec![shared("user", self.user.to_string())]
    }
}

impl Link {
    /// Another issuer is another provider, whatever else stays the same.
    fn new(app: &App, provider: &Provider, subject: &str, user: UserId) -> Self {
        Self { id: Self::subject_id(app, provider, subject), user, provider: provider.id.clone() }
    }

    /// The stored form of who somebody at a provider is.
    pub(super) fn subject_id(app: &App, provider: &Provider, subject: &str) -> String {
        stored_form(app, SUBJECT, &format!("{}|{}|{subject}", provider.id, provider.settings.issuer))
    }

    /// Who somebody at a provider is here.
    pub(super) async fn of_subject(
        app: &App,
        context: &Context,
        provider: &Provider,
        claims: &Value,
    ) -> Result<Option<Self>, Error> {
        let id = Self::subject_id(app, provider, subject(claims));
        Ok(app.load::<Self>(context.tenant, &id).await?.map(|loaded| loaded.value))
    }

    /// Who an account is at a provider.
    pub(super) async fn of_account(
        app: &App,
        context: &Context,
        user: UserId,
    ) -> Result<Option<Self>, Error> {
        Ok(app.find::<Self>(context.tenant, "user", &user.to_string()).await?.map(|loaded| loaded.value))
    }
}

/// The account of somebody whom a provider vouches for, with the role that their groups give now.
pub(super) async fn admit(
    app: &App,
    context: &Context,
    provider: &Provider,
    claims: &Value,
) -> Result<Loaded<Account>, Error> {
    let row = matching(&provider.settings, claims);
    let known = find(app, context, provider, claims).await?;
    let allowed = match &known {
        Some((account, _)) => may_come(&provider.settings, row, &account.value),
        None => may_be_made(&provider.settings, row),
    };
    if let Err(error) = allowed {
        if let Some((account, true)) = &known {
            // Who lost the right at the provider has lost it here, also where they are still signed in.
            end_sessions(app, context, account.value.id).await?;
        }
        return Err(error);
    }
    match known {
        Some((account, linked)) => keep_up(app, context, provider, claims, account, linked, row).await,
        None => make(app, context, provider, claims, row.ok_or_else(no_role)?).await,
    }
}

/// The first row of the table whose value the claim has.
fn matching<'s>(settings: &'s Settings, claims: &Value) -> Option<&'s Row> {
    let values: Vec<&str> = match &claims[settings.role_claim.as_str()] {
        Value::Array(many) => many.iter().filter_map(Value::as_str).collect(),
        Value::String(one) => vec![one],
        _ => Vec::new(),
    };
    settings.roles.iter().find(|row| values.contains(&row.value.as_str()))
}

fn may_come(settings: &Settings, row: Option<&Row>, account: &Account) -> Result<(), Error> {
    if !account.active {
        return Err(Error::new(ErrorKind::SignIn, "provider.locked", "this account is locked here"));
    }
    match row {
        Some(_) => Ok(()),
        // Administrators come by a row that says so, never by an account that happens to be one.
        None if settings.roles.is_empty() && account.role != Role::Administrator => Ok(()),
        None => Err(no_role()),
    }
}

fn may_be_made(settings: &Settings, row: Option<&Row>) -> Result<(), Error> {
    if !settings.creates {
        let message = "nobody here is linked to this person at the provider";
        return Err(Error::new(ErrorKind::SignIn, "provider.unknown", message));
    }
    row.map(drop).ok_or_else(no_role)
}

/// An account that is linked already, or that the claim of an administrator's choice names; whether it is linked.
async fn find(
    app: &App,
    context: &Context,
    provider: &Provider,
    claims: &Value,
) -> Result<Option<(Loaded<Account>, bool)>, Error> {
    if let Some(link) = Link::of_subject(app, context, provider, claims).await? {
        let account = app.load::<Account>(context.tenant, &link.user.to_string()).await?;
        return Ok(account.map(|account| (account, true)));
    }
    let Some(claim) = &provider.settings.match_claim else { return Ok(None) };
    let Some(login) = claims[claim.as_str()].as_str().filter(|login| !login.is_empty()) else {
        return Ok(None);
    };
    if claim == "email" && claims["email_verified"] != true {
        return Ok(None);
    }
    let Some(account) = accounts::by_login(app, context.tenant, login).await? else { return Ok(None) };
    if Link::of_account(app, context, account.value.id).await?.is_some() {
        let message = "this account is linked to somebody else at a provider";
        return Err(Error::new(ErrorKind::SignIn, "provider.linked", message));
    }
    Ok(Some((account, false)))
}

/// Links an account that is not linked yet, and gives it the role of the row.
async fn keep_up(
    app: &App,
    context: &Context,
    provider: &Provider,
    claims: &Value,
    mut account: Loaded<Account>,
    linked: bool,
    row: Option<&Row>,
) -> Result<Loaded<Account>, Error> {
    let user = account.value.id;
    let given =
        row.filter(|row| row.role != account.value.role || row.organization_id != account.value.organization);
    if linked && given.is_none() {
        return Ok(account);
    }
    let mut change = Change::new(app, context);
    if !linked {
        change.insert(&Link::new(app, provider, subject(claims), user))?;
        change.audit(AuditAction::U, "provider.link", None, &format!("User/{user}"));
    }
    if let Some(row) = given {
        give(&mut account.value, row);
        users::write_practitioner(&account.value, &mut change)?;
        sessions::end_all(app, context, user, &mut change).await?;
        audit_role(context, &account.value, &mut change);
    }
    change.update(&account)?;
    change.commit().await?;
    if given.is_some() {
        sessions::tell_ended(app, context, Some(user));
    }
    app.load::<Account>(context.tenant, &user.to_string()).await?.ok_or_else(Error::not_found)
}

/// Makes the account of somebody who comes for the first time.
async fn make(
    app: &App,
    context: &Context,
    provider: &Provider,
    claims: &Value,
    row: &Row,
) -> Result<Loaded<Account>, Error> {
    let text = |name: &str| claims[name].as_str().map(str::trim).filter(|text| !text.is_empty());
    let login = text("preferred_username").or_else(|| text("email")).unwrap_or_else(|| subject(claims));
    let login = accounts::new_login(login)?;
    let name = text("name").unwrap_or(&login).chars().take(200).collect();
    let mut account = Account {
        id: UserId(Uuid::now_v7()),
        login,
        name,
        role: row.role,
        title: String::new(),
        registration: String::new(),
        practitioner: None,
        organization: row.organization_id.clone(),
        password: None,
        active: true,
        created_at: context.now,
        last_seen_at: None,
    };
    give(&mut account, row);
    let mut change = Change::new(app, context);
    users::write_practitioner(&account, &mut change)?;
    change.insert(&account)?;
    change.insert(&Link::new(app, provider, subject(claims), account.id))?;
    change.audit(AuditAction::C, "user.make", None, &format!("User/{}", account.id));
    audit_role(context, &account, &mut change);
    change.commit().await.map_err(|error| match error.code {
        "taken" => {
            let message = "somebody here has this login and is not linked to this person";
            Error::new(ErrorKind::SignIn, "provider.login-taken", message)
        }
        _ => error,
    })?;
    app.load::<Account>(context.tenant, &account.id.to_string()).await?.ok_or_else(Error::not_found)
}

fn give(account: &mut Account, row: &Row) {
    account.role = row.role;
    account.organization = row.organization_id.clone();
    if row.role != Role::Administrator && account.practitioner.is_none() {
        account.practitioner = Some(Uuid::now_v7().into());
    }
}

fn audit_role(context: &Context, account: &Account, change: &mut Change<'_>) {
    let mut row = audit_row(context, AuditAction::U, "provider.role", None, &format!("User/{}", account.id));
    row.detail = format!("{:?} in Organization/{}", account.role, account.organization);
    change.audit_with(row);
}

async fn end_sessions(app: &App, context: &Context, user: UserId) -> Result<(), Error> {
    let mut change = Change::new(app, context);
    sessions::end_all(app, context, user, &mut change).await?;
    change.audit(AuditAction::E, "session.end-all", None, &format!("User/{user}"));
    change.commit().await?;
    sessions::tell_ended(app, context, Some(user));
    Ok(())
}

/// Who somebody is at the provider; the token was held against having one.
fn subject(claims: &Value) -> &str {
    claims["sub"].as_str().unwrap_or_default()
}

fn no_role() -> Error {
    let message = "none of this person's groups at the provider gives a role here";
    Error::new(ErrorKind::SignIn, "provider.no-role", message)
}
