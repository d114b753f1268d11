//! Server-side sessions: a random cookie, kept as a keyed digest; they end when idle and after half a day.
//!
//! A session remembers when its owner last proved who they are. What must not be done by whoever finds a desk unlocked
//! asks for a proof that is fresh.

use bianque_model::{Context, TenantId, Timestamp, UserId};
use bianque_store::StateKey;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::accounts::Account;
use super::device::{Browser, Device};
use super::provider::{AtProvider, There};
use super::{factors, known_browsers, stored_form};
use crate::aggregate::{Aggregate, Loaded, shared};
use crate::people::display_name;
use crate::secrets::random_token;
use crate::smart::grants;
use crate::{App, Change, Error, instant};

/// A session without a request for this long has ended.
pub const IDLE_S: i64 = 30 * 60;
/// A session has ended after this long, however busy.
pub const ABSOLUTE_S: i64 = 12 * 3600;
/// A proof of who one is, is fresh for this long.
pub const FRESH_S: i64 = 10 * 60;
/// Last use is written at most this often.
const TOUCH_S: f64 = 60.0;
/// Sessions of one account that are ended at once.
pub(super) const MOST: u32 = 1000;
/// Times a write is tried again because the session was written meanwhile.
const AGAIN: u32 = 3;
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
    /// With what.
    #[serde(default)]
    pub device: Device,
    /// When its owner last proved who they are; a session kept from before proofs: when it began.
    #[serde(default)]
    pub proved: Option<Timestamp>,
    /// Begun by one click, which only the demo has: it is never asked for a second factor.
    #[serde(default)]
    pub one_click: bool,
    /// The identity provider vouched for a second factor: none is asked for here.
    #[serde(default)]
    pub second_at_provider: bool,
}

impl Aggregate for Session {
    const KIND: &'static str = "session";
    const ABOUT_PATIENT: bool = true;

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
    /// Whether a second factor is asked for where the role has to have one.
    const fn asks_for_factor(&self) -> bool {
        !self.one_click && !self.second_at_provider
    }

    /// When it ends unless it is used.
    pub(super) fn ends(&self) -> Timestamp {
        self.used.plus_seconds(IDLE_S).min(self.started.plus_seconds(ABSOLUTE_S))
    }
}

/// Who holds a cookie, and what their session may do.
#[derive(Debug, Clone)]
pub struct Holder {
    /// Who asks; anonymous when the cookie is of no session.
    pub context: Context,
    /// Their session.
    pub standing: Option<Standing>,
}

/// What stands of a session.
#[derive(Debug, Clone)]
pub struct Standing {
    /// The value that unsafe requests carry.
    pub csrf: String,
    /// Whether its owner proved who they are within [`FRESH_S`].
    pub proof_is_fresh: bool,
    /// The role has to have a second factor, and this account has none yet: nothing but that is to be done.
    pub factor_is_missing: bool,
}

/// A session that was begun: its cookies, and what the page needs to know.
#[derive(Debug)]
pub struct Begun {
    /// The session cookie's secret.
    pub cookie: String,
    /// The secret by which this browser is known again, if it is to be.
    pub browser: Option<String>,
    /// The `Session` of the API.
    pub shown: Value,
}

/// How somebody came in.
#[derive(Debug, Clone)]
pub(super) enum Arrival {
    /// They proved who they are.
    Proved,
    /// The same, at an identity provider.
    AtProvider {
        /// The session there.
        there: Box<There>,
        /// The provider vouches for a second factor.
        twice: bool,
    },
    /// By the demo's one click, which counts as a proof there and nowhere else.
    OneClick,
}

impl Arrival {
    /// The session at an identity provider, if they came from one.
    pub(super) fn there(self) -> Option<Box<There>> {
        match self {
            Self::AtProvider { there, .. } => Some(there),
            Self::Proved | Self::OneClick => None,
        }
    }
}

