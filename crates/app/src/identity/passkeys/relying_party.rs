//! Whom passkeys are made for: the host that links of the tenant carry. A passkey works at that address and nowhere else.

use bianque_model::TenantId;
use url::{Host, Url};
use webauthn_rs::{Webauthn, WebauthnBuilder};

use crate::{App, Error};

/// Where passkeys work, for pages that are open elsewhere; none: this tenant has no name for them to be bound to.
pub fn address(app: &App, tenant: TenantId) -> Option<String> {
    let (_, origin) = of(&app.public_url(tenant))?;
    Some(origin.origin().ascii_serialization())
}

/// The party of a tenant.
pub(super) fn webauthn(app: &App, tenant: TenantId) -> Result<Webauthn, Error> {
    let (id, origin) = of(&app.public_url(tenant)).ok_or_else(|| {
        Error::conflict(
            "passkey.address",
            "passkeys need a public URL with a host name, not an address of digits",
        )
    })?;
    let builder = WebauthnBuilder::new(&id, &origin).map_err(Error::internal)?;
    builder.rp_name("Bianque").build().map_err(Error::internal)
}

/// Id and origin. Browsers bind passkeys to names; of this machine's own address they take the name `localhost`.
fn of(public_url: &str) -> Option<(String, Url)> {
    let mut url = Url::parse(public_url).ok()?;
    let loopback = match url.host()? {
        Host::Domain(name) => return Some((name.to_owned(), url)),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    };
    if !loopback {
        return None;
    }
    url.set_host(Some("localhost")).ok()?;
    Some(("localhost".to_owned(), url))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passkey_is_bound_to_the_name_of_the_public_url() {
        let of = |url| of(url).map(|(id, origin)| (id, origin.origin().ascii_serialization()));
        let pair = |id: &str, origin: &str| Some((id.to_owned(), origin.to_owned()));
        assert_eq!(of("https://clinic.example"), pair("clinic.example", "https://clinic.example"));
        assert_eq!(of("https://clinic.example:8443"), pair("clinic.example", "https://clinic.example:8443"));
        assert_eq!(of("http://127.0.0.1:8080"), pair("localhost", "http://localhost:8080"));
        assert_eq!(of("http://[::1]:8080"), pair("localhost", "http://localhost:8080"));
        assert_eq!(of("https://192.0.2.7"), None);
        assert_eq!(of("nonsense"), None);
    }
}
