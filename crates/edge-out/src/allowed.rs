//! The hosts that configuration names: they may lie inside a network, and where it says `http://` do without TLS.

use url::{Host, Url};

/// The hosts that configuration names.
#[derive(Debug, Clone, Default)]
pub struct Allowed(Vec<Entry>);

#[derive(Debug, Clone)]
struct Entry {
    plain: bool,
    host: Host,
    /// Any port where none is named.
    port: Option<u16>,
}

/// What an address is allowed beyond others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Leave {
    /// It may lie inside a network.
    pub(crate) inside: bool,
    /// It may be asked without TLS.
    pub(crate) plain: bool,
}

impl Allowed {
    /// Reads entries such as `login.hospital.lan`, `login.hospital.lan:8443` and `http://127.0.0.1:9000`.
    ///
    /// # Errors
    /// The entry that is none of these.
    pub fn read<'a>(entries: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        entries.into_iter().map(entry).collect::<Result<_, _>>().map(Self)
    }

    /// The hosts, as they are to be read.
    pub fn names(&self) -> Vec<String> {
        self.0.iter().map(Entry::name).collect()
    }

    /// Those of them that are asked without TLS and are not this machine.
    pub fn plain_elsewhere(&self) -> Vec<String> {
        self.0.iter().filter(|entry| entry.plain && !entry.is_here()).map(Entry::name).collect()
    }

    /// What this address is allowed.
    pub(crate) fn leave(&self, url: &Url) -> Leave {
        let named = |entry: &&Entry| {
            url.host().is_some_and(|host| host.to_owned() == entry.host)
                && entry.port.is_none_or(|port| url.port_or_known_default() == Some(port))
        };
        let entries: Vec<&Entry> = self.0.iter().filter(named).collect();
        Leave { inside: !entries.is_empty(), plain: entries.iter().any(|entry| entry.plain) }
    }
}

impl Entry {
    fn name(&self) -> String {
        let scheme = if self.plain { "http://" } else { "" };
        let port = self.port.map(|port| format!(":{port}")).unwrap_or_default();
        format!("{scheme}{}{port}", self.host)
    }

    fn is_here(&self) -> bool {
        match &self.host {
            Host::Domain(name) => name == "localhost",
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => address.is_loopback(),
        }
    }
}

fn entry(text: &str) -> Result<Entry, String> {
    let wrong = || text.to_owned();
    let plain = text.starts_with("http://");
    // Without a scheme of its own the entry is read with one whose default port nobody names.
    let url = if plain { Url::parse(text) } else { Url::parse(&format!("https://{text}")) };
    let url = url.map_err(|_| wrong())?;
    let bare = url.path() == "/" && url.query().is_none() && url.username().is_empty();
    if !bare || text.contains("https://") {
        return Err(wrong());
    }
    let host = url.host().ok_or_else(wrong)?.to_owned();
    let named = text.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    let port = if plain || named { url.port_or_known_default() } else { None };
    Ok(Entry { plain, host, port })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_allowed_by_its_name_and_by_its_port_where_one_is_named() {
        let allowed =
            Allowed::read(["Login.Hospital.LAN", "10.0.0.5:8443", "http://127.0.0.1:9000"]).unwrap();
        let leave = |url: &str| allowed.leave(&Url::parse(url).unwrap());
        let inside = Leave { inside: true, plain: false };
        assert_eq!(leave("https://login.hospital.lan/a"), inside);
        assert_eq!(leave("https://login.hospital.lan:8443/a"), inside);
        assert_eq!(leave("https://10.0.0.5:8443/"), inside);
        assert_eq!(leave("http://127.0.0.1:9000/"), Leave { inside: true, plain: true });
        for other in ["https://10.0.0.5/", "http://127.0.0.1:9001/", "https://x.login.hospital.lan/"] {
            assert_eq!(leave(other), Leave::default(), "{other}");
        }
        assert_eq!(allowed.names(), ["login.hospital.lan", "10.0.0.5:8443", "http://127.0.0.1:9000"]);
        let plain = Allowed::read(["http://localhost:1", "http://[::1]:1", "http://10.0.0.5"]).unwrap();
        assert_eq!(plain.plain_elsewhere(), ["http://10.0.0.5:80"]);
        for wrong in ["", "https://a.example", "a.example/path", "u@a.example", "http://a.example/x?y"] {
            assert!(Allowed::read([wrong]).is_err(), "{wrong}");
        }
    }
}
