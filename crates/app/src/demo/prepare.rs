//! Puts the cohort into a store: resources, accounts, catalogue, the day's visits, past visits with their quality.

use bianque_model::{Actor, Context, Purpose, ResourceId, Role, TenantId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::cohort::{Arrival, Booking, Cohort, Institution, PastVisit, Practitioner, Price, Staff, cohort};
use super::{peers, senders};
use crate::admin::prices::{PriceItem, Words};
use crate::admin::schedules::{Hours, Schedule, Week};
use crate::aggregate::Aggregate;
use crate::identity::accounts::Account;
use crate::identity::passwords;
use crate::people::display_name;
use crate::secrets::random_bytes;
use crate::visits::consent::{self, Agreement};
use crate::visits::intake::{self, Duration, EmergencyContact, Intake, Location};
use crate::visits::{Visit, arrive, encounter, link, quality};
use crate::{App, Change, Error};

/// Resources of one commit.
const BATCH: usize = 150;
/// Observations of one visit's quality.
const FIGURES: usize = 5;

/// Where to begin.
#[derive(Debug)]
pub struct Links {
    /// The clinician's first page.
    pub clinician_url: String,
    /// The patient's link of the first visit.
    pub patient_url: String,
    /// That patient's name.
    pub patient_name: String,
    /// What that patient confirms.
    pub patient_birth_date: String,
}

/// What only a demo has: the password that its accounts sign with, drawn when the demo is made.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Notice {
    /// The password of every account.
    pub password: String,
    /// The visit to try the demo with.
    pub first_visit: ResourceId,
}

impl Aggregate for Notice {
    const KIND: &'static str = "demo";
    const ABOUT_PATIENT: bool = false;

    fn id(&self) -> String {
        "demo".to_owned()
    }
}

/// Makes the demo's people where the folder has none, and tells where to begin.
pub async fn prepare(app: &App, seed: u64) -> Result<Links, Error> {
    let context = app.server_context(TenantId::FIRST);
    let notice = match app.load::<Notice>(context.tenant, "demo").await? {
        Some(notice) => notice.value,
        None => fill(app, &context, &cohort(seed, context.now)).await?,
    };
    senders::ensure(app, &context).await?;
    peers::ensure(app, &context).await?;
    let visit =
        app.load::<Visit>(context.tenant, notice.first_visit.as_str()).await?.ok_or_else(Error::not_found)?;
    let patient = app.resource(context.tenant, "Patient", &visit.value.patient).await?.value;
    Ok(Links {
        clinician_url: format!("{}/sign-in", app.public_url(context.tenant)),
        patient_url: link::patient_url(app, context.tenant, &visit.value),
        patient_name: display_name(&patient),
        patient_birth_date: patient["birthDate"].as_str().unwrap_or_default().to_owned(),
    })
}

async fn fill(app: &App, context: &Context, cohort: &Cohort) -> Result<Notice, Error> {
    for batch in cohort.resources.chunks(BATCH) {
        let mut change = Change::new(app, context).bulk();
        for resource in batch {
            change.put(resource)?;
        }
        change.commit().await?;
    }
    let digits = u32::from_be_bytes(random_bytes::<4>()?);
    let password = format!("demo-{digits:010}");
    let hash = passwords::hash("", &password).await?;
    let mut change = Change::new(app, context).bulk();
    for practitioner in &cohort.practitioners {
        change.save(&clinician(practitioner, &hash, context.now)?)?;
        change.save(&schedule(practitioner)?)?;
    }
    for person in &cohort.staff {
        change.save(&staff(person, &hash, context.now)?)?;
    }
    if let Some(institution) = cohort.institutions.first() {
        change.save(&administrator(institution, &hash, context.now)?)?;
    }
    for price in &cohort.prices {
        change.save(&price_item(price))?;
    }
    change.commit().await?;
    let first = day(app, context, cohort).await?;
    past(app, context, cohort).await?;
    let notice =
        Notice { password, first_visit: first.ok_or_else(|| Error::internal("the demo has no visit"))? };
    let mut change = Change::new(app, context);
    change.save(&notice)?;
    change.commit().await?;
    Ok(notice)
}

