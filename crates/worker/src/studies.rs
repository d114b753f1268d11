//! Studies that have changed: their resources follow once they have been quiet for a while.

use std::time::Duration;

use bianque_app::App;
use bianque_app::archive::study;

use crate::Pace;

/// How often is looked.
const EVERY: Duration = Duration::from_secs(2);

pub(crate) async fn run(app: App) {
    let mut failures = 0;
    loop {
        match study::project(&app).await {
            Ok(_) => failures = 0,
            Err(error) => {
                failures += 1;
                tracing::warn!(%error, "resources of studies do not follow yet");
            }
        }
        let wait = if failures == 0 { EVERY } else { Pace::default().spread(failures) };
        tokio::time::sleep(wait).await;
    }
}
