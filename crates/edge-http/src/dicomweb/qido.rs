//! QIDO-RS (PS3.18, 10.6): which studies, series and instances there are.

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use bianque_app::archive::{ImageLevel, find};

use super::{DICOM_JSON, base, body, pairs};
use crate::{Caller, Edge, Problem};

/// `GET /dicomweb/studies`
pub(crate) async fn studies(
    State(edge): State<Edge>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    search(edge, caller, ImageLevel::Study, (None, None), query).await
}

/// `GET /dicomweb/series`
pub(crate) async fn series(
    State(edge): State<Edge>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    search(edge, caller, ImageLevel::Series, (None, None), query).await
}

/// `GET /dicomweb/instances`
pub(crate) async fn instances(
    State(edge): State<Edge>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    search(edge, caller, ImageLevel::Instance, (None, None), query).await
}

/// `GET /dicomweb/studies/{study}/series`
pub(crate) async fn series_of_study(
    State(edge): State<Edge>,
    caller: Caller,
    Path(study): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    search(edge, caller, ImageLevel::Series, (Some(&study), None), query).await
}

/// `GET /dicomweb/studies/{study}/instances`
pub(crate) async fn instances_of_study(
    State(edge): State<Edge>,
    caller: Caller,
    Path(study): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    search(edge, caller, ImageLevel::Instance, (Some(&study), None), query).await
}

/// `GET /dicomweb/studies/{study}/series/{series}/instances`
pub(crate) async fn instances_of_series(
    State(edge): State<Edge>,
    caller: Caller,
    Path((study, series)): Path<(String, String)>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    search(edge, caller, ImageLevel::Instance, (Some(&study), Some(&series)), query).await
}

async fn search(
    edge: Edge,
    caller: Caller,
    level: ImageLevel,
    above: (Option<&str>, Option<&str>),
    query: Option<String>,
) -> Result<Response, Problem> {
    let (context, pairs) = (&caller.context, pairs(query.as_deref()));
    let base = base(&edge.app, context.tenant);
    let found = find::search(&edge.app, context, level, above, &pairs, &base).await?;
    let mut response = body::answer(found.json.into(), DICOM_JSON)?;
    if let Some(warning) = found.warning
        && let Ok(value) = HeaderValue::from_str(&format!("299 bianque \"{warning}\""))
    {
        response.headers_mut().insert(header::WARNING, value);
    }
    Ok(response)
}
