//! The accept loop over real sockets, with clocks that are short.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::routing::{get, post};
use bianque_edge_http::Proxies;
use bianque_edge_media::Streams;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::{Clocks, Gate, Patience, STREAMS, Service, accept};

const SHORT: Duration = Duration::from_millis(300);
const LONG: Duration = Duration::from_secs(10);

struct Listening {
    at: SocketAddr,
    _stop: watch::Sender<bool>,
}

/// The media port need not be there for a test of the HTTP port.
fn calls() -> Streams {
    let options = bianque_edge_media::Options::new("127.0.0.1:0".parse().unwrap());
    bianque_edge_media::start(&options).unwrap().streams()
}

async fn listening(per_address: usize) -> Listening {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    let big = || async { Bytes::from(vec![b'x'; 32 << 20]) };
    let router = Router::new()
        .route("/", get(async || "here"))
        .route("/big", get(big))
        .route("/take", post(|body: Bytes| async move { body.len().to_string() }));
    let clocks = Clocks {
        handshake: SHORT,
        headers: SHORT,
        patience: Patience { opening: SHORT, silence: 2 * SHORT },
    };
    let gate = Gate::strict(per_address, Proxies::default());
    let (stop, stopped) = watch::channel(false);
    let service = Service { router, tls: None, calls: calls(), clocks };
    tokio::spawn(accept(listener, gate, service, stopped));
    Listening { at, _stop: stop }
}

/// What comes until the server closes.
async fn to_the_end(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    // A reset is an end too.
    let _ = tokio::time::timeout(LONG, stream.read_to_end(&mut text)).await.expect("it stays open");
    String::from_utf8_lossy(&text).into_owned()
}

async fn answers(at: SocketAddr) -> bool {
    let mut stream = TcpStream::connect(at).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await.unwrap();
    to_the_end(&mut stream).await.starts_with("HTTP/1.1 200")
}

#[tokio::test]
async fn slowloris_who_says_nothing_is_shown_out() {
    let server = listening(100).await;
    // Nothing at all; half a preface; half a request line; a request and then nothing.
    for begun in ["", "PRI * HT", "GET / HT", "GET / HTTP/1.1\r\nhost: a\r\n\r\n"] {
        let mut stream = TcpStream::connect(server.at).await.unwrap();
        stream.write_all(begun.as_bytes()).await.unwrap();
        let begin = Instant::now();
        to_the_end(&mut stream).await;
        assert!(begin.elapsed() < 4 * SHORT, "{begun:?} {:?}", begin.elapsed());
    }
    assert!(answers(server.at).await);
}

#[tokio::test]
async fn slowloris_headers_that_trickle_end_in_time() {
    let server = listening(100).await;
    let mut stream = TcpStream::connect(server.at).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n").await.unwrap();
    let begin = Instant::now();
    while stream.write_all(b"x-a: b\r\n").await.is_ok() {
        assert!(begin.elapsed() < LONG, "it may go on for ever");
        tokio::time::sleep(SHORT / 10).await;
    }
    assert!(begin.elapsed() < 4 * SHORT, "{:?}", begin.elapsed());
}

#[tokio::test]
async fn slowloris_a_body_that_stops_ends_in_time_and_one_that_is_slow_goes_on() {
    let server = listening(100).await;
    let head = b"POST /take HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 10\r\n\r\n";
    let mut stops = TcpStream::connect(server.at).await.unwrap();
    stops.write_all(head).await.unwrap();
    let begin = Instant::now();
    assert!(!to_the_end(&mut stops).await.contains("200 OK"));
    assert!(begin.elapsed() < 6 * SHORT, "{:?}", begin.elapsed());
    let mut slow = TcpStream::connect(server.at).await.unwrap();
    slow.write_all(head).await.unwrap();
    for _ in 0..10 {
        tokio::time::sleep(SHORT / 2).await;
        slow.write_all(b"x").await.unwrap();
    }
    assert!(to_the_end(&mut slow).await.ends_with("10"));
}

#[tokio::test]
async fn slowloris_an_answer_that_nobody_takes_is_not_kept() {
    let server = listening(1).await;
    let mut stream = TcpStream::connect(server.at).await.unwrap();
    stream.write_all(b"GET /big HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    // Its place is taken until the server gives the reader up.
    let begin = Instant::now();
    while !answers(server.at).await {
        assert!(begin.elapsed() < LONG, "the reader that reads nothing keeps its place");
        tokio::time::sleep(SHORT / 3).await;
    }
    assert!(begin.elapsed() > SHORT);
}

#[tokio::test]
async fn one_address_has_its_share_of_connections() {
    let server = listening(3).await;
    let mut held = Vec::new();
    for _ in 0..3 {
        let mut stream = TcpStream::connect(server.at).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
        assert!(stream.read(&mut [0; 512]).await.unwrap() > 0);
        held.push(stream);
    }
    assert!(!answers(server.at).await);
    held.pop();
    let begin = Instant::now();
    while !answers(server.at).await {
        assert!(begin.elapsed() < 2 * SHORT, "the place of a closed connection stays taken");
    }
}

#[tokio::test]
async fn header_size_and_number_are_bounded() {
    let server = listening(100).await;
    for headers in [format!("x-a: {}\r\n", "b".repeat(100 << 10)), "x-a: b\r\n".repeat(150)] {
        let mut stream = TcpStream::connect(server.at).await.unwrap();
        // It may close before it has read everything.
        let _ = stream.write_all(format!("GET / HTTP/1.1\r\nhost: a\r\n{headers}\r\n").as_bytes()).await;
        let answer = to_the_end(&mut stream).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer:?}");
    }
    let long = format!("GET /{} HTTP/1.1\r\nhost: a\r\n\r\n", "a".repeat(100 << 10));
    let mut stream = TcpStream::connect(server.at).await.unwrap();
    let _ = stream.write_all(long.as_bytes()).await;
    let answer = to_the_end(&mut stream).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer:?}");
    assert!(answers(server.at).await);
}

#[tokio::test]
async fn rapid_reset_ends_the_connection() {
    let server = listening(100).await;
    let stream = TcpStream::connect(server.at).await.unwrap();
    let (mut client, connection) = h2::client::handshake(stream).await.unwrap();
    let ended = tokio::spawn(connection);
    let mut sent = 0;
    while sent < 20_000 {
        let request = axum::http::Request::get("http://a/").body(()).unwrap();
        if poll_fn(|context| client.poll_ready(context)).await.is_err() {
            break;
        }
        let Ok((_, mut stream)) = client.send_request(request, true) else { break };
        stream.send_reset(h2::Reason::CANCEL);
        sent += 1;
        if sent % 100 == 0 {
            tokio::task::yield_now().await;
        }
    }
    assert!(sent < 20_000, "resets go on for ever");
    let error = tokio::time::timeout(LONG, ended).await.unwrap().unwrap().unwrap_err();
    assert_eq!(error.reason(), Some(h2::Reason::ENHANCE_YOUR_CALM), "{error}");
    assert!(answers(server.at).await);
}

#[tokio::test]
async fn streams_of_one_connection_are_bounded() {
    let server = listening(100).await;
    let stream = TcpStream::connect(server.at).await.unwrap();
    let (mut client, connection) = h2::client::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    let request = axum::http::Request::get("http://a/").body(()).unwrap();
    let (answer, _) = client.send_request(request, true).unwrap();
    assert_eq!(answer.await.unwrap().status(), 200);
    assert_eq!(client.current_max_send_streams(), STREAMS as usize);
}
