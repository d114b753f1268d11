//! Take a message from a line: find out from whom it is, apply it, keep it with its result in the same commit, and say so.
//!
//! A repeat - the same sender, MSH-10 and content, accepted before - gets the same answer and changes nothing. Senders that
//! reset their counters use a MSH-10 again for something else: that is a new message, marked as such. One that failed is
//! tried anew.

use std::time::Instant;

use bianque_hl7v2::{Charset, Fault, Message};
use bianque_model::{Context, TenantId};
use bianque_store::{AuditAction, CommitError};

use super::answer::{Fate, Refusal, answers, no_message};
use super::apply::apply;
use super::flow::Became;
use super::kept::{KeptMessage, Left, Outcome};
use super::senders::{Line, Sender};
use crate::aggregate::Loaded;
use crate::change::audit_row;
use crate::{App, Change, Error, ErrorKind};

/// How often a message is tried against others who write the same records.
const ATTEMPTS: u32 = 16;
/// Messages under one number that are looked through for the same one.
const NUMBERED: u32 = 10;

/// Takes a message, and gives what its sender is told, in order: nothing where it wants to be told nothing. What comes back
/// is true once this has answered: an acknowledged message is durable with all that it changed.
pub async fn receive(app: &App, line: &Line, raw: Vec<u8>) -> Vec<Vec<u8>> {
    let (now, begun) = (app.clock.now(), Instant::now());
    let note = |tenant, became| {
        let waited = u32::try_from(begun.elapsed().as_millis()).unwrap_or(u32::MAX);
        app.flow.note(tenant, now, became, waited);
    };
    let message = match Message::parse(raw, Charset::UTF_8) {
        Ok(message) => message,
        Err(error) => {
            note(TenantId::FIRST, Became::Rejected);
            tracing::warn!(address = %line.address, %error, "what came is no message of HL7 v2");
            return no_message(&error.to_string(), now);
        }
    };
    let (message, tenant, took) = match Sender::of(app, line, &message).await {
        Ok((tenant, sender)) => {
            let message = in_its_characters(message, &sender);
            let took = take(app, &sender.context(app, tenant, line), &sender, &message).await;
            (message, tenant, took)
        }
        Err(refusal) => (message, TenantId::FIRST, Err(refusal)),
    };
    match took {
        Ok(Took::Applied(faults)) => {
            note(tenant, Became::Applied);
            answers(&message, &Fate::Applied(&faults), now)
        }
        Ok(Took::Failed(fault)) => {
            note(tenant, Became::Failed);
            answers(&message, &Fate::Failed(&fault), now)
        }
        Err(refusal) => {
            let (sender, kind) = (message.text("MSH-3"), message.text("MSH-9"));
            let why = &refusal.fault.text;
            tracing::warn!(address = %line.address, %sender, %kind, why, "a message was not taken");
            let fate = if refusal.rejected {
                note(tenant, Became::Rejected);
                Fate::Rejected(&refusal.fault)
            } else {
                note(tenant, Became::Lost);
                Fate::Lost(&refusal.fault)
            };
            answers(&message, &fate, now)
        }
    }
}

/// What is told of bytes that cannot be cut into messages.
pub fn no_frame(app: &App, why: &str) -> Vec<Vec<u8>> {
    no_message(why, app.clock.now())
}

/// What became of a message that is kept.
pub(super) enum Took {
    Applied(Vec<Fault>),
    Failed(Fault),
}

/// A message that names no character set is in its sender's.
pub(super) fn in_its_characters(message: Message, sender: &Sender) -> Message {
    if sender.charset() == Charset::UTF_8 || !message.header().field(18).is_empty() {
        return message;
    }
    let again = message.raw().to_vec();
    Message::parse(again, sender.charset()).unwrap_or(message)
}

/// Applies a message and keeps it with what came of it.
pub(super) async fn take(
    app: &App,
    context: &Context,
    sender: &Sender,
    message: &Message,
) -> Result<Took, Refusal> {
    let mut kept = KeptMessage::new(sender.id.clone(), context.now, message);
    if kept.control.is_empty() {
        return Err(Refusal::rejected(101, "MSH-10", "the message has no number"));
    }
    let mut failure = None;
    for _ in 0..ATTEMPTS {
        let (standing, is_used) = came_before(app, context, &kept).await?;
        match &standing {
            Some(before) if before.value.is_applied() => return Ok(Took::Applied(before.value.faults())),
            Some(before) => kept.tried_as(&before.value),
            None => kept.reused_control = is_used,
        }
        let mut change = Change::new(app, context).bulk();
        let applied = match failure.take() {
            Some(failure) => Err(failure),
            None => apply(app, context, sender, message, &mut change).await,
        };
        let took = match applied {
            Ok(applied) => {
                kept.outcome = applied.outcome();
                Took::Applied(applied.faults)
            }
            Err(refusal) if refusal.rejected || refusal.again => return Err(refusal),
            Err(refusal) => {
                change = Change::new(app, context).bulk();
                kept.outcome = Outcome::Failed { fault: Left::from(&refusal.fault) };
                let entity = format!("Message/{}", kept.id);
                let mut row = audit_row(context, AuditAction::C, "hl7v2.receive", None, &entity);
                row.success = false;
                change.audit_with(row);
                Took::Failed(refusal.fault)
            }
        };
        match standing {
            Some(mut before) => {
                before.value = kept.clone();
                change.update(&before)?;
            }
            None => change.insert(&kept)?,
        }
        match change.try_commit().await {
            Ok(_) => return Ok(took),
            Err(error @ CommitError::TooLarge { .. }) => {
                failure = Some(Refusal::failed(207, "", error.to_string()));
            }
            Err(CommitError::Unavailable(why)) => {
                return Err(Error::from(CommitError::Unavailable(why)).into());
            }
            // Somebody wrote one of the records, or the same message came by another line: what stands now decides anew.
            Err(_) => {}
        }
    }
    Err(Error::new(ErrorKind::Unavailable, "changed", "others are writing the same; send it again").into())
}

/// The same message as it came before, and whether the sender has used its number for anything.
async fn came_before(
    app: &App,
    context: &Context,
    kept: &KeptMessage,
) -> Result<(Option<Loaded<KeptMessage>>, bool), Error> {
    let (numbered, same) = (kept.numbered(), kept.same());
    let range = numbered.as_str()..=numbered.as_str();
    let others = app.list::<KeptMessage>(context.tenant, "numbered", range, NUMBERED).await?;
    let (is_used, is_all) = (!others.is_empty(), others.len() < NUMBERED as usize);
    let found = others.into_iter().find(|one| one.value.same() == same);
    match found {
        None if !is_all => Ok((app.find::<KeptMessage>(context.tenant, "same", &same).await?, is_used)),
        found => Ok((found, is_used)),
    }
}
