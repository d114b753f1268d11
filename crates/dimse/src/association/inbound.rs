//! Messages as they come: fragments of commands are gathered, those of data sets passed on (PS3.8 annex E).

use super::event::Event;
use crate::command::{self, Command, set::LONGEST};
use crate::{AbortReason, ContextId};

/// Where in the stream of messages we are.
#[derive(Debug, Default)]
pub(super) struct Inbound {
    at: At,
}

#[derive(Debug, Default)]
enum At {
    /// Between two messages.
    #[default]
    Between,
    /// Within a command.
    Command(ContextId, Vec<u8>),
    /// Before or within a data set.
    Data(ContextId),
}

impl Inbound {
    /// Whether a message has begun and is not whole.
    pub(super) fn is_within(&self) -> bool {
        !matches!(self.at, At::Between)
    }

    /// Takes a piece of a command's fragment; the command when it is whole.
    pub(super) fn command(
        &mut self,
        context: ContextId,
        last: bool,
        bytes: &[u8],
    ) -> Result<Option<(Command, bool)>, AbortReason> {
        let mut gathered = match std::mem::take(&mut self.at) {
            At::Between => Vec::new(),
            At::Command(of, gathered) if of == context => gathered,
            At::Command(..) | At::Data(_) => return Err(AbortReason::UnexpectedParameter),
        };
        if gathered.len() + bytes.len() > LONGEST {
            return Err(AbortReason::InvalidParameter);
        }
        gathered.extend_from_slice(bytes);
        if !last {
            self.at = At::Command(context, gathered);
            return Ok(None);
        }
        let (command, has_data) = command::read(&gathered).map_err(|_| AbortReason::InvalidParameter)?;
        if has_data {
            self.at = At::Data(context);
        }
        Ok(Some((command, has_data)))
    }

    /// Takes a piece of a data set's fragment. Fragments of nothing are passed over, unless they are the last.
    pub(super) fn data<'a>(
        &mut self,
        context: ContextId,
        last: bool,
        bytes: &'a [u8],
    ) -> Result<Option<Event<'a>>, AbortReason> {
        if !matches!(self.at, At::Data(of) if of == context) {
            return Err(AbortReason::UnexpectedParameter);
        }
        if last {
            self.at = At::Between;
        }
        Ok((last || !bytes.is_empty()).then_some(Event::Data { context, bytes, last }))
    }
}
