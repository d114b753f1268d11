//! Where browsers find TURN.

use std::net::IpAddr;

use url::Url;

use crate::config::Config;

/// The addresses that browsers are told, best first; none where nothing but HTTP reaches this server.
///
/// With a port of its own TURN is there. Otherwise it shares the HTTP listener when that speaks TLS itself: what ends TLS
/// in front of it passes HTTP on, and TURN is none.
pub(crate) fn urls(config: &Config, http: IpAddr, public_url: &str, turn_port: Option<u16>) -> Vec<String> {
    let Ok(public) = Url::parse(public_url) else { return Vec::new() };
    let (Some(host), tls) = (public.host_str(), config.is_tls(http)) else { return Vec::new() };
    let scheme = if tls { "turns" } else { "turn" };
    let port = match turn_port {
        Some(port) => port,
        None if tls => public.port_or_known_default().unwrap_or(443),
        None => return Vec::new(),
    };
    vec![format!("{scheme}:{host}:{port}?transport=tcp")]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::ServeFlags;

    fn told(http: &str, public_url: &str, turn_port: Option<u16>) -> Vec<String> {
        let config = Config::decide(&ServeFlags::default()).unwrap();
        urls(&config, http.parse().unwrap(), public_url, turn_port)
    }

    #[test]
    fn turn_is_on_the_port_of_https_and_else_on_its_own() {
        let plain = || told("127.0.0.1", "https://clinic.example", None);
        assert!(plain().is_empty(), "a proxy in front passes HTTP only");
        let own = |url, port| told("0.0.0.0", url, port);
        assert_eq!(own("https://clinic.example", None), ["turns:clinic.example:443?transport=tcp"]);
        assert_eq!(own("https://clinic.example:8443", None), ["turns:clinic.example:8443?transport=tcp"]);
        assert_eq!(own("https://[2001:db8::1]", None), ["turns:[2001:db8::1]:443?transport=tcp"]);
        assert_eq!(own("https://clinic.example", Some(5349)), ["turns:clinic.example:5349?transport=tcp"]);
        let behind = told("127.0.0.1", "https://clinic.example", Some(3478));
        assert_eq!(behind, ["turn:clinic.example:3478?transport=tcp"]);
    }
}
