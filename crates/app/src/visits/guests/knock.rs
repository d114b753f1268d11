//! A guest agrees to the text and asks to be let in, and leaves again.

use bianque_model::{Context, ResourceId};
use bianque_store::AuditAction;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{GuestAgreed, Stage, invite, record, text};
use crate::live::What;
use crate::policy::Part;
use crate::visits::access::{Access, load_as, one_of};
use crate::visits::call;
use crate::visits::people::log::Deed;
use crate::{App, Change, Error, ErrorKind};

/// What a guest agrees to.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Knock {
    /// The version that was read.
    pub version: String,
    /// `en` or `zh-CN`.
    pub language: String,
    /// Must be true.
    pub agreed: bool,
}

/// The text that a guest agrees to, in both languages, and its version.
pub async fn words(app: &App, context: &Context, visit: &ResourceId) -> Result<Value, Error> {
    load_as(app, context, visit, &[Part::Guest]).await?;
    Ok(text::shown())
}

/// Agrees and waits. Who waits or is in already goes on as they are.
pub async fn knock(app: &App, context: &Context, visit: &ResourceId, knock: Knock) -> Result<(), Error> {
    let mut access = load_as(app, context, visit, &[Part::Guest]).await?;
    if !knock.agreed {
        return Err(Error::field("consent.needed", "agreed", "agree to the text to take part"));
    }
    if knock.version != text::VERSION {
        let error = Error::new(ErrorKind::Conflict, "consent.version", "the text has changed; read it again");
        return Err(error.with_details(json!({"version": text::VERSION})));
    }
    one_of("language", &knock.language, &["en", "zh-CN"])?;
    if access.as_guest()?.stage != Stage::Invited {
        return Ok(());
    }
    if access.visit.value.locked {
        return Err(Error::conflict("room.locked", "nobody new is let into this visit now"));
    }
    let id = access.as_guest()?.id.clone();
    let guest = access.visit.value.guest_mut(&id).ok_or_else(Error::not_found)?;
    guest.agreed = Some(GuestAgreed { version: knock.version, language: knock.language, at: context.now });
    (guest.stage, guest.since) = (Stage::Waiting, context.now);
    let guest = guest.clone();
    invite::keep(Change::new(app, context), context, &access, &guest, AuditAction::U, Deed::Waits).await?;
    access.tell(app, context, What::Visit);
    Ok(())
}

/// A guest leaves by themselves: the link may be opened again, and they ask again.
pub(in crate::visits) async fn leave(app: &App, context: &Context, mut access: Access) -> Result<(), Error> {
    let id = access.as_guest()?.id.clone();
    let mut change = Change::new(app, context);
    let left = access.as_guest()?.is_admitted().then(|| access.as_guest().cloned()).transpose()?;
    if let Some(guest) = &left {
        record::left(&access, context, guest, &mut change)?;
    }
    let guest = access.visit.value.guest_mut(&id).ok_or_else(Error::not_found)?;
    guest.go();
    let guest = guest.clone();
    invite::keep(change, context, &access, &guest, AuditAction::E, Deed::Left).await?;
    call::dismiss(app, context, &access.visit.value.id, id.as_str());
    access.tell(app, context, What::Visit);
    Ok(())
}
