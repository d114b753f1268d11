//! Commands: what one application asks another to do, and what came of it (PS3.7 sections 9 and 10).

mod request;
mod response;
pub(crate) mod set;

pub use request::{MoveOriginator, Priority, Request};
pub use response::{Response, SubOperations};
pub use set::{CommandError, Tag};

use set::{CommandSet, element};

/// What is asked for (PS3.7 annex E, the command field).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// C-STORE.
    Store,
    /// C-GET.
    Get,
    /// C-FIND.
    Find,
    /// C-MOVE.
    Move,
    /// C-ECHO.
    Echo,
    /// C-CANCEL, which has no response of its own.
    Cancel,
    /// N-EVENT-REPORT.
    EventReport,
    /// N-GET.
    NGet,
    /// N-SET.
    Set,
    /// N-ACTION.
    Action,
    /// N-CREATE.
    Create,
    /// N-DELETE.
    Delete,
}

/// What is set in the command field of a response.
const RESPONSE: u16 = 0x8000;

impl Operation {
    const ALL: [(Self, u16); 12] = [
        (Self::Store, 0x0001),
        (Self::Get, 0x0010),
        (Self::Find, 0x0020),
        (Self::Move, 0x0021),
        (Self::Echo, 0x0030),
        (Self::EventReport, 0x0100),
        (Self::NGet, 0x0110),
        (Self::Set, 0x0120),
        (Self::Action, 0x0130),
        (Self::Create, 0x0140),
        (Self::Delete, 0x0150),
        (Self::Cancel, 0x0FFF),
    ];

    fn of(code: u16) -> Option<Self> {
        Self::ALL.iter().find(|(_, it)| *it == code).map(|(operation, _)| *operation)
    }

    fn code(self) -> u16 {
        Self::ALL.iter().find(|(it, _)| *it == self).map_or(0, |(_, code)| *code)
    }

    /// Whether the provider of a class asks for it, and the user answers.
    pub fn is_of_provider(self) -> bool {
        self == Self::EventReport
    }
}

/// A command as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Command {
    Request(Request),
    Response(Response),
    /// Somebody asks for something that cannot be read; what to answer.
    Unreadable(Response, CommandError),
}

/// Reads a command set, and whether a data set follows. An error is one that cannot be answered.
pub(crate) fn read(bytes: &[u8]) -> Result<(Command, bool), CommandError> {
    let set = CommandSet::parse(bytes)?;
    let field = set.number(element::COMMAND_FIELD)?;
    let operation = Operation::of(field & !RESPONSE).ok_or(CommandError::Unknown(field));
    if field & RESPONSE != 0 {
        return Ok((Command::Response(response::read(&set, operation?)?), set.has_data()));
    }
    let command = match operation.and_then(|operation| request::read(&set, operation)) {
        Ok(request) => Command::Request(request),
        Err(error) => Command::Unreadable(response::unreadable(&set, field, &error)?, error),
    };
    Ok((command, set.has_data()))
}

/// Writes a request.
pub(crate) fn write_request(request: &Request, data_follows: bool) -> Vec<u8> {
    request::write(request, data_follows)
}

/// Writes a response.
pub(crate) fn write_response(response: &Response, data_follows: bool) -> Vec<u8> {
    response::write(response, data_follows)
}

#[cfg(test)]
mod tests;
