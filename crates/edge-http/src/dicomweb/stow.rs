//! STOW-RS (PS3.18, 10.5): instances are brought, as the parts of one body.

use axum::body::Bytes;
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::Response;
use bianque_app::archive::receive::{Receiving, Refused, Stored, Whole};
use bianque_app::archive::{Refusal, status};
use bianque_app::{App, Error, ErrorKind};
use bianque_model::Context;
use multer::{Field, Multipart};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::{DICOM_JSON, base, body};
use crate::{Caller, Edge, Problem};

/// Pieces of a part that wait to be sealed.
const WAITING: usize = 8;
/// Parts of one body.
const MOST: usize = 100_000;

/// `POST /dicomweb/studies`
pub(crate) async fn store(
    State(edge): State<Edge>,
    caller: Caller,
    request: Request,
) -> Result<Response, Problem> {
    take(edge, caller, None, request).await
}

/// `POST /dicomweb/studies/{study}`
pub(crate) async fn store_in_study(
    State(edge): State<Edge>,
    caller: Caller,
    Path(study): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    take(edge, caller, Some(study), request).await
}

async fn take(
    edge: Edge,
    caller: Caller,
    study: Option<String>,
    request: Request,
) -> Result<Response, Problem> {
    let (app, context) = (edge.app.clone(), caller.context);
    let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let boundary = content_type.and_then(boundary).ok_or_else(wrong_type)?;
    let mut parts = Multipart::new(request.into_body().into_data_stream(), boundary);
    let (mut stored, mut refused, mut count) = (Vec::new(), Vec::new(), 0);
    loop {
        let part = match parts.next_field().await {
            Ok(Some(part)) => part,
            Ok(None) => break,
            Err(error) => return Err(broken(&error, &stored)),
        };
        count += 1;
        if count > MOST {
            return Err(Problem(Error::new(
                ErrorKind::TooLarge,
                "dicomweb.parts",
                "these are too many parts",
            )));
        }
        match one(&app, &context, study.as_deref(), part).await? {
            Ok(one) => stored.push(one),
            Err(one) => refused.push(one),
        }
    }
    if count == 0 {
        return Err(Problem(Error::new(ErrorKind::Malformed, "dicomweb.parts", "there are no parts in it")));
    }
    let status = match (stored.is_empty(), refused.is_empty()) {
        (_, true) => StatusCode::OK,
        (false, false) => StatusCode::ACCEPTED,
        (true, false) => StatusCode::CONFLICT,
    };
    let told = told(&base(&app, context.tenant), &stored, &refused);
    let mut response = body::answer(told.to_string().into(), DICOM_JSON)?;
    *response.status_mut() = status;
    Ok(response)
}

/// The boundary of `multipart/related` whose parts are instances.
fn boundary(content_type: &str) -> Option<String> {
    if !content_type.trim_start().to_ascii_lowercase().starts_with("multipart/related") {
        return None;
    }
    let boundary =
        multer::parse_boundary(content_type.replacen("multipart/related", "multipart/form-data", 1)).ok()?;
    let mut parts = content_type.split(';').map(|part| part.trim().to_ascii_lowercase());
    let kind =
        parts.find_map(|part| part.strip_prefix("type=").map(|kind| kind.trim_matches('"').to_owned()));
    kind.is_none_or(|kind| kind == "application/dicom").then_some(boundary)
}

fn wrong_type() -> Error {
    let words = "instances are brought as multipart/related; type=\"application/dicom\"";
    Error::new(ErrorKind::WrongType, "dicomweb.content-type", words)
}

/// The body ended within a part, or is none: what was stored before stays.
fn broken(error: &multer::Error, stored: &[Stored]) -> Problem {
    tracing::info!(%error, stored = stored.len(), "a body of instances ended before its end");
    let words = format!("the body is not whole; {} instances of it are stored", stored.len());
    Problem(Error::new(ErrorKind::Malformed, "dicomweb.parts", words))
}

