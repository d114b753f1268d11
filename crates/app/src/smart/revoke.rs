//! An application gives a token back (RFC 7009): an access token ends alone, a refresh token with its whole family.

use bianque_model::Context;
use bianque_store::AuditAction;

use super::access::{self, AccessToken};
use super::client_proof::{self, Presented};
use super::{Pairs, grants, needed, refresh};
use crate::{App, Change, Error};

/// Ends the token of the request, if it is the application's. What is unknown is over already.
pub async fn revoke(
    app: &App,
    context: &Context,
    pairs: &Pairs,
    basic: Option<&Presented>,
) -> Result<(), Error> {
    let mut change = Change::new(app, context);
    let client = client_proof::of_request(app, context, pairs, basic, &mut change).await?;
    let text = needed(pairs, "token")?;
    let id = access::id_of(app, text);
    let token = app.load::<AccessToken>(context.tenant, &id).await?;
    if token.is_some_and(|token| token.value.client == client.id) {
        change.remove::<AccessToken>(id);
    }
    if let Some(grant) = refresh::current(app, context, text).await?.filter(|grant| grant.client == client.id)
    {
        grants::end(app, context, grant.id.as_str(), &mut change).await?;
    }
    change.audit(AuditAction::E, "application.revoke", None, &format!("Application/{}", client.id));
    change.commit().await?;
    Ok(())
}
