//! Names of hosts in the one form that they are compared in.

use std::fmt;

use serde::{Deserialize, Serialize};
use url::Host;

use crate::Error;

/// The longest name (RFC 1035, 2.3.4), without the dot at its end.
const LONGEST: usize = 253;

/// A host: a name in lower case with every label in ASCII (RFC 5891), or an address; no port, no dot at the end.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HostName(String);

impl HostName {
    /// Reads a host as people and clients write it: `Clinic.Example.`, `诊所.example`, `127.0.0.1`, `[::1]`, `::1`.
    ///
    /// # Errors
    /// `tenant.host`: not a host, or more than one, such as `https://clinic.example` or `*.example`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let wrong =
            || Error::field("tenant.host", "host", format!("{text:?} is not a host such as clinic.example"));
        let name = text.strip_suffix('.').unwrap_or(text);
        // Percent signs would be decoded, and a proxy may see another name in them.
        if name.contains('%') {
            return Err(wrong());
        }
        let bare_v6 = name.parse::<std::net::Ipv6Addr>().map(Host::Ipv6);
        let host = bare_v6.or_else(|_| Host::parse(name)).map_err(|_| wrong())?;
        match host {
            Host::Domain(name) if is_name(&name) => Ok(Self(name)),
            Host::Domain(_) => Err(wrong()),
            Host::Ipv4(address) => Ok(Self(address.to_string())),
            Host::Ipv6(address) => Ok(Self(format!("[{address}]"))),
        }
    }

    /// As it stands in a URL.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Labels of letters, digits, hyphens and underscores: what a name that was made ASCII may hold.
fn is_name(name: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
    name.len() <= LONGEST
        && name.split('.').all(|label| (1..=63).contains(&label.len()) && label.bytes().all(letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_has_one_form_however_it_is_written() {
        let of = |text| HostName::parse(text).unwrap().0;
        for text in ["clinic.example", "CLINIC.Example", "clinic.example.", "Clinic.Example."] {
            assert_eq!(of(text), "clinic.example", "{text}");
        }
        assert_eq!(of("诊所.example"), "xn--8oup83g.example");
        assert_eq!(of("XN--8OUP83G.example"), of("诊所.example"));
        assert_eq!(of("127.0.0.1"), "127.0.0.1");
        assert_eq!(
            (of("::1"), of("[::1]"), of("[0:0::1]")),
            ("[::1]".into(), "[::1]".into(), "[::1]".into())
        );
        assert_eq!(of("localhost"), "localhost");
    }

    #[test]
    fn what_is_no_single_host_is_refused() {
        let long = "a.".repeat(127) + "abc";
        let label = format!("{}.example", "a".repeat(64));
        for bad in [
            "",
            ".",
            "..",
            "a..example",
            ".example",
            "clinic.example:8080",
            "https://clinic.example",
            "clinic.example/",
            "*.example",
            "user@clinic.example",
            "a b.example",
            "a%2fb.example",
            "[::1",
            "clinic.example\n",
            &long,
            &label,
        ] {
            assert_eq!(HostName::parse(bad).map_err(|error| error.code), Err("tenant.host"), "{bad:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_form_that_was_read_is_read_as_itself(text in "\\PC{0,40}") {
            if let Ok(host) = HostName::parse(&text) {
                proptest::prop_assert_eq!(HostName::parse(host.as_str()).unwrap(), host);
            }
        }
    }
}
