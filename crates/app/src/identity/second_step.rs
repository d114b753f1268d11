//! The second step of signing in: whoever knew the password shows a code, a passkey, or a recovery code.

use bianque_model::{Context, Timestamp, UserId};
use bianque_store::Expectation;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::accounts::Account;
use super::attempts::{Attempt, Guess};
use super::device::Browser;
use super::factors::{self, Second, wrong_code};
use super::passkeys::{self, Assertion};
use super::provider::There;
use super::sessions::{Arrival, Begun};
use super::sign_in::{self, entity, failed};
use super::{authenticator_app, known_browsers, recovery_codes, stored_form};
use crate::aggregate::{Aggregate, Loaded};
use crate::secrets::random_token;
use crate::{App, Change, Error, ErrorKind};

/// The second step follows the first within this time.
const GOOD_FOR_S: i64 = 5 * 60;
/// Longest token that is looked at, bytes.
const LONGEST: usize = 128;
const PURPOSE: &str = "second-step";

/// Somebody who knew the password; its id is the stored form of its token.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct HalfWay {
    id: String,
    user: UserId,
    until: Timestamp,
    /// The first step was an identity provider, and this is the session there.
    #[serde(default)]
    there: Option<Box<There>>,
}

impl Aggregate for HalfWay {
    const KIND: &'static str = "second-step";
    const ABOUT_PATIENT: bool = false;

    fn id(&self) -> String {
        self.id.clone()
    }

    fn expires(&self) -> Option<Timestamp> {
        Some(self.until)
    }
}

/// What the second step may be.
#[derive(Debug)]
pub struct Asked {
    /// The `second` of the API.
    pub shown: Value,
}

/// What somebody shows, one of the three.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Shown {
    /// The token of the first step.
    pub token: String,
    /// A code of the authenticator app.
    pub code: Option<String>,
    /// A recovery code.
    pub recovery_code: Option<String>,
    /// A passkey, over a challenge for signing in.
    pub passkey: Option<Assertion>,
}

/// Asks for the second step within the caller's change.
pub(super) fn ask(
    app: &App,
    context: &Context,
    user: UserId,
    arrival: Arrival,
    second: &Second,
    change: &mut Change<'_>,
) -> Result<Asked, Error> {
    let token = random_token()?;
    let until = context.now.plus_seconds(GOOD_FOR_S);
    let half = HalfWay { id: stored_form(app, PURPOSE, &token), user, until, there: arrival.there() };
    change.insert(&half)?;
    let ways = [
        ("passkey", !second.passkeys.is_empty()),
        ("code", second.has_app()),
        ("recovery_code", second.codes_left() > 0),
    ];
    let ways: Vec<&str> = ways.into_iter().filter_map(|(way, there)| there.then_some(way)).collect();
    Ok(Asked { shown: json!({"token": token, "ways": ways, "seconds": GOOD_FOR_S}) })
}

/// Signs in whoever passes the second step.
pub async fn finish(app: &App, context: &Context, browser: &Browser, shown: Shown) -> Result<Begun, Error> {
    let over = || {
        Error::new(ErrorKind::Over, "second-step.over", "this took too long; begin again with your password")
    };
    if shown.token.len() > LONGEST {
        return Err(over());
    }
    let id = stored_form(app, PURPOSE, &shown.token);
    let half = app.load::<HalfWay>(context.tenant, &id).await?;
    let half = half.filter(|half| context.now < half.value.until).ok_or_else(over)?;
    let user = half.value.user;
    let account = app.load::<Account>(context.tenant, &user.to_string()).await?;
    let account = account.filter(|account| account.value.active).ok_or_else(over)?;
    let known = known_browsers::find(app, context, user, browser.secret.as_deref()).await?;
    let attempt = Attempt::begin(app, context, Guess::Code { user, known: known.as_deref() }).await?;
    match passes(app, context, user, &shown).await? {
        None => {
            attempt.succeed(app, context).await?;
            use_up(app, context, &half)
                .await
                .map_err(|error| if error.code == "changed" { over() } else { error })?;
            let (arrival, how) = match half.value.there {
                Some(there) => {
                    (Arrival::AtProvider { there, twice: false }, "identity provider and second step")
                }
                None => (Arrival::Proved, "password and second step"),
            };
            sign_in::succeed(app, context, browser, account, &arrival, how).await
        }
        Some(error) => {
            failed(app, context, "session.second-step", &entity(user), "").await?;
            Err(error)
        }
    }
}

/// Whether what was shown is right; else the error to answer.
async fn passes(app: &App, context: &Context, user: UserId, shown: &Shown) -> Result<Option<Error>, Error> {
    let right = match shown {
        Shown { code: Some(code), recovery_code: None, passkey: None, .. } => {
            authenticator_app::accepts(app, context, user, code).await?
        }
        Shown { code: None, recovery_code: Some(code), passkey: None, .. } => {
            recovery_codes::accepts(app, context, user, code).await?
        }
        Shown { code: None, recovery_code: None, passkey: Some(assertion), .. } => {
            return match passkeys::accepts(app, context, assertion, None).await {
                Ok(holder) if holder == user => Ok(None),
                Ok(_) => Ok(Some(Error::new(
                    ErrorKind::SignIn,
                    "passkey.wrong",
                    "this passkey is somebody else's",
                ))),
                Err(error) if error.kind == ErrorKind::SignIn => Ok(Some(error)),
                Err(error) => Err(error),
            };
        }
        _ => {
            return Err(Error::new(
                ErrorKind::Malformed,
                "body.invalid",
                "show one of code, recovery_code, passkey",
            ));
        }
    };
    Ok((!right).then(wrong_code))
}

async fn use_up(app: &App, context: &Context, half: &Loaded<HalfWay>) -> Result<(), Error> {
    let mut change = Change::new(app, context);
    change.expect(Expectation::StateVersion {
        kind: HalfWay::KIND,
        id: half.value.id.clone(),
        version: half.version,
    });
    change.remove::<HalfWay>(half.value.id.clone());
    change.commit().await.map(drop)
}

/// What the account of a second step may show, for the first step to ask.
pub(super) async fn needed(app: &App, context: &Context, user: UserId) -> Result<Option<Second>, Error> {
    let second = factors::of(app, context.tenant, user).await?;
    Ok(second.is_there().then_some(second))
}
