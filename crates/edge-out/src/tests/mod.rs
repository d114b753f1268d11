//! What a hostile address tries: to lead inside, to lead elsewhere, to be endless, to be slow.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bianque_app::ports::outbound::{Answer, Failure, Outbound, Request};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use url::Url;

use crate::{Allowed, Client, Looking, Names, roots};

mod application_keys;
mod certificates;
mod lines;
mod subscriptions;

/// A resolver that answers what it was told to, one answer after the other.
struct Scripted {
    answers: Mutex<VecDeque<Vec<SocketAddr>>>,
    asked: AtomicUsize,
}

impl Names for Scripted {
    fn look_up<'a>(&'a self, _: &'a str, _: u16) -> Looking<'a> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let answer = self.answers.lock().unwrap().pop_front();
        Box::pin(std::future::ready(answer.ok_or_else(|| io::Error::other("no such name"))))
    }
}

fn scripted(answers: &[&[&str]]) -> Arc<Scripted> {
    let addresses =
        |list: &&[&str]| list.iter().map(|text| SocketAddr::new(text.parse().unwrap(), 443)).collect();
    Arc::new(Scripted {
        answers: Mutex::new(answers.iter().map(addresses).collect()),
        asked: AtomicUsize::new(0),
    })
}

fn client(allowed: &[&str], names: &Arc<Scripted>) -> Client {
    let allowed = Allowed::read(allowed.iter().copied()).unwrap();
    Client { names: Arc::clone(names) as Arc<dyn Names>, ..Client::new(allowed, roots(None).unwrap()) }
}

async fn ask(client: &Client, url: &str) -> Result<Answer, Failure> {
    client.send(Request::get(Url::parse(url).unwrap())).await
}

/// A server that answers every request with these bytes, and how often it was asked.
async fn server(answer: Vec<u8>) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            count.fetch_add(1, Ordering::SeqCst);
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(&answer).await;
            let _ = stream.shutdown().await;
        }
    });
    (port, asked)
}

#[tokio::test]
async fn ssrf_addresses_inside_a_network_are_refused_however_they_are_written() {
    let client = client(&[], &scripted(&[]));
    for host in [
        "127.0.0.1",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "10.0.0.1",
        "192.168.0.1",
        "100.64.0.1",
        "169.254.169.254",
        "[::ffff:169.254.169.254]",
        "0.0.0.0",
        "[::]",
        "[fe80::1]",
        "[fd00::1]",
        "224.0.0.1",
    ] {
        assert_eq!(
            ask(&client, &format!("https://{host}/")).await.unwrap_err(),
            Failure::Forbidden,
            "{host}"
        );
    }
}

#[tokio::test]
async fn ssrf_a_name_that_leads_inside_is_refused_also_beside_a_public_address() {
    for addresses in [
        &["127.0.0.1"][..],
        &["8.8.8.8", "10.0.0.1"],
        &["::ffff:192.168.0.1"],
        &["8.8.8.8", "169.254.169.254"],
    ] {
        let client = client(&[], &scripted(&[addresses]));
        let refused = ask(&client, "https://provider.example/").await.unwrap_err();
        assert_eq!(refused, Failure::Forbidden, "{addresses:?}");
    }
}

#[tokio::test]
async fn ssrf_a_host_that_is_allowed_by_name_still_never_leads_to_metadata() {
    let client = client(&["provider.lan"], &scripted(&[&["169.254.169.254"], &["0.0.0.0"]]));
    for _ in 0..2 {
        assert_eq!(ask(&client, "https://provider.lan/").await.unwrap_err(), Failure::Forbidden);
    }
}

