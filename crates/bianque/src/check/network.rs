//! Listeners, addresses as others see them, proxies.

use std::net::{IpAddr, SocketAddr, TcpListener, UdpSocket};

use super::{Finding, public_host};
use crate::config::{Certificate, Config, Listener};
use crate::relay;

/// Whether the listeners can be bound. Nobody else is listening now, or it is said who is.
pub(super) fn listeners(config: &Config) -> Vec<Finding> {
    let told = |setting, address: SocketAddr, tried: std::io::Result<()>| match tried {
        Ok(()) => Finding::fine(setting, format!("{address} can be listened on")),
        Err(error) => Finding::wrong(setting, format!("{address} cannot be listened on: {error}")),
    };
    [
        told("http", config.http, TcpListener::bind(config.http).map(drop)),
        told("media", config.media, UdpSocket::bind(config.media).map(drop)),
        told("media", config.media, TcpListener::bind(config.media).map(drop)),
    ]
    .into_iter()
    .chain([may_lack("mllp", "HL7 v2", config.mllp), may_lack("dimse", "DICOM", config.dimse)])
    .chain(config.turn.map(|turn| told("turn", turn, TcpListener::bind(turn).map(drop))))
    .collect()
}

/// Whether there will be what a server may do without.
fn may_lack(setting: &'static str, what: &str, listener: Listener) -> Finding {
    let Listener { address, asked } = listener;
    match TcpListener::bind(address) {
        Ok(_) => Finding::fine(setting, format!("{address} can be listened on")),
        Err(error) if asked => Finding::wrong(setting, format!("{address} cannot be listened on: {error}")),
        Err(_) => Finding::risk(setting, format!("{address} is taken: there will be no {what}")),
    }
}

/// Whether links lead anywhere, and whether browsers give pages behind them camera and microphone.
pub(super) fn public_url(config: &Config) -> Vec<Finding> {
    const SETTING: &str = "public-url";
    let off_loopback = !config.http.ip().is_loopback();
    let Some(url) = &config.public_url else {
        return vec![if config.http.ip().is_unspecified() {
            Finding::wrong(SETTING, format!("is missing: links would carry {}, where nobody is", config.http))
        } else if off_loopback {
            Finding::risk(SETTING, format!("is missing: links carry https://{}", config.http))
        } else {
            Finding::fine(SETTING, "is missing: links work on this machine only")
        }];
    };
    let Some(host) = public_host(config) else {
        return vec![Finding::wrong(SETTING, format!("{url} has no host"))];
    };
    let local = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    let mut findings = Vec::new();
    if url.starts_with("http://") && !local {
        let says = format!("{url} is not HTTPS: browsers give such pages neither camera nor microphone");
        findings.push(Finding::wrong(SETTING, says));
    }
    if local && off_loopback {
        findings.push(Finding::risk(SETTING, format!("{url} leads every reader to their own machine")));
    }
    if findings.is_empty() {
        findings.push(Finding::fine(SETTING, format!("links carry {url}")));
    }
    findings
}

/// The addresses of calls as browsers outside will see them.
pub(super) fn media(config: &Config) -> Vec<Finding> {
    if config.media_public.is_empty() {
        return vec![without_public(config)];
    }
    config.media_public.iter().map(|told| with_public(config, *told)).collect()
}

fn with_public(config: &Config, told: SocketAddr) -> Finding {
    const SETTING: &str = "media-public";
    let address = told.ip();
    if address.is_unspecified() || told.port() == 0 {
        return Finding::wrong(SETTING, format!("{told} is no address that a browser can send to"));
    }
    if address.is_loopback() && !config.http.ip().is_loopback() {
        return Finding::wrong(SETTING, format!("{told} leads every browser to its own machine"));
    }
    if !serves(config.media, address) {
        let (version, other) = if address.is_ipv4() { ("IPv4", "IPv6") } else { ("IPv6", "IPv4") };
        let says = format!(
            "{told} is {version}, and calls at {} are {other} alone: the socket [::]:{} takes both",
            config.media,
            config.media.port(),
        );
        return Finding::risk(SETTING, says);
    }
    if is_private(address)
        && public_host(config).is_some_and(|host| host.contains('.') && !is_private_host(&host))
    {
        let says = format!("{told} can be reached from inside only, and links may be opened outside");
        return Finding::risk(SETTING, says);
    }
    Finding::fine(SETTING, format!("browsers send calls to {told}; open it in the firewall, UDP and TCP"))
}

