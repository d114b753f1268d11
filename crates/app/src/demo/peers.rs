//! Who exchanges images with the demo: whoever tries it out.

use bianque_model::Context;

use super::cohort;
use crate::archive::peers::{Peer, Rules};
use crate::messages::senders::Authority;
use crate::{App, Change, Error};

/// Makes the demo's peer where it is missing: a demo lets in what is tried.
pub(super) async fn ensure(app: &App, context: &Context) -> Result<(), Error> {
    let authority = Authority { name: String::new(), system: format!("{}/mrn", cohort::DEMO_SYSTEM) };
    let rules = Rules {
        name: "任何设备 Any device".into(),
        title: String::new(),
        organization_id: String::new(),
        authorities: vec![authority],
        makes_patients: false,
        addresses: Vec::new(),
        certificate: String::new(),
        plain: false,
        store: true,
        query: true,
        retrieve: true,
        worklist: true,
        host: String::new(),
        port: 0,
    };
    let peer = Peer { id: "demo-any".parse().map_err(Error::internal)?, rules };
    if app.load::<Peer>(context.tenant, peer.id.as_str()).await?.is_none() {
        let mut change = Change::new(app, context);
        change.insert(&peer)?;
        change.commit().await?;
    }
    Ok(())
}
