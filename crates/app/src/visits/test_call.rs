//! A call with oneself, by which a participant's browser tries the ways to the media server before the visit.
//!
//! Each way has a room per participant that no one else enters: one end sends a made-up picture, the other receives
//! it. What counts is that it takes the very way that the call will take.

use bianque_media::{IceServer, RoomId};
use bianque_model::{Context, ResourceId};
use schemars::JsonSchema;
use serde::Deserialize;

use super::access::Access;
use super::{call, encounter};
use crate::{App, Error};

/// The ways of WebRTC that are tried, all at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Way {
    /// UDP to the media port.
    Udp,
    /// TCP to the media port.
    Tcp,
    /// TURN in TLS.
    Relay,
}

/// Where one participant's test call takes place.
#[derive(Debug, Clone)]
pub struct TestCall {
    /// The room; the visit's own is another.
    pub room: RoomId,
    /// The servers by which this room is reached where UDP does not pass.
    pub ice_servers: Vec<IceServer>,
}

/// Opens a test call for whoever is in the visit's room or on the way to it. Refused once the visit is over.
pub fn open(app: &App, context: &Context, access: &Access, way: Way) -> Result<TestCall, Error> {
    if !encounter::is_open(&access.encounter.value) {
        return Err(Error::conflict("visit.state", "the visit is over"));
    }
    let visit: &ResourceId = &access.visit.value.id;
    let who = access.participant_id(context);
    let room = RoomId::from(format!("{}/{visit}/test/{who}/{way:?}", context.tenant));
    let ice_servers = call::ice_servers_of(app, context, &room);
    Ok(TestCall { room, ice_servers })
}
