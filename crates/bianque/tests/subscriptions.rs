//! A subscriber of a real server that is killed while it writes: whatever was answered is told of, in order.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use bianque_testkit::{Answer, Browser, Server, Setup};
use serde_json::{Value, json};

const PROGRAM: &str = env!("CARGO_BIN_EXE_bianque");
const PATIENCE: Duration = Duration::from_mins(1);

/// A subscriber: what it was sent, as it came.
fn hook() -> (String, Receiver<Value>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (came, receiver) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            // A request that a kill cut off is none.
            if let Some(body) = request(&stream) {
                let _ = came.send(body);
                let _ =
                    (&stream).write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            }
        }
    });
    (address, receiver)
}

fn request(stream: &TcpStream) -> Option<Value> {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        if line == "\r\n" {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    serde_json::from_slice(&body).ok()
}

fn program(server: &Server) -> Browser {
    let mut command = Command::new(PROGRAM);
    let made = command.args(["token", "create", "--scope", "system/*.cruds", "--data"]).arg(server.data());
    let token = String::from_utf8(made.output().unwrap().stdout).unwrap();
    server.browser().with_bearer(token.trim())
}

fn send(browser: &mut Browser, method: &str, path: &str, resource: &Value) -> Answer {
    let headers = [("content-type", "application/fhir+json")];
    browser.send(method, path, &headers, Some(resource.to_string().as_bytes()))
}

#[test]
fn what_was_answered_is_told_of_in_order_though_the_server_is_killed() {
    let (address, came) = hook();
    let mut server = Setup::demo(PROGRAM).flags(["--outbound-allow", address.as_str()]).start().unwrap();
    let mut browser = program(&server);
    let subscription = json!({
        "resourceType": "Subscription", "status": "requested", "reason": "r",
        "criteria": "Basic?code=http://kill.example|it",
        "channel": {"type": "rest-hook", "endpoint": address, "payload": "application/fhir+json"},
    });
    send(&mut browser, "POST", "/fhir/Subscription", &subscription).expect(201);
    let mut answered = Vec::new();
    for round in 0..3 {
        for number in 0..30 {
            let id = format!("r{round}n{number}");
            let resource = json!({
                "resourceType": "Basic", "id": id,
                "code": {"coding": [{"system": "http://kill.example", "code": "it"}]},
            });
            send(&mut browser, "PUT", &format!("/fhir/Basic/{id}"), &resource).expect(201);
            answered.push(id);
        }
        server.kill().unwrap();
        server.restart().unwrap();
        browser = program(&server);
    }
    let mut told: Vec<String> = Vec::new();
    while told.last() != answered.last() {
        let body = came.recv_timeout(PATIENCE).unwrap();
        told.push(body["id"].as_str().unwrap().to_owned());
    }
    // What was on its way at a kill comes again, and after it all that followed: never one before its turn.
    let place = |id: &String| answered.iter().position(|known| known == id).unwrap();
    let mut reached = 0;
    for id in &told {
        assert!(place(id) <= reached, "{id} came before its turn: {told:?}");
        reached = reached.max(place(id) + 1);
    }
    assert_eq!(reached, answered.len());
    assert!(told.len() < 2 * answered.len(), "{} of {}", told.len(), answered.len());
}
