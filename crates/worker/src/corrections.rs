//! Telling those who saw a result of its correction.

use std::time::Duration;

use bianque_app::App;
use bianque_app::corrections::settle;

/// From one look to the next when nothing is written.
const EVERY: Duration = Duration::from_secs(30);
/// What is written together is looked at together.
const GATHER: Duration = Duration::from_millis(500);

pub(crate) async fn run(app: App) {
    let mut newest = app.store.newest_version();
    loop {
        newest.mark_unchanged();
        let mut looked = 0;
        for tenant in app.tenants.active() {
            match settle::settle(&app, tenant).await {
                Ok(count) => looked += count,
                Err(error) => {
                    tracing::warn!(%error, "nobody was told of corrections yet; they are looked at again");
                }
            }
        }
        metrics::counter!("bianque_corrections_total").increment(looked as u64);
        if looked == 0 {
            let _ = tokio::time::timeout(EVERY, newest.changed()).await;
        }
        tokio::time::sleep(GATHER).await;
    }
}