/// Takes one part; the outer error ends the whole body.
async fn one(
    app: &App,
    context: &Context,
    study: Option<&str>,
    mut part: Field<'static>,
) -> Result<Result<Stored, Refused>, Problem> {
    let (sender, receiver) = mpsc::channel(WAITING);
    let receiving = Receiving::of_file(app, context);
    let sealing = tokio::task::spawn_blocking(move || seal(receiving, receiver));
    loop {
        match part.chunk().await {
            // Whoever seals may have refused it: the rest is read and thrown away.
            Ok(Some(bytes)) => drop(sender.send(Some(bytes)).await),
            Ok(None) => break,
            Err(error) => {
                drop(sender.send(None).await);
                return Err(broken(&error, &[]));
            }
        }
    }
    drop(sender);
    let whole = match sealing.await.map_err(Error::internal)? {
        Ok(Some(whole)) => whole,
        Ok(None) => return Err(Problem(Error::internal("a part was given up"))),
        Err(refused) => return Ok(Err(refused)),
    };
    if study.is_some_and(|study| study != whole.study()) {
        let refusal = Refusal::new(status::DOES_NOT_MATCH, "it is not of the study of the address");
        return Ok(Err(whole.refuse(refusal).await));
    }
    let (class, instance) = whole.known();
    Ok(whole.keep().await.map_err(|refusal| Refused { class, instance, refusal }))
}

/// Seals what comes; none: it does not come to its end.
fn seal(
    mut receiving: Receiving,
    mut pieces: mpsc::Receiver<Option<Bytes>>,
) -> Result<Option<Whole>, Refused> {
    while let Some(piece) = pieces.blocking_recv() {
        let Some(bytes) = piece else { return Ok(None) };
        if let Err(refusal) = receiving.push(&bytes) {
            return Err(receiving.refused(refusal));
        }
    }
    let refused = receiving.refused(Refusal::new(status::NOT_UNDERSTOOD, ""));
    receiving.seal().map(Some).map_err(|refusal| Refused { refusal, ..refused })
}

/// What became of each instance (PS3.18, 10.5.3.3 and table I.1).
fn told(base: &str, stored: &[Stored], refused: &[Refused]) -> Value {
    let uid = |text: &str| json!({"vr": "UI", "Value": [text]});
    let mut told = json!({});
    if let Some(first) = stored.first() {
        told["00081190"] = json!({"vr": "UR", "Value": [format!("{base}/studies/{}", first.study)]});
        let all = stored.iter().map(|one| {
            let url =
                format!("{base}/studies/{}/series/{}/instances/{}", one.study, one.series, one.instance);
            json!({
                "00081150": uid(&one.class), "00081155": uid(&one.instance),
                "00081190": {"vr": "UR", "Value": [url]},
            })
        });
        told["00081199"] = json!({"vr": "SQ", "Value": all.collect::<Vec<_>>()});
    }
    // What is known by no UID is told apart from instances that failed.
    let (named, nameless): (Vec<&Refused>, Vec<&Refused>) =
        refused.iter().partition(|one| !one.class.is_empty() && !one.instance.is_empty());
    for (tag, all) in [("00081198", named), ("0008119A", nameless)] {
        if !all.is_empty() {
            let items: Vec<Value> = all.into_iter().map(failure).collect();
            told[tag] = json!({"vr": "SQ", "Value": items});
        }
    }
    told
}

/// Why an instance is not stored.
fn failure(one: &Refused) -> Value {
    let mut item = json!({
        "00081197": {"vr": "US", "Value": [one.refusal.status]},
        "00000902": {"vr": "LO", "Value": [one.refusal.comment]},
    });
    if !one.instance.is_empty() {
        item["00081150"] = json!({"vr": "UI", "Value": [one.class]});
        item["00081155"] = json!({"vr": "UI", "Value": [one.instance]});
    }
    item
}
