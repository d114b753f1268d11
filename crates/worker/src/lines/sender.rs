//! One destination: what waits for it goes out in order, each message until it is answered.

use std::time::Duration;

use bianque_app::messages::out::deliver::{self, Delivery, Talk, deliver};
use bianque_app::{App, Error};
use bianque_model::{ResourceId, TenantId};
use tokio::sync::Notify;
use tokio::time::timeout;

use crate::pace::Pace;

/// How long a line stays open on which nothing goes.
const IDLE: Duration = Duration::from_secs(30);

/// Sends until the destination is gone.
pub(super) async fn run(app: App, pace: Pace, tenant: TenantId, id: ResourceId) {
    let bell = app.out.bell(tenant, &id);
    let (mut talk, mut faults) = (None, 0);
    loop {
        match step(&app, tenant, &id, &mut talk).await {
            Ok(Step::Gone) => break app.out.forget(tenant, &id),
            Ok(Step::On) => faults = 0,
            Ok(Step::Nothing) => {
                // A line on which nothing goes is closed, by us rather than by a wall between.
                if talk.is_none() || timeout(IDLE, bell.notified()).await.is_err() {
                    talk = None;
                    let _ = timeout(IDLE, bell.notified()).await;
                }
            }
            Ok(Step::Failed(code, why)) => {
                let failures = app.out.failed(tenant, &id, (code, &why));
                tracing::warn!(destination = %id, why, "a destination of HL7 v2 does not take a message");
                wait(&app, tenant, &id, pace.spread(failures), &bell).await;
            }
            Err(error) => {
                tracing::warn!(destination = %id, %error, "a destination of HL7 v2 waits");
                faults += 1;
                tokio::time::sleep(pace.spread(faults)).await;
            }
        }
    }
}

enum Step {
    /// The next message.
    On,
    /// Nothing is to be sent now.
    Nothing,
    Failed(&'static str, String),
    Gone,
}

async fn step(app: &App, tenant: TenantId, id: &ResourceId, talk: &mut Option<Talk>) -> Result<Step, Error> {
    let Some(destination) = deliver::destination(app, tenant, id).await? else { return Ok(Step::Gone) };
    if destination.paused {
        return Ok(Step::Nothing);
    }
    let Some(message) = deliver::next(app, tenant, id).await? else { return Ok(Step::Nothing) };
    let delivery = deliver(app, tenant, &destination, message, talk).await?;
    let (result, step) = match delivery {
        Delivery::Over => ("answered", Step::On),
        Delivery::NotYet(why) => ("not-taken", Step::Failed("refused", why)),
        Delivery::Unheard(failure) => ("unheard", Step::Failed(failure.code(), failure.to_string())),
    };
    metrics::counter!("bianque_hl7v2_deliveries_total", "result" => result).increment(1);
    if matches!(step, Step::On) {
        app.out.answered(tenant, id, app.clock.now());
    }
    Ok(step)
}

/// Waits for the next try, or until somebody wants it now.
async fn wait(app: &App, tenant: TenantId, id: &ResourceId, wait: Duration, bell: &Notify) {
    let next = app.clock.now().0 + i64::try_from(wait.as_micros()).unwrap_or(i64::MAX / 2);
    app.out.waits_until(tenant, id, bianque_model::Timestamp(next));
    // What rang while the message was on its way was about messages that wait, and so does this one.
    let _ = timeout(Duration::ZERO, bell.notified()).await;
    let _ = timeout(wait, bell.notified()).await;
}
