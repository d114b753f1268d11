//! Codes: one use, one minute, one application, one address, one verifier.

use super::*;

#[tokio::test]
async fn a_code_gives_tokens_the_patient_and_who_the_user_is() {
    let town = Town::open().await;
    let (client, answer) = town.launched(STANDALONE).await;
    assert_eq!(answer["token_type"], "Bearer");
    assert_eq!(answer["patient"], town.ana.as_str());
    assert_eq!(answer["scope"], "fhirUser launch/patient offline_access openid patient/*.rs");
    assert!(answer["refresh_token"].is_string());
    assert!(town.is_good(&answer["access_token"]).await);

    let id_token = answer["id_token"].as_str().unwrap();
    let keys = super::super::configuration::keys(&town.clinic.app).unwrap();
    let key = jsonwebtoken::DecodingKey::from_ec_components(
        keys["keys"][0]["x"].as_str().unwrap(),
        keys["keys"][0]["y"].as_str().unwrap(),
    );
    let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::ES256);
    validation.set_audience(&[&client]);
    validation.validate_exp = false;
    let claims = jsonwebtoken::decode::<Value>(id_token, &key.unwrap(), &validation).unwrap().claims;
    let practitioner = town.doctor.account.practitioner.as_ref().unwrap();
    assert_eq!(claims["fhirUser"], format!("{BASE}/Practitioner/{practitioner}"));
    assert_eq!(
        (&claims["iss"], &claims["sub"]),
        (&json!("https://clinic.example"), &json!(town.doctor.account.id))
    );
    assert_eq!(claims["exp"], claims_of(id_token)["exp"]);
}

#[tokio::test]
async fn a_code_that_comes_again_ends_what_came_of_it() {
    let town = Town::open().await;
    let (client, _) = town.application(Kind::Public, STANDALONE).await;
    let code = town.code(&client, STANDALONE).await;
    let answer = town.redeemed(&client, &code).await.unwrap();
    assert!(town.is_good(&answer["access_token"]).await);
    assert_eq!(town.redeemed(&client, &code).await.unwrap_err().code, "oauth.invalid_grant");
    assert!(!town.is_good(&answer["access_token"]).await);
    assert_eq!(
        town.refreshed(&client, &answer["refresh_token"]).await.unwrap_err().code,
        "oauth.invalid_grant"
    );
    assert_eq!(town.audited("application.code-replay").await.len(), 1);
}

#[tokio::test]
async fn of_two_that_come_at_once_with_one_code_neither_keeps_tokens() {
    let town = Town::open().await;
    let (client, _) = town.application(Kind::Public, STANDALONE).await;
    let code = town.code(&client, STANDALONE).await;
    let (one, other) = tokio::join!(town.redeemed(&client, &code), town.redeemed(&client, &code));
    let given: Vec<Value> = [one, other].into_iter().filter_map(Result::ok).collect();
    assert!(given.len() <= 1, "a code was good twice");
    for answer in given {
        assert!(!town.is_good(&answer["access_token"]).await);
    }
}

#[tokio::test]
async fn a_code_is_good_only_as_it_was_given() {
    let town = Town::open().await;
    let (client, _) = town.application(Kind::Public, STANDALONE).await;
    let (other, _) = town.application(Kind::Public, STANDALONE).await;
    let code = town.code(&client, STANDALONE).await;
    let long = "x".repeat(129);
    let wrong = "another-verifier-of-more-than-forty-three-chars";
    for (name, value) in [
        ("code_verifier", wrong),
        ("code_verifier", "short"),
        ("code_verifier", &long),
        ("code_verifier", &challenge()),
        ("redirect_uri", "https://growth.example/cb/"),
        ("client_id", &other),
        ("code", "guessed"),
    ] {
        let pairs =
            redeeming(&client, &code).map(|(key, kept)| (key, if key == name { value } else { kept }));
        assert_eq!(
            town.exchanged(&pairs, None).await.unwrap_err().code,
            "oauth.invalid_grant",
            "{name}={value}"
        );
    }
    for left_out in ["code_verifier", "redirect_uri", "code"] {
        let pairs: Vec<_> =
            redeeming(&client, &code).into_iter().filter(|(key, _)| *key != left_out).collect();
        assert_eq!(
            town.exchanged(&pairs, None).await.unwrap_err().code,
            "oauth.invalid_request",
            "{left_out}"
        );
    }
    // None of that used it up: it is the right one's still.
    town.redeemed(&client, &code).await.unwrap();

    let late = town.code(&client, STANDALONE).await;
    town.clinic.clock.pass(60);
    assert_eq!(town.redeemed(&client, &late).await.unwrap_err().code, "oauth.invalid_grant");
}

#[tokio::test]
async fn an_application_with_a_secret_shows_it_in_one_way() {
    let town = Town::open().await;
    let (client, presented) = town.application(Kind::ConfidentialSecret, STANDALONE).await;
    let presented = presented.unwrap();
    let refused = |error: Error| assert_eq!(error.code, "oauth.invalid_client");
    let code = town.code(&client, STANDALONE).await;
    refused(town.redeemed(&client, &code).await.unwrap_err());
    let wrong = Presented { id: client.clone(), secret: "bqs_guessed".into() };
    refused(town.exchanged(&redeeming(&client, &code), Some(&wrong)).await.unwrap_err());
    let mut both = redeeming(&client, &code).to_vec();
    both.push(("client_secret", &presented.secret));
    refused(town.exchanged(&both, Some(&presented)).await.unwrap_err());
    town.exchanged(&both, None).await.unwrap();
    let code = town.code(&client, STANDALONE).await;
    town.exchanged(&redeeming(&client, &code), Some(&presented)).await.unwrap();
    // A public application has no secret, so that whoever brings one is another.
    let (public, _) = town.application(Kind::Public, STANDALONE).await;
    let code = town.code(&public, STANDALONE).await;
    let other = Presented { id: public.clone(), secret: presented.secret };
    refused(town.exchanged(&redeeming(&public, &code), Some(&other)).await.unwrap_err());
}
