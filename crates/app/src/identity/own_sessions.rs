//! Sessions as their owner sees them: where one is signed in, and ending what one does not know.

use bianque_model::{Context, UserId};
use bianque_store::AuditAction;
use serde_json::{Value, json};

use super::accounts::{self, Account};
use super::sessions::{self, Session};
use crate::aggregate::Loaded;
use crate::{App, Change, Error, instant, policy};

/// The open sessions of whoever is signed in, the last used first; the one of `cookie` is marked.
pub async fn list(app: &App, context: &Context, cookie: Option<&str>) -> Result<Value, Error> {
    let account = accounts::own(app, context).await?.value;
    shown(app, context, account.id, cookie).await
}

/// The open sessions of a user, for an administrator.
pub async fn list_of(app: &App, context: &Context, user: UserId) -> Result<Value, Error> {
    policy::administrator(context)?;
    account_of(app, context, user).await?;
    shown(app, context, user, None).await
}

/// Ends one of one's own sessions.
pub async fn end_one(app: &App, context: &Context, id: &str) -> Result<(), Error> {
    let user = accounts::own(app, context).await?.value.id;
    let session = app.load::<Session>(context.tenant, id).await?;
    let session = session.filter(|session| session.value.user == user).ok_or_else(Error::not_found)?;
    let mut change = Change::new(app, context);
    sessions::remove(&mut change, &session.value.id);
    change.audit(AuditAction::E, "session.end", None, &format!("User/{user}"));
    change.commit().await?;
    sessions::tell_ended(app, context, Some(user));
    Ok(())
}

/// Ends all of one's own sessions but the one of `cookie`.
pub async fn end_others(app: &App, context: &Context, cookie: Option<&str>) -> Result<(), Error> {
    let user = accounts::own(app, context).await?.value.id;
    end(app, context, user, cookie).await
}

/// An administrator ends all sessions of a user.
pub async fn end_all_of(app: &App, context: &Context, user: UserId) -> Result<(), Error> {
    policy::administrator(context)?;
    account_of(app, context, user).await?;
    end(app, context, user, None).await
}

async fn end(app: &App, context: &Context, user: UserId, kept: Option<&str>) -> Result<(), Error> {
    let mut change = Change::new(app, context);
    sessions::end_others(app, context, user, kept, &mut change).await?;
    change.audit(AuditAction::E, "session.end-all", None, &format!("User/{user}"));
    change.commit().await?;
    sessions::tell_ended(app, context, Some(user));
    Ok(())
}

async fn account_of(app: &App, context: &Context, user: UserId) -> Result<Loaded<Account>, Error> {
    app.load::<Account>(context.tenant, &user.to_string()).await?.ok_or_else(Error::not_found)
}

async fn shown(app: &App, context: &Context, user: UserId, cookie: Option<&str>) -> Result<Value, Error> {
    let this = cookie.map(|cookie| sessions::id_of(app, cookie));
    let mut all = sessions::of_account(app, context, user).await?;
    all.sort_by_key(|session| {
        (this.as_ref() != Some(&session.value.id), std::cmp::Reverse(session.value.used))
    });
    let show = |Loaded { value, .. }: &Loaded<Session>| {
        json!({
            "id": value.id, "browser": value.device.browser, "system": value.device.system,
            "address": value.address, "first_seen": instant::text(value.started),
            "last_seen": instant::text(value.used), "this": this.as_ref() == Some(&value.id),
        })
    };
    Ok(json!({"sessions": all.iter().map(show).collect::<Vec<_>>()}))
}
