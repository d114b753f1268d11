//! Verification (PS3.4 annex A): whether anybody is there.

use super::Asking;
use crate::{Association, ContextId, Misuse, Request, Response, Roles, Status, sop_class};

/// Answers a C-ECHO.
pub fn answer(association: &mut Association, context: ContextId, request: &Request) -> Result<(), Misuse> {
    association.send_response(context, &Response::to(request, Status::SUCCESS), false)
}

/// Asks whether the peer is there.
pub fn ask(association: &mut Association, message_id: u16) -> Result<Asking, Misuse> {
    let sop_class = sop_class::VERIFICATION;
    let established = association.established().ok_or(Misuse::State)?;
    let context = established.of_class(&sop_class, Roles::SCU).ok_or(Misuse::State)?.id;
    Asking::begin(association, context, Request::Echo { message_id, sop_class }, None, 0)
}
