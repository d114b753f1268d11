//! Writes the day pack every quarter of an hour: pages that can be read, and printed, when the server cannot be reached.
//!
//! Those of the first tenant lie in the folder itself, those of another in a folder of its own below it, so that each can
//! be given to who may read it. Those of a closed tenant go.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use bianque_app::App;
use bianque_app::day_pack::{Page, pages};
use bianque_model::TenantId;

const EVERY: Duration = Duration::from_mins(15);

/// Writes it for ever, the first at once. A failure is told and the next try comes in time; the pages of before stay.
pub(crate) async fn run(app: App, folder: PathBuf) {
    let mut tick = tokio::time::interval(EVERY);
    loop {
        tick.tick().await;
        let mut count = 0;
        for tenant in app.tenants.active() {
            match write_all(&app, tenant, below(&folder, tenant)).await {
                Ok(pages) => count += pages,
                Err(error) => {
                    tracing::error!(%tenant, error = format!("{error:#}"), "the day pack was not written");
                }
            }
        }
        for tenant in app.tenants.closed() {
            let _ = fs::remove_dir_all(below(&folder, tenant));
        }
        metrics::gauge!("bianque_day_pack_pages").set(count as f64);
        tracing::debug!(count, "the day pack was written");
    }
}

/// Where the pages of a tenant lie.
pub(crate) fn below(folder: &Path, tenant: TenantId) -> PathBuf {
    if tenant == TenantId::FIRST { folder.to_owned() } else { folder.join(format!("tenant-{tenant}")) }
}

async fn write_all(app: &App, tenant: TenantId, folder: PathBuf) -> anyhow::Result<usize> {
    let pages = pages(app, tenant).await?;
    tokio::task::spawn_blocking(move || {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)
            .with_context(|| format!("make {}", folder.display()))?;
        for page in &pages {
            write(&folder, page).with_context(|| format!("write into {}", folder.display()))?;
        }
        File::open(&folder)?.sync_all()?;
        Ok(pages.len())
    })
    .await?
}

/// A page is there whole, as it was or as it is; only its owner can read it.
fn write(folder: &Path, page: &Page) -> io::Result<()> {
    let path = folder.join(format!("{}.html", page.organization));
    let part = folder.join(format!("{}.part", page.organization));
    let _ = fs::remove_file(&part);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part)?;
    file.write_all(page.html.as_bytes())?;
    file.sync_all()?;
    fs::rename(&part, &path)
}
