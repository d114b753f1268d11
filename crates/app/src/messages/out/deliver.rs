//! One message to its destination: sent, and what the answer means.
//!
//! A message goes out until it is answered; the same bytes under the same number, so that a receiver that had it before
//! can tell. What is answered with an error is tried twice more, a moment later: then the other side does not want it, it
//! is left for people, and the next one goes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bianque_hl7v2::{Charset, Frames, Message, framed};
use bianque_model::{ResourceId, TenantId};
use bianque_store::{AuditAction, CommitError};

use super::destinations::Destination;
use super::made::{OutgoingMessage, State};
use crate::aggregate::Loaded;
use crate::change::audit_row;
use crate::messages::flow::Became;
use crate::ports::lines::{End, OpenLine};
use crate::ports::outbound::Failure;
use crate::{App, Change, Error};

/// Bytes of an answer.
const LONGEST_ANSWER: usize = 1 << 20;
/// Answers that are passed over because they are of another message.
const PASSED_OVER: usize = 20;
/// A message is sent so often before a no counts.
const TRIES: u32 = 3;

/// A line to a destination, and what came of it that was not read yet.
pub struct Talk {
    end: End,
    line: Box<dyn OpenLine>,
    frames: Frames,
}

/// How a try went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// It was taken, or refused for good: the next one goes.
    Over,
    /// It was answered with an error, and is tried again later.
    NotYet(String),
    /// It was not answered.
    Unheard(Failure),
}

/// A destination as it is now; none: it is gone.
pub async fn destination(app: &App, tenant: TenantId, id: &ResourceId) -> Result<Option<Destination>, Error> {
    if !app.tenants.is_active(tenant) {
        return Ok(None);
    }
    Ok(app.load::<Destination>(tenant, id.as_str()).await?.map(|one| one.value))
}

/// What goes out next.
pub async fn next(
    app: &App,
    tenant: TenantId,
    destination: &ResourceId,
) -> Result<Option<Loaded<OutgoingMessage>>, Error> {
    Ok(OutgoingMessage::waiting_for(app, tenant, destination, 1).await?.pop())
}

/// Sends a message, over a line that is opened where there is none, and keeps what came of it.
pub async fn deliver(
    app: &App,
    tenant: TenantId,
    destination: &Destination,
    message: Loaded<OutgoingMessage>,
    talk: &mut Option<Talk>,
) -> Result<Delivery, Error> {
    let answered = exchange(app, destination, &message.value, talk).await?;
    let answer = match answered {
        Ok(answer) => answer,
        Err(failure) => {
            *talk = None;
            app.out.flow.note(tenant, app.clock.now(), Became::Lost, 0);
            return Ok(Delivery::Unheard(failure));
        }
    };
    let code = answer.text("MSA-1").trim().to_owned();
    let raw = STANDARD.encode(answer.raw());
    let tries = message.value.tries.saturating_add(1);
    let state = if matches!(code.as_str(), "AA" | "CA") {
        State::Sent { at: app.clock.now(), answer: raw, code }
    } else if tries < TRIES {
        State::Waiting { error: Some(words(&answer, &code)) }
    } else {
        State::Refused { error: words(&answer, &code), answer: raw, code }
    };
    let not_yet = match &state {
        State::Waiting { error } => error.clone(),
        _ => None,
    };
    keep(app, tenant, destination, message, state, tries).await?;
    Ok(not_yet.map_or(Delivery::Over, Delivery::NotYet))
}

/// Sends it, and reads until its answer comes. Many close a line after each message, or after a while: one that was open
/// from before and turns out to be closed says nothing of the other side, and is opened anew.
async fn exchange(
    app: &App,
    destination: &Destination,
    message: &OutgoingMessage,
    talk: &mut Option<Talk>,
) -> Result<Result<Message, Failure>, Error> {
    let end = destination.end(app)?;
    // It may be said since that it is somewhere else.
    if let Some(standing) = talk.as_mut().filter(|standing| standing.end == end) {
        match standing.ask(message).await {
            Err(Failure::Broken) => *talk = None,
            answered => return Ok(answered),
        }
    }
    let line = match app.lines.open(&end).await {
        Ok(line) => line,
        Err(failure) => return Ok(Err(failure)),
    };
    let new = talk.insert(Talk { end, line, frames: Frames::new(LONGEST_ANSWER) });
    Ok(new.ask(message).await)
}

impl Talk {
    /// Says a message, and waits for its answer. That of another message is late, and of no use any longer.
    async fn ask(&mut self, message: &OutgoingMessage) -> Result<Message, Failure> {
        self.line.write(&framed(&message.raw())).await?;
        for _ in 0..PASSED_OVER {
            let frame = self.frame().await?;
            let answer = Message::parse(frame, Charset::UTF_8).map_err(|_| Failure::Broken)?;
            if answer.text("MSA-2").trim() == message.control {
                return Ok(answer);
            }
        }
        Err(Failure::Broken)
    }

    async fn frame(&mut self) -> Result<Vec<u8>, Failure> {
        loop {
            if let Some(frame) = self.frames.next_frame().map_err(|_| Failure::Broken)? {
                return Ok(frame);
            }
            let bytes = self.line.read().await?;
            self.frames.push(&bytes);
        }
    }
}

/// What an answer says is wrong, in words.
fn words(answer: &Message, code: &str) -> String {
    let said = ["ERR-8", "ERR-3.2", "MSA-3", "ERR-1.4.2"].map(|place| answer.text(place).trim().to_owned());
    let said = said.into_iter().find(|said| !said.is_empty());
    said.map_or_else(|| format!("it answered {code}"), |said| said.chars().take(500).collect())
}

/// Keeps what came of a message. That it left this server is audited as a reading of the patient's data.
async fn keep(
    app: &App,
    tenant: TenantId,
    destination: &Destination,
    mut message: Loaded<OutgoingMessage>,
    state: State,
    tries: u32,
) -> Result<(), Error> {
    let context = app.server_context(tenant);
    let happened = message.value.happened;
    match &state {
        State::Sent { .. } => {
            let waited = u32::try_from((context.now.0 - happened.0).max(0) / 1_000).unwrap_or(u32::MAX);
            app.out.flow.note(tenant, context.now, Became::Applied, waited);
        }
        State::Refused { .. } => app.out.flow.note(tenant, context.now, Became::Failed, 0),
        _ => {}
    }
    loop {
        (message.value.state, message.value.tries) = (state.clone(), tries);
        let mut change = Change::new(app, &context);
        change.update(&message)?;
        if !matches!(state, State::Waiting { .. }) {
            let entity = format!("OutgoingMessage/{}", message.value.id);
            let mut row =
                audit_row(&context, AuditAction::R, "hl7v2.send", Some(&message.value.patient), &entity);
            row.detail = format!("Destination/{}", destination.id);
            row.success = matches!(state, State::Sent { .. });
            change.audit_with(row);
        }
        match change.try_commit().await {
            Ok(_) => return Ok(()),
            // Somebody dropped it while it was on its way: it is out.
            Err(CommitError::Version { .. }) => {
                let again = app.load::<OutgoingMessage>(tenant, message.value.id.as_str()).await?;
                let Some(again) = again else { return Ok(()) };
                message = again;
            }
            Err(error) => return Err(error.into()),
        }
    }
}