/// Today's visits; answers the first. Those who wait already came in as any patient does.
async fn day(app: &App, context: &Context, cohort: &Cohort) -> Result<Option<ResourceId>, Error> {
    let mut first = None;
    for booking in &cohort.bookings {
        let visit = visit(booking)?;
        let name =
            cohort.prices.iter().find(|price| price.code == booking.visit_type).map_or("", |price| price.en);
        let booked = Context { now: booking.booked_at, ..context.clone() };
        let mut change = Change::new(app, &booked).bulk();
        change.create(&encounter::planned(&visit, name, &booked))?;
        change.insert(&visit)?;
        change.commit().await?;
        if let Some(arrival) = &booking.arrival {
            come_in(app, context, &visit, booking, arrival).await?;
        }
        first.get_or_insert(visit.id);
    }
    Ok(first)
}

async fn come_in(
    app: &App,
    context: &Context,
    visit: &Visit,
    booking: &Booking,
    arrival: &Arrival,
) -> Result<(), Error> {
    let actor = Actor::VisitPatient { patient: visit.patient.clone(), visit: visit.id.clone() };
    let context = Context { actor, purpose: Purpose::PatRqt, now: arrival.at, ..context.clone() };
    let agreement = Agreement {
        version: consent::VERSION.to_owned(),
        language: booking.tongue.tag().to_owned(),
        agreed: true,
        by: "patient".to_owned(),
        name: "Demo".to_owned(),
    };
    consent::give(app, &context, &visit.id, agreement).await?;
    let intake = Intake {
        reason: booking.reason.to_owned(),
        symptoms: arrival.symptoms.iter().map(|code| (*code).to_owned()).collect(),
        duration: Duration { value: f64::from(arrival.days), unit: "d".to_owned() },
        location: Location { text: arrival.city.to_owned(), city: arrival.city.to_owned() },
        callback_number: arrival.callback_number.clone(),
        emergency_contact: EmergencyContact {
            name: "Demo".to_owned(),
            phone: arrival.callback_number.clone(),
            relation: String::new(),
        },
        red_flags: arrival.red_flags.iter().map(|code| (*code).to_owned()).collect(),
        notes: String::new(),
    };
    intake::record(app, &context, &visit.id, intake).await?;
    arrive::arrive(app, &context, &visit.id).await
}

/// What visits of the last months left behind, as a visit that ends leaves it: Observations on the Encounter and a line
/// for the chart over visits.
async fn past(app: &App, context: &Context, cohort: &Cohort) -> Result<(), Error> {
    for visits in cohort.past_visits.chunks(BATCH / FIGURES) {
        let mut change = Change::new(app, context).bulk();
        for visit in visits {
            quality::write(visit.ended, &line(visit)?, &visit.quality, None, &mut change)?;
        }
        change.commit().await?;
    }
    Ok(())
}

fn line(visit: &PastVisit) -> Result<Visit, Error> {
    Ok(Visit {
        id: id(&visit.id)?,
        patient: id(&visit.patient)?,
        practitioner: id(&visit.practitioner)?,
        organization: id(visit.organization)?,
        visit_type: visit.visit_type.to_owned(),
        start: visit.start,
        ended_reason: Some(visit.ended_reason.to_owned()),
        ..Visit::blank()
    })
}

fn visit(booking: &Booking) -> Result<Visit, Error> {
    Ok(Visit {
        id: Uuid::now_v7().into(),
        appointment: Some(id(&booking.id)?),
        patient: id(&booking.patient)?,
        practitioner: id(&booking.practitioner)?,
        organization: id(booking.organization)?,
        visit_type: booking.visit_type.to_owned(),
        start: booking.start,
        end: booking.end,
        reason: booking.reason.to_owned(),
        ..Visit::blank()
    })
}

fn clinician(practitioner: &Practitioner, hash: &str, now: Timestamp) -> Result<Account, Error> {
    Ok(Account {
        id: UserId(practitioner.user),
        login: practitioner.login.to_owned(),
        name: practitioner.name.to_owned(),
        role: Role::Clinician,
        title: practitioner.title.to_owned(),
        registration: practitioner.registration.clone(),
        practitioner: Some(id(&practitioner.id)?),
        organization: id(practitioner.organization)?,
        password: Some(hash.to_owned()),
        active: true,
        created_at: now,
        last_seen_at: None,
    })
}

