//! The patient's way in: the link, the confirmation, the steps before the waiting room.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bianque_app::audit::readers;
use bianque_app::visits::consent::{self, Agreement};
use bianque_app::visits::device_check::{self, DeviceReport};
use bianque_app::visits::intake::{self, Intake};
use bianque_app::visits::join::{self, Confirmation};
use bianque_app::visits::{access, arrive, view};
use bianque_app::{Error, secrets};
use bianque_model::ResourceId;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::desk::{answer, shown};
use crate::caller::{VISIT_COOKIE, cookie};
use crate::{Body, Caller, Edge, Problem};

/// A probe carries at most this many bytes each way.
pub(crate) const PROBE_LIMIT: usize = 4 << 20;
/// The browser keeps the visit's cookie as long as a plan can be read by it.
const COOKIE_SECONDS: u32 = 31 * 24 * 3600;

/// `GET /api/join/{token}`
pub(crate) async fn look(
    State(edge): State<Edge>,
    anonymous: crate::caller::Anonymous,
    Path(token): Path<String>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(join::look(&edge.app, &anonymous.0, &token).await?))
}

/// `POST /api/visits/{visit}/confirm`: whoever asks is nobody yet, whatever other cookie the browser has.
pub(crate) async fn confirm(
    State(edge): State<Edge>,
    anonymous: crate::caller::Anonymous,
    Path(visit): Path<ResourceId>,
    headers: HeaderMap,
    Body(confirmation): Body<Confirmation>,
) -> Result<Response, Problem> {
    let held = cookie(&headers, VISIT_COOKIE);
    let admitted = join::confirm(&edge.app, &anonymous.0, &visit, held, &confirmation).await?;
    let caller = Caller::admitted(admitted.context, admitted.csrf.clone());
    let visit_shown = shown(&edge, &caller, &visit).await?;
    let mut response = Json(json!({"csrf": admitted.csrf, "visit": visit_shown})).into_response();
    set_cookie(&mut response, &edge, &visit, &admitted.cookie, COOKIE_SECONDS)?;
    Ok(response)
}

/// `GET /api/visits/{visit}/me`
pub(crate) async fn me(
    State(edge): State<Edge>,
    caller: Caller,
    Path(visit): Path<ResourceId>,
) -> Result<Json<Value>, Problem> {
    let access = access::load_present(&edge.app, &caller.context, &visit).await?;
    let participant = view::participant(&edge.app, &caller.context, &access).await?;
    let shown = view::show(&edge.app, &caller.context, &access).await?;
    Ok(Json(json!({"csrf": caller.csrf, "participant": participant, "visit": shown})))
}

/// Which page of accesses is asked for.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Accesses {
    before: Option<u64>,
    #[serde(rename = "as")]
    _as: Option<String>,
}

/// `GET /api/visits/{visit}/accesses`
pub(crate) async fn accesses(
    State(edge): State<Edge>,
    caller: Caller,
    Path(visit): Path<ResourceId>,
    Query(page): Query<Accesses>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(readers::readers(&edge.app, &caller.context, &visit, page.before).await?))
}

/// `GET /api/consents/visit`
pub(crate) async fn consent_text(
    State(edge): State<Edge>,
    anonymous: crate::caller::Anonymous,
) -> Result<Json<Value>, Problem> {
    Ok(Json(consent::for_all(&edge.app, anonymous.0.tenant).await?))
}

/// `GET /api/visits/{visit}/consent-text`
pub(crate) async fn consent_text_of_visit(
    State(edge): State<Edge>,
    caller: Caller,
    Path(visit): Path<ResourceId>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(consent::text(&edge.app, &caller.context, &visit).await?))
}

/// `POST /api/visits/{visit}/consent`
pub(crate) async fn consent(
    State(edge): State<Edge>,
    caller: Caller,
    Path(visit): Path<ResourceId>,
    Body(agreement): Body<Agreement>,
) -> Result<Json<Value>, Problem> {
    consent::give(&edge.app, &caller.context, &visit, agreement).await?;
    answer(&edge, &caller, &visit).await
}

/// `POST /api/visits/{visit}/device-check`
pub(crate) async fn device_check(
    State(edge): State<Edge>,
    caller: Caller,
    Path(visit): Path<ResourceId>,
    Body(report): Body<DeviceReport>,
) -> Result<Json<Value>, Problem> {
    device_check::record(&edge.app, &caller.context, &visit, report).await?;
    answer(&edge, &caller, &visit).await
}

/// `PUT /api/visits/{visit}/intake`
pub(crate) async fn intake(
    State(edge): State<Edge>,
    caller: Caller,
    Path(visit): Path<ResourceId>,
    Body(answers): Body<Intake>,
) -> Result<Json<Value>, Problem> {
    intake::record(&edge.app, &caller.context, &visit, answers).await?;
    answer(&edge, &caller, &visit).await
}

/// `POST /api/visits/{visit}/arrive`
pub(crate) async fn arrive(
    State(edge): State<Edge>,
    caller: Caller,
    Path(visit): Path<ResourceId>,
) -> Result<Json<Value>, Problem> {
    arrive::arrive(&edge.app, &caller.context, &visit).await?;
    answer(&edge, &caller, &visit).await
}

/// `POST /api/visits/{visit}/leave`
pub(crate) async fn leave(
    State(edge): State<Edge>,
    caller: Caller,
    Path(visit): Path<ResourceId>,
) -> Result<Response, Problem> {
    join::leave(&edge.app, &caller.context, &visit).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    set_cookie(&mut response, &edge, &visit, "", 0)?;
    Ok(response)
}

/// How much a probe asks for.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Amount {
    bytes: usize,
}

/// `GET /api/visits/{visit}/probe`: bytes that no proxy can make smaller.
pub(crate) async fn probe_down(
    State(edge): State<Edge>,
    caller: Caller,
    Path(visit): Path<ResourceId>,
    Query(amount): Query<Amount>,
) -> Result<Response, Problem> {
    access::load_present(&edge.app, &caller.context, &visit).await?;
    if amount.bytes > PROBE_LIMIT {
        return Err(
            Error::field("field.range", "bytes", format!("a probe has at most {PROBE_LIMIT} bytes")).into()
        );
    }
    // 64 KiB, repeated: longer than the window of deflate, and nothing on the way compresses octet streams with more.
    let random = secrets::random_bytes::<{ 1 << 16 }>()?;
    let body: Vec<u8> = random.iter().copied().cycle().take(amount.bytes).collect();
    Ok(([(header::CACHE_CONTROL, "no-store"), (header::CONTENT_TYPE, "application/octet-stream")], body)
        .into_response())
}

/// `POST /api/visits/{visit}/probe`
pub(crate) async fn probe_up(
    State(edge): State<Edge>,
    caller: Caller,
    Path(visit): Path<ResourceId>,
    body: Bytes,
) -> Result<Json<Value>, Problem> {
    access::load_present(&edge.app, &caller.context, &visit).await?;
    Ok(Json(json!({"received": body.len()})))
}

/// The visit's cookie is sent below the visit and nowhere else.
fn set_cookie(
    response: &mut Response,
    edge: &Edge,
    visit: &ResourceId,
    secret: &str,
    seconds: u32,
) -> Result<(), Problem> {
    let secure = if edge.trust.secure_cookies { "; Secure" } else { "" };
    let line = format!(
        "{VISIT_COOKIE}={secret}; Path=/api/visits/{visit}; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}"
    );
    let value = HeaderValue::from_str(&line).map_err(|error| Problem(Error::internal(error)))?;
    response.headers_mut().append(header::SET_COOKIE, value);
    Ok(())
}
