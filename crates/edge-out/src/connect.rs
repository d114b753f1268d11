//! From a name to a connection with an address that was looked at.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use bianque_app::ports::outbound::Failure;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use url::{Host, Url};

use crate::Names;
use crate::reach::{self, Reach};

/// Addresses of one name that are tried.
const TRIED: usize = 4;

/// Connects to the host of an address: resolved once, every address looked at, connected to one of those.
///
/// One address inside a network forbids the name, whatever else it leads to: a name that leads to both is somebody's
/// attempt to be taken for the other.
pub(crate) async fn to(names: &dyn Names, url: &Url, inside: bool) -> Result<TcpStream, Failure> {
    let port = url.port_or_known_default().ok_or(Failure::BadAddress)?;
    let addresses = match url.host().ok_or(Failure::BadAddress)? {
        Host::Domain(name) => names.look_up(name, port).await.map_err(|_| Failure::UnknownName)?,
        Host::Ipv4(address) => vec![SocketAddr::new(IpAddr::V4(address), port)],
        Host::Ipv6(address) => vec![SocketAddr::new(IpAddr::V6(address), port)],
    };
    look(addresses.iter().map(SocketAddr::ip), inside)?;
    for address in addresses.iter().take(TRIED) {
        // The port is the one that was asked for, whatever a resolver says.
        let address = SocketAddr::new(address.ip(), port);
        if let Ok(stream) = TcpStream::connect(address).await {
            return Ok(stream);
        }
    }
    Err(Failure::Unreachable)
}

/// The same look at an address that is written as one; where a name leads is seen when it is asked.
pub(crate) fn admits(url: &Url, inside: bool) -> Result<(), Failure> {
    match url.host().ok_or(Failure::BadAddress)? {
        Host::Ipv4(address) => look([IpAddr::V4(address)], inside),
        Host::Ipv6(address) => look([IpAddr::V6(address)], inside),
        Host::Domain(_) => Ok(()),
    }
}

/// Looks at every address of a host.
fn look(addresses: impl IntoIterator<Item = IpAddr>, inside: bool) -> Result<(), Failure> {
    let farthest = addresses.into_iter().map(reach::of).max();
    match farthest.ok_or(Failure::UnknownName)? {
        Reach::Public => Ok(()),
        Reach::Inside if inside => Ok(()),
        Reach::Inside | Reach::Never => Err(Failure::Forbidden),
    }
}

/// Speaks TLS with whoever is connected, who has to show a certificate for the host of the address.
pub(crate) async fn tls(
    config: &Arc<ClientConfig>,
    url: &Url,
    stream: TcpStream,
) -> Result<TlsStream<TcpStream>, Failure> {
    let name = match url.host().ok_or(Failure::BadAddress)? {
        Host::Ipv4(address) => ServerName::from(IpAddr::V4(address)),
        Host::Ipv6(address) => ServerName::from(IpAddr::V6(address)),
        Host::Domain(name) => ServerName::try_from(name.to_owned()).map_err(|_| Failure::BadAddress)?,
    };
    let connected = TlsConnector::from(Arc::clone(config)).connect(name, stream).await;
    connected.map_err(|error| {
        let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<rustls::Error>());
        match cause {
            Some(rustls::Error::InvalidCertificate(_)) => Failure::Certificate,
            _ => Failure::Broken,
        }
    })
}
