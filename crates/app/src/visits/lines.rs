//! Lines of the queue, for one visit or for a whole day: what they are written from is read at once.

use std::collections::{BTreeMap, BTreeSet};

use bianque_model::{Actor, Context, Duty, ResourceId};
use serde_json::{Value, json};

use super::encounter::{self, status};
use super::list::{self, Rank};
use super::view;
use super::visit::Visit;
use crate::admin::prices::PriceItem;
use crate::people::{display_name, patient_summary};
use crate::resources::Many;
use crate::{App, Error, instant};

/// What lines of some visits are written from.
pub(super) struct Lines {
    people: Many,
    /// The record that stands for each patient.
    shown: BTreeMap<ResourceId, ResourceId>,
    /// Names of visit types by their code.
    types: BTreeMap<String, Value>,
    /// Who waits, by clinician.
    queues: BTreeMap<ResourceId, Vec<Rank>>,
}

impl Lines {
    /// Reads what the lines of these visits with their Encounters need.
    pub(super) async fn read(
        app: &App,
        context: &Context,
        visits: &[(&Visit, &Value)],
    ) -> Result<Self, Error> {
        let shown =
            app.shown_patients(context.tenant, visits.iter().map(|(visit, _)| &visit.patient)).await?;
        let named = visits.iter().flat_map(|(visit, _)| {
            [
                ("Patient", shown.get(&visit.patient).unwrap_or(&visit.patient)),
                ("Organization", &visit.organization),
                ("Practitioner", &visit.practitioner),
            ]
        });
        let people = app.read_many(context.tenant, named).await?;
        let mut types = BTreeMap::new();
        for code in visits.iter().map(|(visit, _)| &visit.visit_type).collect::<BTreeSet<_>>() {
            types.insert(code.clone(), PriceItem::name(app, context, code).await?);
        }
        let waits = |(_, encounter): &&(&Visit, &Value)| encounter::state(encounter) == status::ARRIVED;
        let clinicians: BTreeSet<_> =
            visits.iter().filter(waits).map(|(visit, _)| &visit.practitioner).collect();
        let mut queues = BTreeMap::new();
        for clinician in clinicians {
            queues.insert(clinician.clone(), list::waiting_for(app, context, clinician).await?);
        }
        Ok(Self { people, shown, types, queues })
    }

    /// The line of one of them.
    pub(super) fn of(
        &self,
        app: &App,
        context: &Context,
        visit: &Visit,
        encounter: &Value,
    ) -> Result<Value, Error> {
        let shown = self.shown.get(&visit.patient).unwrap_or(&visit.patient);
        let patient = self.people.get("Patient", shown)?;
        let organization = self.people.get("Organization", &visit.organization)?;
        let practitioner = self.people.get("Practitioner", &visit.practitioner)?;
        // The front desk arranges visits, knows whether a link was opened, and is not told what the visit is for.
        let clinical = !matches!(context.actor, Actor::Staff { duty: Duty::FrontDesk, .. });
        let reason = visit.intake.as_ref().map_or(visit.reason.as_str(), |intake| intake.reason.as_str());
        let mut line = json!({
            "id": visit.id,
            "state": encounter::state(encounter),
            "start": instant::text(visit.start),
            "end": instant::text(visit.end),
            "patient": patient_summary(patient, &display_name(organization)),
            "practitioner": {"id": visit.practitioner, "name": display_name(practitioner)},
            "visit_type": {"code": visit.visit_type, "name": self.types.get(&visit.visit_type)},
            "reason": if clinical { reason } else { "" },
            "red_flags": if clinical { visit.red_flags() } else { &[] },
            "queue_place": self.place(visit, encounter),
            "arrived_at": encounter::first_in(encounter, status::ARRIVED).map(instant::text),
            "signed": visit.signed.is_some(),
            "present": app.presence.patient_present(context.tenant, &visit.id),
        });
        if !clinical {
            line["join"] = view::join(visit, &visit.join);
        }
        Ok(line)
    }

    /// The place of a waiting patient among those who wait for the same clinician, from 1; none while not waiting.
    fn place(&self, visit: &Visit, encounter: &Value) -> Option<usize> {
        if encounter::state(encounter) != status::ARRIVED {
            return None;
        }
        let mine = list::rank(visit, encounter);
        let queue = self.queues.get(&visit.practitioner)?;
        Some(1 + queue.iter().filter(|other| other.visit != mine.visit && **other < mine).count())
    }
}
