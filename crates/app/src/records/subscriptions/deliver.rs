//! Telling a subscriber of one version.

use bianque_model::Context;
use bianque_store::AuditAction;
use bytes::Bytes;
use url::Url;

use super::TYPE;
use super::asked::{Channel, PAYLOAD};
use super::course::Running;
use super::feed::Version;
use crate::change::audit_row;
use crate::ports::outbound::{Failure, Method, Request};
use crate::{App, Error};

/// Longest answer that is read, bytes: nothing in it is asked for.
const ANSWER_LIMIT: usize = 64 << 10;

/// How it went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// They know.
    Told,
    /// They may know when it is tried again.
    Failed(String),
    /// It is of no use to try again.
    Hopeless(String),
}

/// Tells of a version that matches, as `context`. What is sent of a patient is audited before it goes, once for all tries.
pub async fn deliver(
    app: &App,
    context: &Context,
    running: &Running,
    version: &Version,
    is_first: bool,
) -> Result<Delivery, Error> {
    let Channel::RestHook { endpoint, payload, .. } = &running.asked.channel else {
        app.subscriptions.ping(running.tenant, &running.id);
        return Ok(Delivery::Told);
    };
    if *payload && is_first {
        audit(app, context, running, version).await?;
    }
    let request = request(endpoint, *payload, running, version)?;
    Ok(match app.outbound.send(request).await {
        Ok(answer) => judged(answer.status),
        // It said something, and more than anybody reads.
        Err(Failure::TooLong) => Delivery::Failed("the answer is too long".to_owned()),
        Err(failure @ (Failure::Forbidden | Failure::NotHttps | Failure::BadAddress)) => {
            Delivery::Hopeless(failure.to_string())
        }
        Err(failure) => Delivery::Failed(failure.to_string()),
    })
}

fn judged(status: u16) -> Delivery {
    match status {
        200..=299 => Delivery::Told,
        300..=399 => Delivery::Failed(format!("the endpoint answered {status}; redirects are not followed")),
        410 => Delivery::Hopeless("the endpoint answered 410: it is gone".to_owned()),
        _ => Delivery::Failed(format!("the endpoint answered {status}")),
    }
}

/// An empty POST to the endpoint, or the resource as an update below it (FHIR R4, Subscription 2.46.7.1).
fn request(endpoint: &Url, payload: bool, running: &Running, version: &Version) -> Result<Request, Error> {
    let mut request = Request { answer_limit: ANSWER_LIMIT, ..Request::get(endpoint.clone()) };
    request.headers.clear();
    request.method = Method::Post;
    for header in &running.headers {
        request = request.with(header.name.to_ascii_lowercase(), header.value.clone());
    }
    if !payload {
        return Ok(request);
    }
    let stored = &version.stored;
    let document = stored.document.as_deref().unwrap_or_default();
    request.method = Method::Put;
    request
        .url
        .path_segments_mut()
        .map_err(|()| Error::internal("an endpoint without a path"))?
        .pop_if_empty()
        .extend([stored.resource_type.as_str(), stored.id.as_str()]);
    request.body = Bytes::from(bianque_fhir::to_served(document, stored.version, stored.last_updated));
    Ok(request.with("content-type", format!("{PAYLOAD}; charset=utf-8")))
}

async fn audit(app: &App, context: &Context, running: &Running, version: &Version) -> Result<(), Error> {
    let entity = format!("{}/{}", version.stored.resource_type, version.stored.id);
    let mut row = audit_row(context, AuditAction::R, "subscription.deliver", None, &entity);
    row.patients = version.read().map(|read| bianque_fhir::patients(&read.resource)).unwrap_or_default();
    if !crate::records::audited(&version.stored.resource_type) && row.patients.is_empty() {
        return Ok(());
    }
    row.detail = format!("{TYPE}/{}", running.id);
    Ok(app.store.audit_read(context.tenant, row).await?)
}