/// Whether what comes to an address of this IP version reaches the socket.
fn serves(socket: SocketAddr, address: IpAddr) -> bool {
    let dual_stack = socket.is_ipv6() && socket.ip().is_unspecified();
    dual_stack || socket.ip().to_canonical().is_ipv4() == address.is_ipv4()
}

fn without_public(config: &Config) -> Finding {
    let socket = config.media;
    if socket.ip().is_unspecified() {
        let says =
            format!("is missing: calls are at {socket}, which is no address that a browser can send to");
        Finding::wrong("media-public", says)
    } else if socket.ip().is_loopback() && !config.http.ip().is_loopback() {
        Finding::wrong(
            "media",
            format!("pages are served to others, and calls at {socket} to this machine only"),
        )
    } else if socket.ip().is_loopback() && config.public_url.is_some() {
        Finding::risk(
            "media",
            format!("calls at {socket} reach this machine only, and a proxy does not carry UDP"),
        )
    } else {
        Finding::fine("media", format!("browsers send calls to UDP {socket}"))
    }
}

/// Where browsers that reach nothing but TLS find the call.
pub(super) fn turn(config: &Config) -> Vec<Finding> {
    const SETTING: &str = "turn";
    let public_url = config.public_url.clone().unwrap_or_else(|| format!("https://{}", config.http));
    let relay = relay::of(config, config.http.ip(), config.turn.map(|turn| turn.port()));
    let url = relay.and_then(|relay| {
        let public = url::Url::parse(&public_url).ok()?;
        Some(relay.url(public.host_str()?, public.port_or_known_default()?))
    });
    let off_loopback = !config.http.ip().is_loopback() || config.public_url.is_some();
    vec![match url {
        Some(url) if config.turn.is_some_and(|turn| turn.ip().is_loopback()) && off_loopback => {
            Finding::risk(SETTING, format!("browsers are told {url}, and it listens on this machine only"))
        }
        Some(url) => Finding::fine(SETTING, format!("where UDP does not pass browsers go to {url}")),
        None if off_loopback => {
            let says = "is missing behind a proxy that ends TLS: where neither UDP nor the media port passes there is no call";
            Finding::risk(SETTING, says)
        }
        None => Finding::fine(SETTING, "is missing: calls stay on this machine"),
    }]
}

/// Whether it is known from whom requests come.
pub(super) fn proxies(config: &Config) -> Vec<Finding> {
    const SETTING: &str = "trusted-proxy";
    if config.proxies.trusts_everybody() {
        return vec![Finding::wrong(SETTING, "names a network of everybody: anybody may claim any address")];
    }
    let https = config.public_url.as_deref().is_some_and(|url| url.starts_with("https://"));
    let own = config.is_tls(config.http.ip());
    if config.proxies.is_empty() && https && !own {
        let says = "is missing, and a proxy seems to stand in front: limits and audit see its address, not the client's";
        return vec![Finding::risk(SETTING, says)];
    }
    if config.proxies.is_empty() {
        return vec![Finding::fine(
            SETTING,
            "none: what requests say of where they come from is not believed",
        )];
    }
    let acme = matches!(config.certificate, Certificate::Acme(_));
    if acme && config.proxies.trust(config.http.ip()) {
        let says = "a proxy that ends TLS keeps the certificate authority from reaching this server";
        return vec![Finding::risk(SETTING, says)];
    }
    vec![Finding::fine(SETTING, "is believed about where requests come from")]
}

fn is_private_host(host: &str) -> bool {
    host.parse::<IpAddr>().is_ok_and(is_private)
}

fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(four) => {
            let [a, b, ..] = four.octets();
            // RFC 6598: shared by a carrier's customers.
            four.is_private() || four.is_link_local() || (a == 100 && (64..128).contains(&b))
        }
        IpAddr::V6(six) => six.is_unique_local() || six.is_unicast_link_local(),
    }
}
