//! A proof that the provider gave: good once, for minutes, for the account that it was asked for.

use bianque_model::{Context, Timestamp, UserId};
use bianque_store::Expectation;
use serde::{Deserialize, Serialize};

use crate::aggregate::Aggregate;
use crate::identity::stored_form;
use crate::secrets::random_token;
use crate::{App, Change, Error};

/// Whoever does not use it within this time proves it again.
const GOOD_FOR_S: i64 = 2 * 60;
/// Longest proof that is looked at, bytes.
const LONGEST: usize = 128;
const PURPOSE: &str = "provider-proof";

/// A proof; its id is the stored form of its text.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Proof {
    id: String,
    user: UserId,
    until: Timestamp,
}

impl Aggregate for Proof {
    const KIND: &'static str = "provider-proof";
    const ABOUT_PATIENT: bool = false;

    fn id(&self) -> String {
        self.id.clone()
    }

    fn expires(&self) -> Option<Timestamp> {
        Some(self.until)
    }
}

/// Makes one.
pub(super) async fn make(app: &App, context: &Context, user: UserId) -> Result<String, Error> {
    let text = random_token()?;
    let until = context.now.plus_seconds(GOOD_FOR_S);
    let mut change = Change::new(app, context);
    change.insert(&Proof { id: stored_form(app, PURPOSE, &text), user, until })?;
    change.commit().await?;
    Ok(text)
}

/// Whether a text is a proof of this account. It is used up.
pub(crate) async fn accepts(app: &App, context: &Context, text: &str, user: UserId) -> Result<bool, Error> {
    if text.len() > LONGEST {
        return Ok(false);
    }
    let id = stored_form(app, PURPOSE, text);
    let Some(proof) = app.load::<Proof>(context.tenant, &id).await? else { return Ok(false) };
    if proof.value.user != user {
        return Ok(false);
    }
    let mut change = Change::new(app, context);
    change.expect(Expectation::StateVersion { kind: Proof::KIND, id: id.clone(), version: proof.version });
    change.remove::<Proof>(id);
    match change.commit().await {
        Err(error) if error.code == "changed" => Ok(false),
        other => other.map(|_| context.now < proof.value.until),
    }
}
