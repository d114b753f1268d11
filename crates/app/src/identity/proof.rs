//! Proof, again, of who one is: before something that binds, and before what must not be done by whoever finds a desk
//! unlocked. A password, a code of the authenticator app, a passkey, or a proof of the identity provider's.

use bianque_model::Context;
use schemars::JsonSchema;
use serde::Deserialize;

use super::accounts::{self, Account};
use super::attempts::{Attempt, Guess};
use super::factors::wrong_code;
use super::passkeys::{self, Assertion};
use super::sign_in::{entity, failed};
use super::{authenticator_app, passwords, provider, sessions};
use crate::{App, Error, ErrorKind};

/// What somebody shows, one of the four.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// Their password.
    pub password: Option<String>,
    /// A code of their authenticator app.
    pub code: Option<String>,
    /// One of their passkeys, over a challenge for a proof.
    pub passkey: Option<Assertion>,
    /// What a proof at the identity provider came back with.
    pub provider: Option<String>,
}

/// Writes down in the session of `cookie` that its owner has just proved who they are.
pub async fn renew(app: &App, context: &Context, cookie: &str, proof: Proof) -> Result<(), Error> {
    confirm(app, context, &proof).await?;
    sessions::prove(app, context, cookie).await
}

/// Whether whoever is signed in is who they say; who holds a session and guesses has to wait like anybody else.
///
/// # Errors
///
/// 401 `password.wrong`, `code.wrong`, `passkey.wrong` or `provider.proof`.
pub async fn confirm(app: &App, context: &Context, proof: &Proof) -> Result<(), Error> {
    let account = accounts::own(app, context).await?.value;
    match proof {
        Proof { password: Some(password), code: None, passkey: None, provider: None } => {
            if password_is_right(app, context, &account, password).await? {
                return Ok(());
            }
            let wrong = Error::new(ErrorKind::SignIn, "password.wrong", "this is not your password");
            Err(Error { field: Some("password"), ..wrong })
        }
        Proof { password: None, code: Some(code), passkey: None, provider: None } => {
            let attempt = Attempt::begin(app, context, Guess::Confirm { user: account.id }).await?;
            if authenticator_app::accepts(app, context, account.id, code).await? {
                return attempt.succeed(app, context).await;
            }
            failed(app, context, "session.prove", &entity(account.id), "code").await?;
            Err(wrong_code())
        }
        Proof { password: None, code: None, passkey: Some(assertion), provider: None } => {
            match passkeys::accepts(app, context, assertion, Some(account.id)).await {
                Err(error) if error.kind == ErrorKind::SignIn => {
                    failed(app, context, "session.prove", &entity(account.id), "passkey").await?;
                    Err(error)
                }
                other => other.map(drop),
            }
        }
        Proof { password: None, code: None, passkey: None, provider: Some(proof) } => {
            if provider::accepts(app, context, proof, account.id).await? {
                return Ok(());
            }
            failed(app, context, "session.prove", &entity(account.id), "identity provider").await?;
            let message = "this proof was used already or is too old; prove it again";
            Err(Error::new(ErrorKind::SignIn, "provider.proof", message))
        }
        _ => {
            let message = "show one of password, code, passkey, provider";
            Err(Error::new(ErrorKind::Malformed, "body.invalid", message))
        }
    }
}

/// Whether a signed-in person knows their password.
pub(super) async fn password_is_right(
    app: &App,
    context: &Context,
    account: &Account,
    password: &str,
) -> Result<bool, Error> {
    let attempt = Attempt::begin(app, context, Guess::Confirm { user: account.id }).await?;
    if password.len() <= passwords::LONGEST
        && passwords::verify(account.password.as_deref(), password).await?
    {
        attempt.succeed(app, context).await?;
        return Ok(true);
    }
    failed(app, context, "password.confirm", &entity(account.id), "").await?;
    Ok(false)
}
