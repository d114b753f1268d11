//! The edge of the running server against what arrives from a hostile network.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod photo;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use bianque_testkit::{Server, Setup};

fn serve(flags: &[&str]) -> Server {
    Setup::serve(env!("CARGO_BIN_EXE_bianque")).flags(flags.iter().copied()).start().unwrap()
}

/// Sends bytes as they are, and gives what comes back until the server closes or pauses.
fn raw(server: &Server, request: &str) -> String {
    let mut stream = TcpStream::connect(server.base().trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    // Silence ends it as well.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

fn resident_kib(server: &Server) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.pid())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn header_trust_decides_who_is_counted_audited_and_local() {
    let claim = [("x-forwarded-for", "203.0.113.9"), ("forwarded", "for=203.0.113.9")];
    for (flags, address) in [(vec![], "127.0.0.1"), (vec!["--trusted-proxy", "127.0.0.0/8"], "203.0.113.9")] {
        let server = serve(&flags);
        let mut browser = server.browser();
        browser.get("/metrics").expect(200);
        // Through a proxy nobody is on this machine, whether the proxy is known or not.
        browser.send("GET", "/metrics", &claim, None).expect(401);
        let scope = ["token", "create", "--scope", "system/*.cruds", "--data"];
        let made = std::process::Command::new(env!("CARGO_BIN_EXE_bianque"))
            .args(scope)
            .arg(server.data())
            .output()
            .unwrap();
        let token = String::from_utf8(made.stdout).unwrap();
        let mut program = server.browser().with_bearer(token.trim());
        program.send("GET", "/fhir/Patient", &claim, None).expect(200);
        let events = program.get("/fhir/AuditEvent").expect(200).json();
        let audited = events["entry"].as_array().unwrap().iter().any(|entry| {
            entry["resource"]["agent"][0]["network"]["address"] == address
                && entry["resource"].to_string().contains("Patient")
        });
        assert!(audited, "{address}: {events:#}");
    }
}

#[test]
fn header_trust_makes_cookies_secure_behind_https() {
    let server = serve(&["--trusted-proxy", "127.0.0.1"]);
    let from = [("x-forwarded-for", "203.0.113.9"), ("x-forwarded-proto", "https")];
    let answer = server.browser().send("GET", "/", &from, None);
    assert!(answer.header("strict-transport-security").is_some());
    let plain = server.browser().send("GET", "/", &from[..1], None);
    assert!(plain.header("strict-transport-security").is_none());
}

#[test]
fn allocation_follows_what_arrives_and_not_what_was_announced() {
    let server = serve(&[]);
    let before = resident_kib(&server);
    for length in ["1048577", "999999999999999999"] {
        let head = format!("POST /api/session HTTP/1.1\r\nhost: a\r\ncontent-length: {length}\r\n\r\n");
        let begin = Instant::now();
        let answer = raw(&server, &head);
        assert!(answer.starts_with("HTTP/1.1 413"), "{length}: {answer}");
        assert!(answer.contains("body.too-large"), "{answer}");
        assert!(begin.elapsed() < Duration::from_secs(20));
    }
    let no_number =
        "POST /api/session HTTP/1.1\r\nhost: a\r\ncontent-length: 99999999999999999999999\r\n\r\n";
    assert!(raw(&server, no_number).starts_with("HTTP/1.1 400"));
    // Announced within the limit, and never sent.
    let waiting: Vec<_> = (0..50)
        .map(|_| {
            let mut stream = TcpStream::connect(server.base().trim_start_matches("http://")).unwrap();
            let head = "POST /api/session HTTP/1.1\r\nhost: a\r\ncontent-length: 1048576\r\n\r\n{";
            stream.write_all(head.as_bytes()).unwrap();
            stream
        })
        .collect();
    std::thread::sleep(Duration::from_millis(300));
    let grown = resident_kib(&server).saturating_sub(before);
    assert!(grown < 12 << 10, "{grown} KiB for bodies that nobody sent");
    drop(waiting);
}

#[test]
fn packed_bodies_are_not_unpacked() {
    let server = serve(&[]);
    let headers = [("content-type", "application/json"), ("content-encoding", "gzip")];
    let answer = server.browser().send("POST", "/api/session", &headers, Some(b"\x1f\x8b\x08"));
    answer.expect_error(415, "body.encoding");
}

#[test]
fn traversal_leads_nowhere() {
    let server = serve(&[]);
    std::fs::write(server.scratch().join("canary.txt"), "canary-of-the-traversal").unwrap();
    let paths = [
        "/../canary.txt",
        "/../../../../../../etc/passwd",
        "/assets/../../../../../etc/passwd",
        "/assets/..%2f..%2f..%2f..%2fetc/passwd",
        "/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/assets/%252e%252e/%252e%252e/etc/passwd",
        "//etc/passwd",
        "/assets//etc/passwd",
        "/..\\..\\etc\\passwd",
        "/assets/..%5c..%5cetc%5cpasswd",
        "/%00/etc/passwd",
        "/fhir/../../etc/passwd",
        "/fhir/Patient/..%2f..%2fetc%2fpasswd",
        "/api/visits/..%2f..%2fkeys/uploads/00000000-0000-0000-0000-000000000000",
        "/api/visits/1/uploads/..%2f..%2f..%2fkeys%2fmaster.key",
        "/index.html/../../bianque.db",
    ];
    for path in paths {
        let answer = raw(&server, &format!("GET {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"));
        assert!(
            !answer.contains("root:") && !answer.contains("canary-of") && !answer.contains("SQLite"),
            "{path}"
        );
        let status = answer.split(' ').nth(1).unwrap_or_default().to_owned();
        // The page of the application, which is also what an address of its own gets; or a refusal.
        assert!(["200", "400", "401", "404", "405"].contains(&status.as_str()), "{path}: {status}");
        if status == "200" {
            assert!(answer.contains("text/html"), "{path}");
        }
    }
}

#[test]
fn uploads_come_back_as_attachments_that_run_nothing() {
    let server = Setup::demo(env!("CARGO_BIN_EXE_bianque")).start().unwrap();
    let address = photo::send(&server, "one-of-them");
    let (mut clinician, _) = photo::someone_with_a_visit(&server);
    let answer = clinician.get(&address).expect(200);
    assert!(answer.header("content-disposition").unwrap().starts_with("attachment; filename="));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(answer.header("content-security-policy"), Some("default-src 'none'; sandbox"));
    assert_eq!(answer.header("content-type"), Some("image/png"));
}

#[test]
fn pages_load_nothing_from_elsewhere_and_make_no_script_of_text() {
    let server = serve(&[]);
    let answer = server.browser().get("/").expect(200);
    let policy = answer.header("content-security-policy").unwrap();
    for directive in policy.split(';').map(str::trim) {
        let mut words = directive.split(' ');
        let name = words.next().unwrap();
        let foreign = words.filter(|word| word.contains("://") || word.contains('*') || *word == "https:");
        assert_eq!(foreign.count(), 0, "{directive}");
        assert!(name != "script-src" || !directive.contains("'unsafe-inline'"), "{directive}");
    }
    assert!(policy.contains("require-trusted-types-for 'script'") && policy.contains("default-src 'self'"));
}

#[test]
fn a_hangup_asks_to_look_again_and_ends_nothing() {
    let server = serve(&[]);
    let pid = i32::try_from(server.pid()).ok().and_then(rustix::process::Pid::from_raw).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::HUP).unwrap();
    std::thread::sleep(Duration::from_millis(200));
    server.browser().get("/healthz").expect(200);
}
