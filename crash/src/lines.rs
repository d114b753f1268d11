//! The server of HL7 v2 that is killed: eight senders, each with a line of its own; what was answered AA is said.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use bianque_app::aggregate::Aggregate as _;
use bianque_app::messages::kept::KeptMessage;
use bianque_app::messages::senders::{Rules, Sender};
use bianque_app::{App, Change, testing};
use bianque_edge_mllp::{Line, Lines, Patience};
use bianque_hl7v2::{Charset, Frames, Message, framed};
use bianque_model::{ResourceId, TenantId};
use bianque_store::sqlite::Synchronous;
use bianque_store::{DataFolder, HistoryQuery, StateQuery, Store};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::burst::say;
use crate::dice::Dice;
use crate::ground::Sabotage;
use crate::promise::Promise;

const SENDERS: u64 = 8;
const SENDER: &str = "crash";
/// Bytes of an answer.
const LONGEST: usize = 1 << 20;

/// Takes messages until it is killed.
pub(crate) fn run(folder: &Path, seed: u64, sabotage: Option<Sabotage>) -> Result<()> {
    let _hold = DataFolder::lock(folder)?;
    if sabotage.is_some() {
        // Made properly first, so that it is the promises that break and not the folder itself.
        drop(testing::on(folder, Synchronous::Full));
    }
    let empty = matches!(sabotage, Some(Sabotage::Everything | Sabotage::Store));
    let app = testing::on(folder, if empty { Synchronous::Off } else { Synchronous::Full });
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        known(&app).await?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (_stop, stopped) = watch::channel(false);
        tokio::spawn(accept(listener, Lines::new(app, Patience::default()), stopped));
        let mut senders = tokio::task::JoinSet::new();
        for number in 0..SENDERS {
            senders.spawn(send(address, Dice::new(seed ^ (number << 56))));
        }
        while let Some(ended) = senders.join_next().await {
            ended??;
        }
        Ok(())
    })
}

/// Makes the sender where it is not known yet.
async fn known(app: &App) -> Result<()> {
    let id: ResourceId = SENDER.parse()?;
    if app.load::<Sender>(TenantId::FIRST, SENDER).await?.is_none() {
        let rules: Rules = serde_json::from_value(json!({"name": "crash", "zone": "UTC"}))?;
        let context = app.server_context(TenantId::FIRST);
        let mut change = Change::new(app, &context);
        change.insert(&Sender { id, rules })?;
        change.commit().await?;
    }
    Ok(())
}

async fn accept(listener: TcpListener, lines: Lines, stopped: watch::Receiver<bool>) {
    while let Ok((stream, _)) = listener.accept().await {
        let line = Line { address: IpAddr::V4(Ipv4Addr::LOCALHOST), secure: false, certificate: None };
        let (lines, stopped) = (lines.clone(), stopped.clone());
        let _ = stream.set_nodelay(true);
        tokio::spawn(async move { lines.serve(stream, line, stopped).await });
    }
}

/// Sends new patients, and then something else of each.
async fn send(address: SocketAddr, mut dice: Dice) -> Result<()> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    loop {
        let patient = dice.uuid();
        for (event, name) in [("A28", "Reyes"), ("A31", "Okafor")] {
            let control = dice.uuid().simple().to_string();
            let message = format!(
                "MSH|^~\\&|CRASH||BQ||20260105160000||ADT^{event}|{control}|P|2.5.1\rEVN||20260105160000\r\
                 PID|1||{patient}^^^CRASH||{name}^Ana||19700506|F\r"
            );
            stream.write_all(&framed(message.as_bytes())).await?;
            let answer = answer(&mut stream).await?;
            ensure!(answer.text("MSA-1") == "AA", "answered {}", answer.text("MSA-3"));
            ensure!(answer.text("MSA-2") == control.as_str(), "another message was answered");
            say(&Promise::Message(control, patient))?;
            if dice.percent(40) {
                break;
            }
        }
    }
}

async fn answer(stream: &mut TcpStream) -> Result<Message> {
    let (mut frames, mut buffer) = (Frames::new(LONGEST), [0; 4096]);
    loop {
        if let Some(frame) = frames.next_frame()? {
            return Ok(Message::parse(frame, Charset::UTF_8)?);
        }
        let read = stream.read(&mut buffer).await?;
        ensure!(read > 0, "the line was closed");
        frames.push(&buffer[..read]);
    }
}

/// A message that was answered AA is kept once, and was applied once. Gives what is wrong with it.
pub(crate) async fn check(store: &Store, control: &str) -> Result<Option<String>> {
    let query = StateQuery {
        kind: KeptMessage::KIND,
        name: "numbered",
        from: format!("{SENDER}|{control}"),
        to: None,
        descending: false,
        limit: 10,
    };
    let kept = store.states(TenantId::FIRST, query).await?;
    let [kept] = kept.as_slice() else {
        return Ok(Some(format!("message {control} is kept {} times", kept.len())));
    };
    let kept: Value = serde_json::from_slice(&kept.body)?;
    let wrote = kept["outcome"]["wrote"][0].as_str().unwrap_or_default();
    let Some(id) = wrote.strip_prefix("Patient/") else {
        return Ok(Some(format!("message {control} is kept, and was not applied")));
    };
    let asked = HistoryQuery {
        resource_type: Some("Patient".into()),
        id: Some(id.parse().context("an id")?),
        scope: bianque_query::Scope::All,
        since: None,
        at: None,
        before: None,
        limit: u32::MAX,
    };
    let source = format!("#{control}\"");
    let history = store.history(TenantId::FIRST, asked).await?;
    let told = |document: &Vec<u8>| String::from_utf8_lossy(document).contains(&source);
    let times = history.iter().filter(|(_, row)| row.document.as_ref().is_some_and(told)).count();
    Ok((times != 1).then(|| format!("message {control} was applied {times} times")))
}
