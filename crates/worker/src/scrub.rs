//! Reading sealed files in the background, so that a disk that forgets is found out before somebody needs the file.

use std::time::Duration;

use bianque_app::App;
use bianque_app::recording::resume;
use bianque_app::records::{scrub, shred};

/// From one scrub to the next.
const EVERY: Duration = Duration::from_hours(24);
/// After the start: people come first.
const FIRST: Duration = Duration::from_mins(10);
/// After each file: a million files take half a day and a few per cent of a core.
const PAUSE: Duration = Duration::from_millis(50);

pub(crate) async fn run(app: App) {
    if let Err(error) = shred::resume(&app).await {
        tracing::error!(%error, "a shredding that was cut off is not finished; it is tried again at the next start");
    }
    if let Err(error) = resume::resume(&app).await {
        tracing::error!(%error, "recordings that were cut off are not composed; it is tried again at the next start");
    }
    tokio::time::sleep(FIRST).await;
    loop {
        match scrub::scrub(&app, PAUSE).await {
            Ok(found) => {
                metrics::gauge!("bianque_sealed_files_checked").set(found.checked as f64);
                metrics::gauge!("bianque_sealed_files_damaged").set(found.corrupt.len() as f64);
                metrics::counter!("bianque_sealed_files_forgotten_total").increment(found.removed as u64);
            }
            Err(error) => tracing::error!(%error, "sealed files were not looked after"),
        }
        tokio::time::sleep(EVERY).await;
    }
}
