//! Calls through bad networks: the server and the browsers in network namespaces of their own, with a packet filter
//! between them that the tests set.

use anyhow::Result;

use crate::shell::program;
use crate::{debian, e2e};

/// Addresses inside the namespaces; nothing else is there.
const SERVER: &str = "10.9.0.1";
const CLIENT: &str = "10.9.0.2";
/// The same two by IPv6.
const SERVER_SIX: &str = "fd09::1";
const CLIENT_SIX: &str = "fd09::2";
/// Beside the browsers, for a proxy that a packet filter is to tell from them.
const PROXY: &str = "10.9.0.3";
/// The networks that a phone can be in, such as Wi-Fi and mobile data: the router is at 1 of each, the phone at 2.
const PLACES: [&str; 2] = ["10.9.1", "10.9.2"];

/// Runs the task. It needs the rights of root, for the namespaces.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let missing = |tool: &str| program(tool).arg("-V").capture().is_err();
    if ["ip", "nft", "tc"].into_iter().any(missing) {
        debian::install(&["iproute2", "nftables"])?;
    }
    if missing("firefox-esr") {
        debian::install(&["firefox-esr"])?;
    }
    let networks = Networks::make()?;
    add_ipv6(&networks)?;
    e2e::prepared_within(&["ip", "netns", "exec", &networks.client])?
        .args(["--config", "network.config.ts"])
        .args(arguments)
        .env("BIANQUE_SERVER_NETNS", &networks.server)
        .env("BIANQUE_SERVER_ADDRESS_SIX", SERVER_SIX)
        .env("BIANQUE_SERVER_ADDRESS", SERVER)
        .env("BIANQUE_CLIENT_ADDRESS", CLIENT)
        .env("BIANQUE_PROXY_ADDRESS", PROXY)
        .env("BIANQUE_PHONE_NETNS", &networks.phone)
        .env("BIANQUE_PHONE_PLACES", PLACES.join(" "))
        // The certificate is made at start, by the server itself.
        .env("NODE_TLS_REJECT_UNAUTHORIZED", "0")
        .run()
}

/// The namespaces and the lines between them, gone when this is: a cable to the browsers, and air to the phone, which
/// has a place of its own.
struct Networks {
    server: String,
    client: String,
    phone: String,
}

impl Networks {
    fn make() -> Result<Self> {
        let id = std::process::id();
        let named = |letter: char| format!("bianque-{letter}{id}");
        let networks = Self { server: named('s'), client: named('c'), phone: named('p') };
        let Self { server, client, phone } = &networks;
        for namespace in [server, client, phone] {
            ip(&["netns", "add", namespace])?;
            ip(&["-n", namespace, "link", "set", "lo", "up"])?;
        }
        for (line, end) in [("cable", client), ("air", phone)] {
            ip(&["-n", server, "link", "add", line, "type", "veth", "peer", "name", line, "netns", end])?;
            for namespace in [server, end] {
                ip(&["-n", namespace, "link", "set", line, "up"])?;
            }
        }
        for (namespace, address) in [(server, SERVER), (client, CLIENT), (client, PROXY)] {
            ip(&["-n", namespace, "addr", "add", &format!("{address}/24"), "dev", "cable"])?;
        }
        for place in PLACES {
            ip(&["-n", server, "addr", "add", &format!("{place}.1/24"), "dev", "air"])?;
        }
        Ok(networks)
    }
}

impl Drop for Networks {
    fn drop(&mut self) {
        for namespace in [&self.server, &self.client, &self.phone] {
            if let Err(error) = ip(&["netns", "del", namespace]) {
                eprintln!("{namespace} is left: {error:#}");
            }
        }
    }
}

/// The cable carries both; nobody else is there to whom an address could have been given before.
fn add_ipv6(networks: &Networks) -> Result<()> {
    for (namespace, address) in [(&networks.server, SERVER_SIX), (&networks.client, CLIENT_SIX)] {
        ip(&["-n", namespace, "addr", "add", &format!("{address}/64"), "dev", "cable", "nodad"])?;
    }
    Ok(())
}

fn ip(arguments: &[&str]) -> Result<()> {
    program("ip").args(arguments).run()
}
