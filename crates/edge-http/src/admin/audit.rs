//! The audit, for administrators.

use axum::Json;
use axum::body::Body as Bytes;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bianque_app::audit::download::{self, Format, Taking};
use bianque_app::audit::list::{self, Filter};
use bianque_app::audit::state;
use bianque_model::ResourceId;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::{Body, Caller, Edge, Problem, answer};

/// Which page is asked for, narrowed by what.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Page {
    /// At or after this instant.
    from: Option<String>,
    /// Before this instant.
    to: Option<String>,
    /// Who did it: `Practitioner/…`, `User/…`, `Application/…`.
    who: Option<String>,
    /// Whose data.
    patient: Option<ResourceId>,
    /// `C`, `R`, `U`, `D` or `E`.
    action: Option<String>,
    /// The beginning of the operation.
    operation: Option<String>,
    /// `done` or `refused`.
    outcome: Option<String>,
    /// Only what was done in an emergency.
    #[serde(default)]
    emergency: bool,
    /// The `next.before` of the page before.
    before: Option<String>,
}

/// `GET /api/admin/audit`
pub(crate) async fn list(
    State(edge): State<Edge>,
    caller: Caller,
    Query(page): Query<Page>,
) -> Result<Json<Value>, Problem> {
    let Page { from, to, who, patient, action, operation, outcome, emergency, before } = page;
    let filter = Filter { from, to, who, patient, action, operation, outcome, emergency };
    Ok(Json(list::list(&edge.app, &caller.context, &filter, before.as_deref()).await?))
}

/// `GET /api/admin/audit/state`
pub(crate) async fn state(State(edge): State<Edge>, caller: Caller) -> Result<Json<Value>, Problem> {
    Ok(Json(state::show(&edge.app, &caller.context).await?))
}

/// `POST /api/admin/audit/export`
pub(crate) async fn take(
    State(edge): State<Edge>,
    caller: Caller,
    Body(taking): Body<Taking>,
) -> Result<Response, Problem> {
    let download = download::begin(&edge.app, &caller.context, taking).await?;
    let (kind, name) = match download.format() {
        Format::Csv => ("text/csv; charset=utf-8", "attachment; filename=\"audit.csv\""),
        Format::Ndjson => ("application/x-ndjson", "attachment; filename=\"audit.ndjson\""),
    };
    // What fails on the way ends the answer before its end, which a browser takes for a failure.
    let stretches = futures_util::stream::try_unfold(download, |mut download| async {
        let next = download.next().await.inspect_err(answer::log)?;
        Ok::<_, bianque_app::Error>(next.map(|text| (text, download)))
    });
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_DISPOSITION, name),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, Bytes::from_stream(stretches)).into_response())
}
