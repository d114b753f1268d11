//! Refresh tokens: each once, never for more, and one that comes again ends the family.

use super::*;

#[tokio::test]
async fn each_refresh_token_is_good_once_and_gives_the_next() {
    let town = Town::open().await;
    let (client, first) = town.launched(STANDALONE).await;
    town.clinic.clock.pass(15 * 60);
    assert!(
        !town.is_good(&first["access_token"]).await,
        "an access token is short when there is a refresh token"
    );
    let second = town.refreshed(&client, &first["refresh_token"]).await.unwrap();
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    assert_eq!(second["patient"], first["patient"]);
    assert!(town.is_good(&second["access_token"]).await);
    let third = town.refreshed(&client, &second["refresh_token"]).await.unwrap();

    // Somebody has a copy of the first.
    assert_eq!(
        town.refreshed(&client, &first["refresh_token"]).await.unwrap_err().code,
        "oauth.invalid_grant"
    );
    assert!(!town.is_good(&third["access_token"]).await);
    assert_eq!(
        town.refreshed(&client, &third["refresh_token"]).await.unwrap_err().code,
        "oauth.invalid_grant"
    );
    assert_eq!(town.audited("application.refresh-reuse").await.len(), 1);
}

#[tokio::test]
async fn a_guess_or_another_application_ends_nothing() {
    let town = Town::open().await;
    let (client, answer) = town.launched(STANDALONE).await;
    let (other, _) = town.application(Kind::Public, STANDALONE).await;
    let token = answer["refresh_token"].as_str().unwrap();
    let mut parts: Vec<&str> = token.split('_').collect();
    parts[2] = "7";
    let ahead = parts.join("_");
    let cut = &token[..token.len() - 1];
    for guess in [ahead.as_str(), cut, "bqr_", "bqr_a_0_b", "bqa_x", ""] {
        let error = town.refreshed(&client, &json!(guess)).await.unwrap_err();
        assert!(
            matches!(error.code, "oauth.invalid_grant" | "oauth.invalid_request"),
            "{guess}: {}",
            error.code
        );
    }
    assert_eq!(
        town.refreshed(&other, &answer["refresh_token"]).await.unwrap_err().code,
        "oauth.invalid_grant"
    );
    town.refreshed(&client, &answer["refresh_token"]).await.unwrap();
}

#[tokio::test]
async fn a_public_application_need_not_name_itself_again_and_no_other_may_leave_it_out() {
    let town = Town::open().await;
    let (_, answer) = town.launched(STANDALONE).await;
    let without = async |token: &Value| {
        let pairs = [("grant_type", "refresh_token"), ("refresh_token", token.as_str().unwrap())];
        town.exchanged(&pairs, None).await
    };
    let next = without(&answer["refresh_token"]).await.unwrap();
    assert_eq!(without(&answer["refresh_token"]).await.unwrap_err().code, "oauth.invalid_grant");
    assert!(!town.is_good(&next["access_token"]).await, "it ends the family as well");

    let (client, presented) = town.application(Kind::ConfidentialSecret, STANDALONE).await;
    let code = town.code(&client, STANDALONE).await;
    let answer = town.exchanged(&redeeming(&client, &code), presented.as_ref()).await.unwrap();
    assert_eq!(without(&answer["refresh_token"]).await.unwrap_err().code, "oauth.invalid_client");
    assert!(town.is_good(&answer["access_token"]).await);
}

#[tokio::test]
async fn a_refresh_gives_less_when_less_is_asked_and_never_more() {
    let town = Town::open().await;
    let scopes = "launch/patient patient/Observation.rs patient/Patient.r offline_access";
    let (client, answer) = town.launched(scopes).await;
    let asks = async |scope: &str, token: &Value| {
        let token = token.as_str().unwrap();
        let pairs = [
            ("grant_type", "refresh_token"),
            ("refresh_token", token),
            ("client_id", &client),
            ("scope", scope),
        ];
        town.exchanged(&pairs, None).await
    };
    for wider in
        ["patient/*.rs", "patient/Observation.cruds", "user/Observation.rs", "openid", "patient/Condition.r"]
    {
        let error = asks(wider, &answer["refresh_token"]).await.unwrap_err();
        assert_eq!(error.code, "oauth.invalid_scope", "{wider}");
    }
    let less = asks("patient/Patient.r", &answer["refresh_token"]).await.unwrap();
    assert_eq!(less["scope"], "patient/Patient.r");
    assert_eq!(town.reads(&less["access_token"], "Patient", &town.ana).await, Ok(()));
    let pulse = observation(&town, &town.ana).await;
    assert_eq!(town.reads(&less["access_token"], "Observation", &pulse).await, Err("forbidden"));
    // The next may have again what was granted.
    let more = asks("patient/Observation.rs", &less["refresh_token"]).await.unwrap();
    assert_eq!(town.reads(&more["access_token"], "Observation", &pulse).await, Ok(()));
}

#[tokio::test]
async fn without_a_word_for_it_there_is_no_refresh_token() {
    let town = Town::open().await;
    let (_, answer) = town.launched("launch/patient patient/*.rs").await;
    assert_eq!((&answer["refresh_token"], &answer["expires_in"]), (&Value::Null, &json!(3600)));
}
