//! Stories of guests: the link, the lobby, who is let in and who is not, what they reach.

use bianque_media::Command;
use bianque_model::{Actor, Context, ResourceId, TenantId};
use bianque_store::AuditQuery;
use serde_json::{Value, json};

use super::invite::InvitingGuest;
use super::knock::Knock;
use super::*;
use crate::recording::answer::Answering;
use crate::recording::ask::Asking;
use crate::testing::{Clinic, Doctor};
use crate::visits::admit::Confirmed;
use crate::visits::consent::Agreement;
use crate::visits::device_check::DeviceReport;
use crate::visits::end::Ending;
use crate::visits::join::{self, Confirmation};
use crate::visits::presence::Participant;
use crate::visits::{access, admit, arrive, call, chat, consent, device_check, end, intake, people, view};
use crate::{directory, photos, recording};

/// A visit whose patient was let in.
pub(in crate::visits) struct House {
    pub(in crate::visits) clinic: Clinic,
    pub(in crate::visits) doctor: Doctor,
    pub(in crate::visits) patient: ResourceId,
    pub(in crate::visits) visit: ResourceId,
}

impl House {
    pub(in crate::visits) async fn open() -> Self {
        let (clinic, doctor, patient, visit) = Clinic::with_visit().await;
        let house = Self { clinic, doctor, patient, visit };
        house.patient_is_let_in().await;
        house
    }

    pub(in crate::visits) fn app(&self) -> &App {
        &self.clinic.app
    }

    pub(in crate::visits) fn clinician(&self) -> Context {
        Context { now: self.clinic.app.clock.now(), ..self.doctor.context.clone() }
    }

    pub(in crate::visits) fn ana(&self) -> Context {
        self.clinic.patient_of(&self.visit, &self.patient)
    }

    async fn patient_is_let_in(&self) {
        let (app, visit, ana) = (self.app(), &self.visit, self.ana());
        let report: DeviceReport = serde_json::from_value(json!({
            "camera": "ok", "microphone": "ok", "speaker": true, "down_mbps": null, "up_mbps": null,
            "rtt_ms": null, "jitter_ms": null, "browser": "test",
        }))
        .unwrap();
        device_check::record(app, &ana, visit, report).await.unwrap();
        let agreement = Agreement {
            version: consent::VERSION.into(),
            language: "en".into(),
            agreed: true,
            by: "patient".into(),
            name: "Ana".into(),
        };
        consent::give(app, &ana, visit, agreement).await.unwrap();
        let answers = serde_json::from_value(json!({
            "reason": "cough", "symptoms": [], "duration": {"value": 1.0, "unit": "d"},
            "location": {"text": "home", "city": "Xi'an"}, "callback_number": "+86 138 0000 0000",
            "emergency_contact": {"name": "W", "phone": "+86 139 0000 0000", "relation": ""}, "red_flags": [],
        }))
        .unwrap();
        intake::record(app, &ana, visit, answers).await.unwrap();
        arrive::arrive(app, &ana, visit).await.unwrap();
        let confirmed = Confirmed { identifiers: vec!["name".into(), "birth_date".into()] };
        admit::admit(app, &self.clinician(), visit, confirmed).await.unwrap();
    }

    /// Invites as the clinician; the guest's id and the token of their link.
    pub(in crate::visits) async fn invites(&self, role: GuestRole, name: &str) -> (ResourceId, String) {
        let languages = if role == GuestRole::Interpreter { vec!["en".into(), "zh".into()] } else { vec![] };
        let relationship = (role == GuestRole::Family).then(|| "FAMMEMB".to_owned());
        let inviting = InvitingGuest { role, name: name.into(), relationship, languages };
        let made = invite::invite(self.app(), &self.clinician(), &self.visit, inviting).await.unwrap();
        read(&made)
    }

    /// Opens a link and says who they are.
    async fn opens(&self, token: &str, name: &str) -> Result<Context, Error> {
        let confirmation =
            Confirmation { token: token.into(), name: Some(name.into()), ..Confirmation::default() };
        let nobody = self.clinic.nobody();
        let admitted = join::confirm(self.app(), &nobody, &self.visit, None, &confirmation).await?;
        Ok(admitted.context)
    }

