//! Quality of one visit and over visits.

use axum::Json;
use axum::extract::{Path, Query, State};
use bianque_app::quality::over_visits::{Range, over_visits};
use bianque_app::visits::quality;
use bianque_app::{Error, instant};
use bianque_model::ResourceId;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::{Caller, Edge, Problem};

/// `GET /api/visits/{visit}/quality`
pub(crate) async fn of_visit(
    State(edge): State<Edge>,
    caller: Caller,
    Path(visit): Path<ResourceId>,
) -> Result<Json<Value>, Problem> {
    Ok(Json(quality::show(&edge.app, &caller.context, &visit).await?))
}

/// A range of instants or days; none: the last 90 days.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Asked {
    from: Option<String>,
    to: Option<String>,
    practitioner: Option<ResourceId>,
}

/// `GET /api/quality/visits`
pub(crate) async fn over(
    State(edge): State<Edge>,
    caller: Caller,
    Query(asked): Query<Asked>,
) -> Result<Json<Value>, Problem> {
    let now = caller.context.now;
    let parse = |text: Option<String>, field, default| match text {
        None => Ok(default),
        Some(text) => instant::parse(&text)
            .or_else(|| instant::day_in_zone(&text, "UTC").map(|(from, _)| from))
            .ok_or_else(|| Error::field("field.time", field, "neither an instant nor a day")),
    };
    let from = parse(asked.from, "from", now.plus_seconds(-90 * 24 * 3600))?;
    let to = parse(asked.to, "to", now.plus_seconds(1))?;
    let range = Range { from, to, practitioner: asked.practitioner };
    Ok(Json(over_visits(&edge.app, &caller.context, &range).await?))
}
