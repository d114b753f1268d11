//! What a client may say on a visit's socket.

use bianque_app::ports::{ClientSignal, DeviceState};
use bianque_app::visits::people::channels::Choice;
use bianque_app::visits::rungs::Step;
use bianque_app::visits::windows::BrowserStats;
use serde_json::Value;

/// One frame, read.
#[derive(Debug)]
pub(crate) enum Frame {
    /// The call's signalling.
    Call(ClientSignal),
    /// A step on the ladder of the call.
    Step(Step),
    /// Statistics of the last window.
    Stats(Box<BrowserStats>),
    /// The state of camera and microphone, for the others.
    Devices(DeviceState),
    /// Which language is heard, and into which an interpreter speaks.
    Channel(Choice),
    /// Whether somebody is there: the client is to be answered.
    Ping,
}

/// Reads a text frame; the error is told to the client.
pub(crate) fn read(text: &str) -> Result<Frame, String> {
    let mut value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let kind = value["t"].as_str().unwrap_or_default().to_owned();
    if kind.starts_with("call.") && !["call.rung", "call.channel"].contains(&kind.as_str()) {
        return serde_json::from_value(value).map(Frame::Call).map_err(|error| error.to_string());
    }
    if let Some(fields) = value.as_object_mut() {
        fields.remove("t");
    }
    match kind.as_str() {
        "stats" => serde_json::from_value(value).map(Frame::Stats).map_err(|error| error.to_string()),
        "call.rung" => serde_json::from_value(value).map(Frame::Step).map_err(|error| error.to_string()),
        "call.channel" => {
            serde_json::from_value(value).map(Frame::Channel).map_err(|error| error.to_string())
        }
        "ping" => Ok(Frame::Ping),
        "media" => serde_json::from_value(value).map(Frame::Devices).map_err(|error| error.to_string()),
        _ => Err(format!("{kind:?} is not known")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_told_apart_and_nonsense_is_an_error() {
        assert!(matches!(read(r#"{"t":"call.leave"}"#), Ok(Frame::Call(ClientSignal::Leave))));
        assert!(matches!(read(r#"{"t":"media","camera":"on","microphone":"off"}"#), Ok(Frame::Devices(_))));
        let step = r#"{"t":"call.rung","from":"udp","to":"sound","cause":"lost"}"#;
        assert!(matches!(read(step), Ok(Frame::Step(_))));
        assert!(matches!(read(r#"{"t":"call.channel","hears":"zh"}"#), Ok(Frame::Channel(_))));
        assert!(matches!(read(r#"{"t":"ping"}"#), Ok(Frame::Ping)));
        for bad in [
            "",
            "[]",
            "7",
            "null",
            r#"{"t":"shout"}"#,
            r#"{"t":"stats","from":1}"#,
            r#"{"t":"call.join"}"#,
            r#"{"t":"call.rung","from":"udp","to":"moon","cause":"lost"}"#,
            r#"{"t":"call.channel","hears":7}"#,
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
