//! Challenges that devices sign: each is kept here until it is answered, once, within minutes.

use bianque_model::{Context, Timestamp, UserId};
use bianque_store::Expectation;
use serde::{Deserialize, Serialize};
use webauthn_rs::prelude::{DiscoverableAuthentication, PasskeyRegistration};

use crate::aggregate::Aggregate;
use crate::identity::stored_form;
use crate::secrets::random_token;
use crate::{App, Change, Error, ErrorKind};

/// A challenge is over after this long.
const GOOD_FOR_S: i64 = 5 * 60;
/// Longest name of a challenge that is looked at, bytes.
const LONGEST: usize = 128;
const PURPOSE: &str = "passkey-challenge";

/// What a challenge was made for. It is good for nothing else.
#[derive(Serialize, Deserialize)]
pub(super) enum Ceremony {
    /// A new passkey of an account.
    Registration { user: UserId, state: PasskeyRegistration },
    /// Signing in as whoever holds a passkey.
    SignIn(DiscoverableAuthentication),
    /// Somebody who is signed in proves who they are.
    Proof { user: UserId, state: DiscoverableAuthentication },
}

#[derive(Serialize, Deserialize)]
struct Challenge {
    id: String,
    until: Timestamp,
    ceremony: Ceremony,
}

impl Aggregate for Challenge {
    const KIND: &'static str = "passkey-challenge";
    const ABOUT_PATIENT: bool = false;

    fn id(&self) -> String {
        self.id.clone()
    }

    fn expires(&self) -> Option<Timestamp> {
        Some(self.until)
    }
}

/// Keeps a ceremony; answers the name that its answer has to carry.
pub(super) async fn keep(app: &App, context: &Context, ceremony: Ceremony) -> Result<String, Error> {
    let name = random_token()?;
    let challenge = Challenge {
        id: stored_form(app, PURPOSE, &name),
        until: context.now.plus_seconds(GOOD_FOR_S),
        ceremony,
    };
    let mut change = Change::new(app, context);
    change.insert(&challenge)?;
    change.commit().await?;
    Ok(name)
}

/// Takes a ceremony out, durably, before its answer is looked at: nothing is answered twice.
pub(super) async fn take(app: &App, context: &Context, name: &str) -> Result<Ceremony, Error> {
    let over = || {
        Error::new(ErrorKind::Over, "passkey.over", "this took too long or was answered already; begin again")
    };
    if name.len() > LONGEST {
        return Err(over());
    }
    let id = stored_form(app, PURPOSE, name);
    let challenge = app.load::<Challenge>(context.tenant, &id).await?.ok_or_else(over)?;
    let mut change = Change::new(app, context);
    change.expect(Expectation::StateVersion {
        kind: Challenge::KIND,
        id: id.clone(),
        version: challenge.version,
    });
    change.remove::<Challenge>(id);
    change.commit().await.map_err(|error| if error.code == "changed" { over() } else { error })?;
    if context.now < challenge.value.until { Ok(challenge.value.ceremony) } else { Err(over()) }
}
