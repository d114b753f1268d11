//! An authenticator app: offered as a drawing and a key, counted once a code of it was given, taken away.

use std::fmt::Write;

use bianque_model::{Context, UserId};
use bianque_store::AuditAction;
use data_encoding::BASE32_NOPAD;
use qrcodegen::{QrCode, QrCodeEcc};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::attempts::{Attempt, Guess};
use super::factors::{self, Authenticator, Factors, Offered, wrong_code};
use super::{accounts, recovery_codes, totp};
use crate::aggregate::Loaded;
use crate::secrets::random_bytes;
use crate::{App, Change, Error, ErrorKind};

/// An offer waits this long for its first code.
const OFFERED_S: i64 = 15 * 60;
/// Longest code that is looked at, bytes.
const LONGEST: usize = 32;

/// A code that somebody typed.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Typed {
    /// Six digits.
    pub code: String,
}

/// Offers a new key: as text, as an `otpauth` address and as a drawing of it. Nothing counts yet.
pub async fn offer(app: &App, context: &Context) -> Result<Value, Error> {
    let account = accounts::own(app, context).await?.value;
    let mut factors = factors::to_change(app, context.tenant, account.id).await?;
    let key = random_bytes::<{ totp::KEY }>()?;
    factors.value.offered = Some(Offered {
        key: app.secrets.seal(&about(account.id), &key)?,
        until: context.now.plus_seconds(OFFERED_S),
    });
    let mut change = Change::new(app, context);
    change.update(&factors)?;
    change.commit().await?;
    let secret = BASE32_NOPAD.encode(&key);
    let address = address(&app.public_url(context.tenant), &account.login, &secret)?;
    let drawing = drawing(&address)?;
    Ok(json!({"secret": secret, "uri": address, "qr": drawing}))
}

/// Counts the offered app from now on. Answers recovery codes when there were none before.
pub async fn confirm(app: &App, context: &Context, typed: Typed) -> Result<Value, Error> {
    let account = accounts::own(app, context).await?.value;
    let over = || Error::new(ErrorKind::Over, "totp.over", "begin again: this drawing is too old");
    let mut factors = factors::to_change(app, context.tenant, account.id).await?;
    let offered =
        factors.value.offered.take().filter(|offered| context.now < offered.until).ok_or_else(over)?;
    let attempt = Attempt::begin(app, context, Guess::Confirm { user: account.id }).await?;
    let key = app.secrets.unseal(&about(account.id), &offered.key)?;
    let Some(used) = step_with(&key, &typed.code, context, None) else {
        let error = Error { kind: ErrorKind::Refused, ..wrong_code() };
        return Err(error);
    };
    attempt.succeed(app, context).await?;
    factors.value.app = Some(Authenticator { key: offered.key, used, added: context.now });
    let codes = recovery_codes::draw_first(app, &mut factors.value)?;
    let mut change = Change::new(app, context);
    change.update(&factors)?;
    change.audit(AuditAction::E, "factor.add-totp", None, &format!("User/{}", account.id));
    change.commit().await?;
    Ok(json!({"recovery_codes": codes}))
}

/// Takes one's own app away.
pub async fn remove(app: &App, context: &Context) -> Result<(), Error> {
    let account = accounts::own(app, context).await?.value;
    let second = factors::of(app, context.tenant, account.id).await?;
    if !second.has_app() {
        return Err(Error::not_found());
    }
    factors::may_lose_one(app, context, &account, &second).await?;
    let mut factors = factors::to_change(app, context.tenant, account.id).await?;
    factors.value.app = None;
    factors.value.offered = None;
    if second.passkeys.is_empty() {
        factors.value.recovery.clear();
    }
    let mut change = Change::new(app, context);
    change.update(&factors)?;
    change.audit(AuditAction::E, "factor.remove-totp", None, &format!("User/{}", account.id));
    change.commit().await.map(drop)
}

