//! What is read and written in a visit: chart, vitals, note, signature, plan, chat, invitations, opinion.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bianque_app::directory;
use bianque_app::visits::addendum::{self, Adding};
use bianque_app::visits::chat::{self, Message};
use bianque_app::visits::invite::{self, Inviting};
use bianque_app::visits::note::{self, Content};
use bianque_app::visits::sign::{self, Signing};
use bianque_app::visits::vitals::{self, Measurement};
use bianque_app::visits::{opinion, plan, plan_pdf};
use bianque_app::{Error, ErrorKind};
use bianque_model::ResourceId;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::desk::shown;
use crate::{Body, Caller, Edge, Problem};

/// `GET /api/visits/{visit}/chart`: for those whom the visit lets in, who hold no account.
pub(crate) async fn chart(
    State(edge): State<Edge>,
    caller: Caller,
    Path(visit): Path<ResourceId>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(directory::chart::of_visit(&edge.app, &caller.context, &visit).await?))
}

/// `GET /api/visits/{visit}/vitals`
pub(crate) async fn vitals(
    State(edge): State<Edge>,
    caller: Caller,
    Path(visit): Path<ResourceId>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(vitals::list(&edge.app, &caller.context, &visit).await?))
}

/// `POST /api/visits/{visit}/vitals`
pub(crate) async fn add_vital(
    State(edge): State<Edge>,
    caller: Caller,
    Path(visit): Path<ResourceId>,
    Body(measurement): Body<Measurement>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(vitals::record(&edge.app, &caller.context, &visit, measurement).await?))
}

/// `GET /api/visits/{visit}/note`
pub(crate) async fn note(
    State(edge): State<Edge>,
    caller: Caller,
    Path(visit): Path<ResourceId>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(note::read(&edge.app, &caller.context, &visit).await?))
}

/// `PUT /api/visits/{visit}/note`: the content with the version it was read at; what the server adds is ignored.
pub(crate) async fn save_note(
    State(edge): State<Edge>,
    caller: Caller,
    Path(visit): Path<ResourceId>,
    Body(mut body): Body<Value>,
) -> Result<Json<Value>, Problem> {
    let malformed = |message: String| Error::new(ErrorKind::Malformed, "body.invalid", message);
    let fields = body.as_object_mut().ok_or_else(|| malformed("the note is not an object".into()))?;
    for field in ["saved_at", "signed", "addenda"] {
        fields.remove(field);
    }
    let version = fields.remove("version").and_then(|version| version.as_u64()).unwrap_or_default();
    let content: Content = serde_json::from_value(body).map_err(|error| malformed(error.to_string()))?;
    Ok(Json(note::save(&edge.app, &caller.context, &visit, note::Save { version, content }).await?))
}

/// `POST /api/visits/{visit}/sign`
pub(crate) async fn sign(
    State(edge): State<Edge>,
    caller: Caller,
    Path(visit): Path<ResourceId>,
    Body(signing): Body<Signing>,
) -> Result<Json<Value>, Problem> {
    let mut answer = sign::sign(&edge.app, &caller.context, &visit, signing).await?;
    answer["visit"] = shown(&edge, &caller, &visit).await?;
    Ok(Json(answer))
}

/// `POST /api/visits/{visit}/addenda`
pub(crate) async fn add(
    State(edge): State<Edge>,
    caller: Caller,
    Path(visit): Path<ResourceId>,
    Body(adding): Body<Adding>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(addendum::add(&edge.app, &caller.context, &visit, adding).await?))
}

/// `GET /api/visits/{visit}/plan`
pub(crate) async fn plan(
    State(edge): State<Edge>,
    caller: Caller,
    Path(visit): Path<ResourceId>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(plan::read(&edge.app, &caller.context, &visit).await?))
}

/// `POST /api/visits/{visit}/plan/confirm`
pub(crate) async fn confirm_plan(
    State(edge): State<Edge>,
    caller: Caller,
    Path(visit): Path<ResourceId>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(plan::confirm(&edge.app, &caller.context, &visit).await?))
}

/// The language of a printed plan.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Print {
    #[serde(default = "english")]
    lang: String,
    #[serde(default = "utc")]
    zone: String,
}

fn english() -> String {
    "en".to_owned()
}

fn utc() -> String {
    "UTC".to_owned()
}

/// `GET /api/visits/{visit}/plan.pdf`
pub(crate) async fn plan_pdf(
    State(edge): State<Edge>,
    caller: Caller,
    Path(visit): Path<ResourceId>,
    Query(print): Query<Print>,
) -> Result<Response, Problem> {
    let pdf = plan_pdf::print(&edge.app, &caller.context, &visit, &print.lang, &print.zone).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/pdf".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"plan-{visit}.pdf\"")),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, pdf).into_response())
}

/// `GET /api/visits/{visit}/chat`
pub(crate) async fn chat(
    State(edge): State<Edge>,
    caller: Caller,
    Path(visit): Path<ResourceId>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(chat::list(&edge.app, &caller.context, &visit).await?))
}

/// `POST /api/visits/{visit}/chat`
pub(crate) async fn say(
    State(edge): State<Edge>,
    caller: Caller,
    Path(visit): Path<ResourceId>,
    headers: HeaderMap,
    Body(message): Body<Message>,
) -> Result<Json<Value>, Problem> {
    let key = headers.get("idempotency-key").and_then(|value| value.to_str().ok()).unwrap_or_default();
    Ok(Json(chat::send(&edge.app, &caller.context, &visit, message, key).await?))
}

/// `POST /api/visits/{visit}/invitations`
pub(crate) async fn invite(
    State(edge): State<Edge>,
    caller: Caller,
    Path(visit): Path<ResourceId>,
    Body(inviting): Body<Inviting>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(invite::invite(&edge.app, &caller.context, &visit, inviting).await?))
}

/// `DELETE /api/visits/{visit}/invitations/{invitation}`
pub(crate) async fn revoke(
    State(edge): State<Edge>,
    caller: Caller,
    Path((visit, invitation)): Path<(ResourceId, ResourceId)>,
) -> Result<StatusCode, Problem> {
    invite::revoke(&edge.app, &caller.context, &visit, &invitation).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /api/visits/{visit}/opinion`
pub(crate) async fn opinion(
    State(edge): State<Edge>,
    caller: Caller,
    Path(visit): Path<ResourceId>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(opinion::read(&edge.app, &caller.context, &visit).await?))
}

/// `PUT /api/visits/{visit}/opinion`
pub(crate) async fn save_opinion(
    State(edge): State<Edge>,
    caller: Caller,
    Path(visit): Path<ResourceId>,
    Body(save): Body<opinion::Save>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(opinion::save(&edge.app, &caller.context, &visit, save).await?))
}

/// `POST /api/visits/{visit}/opinion/sign`
pub(crate) async fn sign_opinion(
    State(edge): State<Edge>,
    caller: Caller,
    Path(visit): Path<ResourceId>,
    Body(signing): Body<opinion::Signing>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(opinion::sign(&edge.app, &caller.context, &visit, signing).await?))
}
