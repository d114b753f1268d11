//! Keeping the record of a patient, entry by entry. What is changed is changed over a version (`If-Match`), and refused with
//! 412 when another one stands.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use bianque_app::directory::record::allergy::{self, Allergy};
use bianque_app::directory::record::medication::{self, Medication, Order};
use bianque_app::directory::record::problem::{self, Problem};
use bianque_app::directory::record::{Target, history};
use bianque_app::{Error, ErrorKind};
use bianque_model::ResourceId;
use serde_json::Value;

use crate::fhir::headers::version_in;
use crate::{Body, Caller, Edge, Problem as Refused};

type Answer = Result<Json<Value>, Refused>;
type Created = Result<(StatusCode, Json<Value>), Refused>;
type Named = Path<(ResourceId, ResourceId)>;

/// `POST /api/patients/{patient}/problems`
pub(crate) async fn add_problem(
    State(edge): State<Edge>,
    caller: Caller,
    Path(patient): Path<ResourceId>,
    Body(body): Body<Problem>,
) -> Created {
    created(problem::put(&edge.app, &caller.context, &patient, Target::New, body).await)
}

/// `PUT /api/patients/{patient}/problems/{entry}`
pub(crate) async fn put_problem(
    State(edge): State<Edge>,
    caller: Caller,
    Path((patient, id)): Named,
    headers: HeaderMap,
    Body(body): Body<Problem>,
) -> Answer {
    Ok(Json(problem::put(&edge.app, &caller.context, &patient, standing(id, &headers)?, body).await?))
}

/// `POST /api/patients/{patient}/allergies`
pub(crate) async fn add_allergy(
    State(edge): State<Edge>,
    caller: Caller,
    Path(patient): Path<ResourceId>,
    Body(body): Body<Allergy>,
) -> Created {
    created(allergy::put(&edge.app, &caller.context, &patient, Target::New, body).await)
}

/// `POST /api/patients/{patient}/allergies/none-known`
pub(crate) async fn no_allergies(
    State(edge): State<Edge>,
    caller: Caller,
    Path(patient): Path<ResourceId>,
) -> Created {
    created(allergy::none_known(&edge.app, &caller.context, &patient).await)
}

/// `PUT /api/patients/{patient}/allergies/{entry}`
pub(crate) async fn put_allergy(
    State(edge): State<Edge>,
    caller: Caller,
    Path((patient, id)): Named,
    headers: HeaderMap,
    Body(body): Body<Allergy>,
) -> Answer {
    Ok(Json(allergy::put(&edge.app, &caller.context, &patient, standing(id, &headers)?, body).await?))
}

/// `POST /api/patients/{patient}/medications`
pub(crate) async fn add_medication(
    State(edge): State<Edge>,
    caller: Caller,
    Path(patient): Path<ResourceId>,
    Body(body): Body<Medication>,
) -> Created {
    created(medication::put(&edge.app, &caller.context, &patient, Target::New, body).await)
}

/// `PUT /api/patients/{patient}/medications/{entry}`
pub(crate) async fn put_medication(
    State(edge): State<Edge>,
    caller: Caller,
    Path((patient, id)): Named,
    headers: HeaderMap,
    Body(body): Body<Medication>,
) -> Answer {
    Ok(Json(medication::put(&edge.app, &caller.context, &patient, standing(id, &headers)?, body).await?))
}

/// `PUT /api/patients/{patient}/orders/{entry}`
pub(crate) async fn follow_order(
    State(edge): State<Edge>,
    caller: Caller,
    Path((patient, id)): Named,
    headers: HeaderMap,
    Body(body): Body<Order>,
) -> Answer {
    Ok(Json(medication::follow(&edge.app, &caller.context, &patient, standing(id, &headers)?, body).await?))
}

/// `GET /api/patients/{patient}/entries/{type}/{entry}/history`
pub(crate) async fn versions(
    State(edge): State<Edge>,
    caller: Caller,
    Path((patient, resource_type, id)): Path<(ResourceId, String, ResourceId)>,
) -> Answer {
    Ok(Json(history::read(&edge.app, &caller.context, &patient, &resource_type, &id).await?))
}

fn created(written: Result<Value, Error>) -> Created {
    Ok((StatusCode::CREATED, Json(written?)))
}

/// The entry at the version that the caller has read. Without one nothing is changed.
fn standing(id: ResourceId, headers: &HeaderMap) -> Result<Target, Error> {
    let needed =
        || Error::new(ErrorKind::Malformed, "record.version", "If-Match must name the version that was read");
    let version = version_in(headers, &header::IF_MATCH)?.ok_or_else(needed)?;
    Ok(Target::Standing { id, version })
}
