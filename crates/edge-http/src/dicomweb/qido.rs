//! QIDO-RS (PS3.18, 10.6): which studies, series and instances there are.

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use bianque_app::archive::{ImageLevel, find};

use super::wado::json_is_wanted;
use super::{Address, DICOM_JSON, base, body, pairs, parameter};
use crate::{Caller, Edge, Problem};

/// `GET /dicomweb/studies`
pub(crate) async fn studies(
    State(edge): State<Edge>,
    caller: Caller,
    Path(address): Path<Address>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    search(edge, caller, ImageLevel::Study, address, query, &headers).await
}

/// `GET /dicomweb/series`, and below a study
pub(crate) async fn series(
    State(edge): State<Edge>,
    caller: Caller,
    Path(address): Path<Address>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    search(edge, caller, ImageLevel::Series, address, query, &headers).await
}

/// `GET /dicomweb/instances`, and below a study or a series
pub(crate) async fn instances(
    State(edge): State<Edge>,
    caller: Caller,
    Path(address): Path<Address>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    search(edge, caller, ImageLevel::Instance, address, query, &headers).await
}

async fn search(
    edge: Edge,
    caller: Caller,
    level: ImageLevel,
    address: Address,
    query: Option<String>,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let (context, pairs) = (&caller.context, pairs(query.as_deref()));
    json_is_wanted(headers, parameter(&pairs, "accept"))?;
    let base = base(&edge.app, context.tenant);
    let above = (address.study.as_deref(), address.series.as_deref());
    let found = find::search(&edge.app, context, level, above, &pairs, &base).await?;
    let mut response = body::answer(found.json.into(), DICOM_JSON)?;
    if let Some(warning) = found.warning
        && let Ok(value) = HeaderValue::from_str(&format!("299 bianque \"{warning}\""))
    {
        response.headers_mut().insert(header::WARNING, value);
    }
    Ok(response)
}