/// Whether a code is the app's. Accepting it uses its step up, durably, before it is answered: of two that come with the
/// same code one is refused.
pub(super) async fn accepts(app: &App, context: &Context, user: UserId, code: &str) -> Result<bool, Error> {
    let Some(mut factors) = app.load::<Factors>(context.tenant, &user.to_string()).await? else {
        return Ok(false);
    };
    let Some(authenticator) = factors.value.app.as_mut() else { return Ok(false) };
    let key = app.secrets.unseal(&about(user), &authenticator.key)?;
    let Some(step) = step_with(&key, code, context, Some(authenticator.used)) else { return Ok(false) };
    authenticator.used = step;
    spend(app, context, &factors).await
}

/// Writes factors of which something was used up; false when they were written meanwhile.
pub(super) async fn spend(app: &App, context: &Context, factors: &Loaded<Factors>) -> Result<bool, Error> {
    let mut change = Change::new(app, context);
    change.update(factors)?;
    match change.commit().await {
        Err(error) if error.code == "changed" => Ok(false),
        other => other.map(|_| true),
    }
}

fn step_with(key: &[u8], code: &str, context: &Context, used: Option<i64>) -> Option<i64> {
    if code.len() > LONGEST { None } else { totp::step_with(key, code, context.now, used) }
}

fn about(user: UserId) -> String {
    format!("totp|{user}")
}

/// The address that authenticator apps read (the "Key Uri Format" that they share).
fn address(public_url: &str, login: &str, secret: &str) -> Result<String, Error> {
    let host =
        Url::parse(public_url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
    let mut address = Url::parse("otpauth://totp/").map_err(Error::internal)?;
    address
        .path_segments_mut()
        .map_err(|()| Error::internal("an address without a path"))?
        .push(&format!("Bianque:{login}@{host}"));
    address
        .query_pairs_mut()
        .append_pair("secret", secret)
        .append_pair("issuer", "Bianque")
        .append_pair("algorithm", "SHA1")
        .append_pair("digits", &totp::DIGITS.to_string())
        .append_pair("period", &totp::STEP_S.to_string());
    Ok(address.into())
}

/// A QR code as the path of an SVG drawing, one unit a module, without its quiet zone.
fn drawing(text: &str) -> Result<Value, Error> {
    let code =
        QrCode::encode_text(text, QrCodeEcc::Medium).map_err(|error| Error::internal(error.to_string()))?;
    let size = code.size();
    let mut path = String::new();
    for y in 0..size {
        let mut x = 0;
        while x < size {
            let dark = (x..size).take_while(|x| code.get_module(*x, y)).count();
            if dark > 0 {
                write!(path, "M{x} {y}h{dark}v1h-{dark}z").map_err(Error::internal)?;
            }
            x += i32::try_from(dark).unwrap_or(size) + 1;
        }
    }
    Ok(json!({"size": size, "path": path}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_says_whose_it_is_and_where() {
        let address = address("https://clinic.example", "li na", "JBSWY3DPEHPK3PXP").unwrap();
        assert_eq!(
            address,
            "otpauth://totp/Bianque:li%20na@clinic.example?secret=JBSWY3DPEHPK3PXP&issuer=Bianque&algorithm=SHA1\
             &digits=6&period=30"
        );
    }

    #[test]
    fn the_drawing_has_the_modules_of_the_code() {
        let code = QrCode::encode_text("otpauth://totp/x", QrCodeEcc::Medium).unwrap();
        let drawing = drawing("otpauth://totp/x").unwrap();
        let dark = (0..code.size())
            .flat_map(|y| (0..code.size()).map(move |x| (x, y)))
            .filter(|(x, y)| code.get_module(*x, *y))
            .count();
        let path = drawing["path"].as_str().unwrap();
        let drawn =
            path.split('h').skip(1).step_by(2).map(|part| part.split('v').next().unwrap().parse::<usize>());
        assert_eq!(drawn.map(Result::unwrap).sum::<usize>(), dark);
        assert_eq!(drawing["size"], code.size());
    }
}
