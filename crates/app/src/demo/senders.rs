//! Who sends HL7 v2 to the demo: its hospital, and whoever tries it out.

use bianque_model::Context;

use super::cohort;
use crate::messages::senders::{Authority, Rules, Sender};
use crate::{App, Change, Error};

/// Makes the demo's senders where they are missing.
pub(super) async fn ensure(app: &App, context: &Context) -> Result<(), Error> {
    for sender in [hospital(), anybody()] {
        let sender = sender?;
        if app.load::<Sender>(context.tenant, sender.id.as_str()).await?.is_none() {
            let mut change = Change::new(app, context);
            change.insert(&sender)?;
            change.commit().await?;
        }
    }
    Ok(())
}

fn hospital() -> Result<Sender, Error> {
    let authority = Authority { name: "DEMO-MRN".into(), system: format!("{}/mrn", cohort::DEMO_SYSTEM) };
    let rules = Rules {
        name: "演示县医院 Demo County Hospital".into(),
        application: "DEMO-HIS".into(),
        organization_id: cohort::HOSPITAL.into(),
        authorities: vec![authority],
        ..taken()
    };
    Ok(Sender { id: "demo-his".parse().map_err(Error::internal)?, rules })
}

/// Whoever no other sender is: a demo takes what is tried.
fn anybody() -> Result<Sender, Error> {
    let rules = Rules { name: "任何系统 Any system".into(), training: true, ..taken() };
    Ok(Sender { id: "demo-any".parse().map_err(Error::internal)?, rules })
}

fn taken() -> Rules {
    Rules {
        name: String::new(),
        application: String::new(),
        facility: String::new(),
        organization_id: String::new(),
        zone: "Asia/Shanghai".into(),
        charset: String::new(),
        kinds: Vec::new(),
        addresses: Vec::new(),
        certificate: String::new(),
        plain: false,
        training: false,
        authorities: Vec::new(),
    }
}
