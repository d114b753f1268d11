//! Where browsers find TURN.

use std::net::IpAddr;

use bianque_edge_media::Relay;

use crate::config::Config;

/// Where it is; nowhere: nothing but HTTP reaches this server.
///
/// With a port of its own TURN is there. Otherwise it shares the HTTP listener when that speaks TLS itself: what ends TLS
/// in front of it passes HTTP on, and TURN is none.
pub(crate) fn of(config: &Config, http: IpAddr, turn_port: Option<u16>) -> Option<Relay> {
    let tls = config.is_tls(http);
    (tls || turn_port.is_some()).then_some(Relay { tls, port: turn_port })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::ServeFlags;

    fn told(http: &str, host: &str, port: u16, turn_port: Option<u16>) -> Option<String> {
        let config = Config::decide(&ServeFlags::default()).unwrap();
        of(&config, http.parse().unwrap(), turn_port).map(|relay| relay.url(host, port))
    }

    #[test]
    fn turn_is_on_the_port_of_https_and_else_on_its_own() {
        assert_eq!(told("127.0.0.1", "clinic.example", 443, None), None, "a proxy in front passes HTTP only");
        let own = |host, port, turn| told("0.0.0.0", host, port, turn).unwrap();
        assert_eq!(own("clinic.example", 443, None), "turns:clinic.example:443?transport=tcp");
        assert_eq!(own("clinic.example", 8443, None), "turns:clinic.example:8443?transport=tcp");
        assert_eq!(own("[2001:db8::1]", 443, None), "turns:[2001:db8::1]:443?transport=tcp");
        assert_eq!(own("clinic.example", 443, Some(5349)), "turns:clinic.example:5349?transport=tcp");
        let behind = told("127.0.0.1", "clinic.example", 443, Some(3478)).unwrap();
        assert_eq!(behind, "turn:clinic.example:3478?transport=tcp");
    }
}
