//! Server-side sessions: a random cookie, kept as a keyed digest; they end when idle and after half a day.

use bianque_model::{Context, Timestamp, UserId};
use bianque_store::StateKey;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::accounts::Account;
use super::stored_form;
use crate::aggregate::{Aggregate, Loaded, shared};
use crate::people::display_name;
use crate::secrets::random_token;
use crate::{App, Change, Error, instant};

/// A session without a request for this long has ended.
pub const IDLE_S: i64 = 30 * 60;
/// A session has ended after this long, however busy.
pub const ABSOLUTE_S: i64 = 12 * 3600;
/// Last use is written at most this often.
const TOUCH_S: f64 = 60.0;
/// Sessions of one account that are ended at once.
const MOST: u32 = 1000;
const PURPOSE: &str = "session";
const CSRF: &str = "session-csrf";

/// A session; its id is the stored form of its cookie.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Session {
    /// The stored form of the cookie.
    pub id: String,
    /// Whose.
    pub user: UserId,
    /// When they signed in.
    pub started: Timestamp,
    /// When it was last used, to the minute.
    pub used: Timestamp,
    /// From where.
    pub address: String,
}

impl Aggregate for Session {
    const KIND: &'static str = "session";

    fn id(&self) -> String {
        self.id.clone()
    }

    fn keys(&self) -> Vec<StateKey> {
        vec![shared("user", self.user.to_string())]
    }

    fn expires(&self) -> Option<Timestamp> {
        Some(self.ends())
    }
}

impl Session {
    fn ends(&self) -> Timestamp {
        self.used.plus_seconds(IDLE_S).min(self.started.plus_seconds(ABSOLUTE_S))
    }
}

/// A session that was begun: its cookie, and what the page needs to know.
#[derive(Debug)]
pub struct Begun {
    /// The cookie's secret.
    pub cookie: String,
    /// The `Session` of the API.
    pub shown: Value,
}

/// Begins a session within the caller's change.
pub(super) async fn begin(
    app: &App,
    context: &Context,
    account: &Account,
    change: &mut Change<'_>,
) -> Result<Begun, Error> {
    let cookie = random_token()?;
    let session = Session {
        id: stored_form(app, PURPOSE, &cookie),
        user: account.id,
        started: context.now,
        used: context.now,
        address: context.address.clone(),
    };
    change.insert(&session)?;
    let shown = show(app, context, account, &session, &csrf(app, &cookie)).await?;
    Ok(Begun { cookie, shown })
}

/// Who holds this cookie; nobody when the session is unknown or has ended.
pub async fn authenticate(
    app: &App,
    context: Context,
    cookie: &str,
) -> Result<(Context, Option<String>), Error> {
    let Some((session, account)) = find(app, &context, cookie).await? else { return Ok((context, None)) };
    let Some(actor) = account.value.actor() else { return Ok((context, None)) };
    touch(app, &context, session).await?;
    let context = Context { actor, purpose: account.value.purpose(), ..context };
    Ok((context, Some(csrf(app, cookie))))
}

/// The same without counting as use of the session.
pub async fn look(app: &App, context: Context, cookie: &str) -> Result<(Context, Option<String>), Error> {
    let found = find(app, &context, cookie).await?;
    let Some((actor, purpose)) =
        found.and_then(|(_, account)| Some((account.value.actor()?, account.value.purpose())))
    else {
        return Ok((context, None));
    };
    Ok((Context { actor, purpose, ..context }, Some(csrf(app, cookie))))
}

/// The session of a cookie for the page; null when there is none.
pub async fn current(app: &App, context: &Context, cookie: Option<&str>) -> Result<Value, Error> {
    let Some(cookie) = cookie else { return Ok(Value::Null) };
    match find(app, context, cookie).await? {
        Some((session, account)) => {
            show(app, context, &account.value, &session.value, &csrf(app, cookie)).await
        }
        None => Ok(Value::Null),
    }
}

/// Ends the session of a cookie.
pub async fn end(app: &App, context: &Context, cookie: &str) -> Result<(), Error> {
    let mut change = Change::new(app, context);
    change.remove::<Session>(stored_form(app, PURPOSE, cookie));
    change.audit(bianque_store::AuditAction::E, "session.end", None, "");
    change.commit().await.map(drop)
}

/// Ends all sessions of an account within the caller's change.
pub async fn end_all(
    app: &App,
    context: &Context,
    user: UserId,
    change: &mut Change<'_>,
) -> Result<(), Error> {
    end_others(app, context, user, None, change).await
}

/// Ends the sessions of an account but the one of a cookie, within the caller's change.
pub(super) async fn end_others(
    app: &App,
    context: &Context,
    user: UserId,
    kept: Option<&str>,
    change: &mut Change<'_>,
) -> Result<(), Error> {
    let kept = kept.map(|cookie| stored_form(app, PURPOSE, cookie));
    let key = user.to_string();
    for session in app.list::<Session>(context.tenant, "user", key.as_str()..=key.as_str(), MOST).await? {
        if kept.as_ref() != Some(&session.value.id) {
            change.remove::<Session>(session.value.id);
        }
    }
    Ok(())
}

async fn find(
    app: &App,
    context: &Context,
    cookie: &str,
) -> Result<Option<(Loaded<Session>, Loaded<Account>)>, Error> {
    if cookie.len() > 128 {
        return Ok(None);
    }
    let id = stored_form(app, PURPOSE, cookie);
    let session = app.load::<Session>(context.tenant, &id).await?;
    let Some(session) = session.filter(|session| context.now < session.value.ends()) else { return Ok(None) };
    let account = app.load::<Account>(context.tenant, &session.value.user.to_string()).await?;
    Ok(account.filter(|account| account.value.active).map(|account| (session, account)))
}

/// Writes down that a session is in use, at most once a minute.
async fn touch(app: &App, context: &Context, mut session: Loaded<Session>) -> Result<(), Error> {
    if context.now.seconds_since(session.value.used) < TOUCH_S {
        return Ok(());
    }
    session.value.used = context.now;
    let mut change = Change::new(app, context).bulk();
    change.update(&session)?;
    match change.commit().await {
        // Another request of the same session wrote it a moment ago, or it was just ended.
        Err(error) if error.code == "changed" => Ok(()),
        other => other.map(drop),
    }
}

async fn show(
    app: &App,
    context: &Context,
    account: &Account,
    session: &Session,
    csrf: &str,
) -> Result<Value, Error> {
    let organization = app.resource(context.tenant, "Organization", &account.organization).await?.value;
    Ok(json!({
        "user": {
            "id": account.id, "name": account.name, "login": account.login, "role": account.role,
            "title": account.title, "registration": account.registration, "practitioner_id": account.practitioner,
            "organization": {"id": account.organization, "name": display_name(&organization)},
        },
        "csrf": csrf,
        "expires_at": instant::text(session.started.plus_seconds(ABSOLUTE_S)),
        "idle_seconds": IDLE_S,
    }))
}

fn csrf(app: &App, cookie: &str) -> String {
    stored_form(app, CSRF, cookie)
}
