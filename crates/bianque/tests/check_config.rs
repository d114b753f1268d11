//! `bianque check-config` from outside.
#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

/// Exit code and findings; a setting's findings as one line each: `level setting: words`.
fn check(flags: &[&str]) -> (i32, Vec<String>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bianque"));
    // Whoever runs the tests may stand behind a proxy.
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"] {
        command.env_remove(name);
    }
    let output = command.args(["check-config", "--json"]).args(flags).output().unwrap();
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let code = output.status.code().unwrap();
    assert_eq!(told["ok"], code == 0);
    let word = |finding: &Value, name: &str| finding[name].as_str().unwrap().to_owned();
    let findings = told["findings"].as_array().unwrap().iter();
    let lines = findings.map(|finding| {
        format!("{} {}: {}", word(finding, "level"), word(finding, "setting"), word(finding, "says"))
    });
    (code, lines.collect())
}

fn data(folder: &TempDir) -> String {
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    std::fs::set_permissions(&data, std::fs::Permissions::from_mode(0o700)).unwrap();
    data.display().to_string()
}

fn certificate(folder: &Path, names: &[&str], days: i64) -> [String; 2] {
    let key = rcgen::KeyPair::generate().unwrap();
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = rcgen::CertificateParams::new(names).unwrap();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let second = i64::try_from(now).unwrap() + days * 86_400;
    let civil = jiff::Timestamp::from_second(second).unwrap().to_zoned(jiff::tz::TimeZone::UTC);
    let (year, month, day) =
        (i32::from(civil.year()), civil.month().cast_unsigned(), civil.day().cast_unsigned());
    params.not_after = rcgen::date_time_ymd(year, month, day);
    let made = params.self_signed(&key).unwrap();
    std::fs::write(folder.join("chain.pem"), made.pem()).unwrap();
    std::fs::write(folder.join("key.pem"), key.serialize_pem()).unwrap();
    std::fs::set_permissions(folder.join("key.pem"), std::fs::Permissions::from_mode(0o600)).unwrap();
    ["chain.pem", "key.pem"].map(|name| folder.join(name).display().to_string())
}

#[track_caller]
fn says(found: &(i32, Vec<String>), line: &str) {
    let all = &found.1;
    assert!(all.iter().any(|told| told.starts_with(line)), "{line:?} is not in {all:#?}");
}

#[test]
fn what_works_on_one_machine_is_fine() {
    let folder = tempfile::tempdir().unwrap();
    let data = data(&folder);
    let key = folder.path().join("elsewhere.key").display().to_string();
    let listeners = ["--http", "--media", "--mllp", "--dimse"];
    let free: Vec<_> = listeners.iter().flat_map(|flag| [*flag, "127.0.0.1:0"]).collect();
    let found = check(&[&["--data", &data, "--master-key", &key][..], &free].concat());
    assert_eq!(found.0, 0, "{found:#?}");
    assert!(found.1.iter().all(|line| line.starts_with("fine")), "{found:#?}");
    // A key that an earlier version made in the data folder, and a folder that others can look into, are risks and no
    // more.
    let inside = folder.path().join("data/keys/master.key");
    std::fs::create_dir_all(inside.parent().unwrap()).unwrap();
    std::fs::write(&inside, [7; 32]).unwrap();
    std::fs::set_permissions(&inside, std::fs::Permissions::from_mode(0o600)).unwrap();
    std::fs::set_permissions(&data, std::fs::Permissions::from_mode(0o755)).unwrap();
    let found = check(&[&["--data", &data][..], &free].concat());
    assert_eq!(found.0, 0);
    says(&found, "risk master-key:");
    says(&found, "risk data: others can look into");
}

#[test]
fn what_browsers_outside_cannot_reach_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let data = data(&folder);
    let open = ["--data", &data, "--http", "0.0.0.0:0", "--media", "0.0.0.0:0"];
    let found = check(&open);
    assert_eq!(found.0, 1);
    says(&found, "wrong public-url: is missing");
    says(&found, "wrong media-public: is missing");
    says(&found, "risk tls-cert: is missing");
    let public = ["--public-url", "http://clinic.example", "--media-public", "192.168.1.7:10000"];
    let found = check(&[&open[..], &public].concat());
    says(&found, "wrong public-url: http://clinic.example is not HTTPS");
    says(&found, "risk media-public: 192.168.1.7:10000 can be reached from inside only");
    let proxied = ["--data", &data, "--http", "127.0.0.1:0", "--media", "127.0.0.1:0"];
    let found = check(&[&proxied[..], &["--public-url", "https://clinic.example"]].concat());
    says(&found, "risk trusted-proxy: is missing");
    says(&found, "risk media: calls at 127.0.0.1:0 reach this machine only");
    says(&found, "risk turn: is missing behind a proxy that ends TLS");
    let own = ["--public-url", "https://clinic.example", "--turn", "0.0.0.0:0"];
    says(
        &check(&[&proxied[..], &own].concat()),
        "fine turn: where UDP does not pass browsers go to turn:clinic.example:0",
    );
    let found = check(&[&proxied[..], &["--trusted-proxy", "0.0.0.0/0"]].concat());
    says(&found, "wrong trusted-proxy: names a network of everybody");
}