    async fn knocks(&self, guest: &Context) -> Result<(), Error> {
        let agreement = Knock { version: text::VERSION.into(), language: "en".into(), agreed: true };
        knock::knock(self.app(), guest, &self.visit, agreement).await
    }

    /// Somebody comes in by link, up to the call.
    pub(in crate::visits) async fn is_joined_by(&self, role: GuestRole, name: &str) -> (ResourceId, Context) {
        let (id, token) = self.invites(role, name).await;
        let guest = self.opens(&token, name).await.unwrap();
        self.knocks(&guest).await.unwrap();
        decide::admit(self.app(), &self.clinician(), &self.visit, &id).await.unwrap();
        (id, guest)
    }

    /// Somebody's page opened its socket.
    pub(in crate::visits) fn is_here(&self, id: &str, role: &'static str) {
        let participant = Participant::new(id.into(), id.to_uppercase(), role, String::new());
        self.app().presence.enter(TenantId::FIRST, &self.visit, participant);
    }

    async fn may_call(&self, guest: &Context) -> Result<(), Error> {
        call::may_call(&access::load_present(self.app(), guest, &self.visit).await?)
    }

    async fn encounter(&self) -> Value {
        self.app().resource(TenantId::FIRST, "Encounter", &self.visit).await.unwrap().value
    }

    async fn seen_by(&self, context: &Context) -> Value {
        let access = access::load_present(self.app(), context, &self.visit).await.unwrap();
        view::show(self.app(), context, &access).await.unwrap()
    }

    pub(in crate::visits) async fn log(&self) -> Vec<String> {
        let log = people::log::read(self.app(), &self.clinician(), &self.visit).await.unwrap();
        let lines = log["log"].as_array().unwrap().iter();
        lines
            .map(|line| format!("{} {}", line["what"].as_str().unwrap(), line["name"].as_str().unwrap()))
            .collect()
    }
}

fn read(made: &Value) -> (ResourceId, String) {
    let token = made["url"].as_str().unwrap().rsplit('/').next().unwrap();
    (made["guest"]["id"].as_str().unwrap().parse().unwrap(), token.to_owned())
}

fn code<T>(answer: Result<T, Error>) -> &'static str {
    answer.err().expect("refused").code
}

#[tokio::test]
async fn a_relative_waits_is_let_in_and_stands_in_the_record() {
    let house = House::open().await;
    let (id, token) = house.invites(GuestRole::Family, "Bo Li").await;
    let looked = join::look(house.app(), &house.clinic.nobody(), &token).await.unwrap();
    assert_eq!(looked["role"], "family");
    assert!(!looked.to_string().contains("Ana") && !looked.to_string().contains("Bo Li"), "{looked}");

    let bo = house.opens(&token, " bo  LI ").await.unwrap();
    assert_eq!(house.seen_by(&bo).await["next"], "welcome");
    assert_eq!(code(house.may_call(&bo).await), "call.not-let-in");
    house.knocks(&bo).await.unwrap();
    let lobby = house.seen_by(&bo).await;
    assert_eq!((&lobby["next"], &lobby["participants"]), (&json!("lobby"), &json!([])));
    assert!(!lobby.to_string().contains("Ana"), "{lobby}");
    assert_eq!(code(house.may_call(&bo).await), "call.not-let-in");
    assert_eq!(house.seen_by(&house.clinician()).await["guests"][0]["state"], "waiting");

    house.is_here("patient", "patient");
    decide::admit(house.app(), &house.clinician(), &house.visit, &id).await.unwrap();
    house.may_call(&bo).await.unwrap();
    assert_eq!(house.seen_by(&bo).await["participants"][0]["role"], "patient");
    let participant = &house.encounter().await["participant"][1];
    assert_eq!(participant["individual"]["display"], "Bo Li");
    assert!(participant["period"]["end"].is_null());
    assert_eq!(house.log().await, ["invited Bo Li", "waits Bo Li", "admitted Bo Li"]);
}

