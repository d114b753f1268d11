//! The demo's way to be somebody with one click. A server that is not a demo has no such way.

use bianque_model::{Context, Role};
use serde_json::{Value, json};

use super::accounts::{self, Account};
use super::device::Browser;
use super::sessions::Begun;
use super::sign_in;
use crate::demo::Notice;
use crate::people::display_name;
use crate::{App, Error};

/// More people than a page shows.
const MOST: u32 = 200;

/// Whom one can be: clinicians first, then by name. The key is the login.
pub async fn people(app: &App, context: &Context) -> Result<Value, Error> {
    demo_only(app)?;
    let accounts = app.list::<Account>(context.tenant, "all", "account"..="account", MOST).await?;
    let mut accounts: Vec<Account> =
        accounts.into_iter().map(|loaded| loaded.value).filter(|one| one.active).collect();
    accounts.sort_by(|a, b| (a.role != Role::Clinician, &a.name).cmp(&(b.role != Role::Clinician, &b.name)));
    let homes = accounts.iter().map(|account| ("Organization", &account.organization));
    let homes = app.read_many(context.tenant, homes).await?;
    let mut shown = Vec::with_capacity(accounts.len());
    for account in &accounts {
        let organization = homes.get("Organization", &account.organization)?;
        shown.push(json!({
            "key": account.login, "name": account.name, "role": account.role, "title": account.title,
            "organization": display_name(organization),
        }));
    }
    let notice = app.load::<Notice>(context.tenant, "demo").await?;
    Ok(json!({"people": shown, "password": notice.map(|notice| notice.value.password)}))
}

/// Signs in as one of them.
pub async fn be(app: &App, context: &Context, browser: &Browser, key: &str) -> Result<Begun, Error> {
    demo_only(app)?;
    let account = accounts::by_login(app, context.tenant, key).await?.ok_or_else(Error::not_found)?;
    sign_in::without_password(app, context, browser, account).await
}

fn demo_only(app: &App) -> Result<(), Error> {
    if app.settings.demo { Ok(()) } else { Err(Error::not_found()) }
}