#[test]
fn calls_by_ipv4_and_ipv6_need_a_socket_that_takes_both() {
    let folder = tempfile::tempdir().unwrap();
    let data = data(&folder);
    let with = |media: &str, public: &[&str]| {
        let flags = ["--data", &data, "--http", "0.0.0.0:0", "--public-url", "https://clinic.example"];
        let public = public.iter().flat_map(|address| ["--media-public", *address]);
        check(&flags.into_iter().chain(["--media", media]).chain(public).collect::<Vec<_>>())
    };
    let (four, six) = ("203.0.113.7:10000", "[2001:db8::7]:10000");
    let found = with("[::]:0", &[four, six]);
    says(&found, "fine media-public: browsers send calls to 203.0.113.7:10000; open");
    says(&found, "fine media-public: browsers send calls to [2001:db8::7]:10000; open");
    let both = format!("{four},{six}");
    let found = with("0.0.0.0:0", &[both.as_str()]);
    says(&found, "fine media-public: browsers send calls to 203.0.113.7:10000; open");
    says(&found, "risk media-public: [2001:db8::7]:10000 is IPv6, and calls at 0.0.0.0:0 are IPv4 alone");
    let found = with("[::1]:0", &[four]);
    says(&found, "risk media-public: 203.0.113.7:10000 is IPv4, and calls at [::1]:0 are IPv6 alone");
    says(&with("[::]:0", &[]), "wrong media-public: is missing");
    let found = with("[::]:0", &[four, "198.51.100.7:10000"]);
    assert_eq!(found.0, 1);
    says(&found, "wrong config: media-public names one IPv4 and one IPv6 address at the most");
}

#[test]
fn a_certificate_is_looked_at_before_browsers_do() {
    let folder = tempfile::tempdir().unwrap();
    let data = data(&folder);
    let with = |files: &[String; 2]| {
        check(&[
            "--data",
            &data,
            "--http",
            "127.0.0.1:0",
            "--media",
            "127.0.0.1:0",
            "--public-url",
            "https://visit.clinic.example",
            "--tls-cert",
            &files[0],
            "--tls-key",
            &files[1],
        ])
    };
    let good = certificate(folder.path(), &["*.clinic.example"], 90);
    let found = with(&good);
    assert!(
        found.1.iter().any(|line| line.starts_with("fine tls-cert: the certificate is for")),
        "{found:#?}"
    );
    std::fs::set_permissions(&good[1], std::fs::Permissions::from_mode(0o644)).unwrap();
    says(&with(&good), "risk tls-key:");
    says(&with(&certificate(folder.path(), &["clinic.example"], 90)), "wrong tls-cert: links carry");
    says(
        &with(&certificate(folder.path(), &["visit.clinic.example"], 5)),
        "risk tls-cert: the certificate ends in",
    );
    let over = with(&certificate(folder.path(), &["visit.clinic.example"], -5));
    assert_eq!(over.0, 1);
    says(&over, "wrong tls-cert: the certificate ended");
    std::fs::write(&good[0], "nothing").unwrap();
    says(&with(&good), "wrong tls-cert:");
}

#[test]
fn the_way_out_is_looked_at_without_asking_anybody() {
    let folder = tempfile::tempdir().unwrap();
    let data = data(&folder);
    let with = |flags: &[&str]| {
        let free = ["--data", &data, "--http", "127.0.0.1:0", "--media", "127.0.0.1:0"];
        check(&[&free[..], flags].concat())
    };
    says(&with(&[]), "fine outbound-allow: none");
    let found = with(&["--outbound-allow", "login.hospital.lan", "--outbound-allow", "http://10.0.0.5:9000"]);
    assert_eq!(found.0, 0);
    says(
        &found,
        "fine outbound-allow: inside a network the server asks login.hospital.lan, http://10.0.0.5:9000 and nothing",
    );
    says(&found, "risk outbound-allow: http://10.0.0.5:9000 is asked without TLS");
    let found = with(&["--outbound-allow", "10.0.0.0/8"]);
    assert_eq!(found.0, 1);
    says(&found, "wrong config: outbound-allow \"10.0.0.0/8\" is not like");
    let [chain, key] = certificate(folder.path(), &["login.hospital.lan"], 90);
    says(&with(&["--outbound-ca", &chain]), "fine outbound-ca:");
    for wrong in [key.as_str(), "/nowhere/ca.pem"] {
        let found = with(&["--outbound-ca", wrong]);
        assert_eq!(found.0, 1, "{wrong}");
        says(&found, &format!("wrong outbound-ca: {wrong} cannot be used"));
    }
}

#[test]
fn a_setting_that_is_not_understood_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bianque.toml");
    std::fs::write(&file, "htp = \"127.0.0.1:1\"\n").unwrap();
    let found = check(&["--config", &file.display().to_string()]);
    assert_eq!(found.0, 1);
    assert!(found.1[0].contains("htp"), "{found:?}");
}