fn staff(person: &Staff, hash: &str, now: Timestamp) -> Result<Account, Error> {
    Ok(Account {
        id: UserId(person.user),
        login: person.login.to_owned(),
        name: person.name.to_owned(),
        role: person.role,
        title: person.title.to_owned(),
        registration: person.registration.clone(),
        practitioner: Some(id(&person.id)?),
        organization: id(person.organization)?,
        password: Some(hash.to_owned()),
        active: true,
        created_at: now,
        last_seen_at: None,
    })
}

fn administrator(institution: &Institution, hash: &str, now: Timestamp) -> Result<Account, Error> {
    Ok(Account {
        id: UserId(Uuid::now_v7()),
        login: "admin".to_owned(),
        name: "Admin (Demo)".to_owned(),
        role: Role::Administrator,
        title: String::new(),
        registration: String::new(),
        practitioner: None,
        organization: id(institution.id)?,
        password: Some(hash.to_owned()),
        active: true,
        created_at: now,
        last_seen_at: None,
    })
}

fn schedule(practitioner: &Practitioner) -> Result<Schedule, Error> {
    let hours = practitioner.hours;
    let open = |day| Hours { day, from: hours.from.to_owned(), to: hours.to.to_owned() };
    Ok(Schedule {
        practitioner: id(&practitioner.id)?,
        week: Week {
            weekly: (1..=7).map(open).collect(),
            slot_minutes: hours.slot_minutes,
            zone: hours.zone.to_owned(),
            active: true,
        },
    })
}

fn price_item(price: &Price) -> PriceItem {
    PriceItem {
        code: price.code.to_owned(),
        name: Words { en: price.en.to_owned(), zh: price.zh.to_owned() },
        price: price.price,
        cost: price.cost,
        reference_cost: price.reference_cost,
        minutes: price.minutes,
        active: true,
    }
}

fn id(text: &str) -> Result<ResourceId, Error> {
    text.parse().map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use crate::quality::summary::VisitQuality;
    use crate::testing::Clinic;

    use super::*;

    #[tokio::test]
    async fn every_role_that_an_account_can_have_is_somebody() {
        let clinic = Clinic::with(|settings| settings.demo = true);
        prepare(&clinic.app, 1).await.unwrap();
        let shown = crate::identity::one_click::people(&clinic.app, &clinic.server()).await.unwrap();
        let people = shown["people"].as_array().unwrap();
        for (role, _) in crate::identity::accounts::ROLES {
            assert!(people.iter().any(|person| person["role"] == serde_json::json!(role)), "{role:?}");
        }
    }

    #[tokio::test]
    async fn every_past_visit_has_its_figures_on_its_encounter() {
        let clinic = Clinic::with(|settings| settings.demo = true);
        prepare(&clinic.app, 1).await.unwrap();
        let context = clinic.server();
        for past in cohort(1, context.now).past_visits {
            let visit = id(&past.id).unwrap();
            let about = ("Encounter", &visit);
            let kept = clinic.app.referring(&context, "Observation", "encounter", about).await.unwrap();
            assert_eq!(kept.len(), FIGURES, "{visit}");
            let of = |code: &str| {
                let mut found = kept.iter().map(|kept| &kept.value);
                found.find(|kept| kept["code"]["coding"][0]["code"] == code).unwrap().clone()
            };
            match (&past.quality.r, of("R")) {
                (Ok(r), kept) => near(kept["valueQuantity"]["value"].as_f64(), Some(r.value)),
                (Err(reason), kept) => assert_eq!(kept["dataAbsentReason"]["text"], reason.code()),
            }
            assert_eq!(of("D")["effectiveDateTime"], crate::instant::text(past.ended));
            let line =
                clinic.app.load::<VisitQuality>(context.tenant, visit.as_str()).await.unwrap().unwrap();
            near(line.value.r, past.quality.r.ok().map(|r| r.value));
        }
    }

    /// The tolerance of the method: a figure that was written and read may differ in its last bit.
    fn near(kept: Option<f64>, computed: Option<f64>) {
        let same =
            kept.zip(computed).map(|(kept, computed)| (kept - computed).abs() <= 1e-9 * computed.abs());
        assert!(same.unwrap_or(kept == computed), "{kept:?} and {computed:?}");
    }
}
