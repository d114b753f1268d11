//! Keeps recordings to what people agreed: starts, pauses and goes on as they come, answer and leave.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use bianque_media::{Command, Tap, TapSink};
use bianque_model::{Actor, Context, Purpose, ResourceId, TenantId};
use bianque_store::AuditAction;
use serde_json::json;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc::{self, UnboundedReceiver};

use super::record::{Recording, Span, State, Track};
use super::taker::{self, Inlet, Writing};
use super::{compose, end};
use crate::aggregate::Loaded;
use crate::live::{Changed, What};
use crate::visits::{Visit, access, call, people};
use crate::{App, Change, Error};

/// Who is here is looked at this often besides, should a change have gone by unseen.
const LOOK_EVERY: Duration = Duration::from_secs(5);

type Name = (TenantId, ResourceId);

/// The recordings under way on this node, by visit.
#[derive(Default)]
pub struct Recorders {
    open: Mutex<HashMap<Name, Open>>,
    /// One change at a time: an answer and a newcomer must not pass each other.
    turn: tokio::sync::Mutex<()>,
}

/// A recording that is watched; written since it began.
#[derive(Default)]
struct Open {
    writer: Option<Writer>,
    told: Option<UnboundedReceiver<Track>>,
}

struct Writer {
    inlet: Arc<Inlet>,
    thread: JoinHandle<()>,
}

impl Recorders {
    /// Watches a visit in which people were asked.
    pub(super) fn watch(&self, app: &App, context: &Context, visit: &ResourceId) {
        let name = (context.tenant, visit.clone());
        if self.with(|open| open.insert(name, Open::default()).is_some()) {
            return;
        }
        let (app, context, visit) = (app.clone(), server(app, context), visit.clone());
        // Watching begins before this returns, so that nobody comes in between.
        let changes = app.live.watch();
        tokio::spawn(watch(app, context, visit, changes));
    }

    /// Whether a visit's recording is watched here.
    pub(super) fn is_open(&self, tenant: TenantId, visit: &ResourceId) -> bool {
        self.with(|open| open.contains_key(&(tenant, visit.clone())))
    }

    /// Nothing is heard from here on. Answers the thread that writes what was heard before; its inlet is closed.
    pub(super) fn close(
        &self,
        tenant: TenantId,
        visit: &ResourceId,
    ) -> Option<(JoinHandle<()>, UnboundedReceiver<Track>)> {
        let closed = self.with(|open| open.remove(&(tenant, visit.clone())))?;
        Some((closed.writer?.thread, closed.told?))
    }

    /// One change of recordings at a time.
    pub(super) async fn turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    /// The inlet of a visit's recording; made where there is none.
    fn inlet(&self, app: &App, context: &Context, recording: &Recording) -> Result<Arc<Inlet>, Error> {
        self.with(|open| {
            let open = open.entry((context.tenant, recording.visit.clone())).or_default();
            if let Some(writer) = &open.writer {
                return Ok(Arc::clone(&writer.inlet));
            }
            let (told, hears) = mpsc::unbounded_channel();
            let (blobs, tenant, subject) = (app.blobs.clone(), context.tenant, recording.subject());
            let (inlet, thread) =
                taker::start(Writing { blobs, tenant, subject, told }).map_err(Error::internal)?;
            open.writer = Some(Writer { inlet: Arc::clone(&inlet), thread });
            open.told = Some(hears);
            Ok(inlet)
        })
    }

    /// What the writer of a visit's recording has told since it was last asked.
    fn told(&self, tenant: TenantId, visit: &ResourceId) -> Vec<Track> {
        self.with(|open| {
            let told = open.get_mut(&(tenant, visit.clone())).and_then(|open| open.told.as_mut());
            told.map(drained).unwrap_or_default()
        })
    }