#[tokio::test]
async fn an_interpreter_stands_in_the_record_with_their_languages() {
    let house = House::open().await;
    let (id, _) = house.is_joined_by(GuestRole::Interpreter, "Mei Lin").await;
    let encounter = house.encounter().await;
    let kind = &encounter["participant"][1]["type"][0];
    assert_eq!(kind["coding"][0]["code"], "translator");
    assert_eq!(kind["text"], "Interpreter: en, zh");
    let visit =
        house.app().load::<Visit>(TenantId::FIRST, house.visit.as_str()).await.unwrap().unwrap().value;
    let person = &visit.guest(&id).unwrap().person;
    let person = house.app().resource(TenantId::FIRST, "RelatedPerson", person).await.unwrap().value;
    assert_eq!(person["communication"][1]["language"]["coding"][0]["code"], "zh");
    assert_eq!(house.seen_by(&house.ana()).await["languages"], json!(["en", "zh"]));
}

#[tokio::test]
async fn a_guest_reads_nothing_of_the_record() {
    let house = House::open().await;
    let (_, bo) = house.is_joined_by(GuestRole::Family, "Bo Li").await;
    let (app, visit) = (house.app(), &house.visit);
    assert_eq!(code(directory::chart::of_visit(app, &bo, visit).await), "forbidden");
    assert_eq!(code(photos::view::list(app, &bo, visit).await), "forbidden");
    assert_eq!(code(chat::list(app, &bo, visit).await), "forbidden");
    assert_eq!(code(crate::visits::plan::read(app, &bo, visit).await), "forbidden");
    assert_eq!(code(people::log::read(app, &bo, visit).await), "forbidden");
    let shown = house.seen_by(&bo).await;
    for missing in ["patient", "intake", "photos", "guests", "consent", "reason", "red_flags"] {
        assert!(shown.get(missing).is_none(), "{missing}: {shown}");
    }
    // What they are shown is in the audit, in their own name.
    let query = AuditQuery { patient: Some(house.patient.clone()), limit: 50, ..AuditQuery::default() };
    let rows = app.store.audit(TenantId::FIRST, query).await.unwrap();
    assert!(
        rows.iter().any(|(_, row)| row.agent.starts_with("RelatedPerson/") && row.operation == "visit.read")
    );
}

#[tokio::test]
async fn who_is_not_let_in_does_not_come_back() {
    let house = House::open().await;
    let (id, token) = house.invites(GuestRole::Family, "Bo Li").await;
    let bo = house.opens(&token, "Bo Li").await.unwrap();
    house.knocks(&bo).await.unwrap();
    decide::turn_away(house.app(), &house.clinician(), &house.visit, &id).await.unwrap();
    assert_eq!(code(house.may_call(&bo).await), "not-found");
    assert_eq!(code(house.opens(&token, "Bo Li").await), "join.replaced");
    assert_eq!(code(house.knocks(&bo).await), "not-found");
    // With another link they wait again.
    let made = invite::renew(house.app(), &house.clinician(), &house.visit, &id).await.unwrap();
    let bo = house.opens(&read(&made).1, "Bo Li").await.unwrap();
    house.knocks(&bo).await.unwrap();
    assert_eq!(code(house.may_call(&bo).await), "call.not-let-in");
}

#[tokio::test]
async fn who_was_removed_is_out_of_the_call_and_their_link_is_dead() {
    let house = House::open().await;
    let (id, token) = house.invites(GuestRole::Family, "Bo Li").await;
    let bo = house.opens(&token, "Bo Li").await.unwrap();
    house.knocks(&bo).await.unwrap();
    decide::admit(house.app(), &house.clinician(), &house.visit, &id).await.unwrap();
    decide::remove(house.app(), &house.clinician(), &house.visit, &id).await.unwrap();
    let dismissed = |command: &Command| matches!(command, Command::Dismiss { participant, .. } if participant.as_str() == id.as_str());
    assert!(house.clinic.calls.commands().iter().any(dismissed));
    assert_eq!(code(house.may_call(&bo).await), "not-found");
    assert_eq!(code(house.opens(&token, "Bo Li").await), "join.replaced");
    assert!(house.encounter().await["participant"][1]["period"]["end"].is_string());
    assert_eq!(code(decide::admit(house.app(), &house.clinician(), &house.visit, &id).await), "guest.state");
}