/// Begins a session within the caller's change.
pub(super) async fn begin(
    app: &App,
    context: &Context,
    browser: &Browser,
    account: &Account,
    arrival: &Arrival,
    change: &mut Change<'_>,
) -> Result<Begun, Error> {
    let cookie = random_token()?;
    let session = Session {
        id: stored_form(app, PURPOSE, &cookie),
        user: account.id,
        started: context.now,
        used: context.now,
        address: context.address.clone(),
        device: browser.device.clone(),
        proved: Some(context.now),
        one_click: matches!(arrival, Arrival::OneClick),
        second_at_provider: matches!(arrival, Arrival::AtProvider { twice: true, .. }),
    };
    change.insert(&session)?;
    let there = match arrival {
        Arrival::AtProvider { there, .. } => Some(&**there),
        Arrival::Proved | Arrival::OneClick => None,
    };
    if let Some(there) = there {
        there.keep(&session.id, account.id, context.now.plus_seconds(ABSOLUTE_S), change)?;
    }
    let known = match arrival {
        Arrival::OneClick => None,
        Arrival::Proved | Arrival::AtProvider { .. } => {
            Some(known_browsers::remember(app, context, account.id, browser.secret.as_deref(), change)?)
        }
    };
    let shown = show(app, context, account, &session, &csrf(app, &cookie), there).await?;
    Ok(Begun { cookie, browser: known, shown })
}

/// Who holds this cookie; nobody when the session is unknown or has ended.
pub async fn authenticate(app: &App, context: Context, cookie: &str) -> Result<Holder, Error> {
    let Some((session, account)) = find(app, &context, cookie).await? else { return Ok(nobody(context)) };
    let holder = holder(app, context, cookie, &session.value, &account.value).await?;
    if holder.standing.is_some() {
        touch(app, &holder.context, session).await?;
    }
    Ok(holder)
}

/// The same without counting as use of the session.
pub async fn look(app: &App, context: Context, cookie: &str) -> Result<Holder, Error> {
    match find(app, &context, cookie).await? {
        Some((session, account)) => holder(app, context, cookie, &session.value, &account.value).await,
        None => Ok(nobody(context)),
    }
}

/// Writes down that the owner of a session has just proved who they are.
pub(super) async fn prove(app: &App, context: &Context, cookie: &str) -> Result<(), Error> {
    for _ in 0..AGAIN {
        let Some((mut session, _)) = find(app, context, cookie).await? else { break };
        if context.actor.user() != Some(session.value.user) {
            break;
        }
        session.value.proved = Some(context.now);
        let mut change = Change::new(app, context);
        change.update(&session)?;
        match change.commit().await {
            // Its last use was written meanwhile.
            Err(error) if error.code == "changed" => {}
            other => return other.map(drop),
        }
    }
    Err(Error::sign_in())
}

/// The session of a cookie for the page; null when there is none.
pub async fn current(app: &App, context: &Context, cookie: Option<&str>) -> Result<Value, Error> {
    let Some(cookie) = cookie else { return Ok(Value::Null) };
    match find(app, context, cookie).await? {
        Some((session, account)) => {
            let there = There::of_session(app, context, &session.value.id).await?;
            let csrf = csrf(app, cookie);
            show(app, context, &account.value, &session.value, &csrf, there.as_ref()).await
        }
        None => Ok(Value::Null),
    }
}

/// Ends the session of a cookie.
pub async fn end(app: &App, context: &Context, cookie: &str) -> Result<(), Error> {
    let mut change = Change::new(app, context);
    remove(&mut change, &id_of(app, cookie));
    let entity = context.actor.user().map_or_else(String::new, |user| format!("User/{user}"));
    change.audit(bianque_store::AuditAction::E, "session.end", None, &entity);
    change.commit().await?;
    tell_ended(app, context, context.actor.user());
    Ok(())
}

/// Ends a session, and what it remembers of a provider, within the caller's change.
pub(super) fn remove(change: &mut Change<'_>, id: &str) {
    change.remove::<Session>(id);
    change.remove::<AtProvider>(id);
}

