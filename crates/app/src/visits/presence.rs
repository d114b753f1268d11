//! Who is here now: open sockets and the state of their media. In memory; nothing clinical hangs on it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use bianque_model::{ResourceId, TenantId};
use serde::Serialize;

use super::rungs::Standing;

/// A participant as the others see them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Participant {
    /// `patient`, a Practitioner's id, an invitation's id, or a guest's.
    pub id: String,
    /// Name.
    pub name: String,
    /// `patient`, `clinician`, `consultant`, `family`, `interpreter`, `observer`.
    pub role: &'static str,
    /// Institution, or empty.
    pub organization: String,
    /// Whether a socket is open.
    pub present: bool,
    /// `none`, `connecting`, `connected`, `sound`: with sound alone.
    pub media: &'static str,
    /// `on`, `off`, `denied`, `missing`, `busy`, or empty while unknown.
    pub camera: String,
    /// The same of the microphone.
    pub microphone: String,
    /// By what their call runs, as their page says; none while that is not known.
    pub way: Option<Standing>,
    /// The language that they hear; none: the original.
    pub hears: Option<String>,
    /// The language that an interpreter speaks into; none: to all.
    pub speaks: Option<String>,
}

impl Participant {
    /// Somebody who has just come.
    pub fn new(id: String, name: String, role: &'static str, organization: String) -> Self {
        Self {
            id,
            name,
            role,
            organization,
            present: true,
            media: "none",
            camera: String::new(),
            microphone: String::new(),
            way: None,
            hears: None,
            speaks: None,
        }
    }
}

#[derive(Debug)]
struct Here {
    participant: Participant,
    sockets: usize,
    /// A sound session is up.
    sounds: bool,
}

impl Here {
    /// As the others see it: who has pictures too is not said to have sound alone.
    fn shown(&self) -> Participant {
        let sound_alone = self.sounds && self.participant.media != "connected";
        let media = if sound_alone { "sound" } else { self.participant.media };
        Participant { media, ..self.participant.clone() }
    }
}

type Rooms = BTreeMap<(TenantId, ResourceId), BTreeMap<String, Here>>;

/// All rooms of this node.
#[derive(Debug, Default)]
pub struct Presence {
    rooms: Mutex<Rooms>,
}

impl Presence {
    /// A socket opened.
    pub fn enter(&self, tenant: TenantId, visit: &ResourceId, participant: Participant) {
        self.change(|rooms| {
            let room = rooms.entry((tenant, visit.clone())).or_default();
            let here = room.entry(participant.id.clone()).or_insert_with(|| Here {
                participant,
                sockets: 0,
                sounds: false,
            });
            here.sockets += 1;
            here.participant.present = true;
        });
    }

    /// A socket closed; true when it was the participant's last.
    pub fn leave(&self, tenant: TenantId, visit: &ResourceId, participant: &str) -> bool {
        self.change(|rooms| {
            let key = (tenant, visit.clone());
            let Some(room) = rooms.get_mut(&key) else { return false };
            let Some(here) = room.get_mut(participant) else { return false };
            here.sockets = here.sockets.saturating_sub(1);
            if here.sockets > 0 {
                return false;
            }
            room.remove(participant);
            if room.is_empty() {
                rooms.remove(&key);
            }
            true
        })
    }

    /// Changes what the others see of a participant; false when they are not here.
    pub fn update(
        &self,
        tenant: TenantId,
        visit: &ResourceId,
        participant: &str,
        change: impl FnOnce(&mut Participant),
    ) -> bool {
        self.change(|rooms| {
            let here = rooms.get_mut(&(tenant, visit.clone())).and_then(|room| room.get_mut(participant));
            here.map(|here| change(&mut here.participant)).is_some()
        })
    }

    /// A participant's sound session is up, or is not.
    pub fn set_sounds(&self, tenant: TenantId, visit: &ResourceId, participant: &str, sounds: bool) {
        self.change(|rooms| {
            if let Some(here) =
                rooms.get_mut(&(tenant, visit.clone())).and_then(|room| room.get_mut(participant))
            {
                here.sounds = sounds;
            }
        });
    }

    /// Everyone in a visit.
    pub fn of(&self, tenant: TenantId, visit: &ResourceId) -> Vec<Participant> {
        self.change(|rooms| {
            let room = rooms.get(&(tenant, visit.clone()));
            room.into_iter().flat_map(BTreeMap::values).map(Here::shown).collect()
        })
    }

    /// Whether the patient of a visit is here.
    pub fn patient_present(&self, tenant: TenantId, visit: &ResourceId) -> bool {
        self.of(tenant, visit).iter().any(|participant| participant.role == "patient")
    }

    fn change<T>(&self, with: impl FnOnce(&mut Rooms) -> T) -> T {
        // The map stays whole even if a holder panicked: every change is a single step.
        with(&mut self.rooms.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