#[tokio::test]
async fn a_link_is_for_one_browser_one_name_and_one_visit() {
    let house = House::open().await;
    let (id, token) = house.invites(GuestRole::Interpreter, "Mei Lin").await;
    assert_eq!(code(house.opens(&token, "Somebody Else").await), "join.mismatch");
    house.opens(&token, "Mei Lin").await.unwrap();
    // A copy of the link.
    assert_eq!(code(house.opens(&token, "Mei Lin").await), "join.bound");
    invite::renew(house.app(), &house.clinician(), &house.visit, &id).await.unwrap();
    assert_eq!(code(house.opens(&token, "Mei Lin").await), "join.replaced");
    // Another visit's guest is not there.
    let other = house.clinic.visit(&house.doctor, &house.patient).await;
    assert_eq!(code(decide::admit(house.app(), &house.clinician(), &other, &id).await), "not-found");
    assert_eq!(code(invite::take_back(house.app(), &house.clinician(), &other, &id).await), "not-found");
    let confirmation = Confirmation { token, name: Some("Mei Lin".into()), ..Confirmation::default() };
    let foreign = join::confirm(house.app(), &house.clinic.nobody(), &other, None, &confirmation).await;
    assert!(["not-found", "join.replaced"].contains(&code(foreign)));
    // Another clinic on the same server does not know it either.
    let beside = house.clinic.beside("other.example").await;
    let (_, token) = house.invites(GuestRole::Family, "Bo Li").await;
    assert_eq!(code(join::look(house.app(), &beside.nobody(), &token).await), "join.unknown");
}

#[tokio::test]
async fn five_wrong_names_lock_a_link() {
    let house = House::open().await;
    let (_, token) = house.invites(GuestRole::Family, "Bo Li").await;
    for _ in 0..4 {
        assert_eq!(code(house.opens(&token, "Wang").await), "join.mismatch");
    }
    assert_eq!(code(house.opens(&token, "Wang").await), "join.locked");
    assert_eq!(code(house.opens(&token, "Bo Li").await), "join.locked");
}

#[tokio::test]
async fn guests_and_their_links_end_with_the_visit() {
    let house = House::open().await;
    let (_, bo) = house.is_joined_by(GuestRole::Family, "Bo Li").await;
    let (_, unused) = house.invites(GuestRole::Interpreter, "Mei Lin").await;
    let ending = Ending { reason: "done".into() };
    end::end(house.app(), &house.clinician(), &house.visit, ending).await.unwrap();
    assert_eq!(code(house.may_call(&bo).await), "not-found");
    assert_eq!(code(join::look(house.app(), &house.clinic.nobody(), &unused).await), "join.expired");
    assert_eq!(code(house.opens(&unused, "Mei Lin").await), "join.expired");
    assert!(house.encounter().await["participant"][1]["period"]["end"].is_string());
}

#[tokio::test]
async fn a_cookie_ends_with_the_visit_and_with_the_invitation() {
    let house = House::open().await;
    let mut held = Vec::new();
    for name in ["Bo Li", "Cai Li"] {
        let (id, token) = house.invites(GuestRole::Family, name).await;
        let confirmation = Confirmation { token, name: Some(name.into()), ..Confirmation::default() };
        let nobody = house.clinic.nobody();
        let admitted = join::confirm(house.app(), &nobody, &house.visit, None, &confirmation).await.unwrap();
        held.push((id, admitted.cookie));
    }
    let who = |cookie: &str| {
        let (nobody, cookie) = (house.clinic.nobody(), cookie.to_owned());
        let (app, visit) = (house.app().clone(), house.visit.clone());
        async move { join::authenticate(&app, nobody, &visit, &cookie).await.map(|(context, _)| context.actor) }
    };
    assert!(matches!(who(&held[0].1).await, Ok(Actor::Guest { .. })));
    invite::take_back(house.app(), &house.clinician(), &house.visit, &held[0].0).await.unwrap();
    assert_eq!(code(who(&held[0].1).await), "sign-in");
    assert!(matches!(who(&held[1].1).await, Ok(Actor::Guest { .. })));
    let ending = Ending { reason: "done".into() };
    end::end(house.app(), &house.clinician(), &house.visit, ending).await.unwrap();
    assert_eq!(code(who(&held[1].1).await), "sign-in");
}