/// Tells open sockets of an account that sessions of it have ended: each looks whether its own did.
pub(crate) fn tell_ended(app: &App, context: &Context, user: Option<UserId>) {
    if let Some(user) = user {
        app.live.tell_ended(context.tenant, user);
    }
}

/// Whether a session still stands, without counting as use of it.
pub(crate) async fn stands(app: &App, context: &Context, id: &str) -> Result<bool, Error> {
    let session = app.load::<Session>(context.tenant, id).await?;
    Ok(session.is_some_and(|session| context.now < session.value.ends()))
}

/// The id of the session of a cookie.
pub(crate) fn id_of(app: &App, cookie: &str) -> String {
    stored_form(app, PURPOSE, cookie)
}

/// The open sessions of an account.
pub(super) async fn of_account(
    app: &App,
    context: &Context,
    user: UserId,
) -> Result<Vec<Loaded<Session>>, Error> {
    let key = user.to_string();
    let mut all = app.list::<Session>(context.tenant, "user", key.as_str()..=key.as_str(), MOST).await?;
    all.retain(|session| context.now < session.value.ends());
    Ok(all)
}

/// Ends all sessions of an account within the caller's change, who tells sockets after it.
pub async fn end_all(
    app: &App,
    context: &Context,
    user: UserId,
    change: &mut Change<'_>,
) -> Result<(), Error> {
    end_others(app, context, user, None, change).await
}

/// Ends the sessions of an account, and what it let applications do, but the one of a cookie, within the caller's change.
pub(super) async fn end_others(
    app: &App,
    context: &Context,
    user: UserId,
    kept: Option<&str>,
    change: &mut Change<'_>,
) -> Result<(), Error> {
    let kept = kept.map(|cookie| id_of(app, cookie));
    for session in of_account(app, context, user).await? {
        if kept.as_ref() != Some(&session.value.id) {
            remove(change, &session.value.id);
        }
    }
    // What applications were let do goes with the sessions, also what would outlive them.
    grants::end_of_user(app, context, user, kept.as_deref(), change).await
}

fn nobody(context: Context) -> Holder {
    Holder { context, standing: None }
}

async fn holder(
    app: &App,
    context: Context,
    cookie: &str,
    session: &Session,
    account: &Account,
) -> Result<Holder, Error> {
    let Some(actor) = account.actor() else { return Ok(nobody(context)) };
    let proved = session.proved.unwrap_or(session.started);
    let factor_is_missing =
        session.asks_for_factor() && factors::is_missing(app, context.tenant, account).await?;
    let standing = Standing {
        csrf: csrf(app, cookie),
        proof_is_fresh: context.now < proved.plus_seconds(FRESH_S),
        factor_is_missing,
    };
    let context = Context { actor, purpose: account.purpose(), ..context };
    Ok(Holder { context, standing: Some(standing) })
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
    there: Option<&There>,
) -> Result<Value, Error> {
    let organization = app.resource(context.tenant, "Organization", &account.organization).await?.value;
    let factor_is_missing =
        session.asks_for_factor() && factors::is_missing(app, context.tenant, account).await?;
    let provider = match there {
        Some(there) => there.shown(app, context).await?,
        None => Value::Null,
    };
    Ok(json!({
        "user": {
            "id": account.id, "name": account.name, "login": account.login, "role": account.role,
            "title": account.title, "registration": account.registration, "practitioner_id": account.practitioner,
            "organization": {"id": account.organization, "name": display_name(&organization)},
        },
        "csrf": csrf,
        "expires_at": instant::text(session.started.plus_seconds(ABSOLUTE_S)),
        "idle_seconds": IDLE_S,
        "factor_needed": factor_is_missing,
        "first_tenant": context.tenant == TenantId::FIRST,
        "provider": provider,
    }))
}

fn csrf(app: &App, cookie: &str) -> String {
    stored_form(app, CSRF, cookie)
}
