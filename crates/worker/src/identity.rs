//! Looking for records that may be one person's, a few after each other.

use std::time::Duration;

use bianque_app::App;
use bianque_app::patients::look;

/// From one look to the next when there was nothing new.
const EVERY: Duration = Duration::from_secs(2);
/// Between two rounds: people come first, and a hundred thousand records are gone through in a night.
const PAUSE: Duration = Duration::from_millis(200);
/// After a failure.
const LATER: Duration = Duration::from_secs(30);

pub(crate) async fn run(app: App) {
    loop {
        let mut looked = 0;
        for tenant in app.tenants.ids() {
            match look::look(&app, tenant).await {
                Ok(count) => looked += count,
                Err(error) => {
                    tracing::warn!(%error, "records were not looked at for possible duplicates");
                    tokio::time::sleep(LATER).await;
                }
            }
        }
        metrics::counter!("bianque_patients_looked_at_total").increment(looked as u64);
        tokio::time::sleep(if looked == 0 { EVERY } else { PAUSE }).await;
    }
}