#[tokio::test]
async fn the_patient_invites_family_and_nobody_else() {
    let house = House::open().await;
    let inviting = |role: GuestRole, languages: &[&str], relationship: Option<&str>| InvitingGuest {
        role,
        name: "Bo Li".into(),
        relationship: relationship.map(str::to_owned),
        languages: languages.iter().map(|&one| one.to_owned()).collect(),
    };
    let (app, visit, ana) = (house.app(), &house.visit, house.ana());
    for role in [GuestRole::Observer, GuestRole::Interpreter] {
        assert_eq!(code(invite::invite(app, &ana, visit, inviting(role, &[], None)).await), "forbidden");
    }
    let made = invite::invite(app, &ana, visit, inviting(GuestRole::Family, &[], Some("SPS"))).await.unwrap();
    assert_eq!(made["guest"]["by_patient"], true);
    // The clinician's guest is not the patient's to send away.
    let (theirs, _) = house.invites(GuestRole::Interpreter, "Mei Lin").await;
    assert_eq!(code(invite::take_back(app, &ana, visit, &theirs).await), "not-found");
    assert_eq!(code(decide::admit(app, &ana, visit, &theirs).await), "forbidden");
    let (own, _) = read(&made);
    invite::take_back(app, &ana, visit, &own).await.unwrap();
    assert_eq!(code(invite::renew(app, &ana, visit, &own).await), "forbidden");
    for (bad, field) in [
        (inviting(GuestRole::Family, &[], None), "relationship"),
        (inviting(GuestRole::Interpreter, &[], None), "languages"),
        (inviting(GuestRole::Interpreter, &["Klingon!"], None), "languages"),
        (inviting(GuestRole::Observer, &["en"], None), "languages"),
        (inviting(GuestRole::Observer, &[], Some("SPS")), "relationship"),
    ] {
        let error = invite::invite(app, &house.clinician(), visit, bad).await.unwrap_err();
        assert_eq!(error.field, Some(field));
    }
}

#[tokio::test]
async fn an_observer_is_in_by_the_patients_word_and_out_by_it() {
    let house = House::open().await;
    let (app, visit) = (house.app(), &house.visit);
    let (id, token) = house.invites(GuestRole::Observer, "Student Wu").await;
    let wu = house.opens(&token, "Student Wu").await.unwrap();
    house.knocks(&wu).await.unwrap();
    assert_eq!(house.seen_by(&wu).await["guest"]["awaits_patient"], true);
    assert_eq!(code(decide::admit(app, &house.clinician(), visit, &id).await), "observer.unasked");
    // It is the patient's word, not the clinician's and not the observer's.
    assert_eq!(code(observing::allow(app, &house.clinician(), visit, &id).await), "forbidden");
    assert_eq!(code(observing::allow(app, &wu, visit, &id).await), "forbidden");
    observing::refuse(app, &house.ana(), visit, &id).await.unwrap();
    assert_eq!(code(decide::admit(app, &house.clinician(), visit, &id).await), "observer.refused");

    observing::allow(app, &house.ana(), visit, &id).await.unwrap();
    decide::admit(app, &house.clinician(), visit, &id).await.unwrap();
    house.may_call(&wu).await.unwrap();
    let said = || async {
        let visit = app.load::<Visit>(TenantId::FIRST, visit.as_str()).await.unwrap().unwrap().value;
        visit.guest(&id).unwrap().allowed.clone().unwrap()
    };
    let consent = said().await.consent.unwrap();
    let status = || async {
        app.resource(TenantId::FIRST, "Consent", &consent).await.unwrap().value["status"].clone()
    };
    assert_eq!(status().await, "active");

    observing::refuse(app, &house.ana(), visit, &id).await.unwrap();
    assert_eq!(code(house.may_call(&wu).await), "not-found");
    assert_eq!(status().await, "inactive");
    assert!(!said().await.yes);
    assert_eq!(house.log().await.last().unwrap(), "refused Student Wu");
}

