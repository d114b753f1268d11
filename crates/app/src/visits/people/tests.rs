//! Stories of who is heard: mute, ask, speak again; languages of an interpreter.

use bianque_media::{Audience, Command};
use bianque_model::{Context, ResourceId, TenantId};

use super::channels::{self, Choice};
use super::mute::{self, Silence};
use crate::Error;
use crate::visits::Visit;
use crate::visits::guests::GuestRole;
use crate::visits::guests::tests::House;

impl House {
    async fn silence_of(&self, person: &str) -> Option<Silence> {
        let visit = self.app().load::<Visit>(TenantId::FIRST, self.visit.as_str()).await.unwrap().unwrap();
        visit.value.silenced.get(person).copied()
    }

    /// What the call was last told of somebody's voice.
    fn audience_of(&self, who: &str) -> Option<Audience> {
        let told = self.clinic.calls.commands().into_iter().rev();
        let mut of_speaker = told.filter_map(|command| match command {
            Command::LetHear { speaker, heard_by, .. } if speaker.as_str() == who => Some(heard_by),
            _ => None,
        });
        of_speaker.next()
    }

    async fn chooses(&self, who: &Context, hears: Option<&str>, speaks: Option<&str>) -> Result<(), Error> {
        let choice = Choice { hears: hears.map(str::to_owned), speaks: speaks.map(str::to_owned) };
        channels::choose(self.app(), who, &self.visit, choice).await
    }

    fn doctor_id(&self) -> ResourceId {
        self.doctor.account.practitioner.clone().unwrap()
    }
}

fn code<T>(answer: Result<T, Error>) -> &'static str {
    answer.err().expect("refused").code
}

fn only(ids: &[&str]) -> Audience {
    Audience::Only(ids.iter().map(|&id| id.into()).collect())
}

#[tokio::test]
async fn who_is_muted_is_forwarded_to_nobody_until_they_are_asked_and_press_themselves() {
    let house = House::open().await;
    let (app, visit) = (house.app(), &house.visit);
    let (id, bo) = house.is_joined_by(GuestRole::Family, "Bo Li").await;
    house.is_here(id.as_str(), "family");
    house.is_here("patient", "patient");

    mute::mute(app, &house.clinician(), visit, id.as_str()).await.unwrap();
    assert_eq!(house.audience_of(id.as_str()), Some(only(&[])));
    assert_eq!(house.audience_of("patient"), Some(Audience::All));
    assert_eq!(code(mute::unmute(app, &bo, visit).await), "person.muted");
    mute::ask(app, &house.clinician(), visit, id.as_str()).await.unwrap();
    // Asked is not yet heard: nobody turns on another's microphone.
    assert_eq!(house.audience_of(id.as_str()), Some(only(&[])));
    assert_eq!(house.silence_of(id.as_str()).await, Some(Silence::Asked));
    mute::unmute(app, &bo, visit).await.unwrap();
    assert_eq!(house.audience_of(id.as_str()), Some(Audience::All));
    assert_eq!(house.silence_of(id.as_str()).await, None);
    let log = house.log().await;
    assert_eq!(log[log.len() - 3..].join(", ").matches(" BO").count(), 0);
    assert!(log[log.len() - 3].starts_with("muted") && log[log.len() - 1].starts_with("unmuted"), "{log:?}");
}

#[tokio::test]
async fn only_the_clinician_mutes_and_only_who_is_in_the_room() {
    let house = House::open().await;
    let (app, visit) = (house.app(), &house.visit);
    let (id, bo) = house.is_joined_by(GuestRole::Family, "Bo Li").await;
    let (waiting, _) = house.invites(GuestRole::Family, "Cai Li").await;
    for here in [id.as_str(), waiting.as_str()] {
        house.is_here(here, "family");
    }
    house.is_here("patient", "patient");
    house.is_here(house.doctor_id().as_str(), "clinician");
    assert_eq!(code(mute::mute(app, &house.ana(), visit, id.as_str()).await), "forbidden");
    assert_eq!(code(mute::mute(app, &bo, visit, "patient").await), "forbidden");
    assert_eq!(
        code(mute::mute(app, &house.clinician(), visit, house.doctor_id().as_str()).await),
        "forbidden"
    );
    assert_eq!(code(mute::mute(app, &house.clinician(), visit, waiting.as_str()).await), "not-found");
    assert_eq!(code(mute::mute(app, &house.clinician(), visit, "nobody").await), "not-found");
    assert_eq!(code(mute::ask(app, &house.clinician(), visit, "patient").await), "person.heard");
    // Who is not muted is heard already.
    mute::unmute(app, &house.ana(), visit).await.unwrap();
}

#[tokio::test]
async fn an_interpreter_is_heard_by_those_who_chose_their_language() {
    let house = House::open().await;
    let (id, mei) = house.is_joined_by(GuestRole::Interpreter, "Mei Lin").await;
    house.is_here(id.as_str(), "interpreter");
    house.is_here("patient", "patient");
    house.is_here(house.doctor_id().as_str(), "clinician");

    house.chooses(&house.ana(), Some("zh"), None).await.unwrap();
    house.chooses(&mei, None, Some("zh")).await.unwrap();
    assert_eq!(house.audience_of(id.as_str()), Some(only(&["patient"])));
    assert_eq!(house.audience_of("patient"), Some(Audience::All), "everybody hears the original");
    house.chooses(&house.clinician(), Some("zh"), None).await.unwrap();
    let Some(Audience::Only(both)) = house.audience_of(id.as_str()) else { panic!("heard by some") };
    assert_eq!(both.len(), 2);
    house.chooses(&mei, None, None).await.unwrap();
    assert_eq!(house.audience_of(id.as_str()), Some(Audience::All));

    assert_eq!(code(house.chooses(&house.ana(), Some("fr"), None).await), "channel.unknown");
    assert_eq!(code(house.chooses(&mei, None, Some("fr")).await), "channel.unknown");
    assert_eq!(code(house.chooses(&house.ana(), None, Some("zh")).await), "forbidden");
    let hears = house.log().await.into_iter().filter(|line| line.starts_with("hears")).count();
    assert_eq!(hears, 2, "what is heard is kept, every turn of the interpreter is not");
}

#[tokio::test]
async fn a_muted_interpreter_is_heard_in_no_language() {
    let house = House::open().await;
    let (id, mei) = house.is_joined_by(GuestRole::Interpreter, "Mei Lin").await;
    house.is_here(id.as_str(), "interpreter");
    house.is_here("patient", "patient");
    house.chooses(&house.ana(), Some("zh"), None).await.unwrap();
    house.chooses(&mei, None, Some("zh")).await.unwrap();
    mute::mute(house.app(), &house.clinician(), &house.visit, id.as_str()).await.unwrap();
    house.chooses(&mei, None, None).await.unwrap();
    assert_eq!(house.audience_of(id.as_str()), Some(only(&[])));
}