    fn with<T>(&self, act: impl FnOnce(&mut HashMap<Name, Open>) -> T) -> T {
        // The map stays whole even if a holder panicked: every change is a single step.
        act(&mut self.open.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What was told so far.
pub(super) fn drained(told: &mut UnboundedReceiver<Track>) -> Vec<Track> {
    std::iter::from_fn(|| told.try_recv().ok()).collect()
}

/// What those who are here make of a recording.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    /// All agree, the patient among them.
    Run,
    /// Somebody has not answered.
    Wait,
}

fn verdict(recording: &Recording, here: &BTreeSet<String>, patient_agreed: bool) -> Verdict {
    let agreed = recording.agreed();
    let all = here.iter().all(|participant| agreed.contains(participant.as_str()));
    if all && patient_agreed && !here.is_empty() { Verdict::Run } else { Verdict::Wait }
}

/// Looks who is here and what they answered, and does what follows.
pub(super) async fn reconsider(app: &App, context: &Context, visit: &ResourceId) -> Result<(), Error> {
    let _turn = app.recorders.turn().await;
    let context = server(app, context);
    let Some(mut recording) = under_way(app, &context, visit).await? else { return Ok(()) };
    let Some(known) = app.load::<Visit>(context.tenant, visit.as_str()).await? else { return Ok(()) };
    // Who waits to be let in is not in the call, and is not asked.
    let here: BTreeSet<String> =
        people::let_in(app, &context, &known.value).into_iter().map(|participant| participant.id).collect();
    let patient_agreed = recording.value.answers.iter().any(|one| one.role == "patient" && one.agreed);
    let (before, now) = (recording.value.state, context.now);
    let mut after = before;
    match verdict(&recording.value, &here, patient_agreed) {
        Verdict::Run => {
            tap(app, &context, &recording.value)?;
            if before != State::Running {
                after = State::Running;
                recording.value.spans.push(Span { from: now, to: None });
            }
        }
        Verdict::Wait if before == State::Running => {
            untap(app, &context, visit);
            after = State::Paused;
            recording.value.close_span(now);
        }
        Verdict::Wait => {}
    }
    let begun = app.recorders.told(context.tenant, visit);
    if after == before && begun.is_empty() {
        return Ok(());
    }
    recording.value.tracks.extend(begun);
    recording.value.state = after;
    let mut change = Change::new(app, &context);
    change.update(&recording)?;
    if after != before {
        let operation = if after == State::Running { "recording.run" } else { "recording.pause" };
        let entity = format!("Encounter/{visit}");
        change.audit(AuditAction::U, operation, Some(&recording.value.patient), &entity);
        let told = json!({"visit": visit, "recording": recording.value.id, "state": after.as_str()});
        change.event("recording.state", visit.as_str(), &told);
    }
    change.commit().await?;
    if after != before {
        tell(app, &context, visit).await?;
    }
    Ok(())
}

/// The recording that people of a visit were asked for, and that is not over.
pub(super) async fn under_way(
    app: &App,
    context: &Context,
    visit: &ResourceId,
) -> Result<Option<Loaded<Recording>>, Error> {
    app.find::<Recording>(context.tenant, "live", visit.as_str()).await
}

/// Has the room copied while exactly those who agreed are in it.
fn tap(app: &App, context: &Context, recording: &Recording) -> Result<(), Error> {
    let inlet = app.recorders.inlet(app, context, recording)?;
    let agreed = recording.agreed().into_iter().map(Into::into).collect();
    let tap = Tap { agreed, sink: inlet as Arc<dyn TapSink> };
    let room = call::room(context, &recording.visit);
    app.media.command(Command::Tap { room, tap: Some(tap) }).map_err(Error::internal)
}

/// Nothing of the room is copied any longer.
pub(super) fn untap(app: &App, context: &Context, visit: &ResourceId) {
    let room = call::room(context, visit);
    if let Err(error) = app.media.command(Command::Tap { room, tap: None }) {
        tracing::error!(%visit, %error, "a room could not be told that its recording is over");
    }
}

async fn watch(
    app: App,
    context: Context,
    visit: ResourceId,
    mut changes: tokio::sync::broadcast::Receiver<Changed>,
) {
    let mut look = tokio::time::interval(LOOK_EVERY);
    while app.recorders.is_open(context.tenant, &visit) {
        tokio::select! {
            changed = changes.recv() => match changed {
                Ok(changed) if changed.visit == visit && changed.tenant == context.tenant => {}
                Ok(_) => continue,
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            },
            _ = look.tick() => {}
        }
        if let Err(error) = look_after(&app, &context, &visit).await {
            tracing::warn!(%visit, %error, "a recording was not looked after; it is tried again");
        }
    }
}

async fn look_after(app: &App, context: &Context, visit: &ResourceId) -> Result<(), Error> {
    if app.recorders.has_no_room(context.tenant, visit) {
        return end::end(app, &server(app, context), visit, "storage", None).await;
    }
    reconsider(app, context, visit).await
}

impl Recorders {
    /// Whether the disk of a recording under way takes nothing more: its thread has said so.
    fn has_no_room(&self, tenant: TenantId, visit: &ResourceId) -> bool {
        self.with(|open| {
            let writer = open.get(&(tenant, visit.clone())).and_then(|open| open.writer.as_ref());
            writer.is_some_and(|writer| writer.inlet.has_failed())
        })
    }
}

/// Everybody in the visit reads it again.
pub(super) async fn tell(app: &App, context: &Context, visit: &ResourceId) -> Result<(), Error> {
    if let Some(found) = app.load::<Visit>(context.tenant, visit.as_str()).await? {
        access::tell(app, context, &found.value, What::Visit);
    }
    Ok(())
}

/// What becomes of a recording is the server's doing, not an act of whoever's coming or going led to it.
pub(super) fn server(app: &App, context: &Context) -> Context {
    Context { actor: Actor::Server, purpose: Purpose::HOperat, now: app.clock.now(), ..context.clone() }
}

/// Waits for the thread of a recording that is over, and composes what it wrote.
pub(super) fn compose_later(
    app: &App,
    context: &Context,
    id: ResourceId,
    written: Option<compose::WrittenBy>,
) {
    let (app, context) = (app.clone(), server(app, context));
    tokio::spawn(async move {
        if let Err(error) = compose::after(&app, &context, &id, written).await {
            tracing::error!(recording = %id, %error, "a recording could not be composed; its tracks are kept");
        }
    });
}
