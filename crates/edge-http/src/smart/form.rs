//! What applications send to `/oauth2`: a form, and perhaps their name and secret in a header.

use axum::extract::{Form, FromRequest, Request};
use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bianque_app::smart::Presented;
use bianque_app::{Error, ErrorKind};

use super::Refusal;
use crate::describe::{Argument, Input};

/// The pairs of a form with `Authorization: Basic`.
pub(crate) struct Sent {
    /// The form.
    pub(super) pairs: Vec<(String, String)>,
    /// Name and secret.
    pub(super) basic: Option<Presented>,
}

impl Argument for Sent {
    fn describe(input: &mut Input) {
        Form::<()>::describe(input);
    }
}

impl<S: Send + Sync> FromRequest<S> for Sent {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let basic = presented(request.headers())?;
        let form = Form::<Vec<(String, String)>>::from_request(request, state).await;
        let Form(pairs) =
            form.map_err(|_| malformed("the body is a form (application/x-www-form-urlencoded)"))?;
        Ok(Self { pairs, basic })
    }
}

/// RFC 6749, 2.3.1: both are form-encoded before they are joined.
fn presented(headers: &HeaderMap) -> Result<Option<Presented>, Error> {
    let Some(value) = headers.get(header::AUTHORIZATION) else { return Ok(None) };
    let unreadable =
        || Error::new(ErrorKind::SignIn, "oauth.invalid_client", "the Authorization header is not Basic");
    let (scheme, rest) = value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or_else(unreadable)?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(unreadable());
    }
    let bytes = STANDARD.decode(rest.trim()).map_err(|_| unreadable())?;
    let text = String::from_utf8(bytes).map_err(|_| unreadable())?;
    // Ids and secrets of ours have nothing that form-encoding would change.
    let (id, secret) = text.split_once(':').ok_or_else(unreadable)?;
    Ok(Some(Presented { id: id.to_owned(), secret: secret.to_owned() }))
}

fn malformed(message: &str) -> Error {
    Error::new(ErrorKind::Malformed, "oauth.invalid_request", message)
}
