//! Applications that are opened from a visit are told which; whom policy lets read records lets them in.

use bianque_model::Role;

use super::super::launch::{self, Opening};
use super::*;
use crate::smart::menu;

const FROM_VISIT: &str = "launch patient/*.rs online_access";

/// A town whose patient has a visit with its clinician.
struct Seen {
    town: Town,
    visit: ResourceId,
}

impl Seen {
    async fn open() -> Self {
        let (clinic, doctor, ana, visit) = Clinic::with_visit().await;
        let home = doctor.account.organization.clone();
        let root = clinic.administrator("root", &home).await;
        let bo = clinic.patient("Bo", &home).await;
        let cookie = sign_in(&clinic, "li.na").await;
        Self { town: Town { clinic, doctor, root, ana, bo, cookie }, visit }
    }

    async fn opens(
        &self,
        context: &Context,
        client: &str,
        patient: &ResourceId,
        visit: Option<&ResourceId>,
    ) -> Result<String, Error> {
        let opening = Opening {
            application_id: client.parse().unwrap(),
            patient_id: patient.clone(),
            visit_id: visit.cloned(),
        };
        let opened = launch::open(&self.town.clinic.app, &self.town.now(context), opening).await?;
        Ok(param(opened["url"].as_str().unwrap(), "launch").unwrap())
    }

    /// What an application is answered that asks for these scopes with a launch.
    async fn told(&self, client: &str, scopes: &str, launch: &str) -> Value {
        let mut pairs = asking(client, scopes);
        pairs.push(("launch".into(), launch.into()));
        let address = self.town.allowed(&written(&pairs), None).await.unwrap();
        self.town.redeemed(client, &param(&address, "code").unwrap()).await.unwrap()
    }
}

#[tokio::test]
async fn an_application_that_is_opened_from_a_visit_is_told_which_and_again_at_every_refresh() {
    let seen = Seen::open().await;
    let (town, doctor) = (&seen.town, &seen.town.doctor.context);
    let (client, _) = town.application(Kind::Public, FROM_VISIT).await;
    let launch = seen.opens(doctor, &client, &town.ana, Some(&seen.visit)).await.unwrap();
    let mut pairs = asking(&client, FROM_VISIT);
    pairs.push(("launch".into(), launch.clone()));
    assert_eq!(town.looked(&written(&pairs)).await.unwrap()["encounter"], true);
    let answer = seen.told(&client, FROM_VISIT, &launch).await;
    assert_eq!((&answer["patient"], &answer["encounter"]), (&json!(town.ana), &json!(seen.visit)));
    assert_eq!(town.reads(&answer["access_token"], "Encounter", &seen.visit).await, Ok(()));
    let again = town.refreshed(&client, &answer["refresh_token"]).await.unwrap();
    assert_eq!(again["encounter"], json!(seen.visit));
    // From the chart alone there is no visit to tell.
    let launch = seen.opens(doctor, &client, &town.ana, None).await.unwrap();
    assert_eq!(seen.told(&client, FROM_VISIT, &launch).await["encounter"], Value::Null);
}

#[tokio::test]
async fn only_who_asks_for_what_it_is_opened_with_is_told_and_there_is_no_visit_to_choose() {
    let seen = Seen::open().await;
    let town = &seen.town;
    let (client, _) = town.application(Kind::Public, "launch/encounter launch/patient patient/*.rs").await;
    for (scopes, told) in
        [("patient/*.rs", Value::Null), ("launch/encounter patient/*.rs", json!(seen.visit))]
    {
        let launch = seen.opens(&town.doctor.context, &client, &town.ana, Some(&seen.visit)).await.unwrap();
        assert_eq!(seen.told(&client, scopes, &launch).await["encounter"], told, "{scopes}");
    }
    let code = town.code(&client, "launch/encounter launch/patient patient/*.rs").await;
    let answer = town.redeemed(&client, &code).await.unwrap();
    assert_eq!(answer["encounter"], Value::Null);
    assert!(!answer["scope"].as_str().unwrap().contains("encounter"), "{}", answer["scope"]);
}

#[tokio::test]
async fn a_visit_of_another_patient_or_of_nobody_opens_nothing() {
    let seen = Seen::open().await;
    let (town, doctor) = (&seen.town, &seen.town.doctor.context);
    let (client, _) = town.application(Kind::Public, FROM_VISIT).await;
    let unknown: ResourceId = uuid::Uuid::now_v7().into();
    for (patient, visit) in [(&town.bo, &seen.visit), (&town.ana, &unknown)] {
        let error = seen.opens(doctor, &client, patient, Some(visit)).await.unwrap_err();
        assert_eq!(error.code, "not-found");
    }
    let elsewhere = town.clinic.organization("Hillside").await;
    let stranger = town.clinic.clinician("he.jun", &elsewhere).await.context;
    let error = seen.opens(&stranger, &client, &town.ana, Some(&seen.visit)).await.unwrap_err();
    assert_eq!(error.code, "not-found");
    assert!(menu::list(&town.clinic.app, &town.root).await.is_err(), "an administrator opens none");
}

#[tokio::test]
async fn specialists_and_reporters_let_applications_see_what_they_see_and_the_front_desk_lets_none() {
    let seen = Seen::open().await;
    let town = &seen.town;
    let home = &town.doctor.account.organization;
    let (client, _) = town.application(Kind::Public, "user/*.rs openid").await;
    let query = query(&client, "user/*.rs openid");
    for (login, role) in [("rui", Role::Specialist), ("sun", Role::Reporter)] {
        let staff = town.clinic.staff(login, role, home).await;
        let cookie = sign_in(&town.clinic, login).await;
        assert_eq!(
            menu::list(&town.clinic.app, &staff.context).await.unwrap()["applications"][0]["id"],
            client
        );
        let deciding = Deciding { query: query.clone(), allow: true, patient_id: None };
        let decided = decide(&town.clinic.app, &staff.context, &cookie, deciding).await.unwrap();
        let code = param(decided["redirect"].as_str().unwrap(), "code").unwrap();
        let answer = town.redeemed(&client, &code).await.unwrap();
        // Nobody has asked them about this patient: what they do not see, it does not see.
        let seen_by_it = town.reads(&answer["access_token"], "Patient", &town.ana).await;
        let seen_by_them = records::read::read(&town.clinic.app, &staff.context, "Patient", &town.ana).await;
        assert_eq!(seen_by_it, seen_by_them.map(drop).map_err(|error| error.code), "{login}");
        assert_eq!(town.reads(&answer["access_token"], "Organization", home).await, Ok(()), "{login}");
    }
    for role in [Role::FrontDesk, Role::Supervisor] {
        let staff = town.clinic.staff(&format!("{role:?}").to_lowercase(), role, home).await;
        let looking = Looking { query: query.clone() };
        assert_eq!(look(&town.clinic.app, &staff.context, &looking).await.unwrap_err().code, "forbidden");
        assert!(menu::list(&town.clinic.app, &staff.context).await.is_err());
    }
}