#[tokio::test]
async fn nobody_new_comes_into_a_locked_room() {
    let house = House::open().await;
    let (app, visit) = (house.app(), &house.visit);
    let (_, inside) = house.is_joined_by(GuestRole::Family, "Bo Li").await;
    let (_, token) = house.invites(GuestRole::Interpreter, "Mei Lin").await;
    let (_, opened) = house.invites(GuestRole::Family, "Cai Li").await;
    let cai = house.opens(&opened, "Cai Li").await.unwrap();
    people::lock::set(app, &house.clinician(), visit, true).await.unwrap();
    assert_eq!(join::look(app, &house.clinic.nobody(), &token).await.unwrap()["locked"], true);
    assert_eq!(code(house.opens(&token, "Mei Lin").await), "room.locked");
    assert_eq!(code(house.knocks(&cai).await), "room.locked");
    house.may_call(&inside).await.unwrap();
    assert_eq!(code(people::lock::set(app, &house.ana(), visit, false).await), "forbidden");
    people::lock::set(app, &house.clinician(), visit, false).await.unwrap();
    house.opens(&token, "Mei Lin").await.unwrap();
    house.knocks(&cai).await.unwrap();
    let log = house.log().await;
    assert!(log.contains(&"locked ".to_owned()) && log.contains(&"unlocked ".to_owned()), "{log:?}");
}

#[tokio::test]
async fn eight_are_in_and_a_ninth_waits() {
    let house = House::open().await;
    for number in 0..6 {
        house.is_joined_by(GuestRole::Family, &format!("Guest {number}")).await;
    }
    let (id, token) = house.invites(GuestRole::Family, "Guest 6").await;
    let seventh = house.opens(&token, "Guest 6").await.unwrap();
    house.knocks(&seventh).await.unwrap();
    assert_eq!(code(decide::admit(house.app(), &house.clinician(), &house.visit, &id).await), "room.full");
    // When somebody goes there is a place.
    let first = house.app().load::<Visit>(TenantId::FIRST, house.visit.as_str()).await.unwrap().unwrap();
    let first = first.value.guests[0].id.clone();
    decide::remove(house.app(), &house.clinician(), &house.visit, &first).await.unwrap();
    decide::admit(house.app(), &house.clinician(), &house.visit, &id).await.unwrap();
}

#[tokio::test]
async fn who_leaves_by_themselves_asks_again() {
    let house = House::open().await;
    let (_, token) = house.invites(GuestRole::Family, "Bo Li").await;
    let bo = house.opens(&token, "Bo Li").await.unwrap();
    house.knocks(&bo).await.unwrap();
    join::leave(house.app(), &bo, &house.visit).await.unwrap();
    let again = house.opens(&token, "Bo Li").await.unwrap();
    assert_eq!(house.seen_by(&again).await["next"], "welcome");
}

#[tokio::test]
async fn a_guest_is_asked_before_anything_is_recorded_and_who_waits_is_not() {
    let house = House::open().await;
    let (app, visit) = (house.app(), &house.visit);
    let (id, bo) = house.is_joined_by(GuestRole::Family, "Bo Li").await;
    let (waits, token) = house.invites(GuestRole::Family, "Cai Li").await;
    let cai = house.opens(&token, "Cai Li").await.unwrap();
    house.knocks(&cai).await.unwrap();
    let doctor = house.doctor.account.practitioner.clone().unwrap();
    let everybody = [
        ("patient", "patient"),
        (doctor.as_str(), "clinician"),
        (id.as_str(), "family"),
        (waits.as_str(), "family"),
    ];
    for (who, role) in everybody {
        house.is_here(who, role);
    }
    let is_tapped = || house.clinic.calls.tap(&call::room(&house.clinician(), visit)).is_some();
    let known = recording::view::list(app, &house.clinician(), visit).await.unwrap();
    let version = known["text"]["version"].as_str().unwrap().to_owned();
    let words = || ("en".to_owned(), version.clone());
    let (language, version) = words();
    let asked =
        recording::ask::ask(app, &house.clinician(), visit, Asking { version, language }).await.unwrap();
    let asked: ResourceId = asked["recordings"][0]["id"].as_str().unwrap().parse().unwrap();
    let agrees = |who: Context| {
        let (language, version) = words();
        let answering = Answering { agreed: true, version, language, by: "self".into() };
        let asked = asked.clone();
        async move { recording::answer::answer(app, &who, visit, &asked, answering).await }
    };
    agrees(house.ana()).await.unwrap();
    assert!(!is_tapped(), "a guest has not answered");
    assert_eq!(code(agrees(cai).await), "call.not-let-in");
    assert_eq!(house.seen_by(&bo).await["recording"]["state"], "asked");
    agrees(bo).await.unwrap();
    assert!(is_tapped(), "who waits is not in the call");
}
