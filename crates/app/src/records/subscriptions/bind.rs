//! Binding a socket to a subscription: for who wrote it, and nobody else.

use bianque_model::{Context, ResourceId};
use bianque_store::AuditAction;

use super::TYPE;
use super::asked::{Asked, Channel};
use super::course::newest;
use super::terms::Terms;
use crate::change::audit_row;
use crate::policy::{self, Action};
use crate::{App, Error, ErrorKind};

/// The id of a subscription that a socket of this caller may listen to, and listens to from now on.
pub async fn bind(app: &App, context: &Context, id: &str) -> Result<ResourceId, Error> {
    let id: ResourceId = id.parse().map_err(|_| Error::not_found())?;
    may_bind(app, context, &id).await?;
    let row = audit_row(context, AuditAction::E, "subscription.bind", None, &format!("{TYPE}/{id}"));
    app.store.audit_read(context.tenant, row).await?;
    Ok(id)
}

/// Whether a socket of this caller may listen to a subscription.
pub async fn may_bind(app: &App, context: &Context, id: &ResourceId) -> Result<(), Error> {
    policy::records(context, TYPE, Action::Read)?;
    let terms = app.load::<Terms>(context.tenant, id.as_str()).await?.map(|terms| terms.value);
    let terms = terms.filter(|terms| terms.writer.is(&context.actor)).ok_or_else(Error::not_found)?;
    let (_, _, resource) = newest(app, context.tenant, id).await?.ok_or_else(Error::not_found)?;
    let channel = Asked::read(&resource).ok().map(|asked| asked.channel);
    if !terms.runs || channel != Some(Channel::WebSocket) {
        let words = "this subscription does not run, or is not told over a socket";
        return Err(Error::new(ErrorKind::Refused, "subscription.not-bound", words));
    }
    Ok(())
}
