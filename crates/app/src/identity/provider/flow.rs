//! A sign-in that is under way: kept from the moment a browser is sent to the provider until it comes back, once.

use bianque_model::{Context, Timestamp, UserId};
use bianque_store::Expectation;
use serde::{Deserialize, Serialize};

use crate::aggregate::Aggregate;
use crate::identity::{same_secret, stored_form};
use crate::secrets::random_token;
use crate::{App, Change, Error, ErrorKind};

/// Whoever does not come back within this time begins again.
pub(super) const GOOD_FOR_S: i64 = 10 * 60;
/// Longest state and cookie that are looked at, bytes.
const LONGEST: usize = 128;
const STATE: &str = "provider-state";
const BROWSER: &str = "provider-browser";
/// What the nonce and the PKCE verifier are derived under.
const NONCE: &str = "provider-nonce";
const VERIFIER: &str = "provider-verifier";

/// What a flow is for. It is good for nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Aim {
    /// Somebody signs in.
    SignIn,
    /// Somebody who is signed in proves who they are.
    Proof(UserId),
}

/// A flow; its id is the stored form of its state.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Flow {
    id: String,
    /// The stored form of the cookie of the browser that began it.
    browser: String,
    pub(super) provider: String,
    pub(super) aim: Aim,
    /// When it began.
    pub(super) began: Timestamp,
}

impl Aggregate for Flow {
    const KIND: &'static str = "provider-flow";
    const ABOUT_PATIENT: bool = false;

    fn id(&self) -> String {
        self.id.clone()
    }

    fn expires(&self) -> Option<Timestamp> {
        Some(self.began.plus_seconds(GOOD_FOR_S))
    }
}

/// The secrets of a flow: two that travel, and two that follow from the one that only the browser has.
pub(super) struct Secrets {
    pub(super) state: String,
    pub(super) cookie: String,
    pub(super) nonce: String,
    pub(super) verifier: String,
}

impl Secrets {
    /// Nonce and verifier follow from the cookie by a key of this installation: neither is kept, and neither is made
    /// without the browser that began.
    fn of(app: &App, state: &str, cookie: &str) -> Self {
        Self {
            state: state.to_owned(),
            cookie: cookie.to_owned(),
            nonce: stored_form(app, NONCE, cookie),
            verifier: stored_form(app, VERIFIER, cookie),
        }
    }
}

/// Keeps a flow.
pub(super) async fn keep(app: &App, context: &Context, provider: &str, aim: Aim) -> Result<Secrets, Error> {
    let secrets = Secrets::of(app, &random_token()?, &random_token()?);
    let flow = Flow {
        id: stored_form(app, STATE, &secrets.state),
        browser: stored_form(app, BROWSER, &secrets.cookie),
        provider: provider.to_owned(),
        aim,
        began: context.now,
    };
    let mut change = Change::new(app, context);
    change.insert(&flow)?;
    change.commit().await?;
    Ok(secrets)
}

/// Takes a flow out, durably, before what came back is looked at: nothing comes back twice. A state that another browser
/// began is left where it is, for that browser.
pub(super) async fn take(
    app: &App,
    context: &Context,
    state: &str,
    cookie: Option<&str>,
) -> Result<(Flow, Secrets), Error> {
    let cookie =
        cookie.filter(|cookie| cookie.len() <= LONGEST && state.len() <= LONGEST).ok_or_else(over)?;
    let id = stored_form(app, STATE, state);
    let flow = app.load::<Flow>(context.tenant, &id).await?.ok_or_else(over)?;
    if !same_secret(&stored_form(app, BROWSER, cookie), &flow.value.browser) {
        return Err(over());
    }
    let mut change = Change::new(app, context);
    change.expect(Expectation::StateVersion { kind: Flow::KIND, id: id.clone(), version: flow.version });
    change.remove::<Flow>(id);
    change.commit().await.map_err(|error| if error.code == "changed" { over() } else { error })?;
    if context.now < flow.value.began.plus_seconds(GOOD_FOR_S) {
        Ok((flow.value, Secrets::of(app, state, cookie)))
    } else {
        Err(over())
    }
}

fn over() -> Error {
    let message =
        "this sign-in took too long, was finished already, or began in another browser; begin again";
    Error::new(ErrorKind::Over, "provider.over", message)
}
