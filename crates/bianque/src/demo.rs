//! `bianque demo`: the server with synthetic patients, a day's schedule and one-click sign-in.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use serde_json::json;

use crate::cli::DemoFlags;
use crate::config::Config;
use crate::hospital;
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
        None if ![config.http, config.media, config.mllp.address].iter().all(|it| it.ip().is_loopback()) => {
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
    let sending = match (server.lines(), flags.hospital_ms) {
        (Some(to), every_ms @ 1..) => {
            let every = Duration::from_millis(every_ms);
            Some(tokio::spawn(hospital::run(to, flags.seed, every, None)))
        }
        _ => None,
    };
    let code = server.run(ready).await;
    if let Some(sending) = sending {
        sending.abort();
    }
    drop(temporary);
    code
}
