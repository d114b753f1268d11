//! Associations of DICOM on a port of their own: plain or over TLS, told apart by their first byte. Which peer may come plain is
//! the peer's rule.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bianque_app::App;
use bianque_app::ports::lines::End;
use bianque_edge_dimse::application::{Application, ByteStream, Dial, Dialling};
use bianque_edge_dimse::archive::{Destination, Line};
use bianque_edge_dimse::{Associations, Limits};
use bianque_edge_out::Client;
use tokio::net::TcpStream;
use tokio::sync::watch;

use super::Serve;
use super::lines::{Opened, first, opened};
use crate::tls::Tls;

/// The port of DICOM.
#[derive(Clone)]
pub(crate) struct AssociationPort {
    associations: Associations<Application>,
    tls: Option<Tls>,
    handshake: Duration,
    /// How long a peer may take to say anything (the ARTIM timer of PS3.8).
    opening: Duration,
}

impl AssociationPort {
    /// The port of an archive. Without a certificate it is plain only.
    pub(crate) fn new(app: App, way_out: Arc<Client>, tls: Option<Tls>, handshake: Duration) -> Self {
        let application = Application::new(app.clone(), Arc::new(WayOut { app, way_out }));
        let limits = Limits::default();
        let associations = Associations::new(application, limits);
        Self { associations, tls, handshake, opening: limits.timeouts.artim }
    }
}

impl Serve for AssociationPort {
    async fn serve(self, stream: TcpStream, peer: SocketAddr, mut stop: watch::Receiver<bool>) {
        let address = peer.ip().to_canonical();
        let first = tokio::time::timeout(self.opening, first(&stream, &mut stop)).await;
        let Ok(Some(first)) = first else { return };
        match opened(stream, first, self.tls.as_ref(), self.handshake).await {
            Some(Opened::Secure(stream, certificate)) => {
                let line = Line { address, secure: true, certificate };
                self.associations.serve(stream, line, stop).await;
            }
            Some(Opened::Plain(stream)) => {
                let line = Line { address, secure: false, certificate: None };
                self.associations.serve(stream, line, stop).await;
            }
            None => tracing::warn!(%address, "an association of DICOM did not agree on TLS"),
        }
    }
}

/// The way to other applications of DICOM, whose addresses administrators write down.
struct WayOut {
    app: App,
    way_out: Arc<Client>,
}

impl Dial for WayOut {
    fn dial<'a>(&'a self, destination: &'a Destination) -> Dialling<'a> {
        Box::pin(async move {
            let host = url::Host::parse(&destination.host).map_err(|error| error.to_string())?;
            let end = End {
                host,
                port: destination.port,
                plain: !destination.secure,
                certificate: destination.certificate.clone(),
                // Where several share a server, an administrator of one does not lead it into its network.
                inside: self.app.tenants.is_alone(),
            };
            let stream = self.way_out.stream(&end).await.map_err(|failure| failure.to_string())?;
            Ok(Box::new(stream) as Box<dyn ByteStream>)
        })
    }
}
