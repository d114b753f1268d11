//! What somebody let applications do, as they see it and take it back themselves.

use super::*;
use crate::smart::own_grants;

async fn listed(town: &Town, context: &Context) -> Vec<Value> {
    let answer = own_grants::list(&town.clinic.app, &town.now(context)).await.unwrap();
    answer["grants"].as_array().unwrap().clone()
}

#[tokio::test]
async fn somebody_sees_what_they_allowed_and_takes_it_back_at_once() {
    let town = Town::open().await;
    let doctor = &town.doctor.context;
    assert!(listed(&town, doctor).await.is_empty());
    let (_, online) = town.launched("launch/patient patient/Observation.rs").await;
    town.clinic.clock.pass(60);
    let (client, offline) = town.launched(STANDALONE).await;
    let shown = listed(&town, doctor).await;
    assert_eq!(shown.len(), 2);
    let newest = &shown[0];
    assert_eq!(newest["application"], json!({"id": client, "name": "Growth chart"}));
    assert_eq!(newest["resources"], json!([{"level": "patient", "type": null, "letters": "rs"}]));
    assert_eq!(
        (&newest["identity"], &newest["offline"], &newest["for_patient"]),
        (&json!(true), &json!(true), &json!(true))
    );
    assert_eq!(shown[1]["resources"][0]["type"], "Observation");
    assert!(!shown[0].to_string().contains(offline["access_token"].as_str().unwrap()));
    town.clinic.clock.pass(60);
    town.refreshed(&client, &offline["refresh_token"]).await.unwrap();
    assert_ne!(listed(&town, doctor).await[0]["used_at"], newest["used_at"]);

    let id: ResourceId = newest["id"].as_str().unwrap().parse().unwrap();
    let colleague = town.clinic.clinician("he.jun", &town.doctor.account.organization).await.context;
    assert!(listed(&town, &colleague).await.is_empty());
    for stranger in [&colleague, &town.root] {
        assert_eq!(own_grants::end(&town.clinic.app, stranger, &id).await.unwrap_err().code, "not-found");
    }
    assert!(town.is_good(&offline["access_token"]).await);
    own_grants::end(&town.clinic.app, &town.now(doctor), &id).await.unwrap();
    assert!(!town.is_good(&offline["access_token"]).await);
    assert_eq!(
        town.refreshed(&client, &offline["refresh_token"]).await.unwrap_err().code,
        "oauth.invalid_grant"
    );
    assert!(town.is_good(&online["access_token"]).await, "the other is left");
    assert_eq!(listed(&town, doctor).await.len(), 1);
    assert_eq!(own_grants::end(&town.clinic.app, doctor, &id).await.unwrap_err().code, "not-found");
    let row = &town.audited("application.grant-end").await[0];
    assert_eq!(
        (row.entity.clone(), row.agent.clone()),
        (
            format!("Application/{client}"),
            format!("Practitioner/{}", town.doctor.account.practitioner.as_ref().unwrap())
        )
    );
}

#[tokio::test]
async fn what_ended_with_its_session_is_not_shown_and_what_outlives_it_is() {
    let town = Town::open().await;
    town.launched("launch/patient patient/*.rs").await;
    let (client, offline) = town.launched(STANDALONE).await;
    sessions::end(&town.clinic.app, &town.of_session().await, &town.cookie).await.unwrap();
    let shown = listed(&town, &town.doctor.context).await;
    assert_eq!(shown.iter().map(|grant| &grant["application"]["id"]).collect::<Vec<_>>(), [&json!(client)]);
    // An application has no such list, and takes nothing back for its user.
    let application = town.caller(offline["access_token"].as_str().unwrap()).await.unwrap();
    assert_eq!(own_grants::list(&town.clinic.app, &application).await.unwrap_err().code, "sign-in");
}
