//! What use cases need of edges.

pub mod decoders;
pub mod lines;
pub mod outbound;

pub use bianque_media::{
    CallState, ClientSignal, Command, Dropped, EndReason, EventSink, IceServer, Join, JoinSound,
    MediaControl, MediaEvent, Refused, RoomId, ServerSignal, SessionId, SoundFrame, SoundGate, SoundInput,
    SoundReport, Tap,
};
use schemars::JsonSchema;
use serde::Deserialize;

/// The state of a participant's devices, as their page tells the others.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeviceState {
    /// The camera.
    pub camera: Device,
    /// The microphone.
    pub microphone: Device,
}

/// The state of one device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Device {
    /// In use.
    On,
    /// Turned off by its owner.
    Off,
    /// The browser was not allowed to use it.
    Denied,
    /// There is none.
    Missing,
    /// Another program holds it.
    Busy,
}

impl Device {
    /// The code as the API writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Off => "off",
            Self::Denied => "denied",
            Self::Missing => "missing",
            Self::Busy => "busy",
        }
    }
}