#[tokio::test]
async fn ssrf_rebinding_finds_no_second_look_at_the_name() {
    let (port, asked) = server(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok".to_vec()).await;
    let host = format!("http://provider.lan:{port}");
    // The second answer would lead elsewhere: it is never asked for within one request.
    let names = scripted(&[&["127.0.0.1"], &["169.254.169.254"]]);
    let client = client(&[&host], &names);
    let answer = ask(&client, &host).await.unwrap();
    assert_eq!((answer.status, &answer.body[..]), (200, &b"ok"[..]));
    assert_eq!((names.asked.load(Ordering::SeqCst), asked.load(Ordering::SeqCst)), (1, 1));
    // With the next request the name is looked at again, and refused.
    assert_eq!(ask(&client, &host).await.unwrap_err(), Failure::Forbidden);
    assert_eq!((names.asked.load(Ordering::SeqCst), asked.load(Ordering::SeqCst)), (2, 1));
}

#[tokio::test]
async fn a_redirect_into_a_private_network_is_an_answer_and_is_not_followed() {
    let (inside, asked) = server(b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nsecret".to_vec()).await;
    let redirect =
        format!("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:{inside}/\r\ncontent-length: 0\r\n\r\n");
    let (port, _) = server(redirect.into_bytes()).await;
    let host = format!("http://127.0.0.1:{port}");
    let answer = ask(&client(&[&host], &scripted(&[])), &host).await.unwrap();
    assert_eq!((answer.status, answer.body.len()), (302, 0));
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn an_answer_that_is_too_long_is_given_up_announced_or_not() {
    let announced = b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n".to_vec();
    let mut chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    for _ in 0..100 {
        chunked.extend_from_slice(b"1000\r\n");
        chunked.extend_from_slice(&[b'x'; 0x1000]);
        chunked.extend_from_slice(b"\r\n");
    }
    for answer in [announced, chunked] {
        let (port, _) = server(answer).await;
        let host = format!("http://127.0.0.1:{port}");
        assert_eq!(ask(&client(&[&host], &scripted(&[])), &host).await.unwrap_err(), Failure::TooLong);
    }
}

#[tokio::test]
async fn for_how_long_an_answer_may_be_kept_is_the_shortest_that_it_says() {
    for (lines, kept) in [
        ("", None),
        ("cache-control: public\r\n", None),
        ("cache-control: public, max-age=600\r\n", Some(600)),
        ("Cache-Control: MAX-AGE=\"60\"\r\ncache-control: max-age=30\r\n", Some(30)),
        ("cache-control: max-age=600, no-store\r\n", Some(0)),
        ("cache-control: no-cache=\"set-cookie\", max-age=600\r\n", Some(0)),
        ("cache-control: max-age=soon\r\n", Some(0)),
        ("cache-control: max-age=-1\r\n", Some(0)),
    ] {
        let (port, _) =
            server(format!("HTTP/1.1 200 OK\r\n{lines}content-length: 0\r\n\r\n").into_bytes()).await;
        let host = format!("http://127.0.0.1:{port}");
        let answer = ask(&client(&[&host], &scripted(&[])), &host).await.unwrap();
        assert_eq!(answer.max_age_s, kept, "{lines}");
    }
}

#[tokio::test]
async fn an_endless_head_is_given_up() {
    let mut head = b"HTTP/1.1 200 OK\r\n".to_vec();
    head.extend(b"x-more: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n".repeat(4000));
    let (port, _) = server(head).await;
    let host = format!("http://127.0.0.1:{port}");
    assert_eq!(ask(&client(&[&host], &scripted(&[])), &host).await.unwrap_err(), Failure::Broken);
}

#[tokio::test]
async fn a_slow_answer_is_given_up_while_it_trickles() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n").await;
        while stream.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    let host = format!("http://127.0.0.1:{port}");
    let client = client(&[&host], &scripted(&[]));
    let mut request = Request::get(Url::parse(&host).unwrap());
    request.patience = Duration::from_millis(200);
    assert_eq!(client.send(request).await.unwrap_err(), Failure::TooSlow);
}

#[tokio::test]
async fn without_tls_only_what_is_allowed_by_name_is_asked() {
    let client = client(&["http://127.0.0.1:9000", "10.0.0.5"], &scripted(&[]));
    for url in ["http://8.8.8.8/", "http://127.0.0.1:9001/", "http://10.0.0.5/", "ftp://8.8.8.8/"] {
        assert_eq!(ask(&client, url).await.unwrap_err(), Failure::NotHttps, "{url}");
    }
    assert_eq!(ask(&client, "https://user:word@8.8.8.8/").await.unwrap_err(), Failure::BadAddress);
    assert_eq!(ask(&client, "https://nobody.example/").await.unwrap_err(), Failure::UnknownName);
}
