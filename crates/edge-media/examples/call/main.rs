//! A page with a call on it, and nothing else: to try the media port with real browsers.
//!
//! `cargo run -p bianque-edge-media --example call -- [HTTP ADDRESS] [MEDIA ADDRESS] [FOLDER OF SCRIPTS]`
//!
//! The folder holds `peer.js` and `stats.js`, compiled from `web/src/call`. `drive.mjs` beside this file drives pages.
#![allow(clippy::expect_used, clippy::print_stdout, reason = "an example stops where it fails")]

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use bianque_edge_media::{Options, start};
use bianque_media::{ClientSignal, Join, MediaControl, MediaEvent, SessionId};
use futures_util::{SinkExt, StreamExt};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

type Shared = Arc<(Arc<dyn MediaControl>, PathBuf)>;

#[tokio::main]
async fn main() {
    let argument = |n: usize, default: &str| std::env::args().nth(n).unwrap_or_else(|| default.to_owned());
    let http: SocketAddr = argument(1, "127.0.0.1:8090").parse().expect("an address");
    let media: SocketAddr = argument(2, "127.0.0.1:0").parse().expect("an address");
    let handle = start(&Options::new(media)).expect("the media port opens");
    let shared: Shared = Arc::new((handle.control(), argument(3, "target/call-js").into()));
    let router = Router::new()
        .route("/", get(|| async { Html(include_str!("page.html")) }))
        .route("/js/{name}", get(script))
        .route("/{room}/{participant}/socket", get(socket))
        .with_state(shared);
    let listener = tokio::net::TcpListener::bind(http).await.expect("the address is free");
    println!("http://{} media {:?}", listener.local_addr().expect("it is bound"), handle.candidates());
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(std::time::Duration::from_secs(5)).await;
            println!("{:?}", handle.metrics());
        }
    });
    axum::serve(listener, router).await.expect("it serves");
}

async fn script(State(shared): State<Shared>, Path(name): Path<String>) -> Response {
    if !name.bytes().all(|b| b.is_ascii_lowercase() || b == b'.') {
        return StatusCode::NOT_FOUND.into_response();
    }
    match std::fs::read_to_string(shared.1.join(name)) {
        Ok(text) => ([(header::CONTENT_TYPE, "text/javascript")], text).into_response(),
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn socket(
    upgrade: WebSocketUpgrade,
    State(shared): State<Shared>,
    Path((room, participant)): Path<(String, String)>,
) -> Response {
    upgrade.on_upgrade(move |socket| talk(socket, shared, room, participant))
}

async fn talk(socket: WebSocket, shared: Shared, room: String, participant: String) {
    let (mut out, mut inbox) = socket.split();
    let (events, mut pending) = unbounded_channel::<(u64, MediaEvent)>();
    let mut joins = 0;
    let mut session = None;
    loop {
        tokio::select! {
            Some((join, event)) = pending.recv() => match event {
                // Only the present session speaks to this socket.
                MediaEvent::Signal(signal) if join == joins => {
                    let text = serde_json::to_string(&signal).expect("a signal is JSON");
                    if out.send(Message::Text(text.into())).await.is_err() {
                        return;
                    }
                }
                MediaEvent::Signal(_) | MediaEvent::TwoWay { .. } | MediaEvent::Sound(_) => {}
                MediaEvent::Window(window) => {
                    println!("{participant} {}", serde_json::to_string(&window).expect("a window is JSON"));
                }
            },
            message = inbox.next() => {
                let Some(Ok(message)) = message else { return };
                let Message::Text(text) = message else { continue };
                let Ok(signal) = serde_json::from_str::<ClientSignal>(&text) else { continue };
                if matches!(signal, ClientSignal::Join { .. }) {
                    joins += 1;
                }
                session = carry_out(&*shared.0, signal, (&room, &participant), session, (joins, &events)).or(session);
            }
        }
    }
}

fn carry_out(
    control: &dyn MediaControl,
    signal: ClientSignal,
    (room, participant): (&str, &str),
    session: Option<SessionId>,
    (join_number, events): (u64, &UnboundedSender<(u64, MediaEvent)>),
) -> Option<SessionId> {
    let command = match (signal, session) {
        (ClientSignal::Join { sdp, sources }, _) => {
            let join = Join { room: room.into(), participant: participant.into(), sdp, sources };
            let events = events.clone();
            let sink = Arc::new(move |event: MediaEvent| {
                let _ = events.send((join_number, event));
            });
            return control.join(join, sink).ok();
        }
        (_, None) => return None,
        (signal, Some(session)) => signal.within(session)?,
    };
    let _ = control.command(command);
    None
}
