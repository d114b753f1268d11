//! Accounts from a table: made with a one-time link for a password, and changed as an administrator would.

use bianque_model::{Context, Role};
use serde_json::json;

use super::institutions::Institutions;
use super::row::Row;
use super::table::Table;
use super::{Link, Report};
use crate::admin::users::{self, Changing, Making};
use crate::identity::accounts::{self, Account};
use crate::records::take_in::Done;
use crate::{App, Error};

const TABLE: Table = Table::Users;

/// Takes users in, one after the other.
pub(super) async fn take(
    app: &App,
    context: &Context,
    rows: Vec<Row>,
    dry_run: bool,
    renew_links: bool,
) -> Result<Report, Error> {
    let homes = Institutions::load(app, context).await?;
    let mut report = Report::default();
    for row in rows {
        let mut link = None;
        let done = one(app, context, &homes, &row, (dry_run, renew_links), &mut link).await;
        report.count(row.line, done)?;
        let login = row.text(TABLE, "login").to_owned();
        report.links.extend(link.map(|link| Link { login, link }));
    }
    Ok(report)
}

async fn one(
    app: &App,
    context: &Context,
    homes: &Institutions,
    row: &Row,
    (dry_run, renew_links): (bool, bool),
    link: &mut Option<String>,
) -> Result<Done, Error> {
    let making = making(row, homes)?;
    let active = row.yes(TABLE, "active")?;
    users::check(app, context, &making).await?;
    let Some(found) = accounts::by_login(app, context.tenant, &making.login).await? else {
        if !dry_run {
            *link = make(app, context, making, active).await?;
        }
        return Ok(Done::New);
    };
    let account = found.value;
    if renew_links && account.password.is_none() && account.active && !dry_run {
        let made = users::password_link(app, context, account.id).await?;
        *link = made["password_link"].as_str().map(str::to_owned);
    }
    let Some(changing) = difference(&account, making, row, active)? else { return Ok(Done::Unchanged) };
    if !dry_run {
        users::change(app, context, account.id, changing).await?;
    }
    Ok(Done::Changed)
}

fn making(row: &Row, homes: &Institutions) -> Result<Making, Error> {
    let role: Role = serde_json::from_value(json!(row.text(TABLE, "role")))
        .map_err(|_| Error::field("field.code", "role", "there is no such role"))?;
    Ok(Making {
        name: row.text(TABLE, "name").to_owned(),
        login: row.text(TABLE, "login").to_owned(),
        role,
        organization_id: homes.find(row.text(TABLE, "institution"))?.clone(),
        registration: row.text(TABLE, "registration").to_owned(),
        title: row.text(TABLE, "title").to_owned(),
    })
}

/// Makes the account; the link, unless nobody may use it.
async fn make(
    app: &App,
    context: &Context,
    making: Making,
    active: Option<bool>,
) -> Result<Option<String>, Error> {
    let made = users::make(app, context, making).await?;
    if active != Some(false) {
        return Ok(made["password_link"].as_str().map(str::to_owned));
    }
    let id = made["user"]["id"].as_str().unwrap_or_default().parse().map_err(Error::internal)?;
    let changing = Changing { active: Some(false), ..Changing::default() };
    users::change(app, context, id, changing).await?;
    Ok(None)
}

/// What the row changes of an account; none when it says what stands. A column that is not there changes nothing.
fn difference(
    account: &Account,
    making: Making,
    row: &Row,
    active: Option<bool>,
) -> Result<Option<Changing>, Error> {
    if making.role != account.role {
        let words = "the account has another role; its role is changed in the browser";
        return Err(Error::field("role.other", "role", words));
    }
    let other = |new: &str, old: &str| (new.trim() != old).then(|| new.to_owned());
    let given = |column: &str| row.cell(TABLE, column).is_some();
    let changing = Changing {
        name: other(&making.name, &account.name),
        active: active.filter(|active| *active != account.active),
        organization_id: (making.organization_id != account.organization).then_some(making.organization_id),
        registration: other(&making.registration, &account.registration).filter(|_| given("registration")),
        title: other(&making.title, &account.title).filter(|_| given("title")),
    };
    let Changing { name, active, organization_id, registration, title } = &changing;
    let same = name.is_none() && active.is_none() && organization_id.is_none();
    Ok((!same || registration.is_some() || title.is_some()).then_some(changing))
}
