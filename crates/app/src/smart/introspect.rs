//! What a token is (RFC 7662), for the application that has it.

use bianque_model::Context;
use serde_json::{Value, json};

use super::access::{self, Held};
use super::client_proof::{self, Presented};
use super::{Pairs, needed, refresh};
use crate::records::base;
use crate::{App, Change, Error};

/// What the token of the request is; of another's token, or one that is over, only that it is not active.
pub async fn introspect(
    app: &App,
    context: &Context,
    pairs: &Pairs,
    basic: Option<&Presented>,
) -> Result<Value, Error> {
    let mut change = Change::new(app, context);
    let client = client_proof::of_request(app, context, pairs, basic, &mut change).await?;
    // An assertion is used up by this too.
    change.commit().await?;
    let text = needed(pairs, "token")?;
    if let Some(held) = access::held(app, context, text).await?.filter(|held| held.token.client == client.id)
    {
        return Ok(of_access(app, context, &held));
    }
    if let Some(grant) = refresh::current(app, context, text).await?.filter(|grant| grant.client == client.id)
        && access::user_of(app, context, grant.clone()).await?.is_some()
    {
        let until = seconds(grant.until);
        return Ok(json!({
            "active": true, "client_id": client.id, "scope": grant.scopes.join(" "), "sub": grant.user, "exp": until,
        }));
    }
    Ok(json!({"active": false}))
}

fn of_access(app: &App, context: &Context, held: &Held) -> Value {
    let token = &held.token;
    let mut answer = json!({
        "active": true, "client_id": token.client, "scope": token.scopes.join(" "), "token_type": "Bearer",
        "iss": app.public_url(context.tenant), "iat": seconds(token.since), "exp": seconds(token.until),
        "sub": token.client,
    });
    if let Some((grant, account)) = &held.for_user {
        answer["sub"] = json!(grant.user);
        if let Some(patient) = &grant.patient {
            answer["patient"] = json!(patient);
        }
        if let Some(practitioner) = &account.practitioner {
            answer["fhirUser"] = format!("{}/Practitioner/{practitioner}", base(app, context.tenant)).into();
        }
    }
    answer
}

const fn seconds(at: bianque_model::Timestamp) -> i64 {
    at.0.div_euclid(1_000_000)
}
