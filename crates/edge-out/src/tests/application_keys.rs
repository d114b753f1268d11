//! Addresses of keys that applications are registered with, and the way out itself: none leads into the network.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use bianque_app::smart::Kind;
use bianque_app::smart::register::{Making, make};
use bianque_app::testing::Clinic;
use serde_json::{Value, json};

use super::{client, scripted, server};
use crate::Client;

/// What an administrator is told who registers a service with an address of keys.
async fn registered(client: Client, address: &str) -> Value {
    let mut clinic = Clinic::open();
    clinic.app.outbound = Arc::new(client);
    let home = clinic.organization("Riverside").await;
    let root = clinic.administrator("root", &home).await;
    let making = Making {
        name: "Night report".into(),
        kind: Kind::Service,
        redirect_uris: vec![],
        launch_url: None,
        scopes: "system/Patient.rs".into(),
        keys: None,
        jwks_uri: Some(address.into()),
    };
    make(&clinic.app, &root, making).await.unwrap()["keys_read"].clone()
}

#[tokio::test]
async fn ssrf_keys_of_an_application_are_not_read_inside_a_network() {
    for address in [
        "https://127.0.0.1/keys",
        "https://[::ffff:10.0.0.1]/keys",
        "https://169.254.169.254/latest/meta-data/",
        "https://0x7f.1/keys",
    ] {
        let told = registered(client(&[], &scripted(&[])), address).await;
        assert_eq!((&told["ok"], &told["reason"]), (&json!(false), &json!("forbidden")), "{address}");
    }
    let leads_inside = scripted(&[&["8.8.8.8", "192.168.0.1"]]);
    let told = registered(client(&[], &leads_inside), "https://keys.example/").await;
    assert_eq!(told["reason"], "forbidden");
}

#[tokio::test]
async fn ssrf_keys_of_an_application_are_not_read_without_tls_or_behind_a_redirect() {
    let (inside, asked) =
        server(b"HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n{\"keys\":[]}".to_vec()).await;
    let address = format!("http://127.0.0.1:{inside}/keys");
    assert_eq!(registered(client(&[], &scripted(&[])), &address).await["reason"], "not-https");
    let redirect = format!("HTTP/1.1 307 Go\r\nlocation: {address}\r\ncontent-length: 0\r\n\r\n");
    let (port, _) = server(redirect.into_bytes()).await;
    let host = format!("http://127.0.0.1:{port}");
    let told = registered(client(&[&host], &scripted(&[])), &host).await;
    assert_eq!((&told["reason"], &told["message"]), (&json!("status"), &json!("it answers with status 307")));
    assert_eq!(asked.load(Ordering::SeqCst), 0);
    // Where the configuration names the host, its keys are read: there are none here.
    let host = format!("http://127.0.0.1:{inside}");
    assert_eq!(registered(client(&[&host], &scripted(&[])), &address).await, json!({"ok": true, "keys": 0}));
}

#[tokio::test]
async fn ssrf_keys_of_an_application_that_do_not_end_are_given_up() {
    let endless = format!("HTTP/1.1 200 OK\r\n\r\n{{\"keys\":[{}", "0,".repeat(64 << 10));
    let (port, _) = server(endless.into_bytes()).await;
    let host = format!("http://127.0.0.1:{port}");
    assert_eq!(registered(client(&[&host], &scripted(&[])), &host).await["reason"], "too-long");
}
