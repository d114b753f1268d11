//! `bianque demo`: the server with synthetic patients, a day's schedule and one-click sign-in.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use serde_json::json;
use tokio::task::JoinHandle;

use crate::cli::DemoFlags;
use crate::config::Config;
use crate::hospital::{self, Inbox};
use crate::keys::{self, Source};
use crate::serve::Server;

/// Runs the demo. Without `--data` its folder is temporary and goes with it.
pub(crate) async fn demo(flags: DemoFlags) -> anyhow::Result<ExitCode> {
    let mut config = Config::decide(&flags.serve)?;
    let temporary = match &flags.serve.data {
        Some(_) => None,
        None => Some(
            tempfile::Builder::new().prefix("bianque-demo-").tempdir().context("make a temporary folder")?,
        ),
    };
    if let Some(folder) = &temporary {
        config.data = folder.path().to_owned();
    }
    if flags.serve.master_key.is_none() && flags.serve.master_key_command.is_none() {
        // Synthetic people have nothing to lose, and all of a demo goes with its folder.
        config.master_key = Source::File(keys::inside(&config.data));
    }
    match flags.lan {
        Some(address) => {
            config.http = SocketAddr::new(address, config.http.port());
            config.media = SocketAddr::new(address, config.media.port());
        }
        None if ![config.http, config.media, config.mllp.address, config.dimse.address].iter().all(|it| it.ip().is_loopback()) => {
            anyhow::bail!(
                "the demo listens on loopback only; give --lan ADDR to show it to phones on that network"
            );
        }
        None => {}
    }
    let server = Server::bind(&config, true).await?;
    let people =
        bianque_app::demo::prepare(server.app(), flags.seed).await.context("make the demo's people")?;
    let mut ready = server.ready_fields();
    ready.insert("data".into(), json!(config.data));
    ready.insert(
        "links".into(),
        json!({
            "clinician": people.clinician_url,
            "patient": people.patient_url,
            "patient_name": people.patient_name,
            "patient_birth_date": people.patient_birth_date,
        }),
    );
    let hospital = begin_hospital(&server, &flags).await?;
    let code = server.run(ready).await;
    hospital.iter().for_each(JoinHandle::abort);
    drop(temporary);
    code
}

/// Begins the demo's hospital, unless it is silent: it sends messages, and is told of visits.
async fn begin_hospital(server: &Server, flags: &DemoFlags) -> anyhow::Result<Vec<JoinHandle<()>>> {
    if flags.hospital_ms == 0 {
        return Ok(Vec::new());
    }
    let inbox = Inbox::open().await.context("listen for the demo's hospital")?;
    bianque_app::demo::told(server.app(), inbox.address()?.port())
        .await
        .context("tell the demo's hospital")?;
    let mut tasks = vec![tokio::spawn(inbox.run())];
    if let Some(to) = server.lines() {
        let (seed, every) = (flags.seed, Duration::from_millis(flags.hospital_ms));
        tasks.push(tokio::spawn(async move {
            if let Err(error) = hospital::run(to, seed, every, None).await {
                tracing::warn!(%error, "the demo's hospital is silent");
            }
        }));
    }
    Ok(tasks)
}
