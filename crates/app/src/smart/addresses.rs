//! Addresses of applications: where people are sent, and therefore never anything but what was registered.

use url::{Host, Url};

use crate::Error;

/// Longer addresses are refused.
const LONGEST: usize = 2000;

/// An address that people may be sent back to: HTTPS, plain HTTP on this machine only, or a scheme of an application on
/// people's devices, which has a dot (RFC 8252, 7.1).
pub(super) fn redirect(text: &str) -> Result<String, Error> {
    let wrong = || {
        let message =
            "a redirect address is https://…, http://127.0.0.1… or com.example.app:/…, without a fragment";
        Error::field("redirect.invalid", "redirect_uris", message)
    };
    let url = read(text).ok_or_else(wrong)?;
    let own_scheme = url.scheme().contains('.') && !url.cannot_be_a_base();
    if own_scheme || is_web(&url) { Ok(text.to_owned()) } else { Err(wrong()) }
}

/// An address that an application is opened at.
pub(super) fn launch(text: &str) -> Result<String, Error> {
    let wrong = || {
        Error::field("launch-url.invalid", "launch_url", "a launch address is https://… or http://127.0.0.1…")
    };
    let url = read(text).ok_or_else(wrong)?;
    if is_web(&url) { Ok(text.to_owned()) } else { Err(wrong()) }
}

/// An address at which an application publishes its keys. Whether it may be asked is decided on the way out, for a hospital
/// can have its own within its network.
pub(super) fn keys(text: &str) -> Result<String, Error> {
    let wrong = || Error::field("keys.address", "jwks_uri", "the address of keys begins with https://");
    let url = read(text).ok_or_else(wrong)?;
    let web = url.host().is_some() && matches!(url.scheme(), "https" | "http");
    if web { Ok(text.to_owned()) } else { Err(wrong()) }
}

/// A registered address with parameters added to those that it has.
pub(super) fn with(address: &str, pairs: &[(&str, &str)]) -> Result<String, Error> {
    let mut url = Url::parse(address).map_err(Error::internal)?;
    url.query_pairs_mut().extend_pairs(pairs);
    Ok(url.into())
}

/// What people may know of where an address leads.
pub(super) fn place(address: &str) -> String {
    let Ok(url) = Url::parse(address) else { return String::new() };
    if matches!(url.scheme(), "https" | "http") {
        url.host_str().unwrap_or_default().to_owned()
    } else {
        url.scheme().to_owned()
    }
}

fn read(text: &str) -> Option<Url> {
    let clean = text.len() <= LONGEST && text.bytes().all(|byte| byte.is_ascii_graphic());
    let url = Url::parse(text).ok().filter(|_| clean)?;
    let bare = url.fragment().is_none() && url.username().is_empty() && url.password().is_none();
    bare.then_some(url)
}

fn is_web(url: &Url) -> bool {
    let here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    url.host().is_some() && (url.scheme() == "https" || (url.scheme() == "http" && here))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_sent_to_the_web_this_machine_or_an_application_and_never_into_a_script() {
        for good in [
            "https://app.example/cb",
            "https://app.example/cb?a=b",
            "http://127.0.0.1:9000/cb",
            "http://localhost:3000/",
            "http://[::1]/",
            "com.example.app:/cb",
        ] {
            assert_eq!(redirect(good).unwrap(), good);
        }
        for bad in [
            "",
            "http://app.example/cb",
            "https://app.example/cb#x",
            "https://user@app.example/",
            "javascript:alert(1)",
            "data:text/html,x",
            "app:/cb",
            "java.script:alert(1)",
            "/cb",
            "https://app.example/ cb",
            "http://127.0.0.1.evil.example/",
        ] {
            assert_eq!(redirect(bad).unwrap_err().code, "redirect.invalid", "{bad}");
        }
        assert!(launch("com.example.app:/launch").is_err());
        for bad in
            ["", "file:///etc/passwd", "https://user@app.example/", "com.example.app:/k", "gopher://x/"]
        {
            assert_eq!(keys(bad).unwrap_err().code, "keys.address", "{bad}");
        }
        assert_eq!(
            with("https://a.example/cb?x=1", &[("code", "a b")]).unwrap(),
            "https://a.example/cb?x=1&code=a+b"
        );
        assert_eq!(
            (place("https://a.example/cb"), place("com.example.app:/cb")),
            ("a.example".into(), "com.example.app".into())
        );
    }
}
