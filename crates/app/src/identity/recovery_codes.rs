//! Recovery codes: ten, each good once, for whoever has lost the telephone. Shown when they are made and never again.

use bianque_model::{Context, UserId};
use bianque_store::AuditAction;
use data_encoding::BASE32_NOPAD;
use serde_json::{Value, json};

use super::authenticator_app::spend;
use super::factors::{self, Factors};
use super::{accounts, stored_form};
use crate::secrets::random_bytes;
use crate::{App, Change, Error};

/// Codes of a set.
const COUNT: usize = 10;
/// Random bytes of a code: 80 bits, which no one guesses, so that a fast digest keeps them.
const BYTES: usize = 10;
/// Letters between hyphens.
const GROUP: usize = 4;
/// Longest code that is looked at, bytes.
const LONGEST: usize = 64;
const PURPOSE: &str = "recovery-code";

/// Makes a new set for whoever is signed in; the old one is over.
pub async fn renew(app: &App, context: &Context) -> Result<Value, Error> {
    let account = accounts::own(app, context).await?.value;
    if !factors::of(app, context.tenant, account.id).await?.is_there() {
        return Err(Error::conflict(
            "factor.none",
            "recovery codes stand in for a second factor; set one up first",
        ));
    }
    let mut factors = factors::to_change(app, context.tenant, account.id).await?;
    let codes = draw(app, &mut factors.value)?;
    let mut change = Change::new(app, context);
    change.update(&factors)?;
    change.audit(AuditAction::E, "factor.recovery-codes", None, &format!("User/{}", account.id));
    change.commit().await?;
    Ok(json!({"recovery_codes": codes}))
}

/// Puts a new set into factors; answers the codes as they are shown.
pub(super) fn draw(app: &App, factors: &mut Factors) -> Result<Vec<String>, Error> {
    let mut codes = Vec::with_capacity(COUNT);
    for _ in 0..COUNT {
        codes.push(shown(&BASE32_NOPAD.encode(&random_bytes::<BYTES>()?)));
    }
    factors.recovery = codes.iter().map(|code| kept(app, factors.user, code)).collect();
    Ok(codes)
}

/// The same for factors that have no codes yet; none for those that have.
pub(super) fn draw_first(app: &App, factors: &mut Factors) -> Result<Option<Vec<String>>, Error> {
    if factors.recovery.is_empty() { draw(app, factors).map(Some) } else { Ok(None) }
}

/// Whether a code is one that is left; it is used up before it is answered.
pub(super) async fn accepts(app: &App, context: &Context, user: UserId, code: &str) -> Result<bool, Error> {
    if code.len() > LONGEST {
        return Ok(false);
    }
    let Some(mut factors) = app.load::<Factors>(context.tenant, &user.to_string()).await? else {
        return Ok(false);
    };
    let wanted = kept(app, user, code);
    let before = factors.value.recovery.len();
    factors.value.recovery.retain(|left| !super::same_secret(left, &wanted));
    if factors.value.recovery.len() == before { Ok(false) } else { spend(app, context, &factors).await }
}

fn shown(letters: &str) -> String {
    let letters = letters.to_ascii_lowercase();
    let groups: Vec<&str> =
        (0..letters.len()).step_by(GROUP).filter_map(|at| letters.get(at..at + GROUP)).collect();
    groups.join("-")
}

/// The stored form of a code, however its hyphens and capitals were typed.
fn kept(app: &App, user: UserId, code: &str) -> String {
    let letters: String =
        code.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_uppercase()).collect();
    stored_form(app, PURPOSE, &format!("{user}|{letters}"))
}
