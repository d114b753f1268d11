//! Stories of the link: when it ends.

use super::*;
use crate::testing::Clinic;

const HOUR_S: i64 = 3600;

#[tokio::test]
async fn a_link_opens_until_a_day_after_the_visit_should_have_ended() {
    let clinic = Clinic::open();
    let home = clinic.organization("Riverside").await;
    let doctor = clinic.clinician("li.na", &home).await;
    let patient = clinic.patient("Ana", &home).await;
    let visit = clinic.visit(&doctor, &patient).await;
    let url = renew(&clinic.app, &doctor.context, &visit).await.unwrap();
    let token = url.rsplit('/').next().unwrap().to_owned();
    let confirmation =
        Confirmation { token, birth_date: Some("1984-03-17".into()), ..Confirmation::default() };
    let held = confirm(&clinic.app, &clinic.nobody(), &visit, None, &confirmation).await.unwrap().cookie;

    clinic.clock.pass(24 * HOUR_S);
    assert!(look(&clinic.app, &clinic.nobody(), &confirmation.token).await.is_ok());
    assert!(authenticate(&clinic.app, clinic.nobody(), &visit, &held).await.is_ok());

    clinic.clock.pass(HOUR_S);
    let error = look(&clinic.app, &clinic.nobody(), &confirmation.token).await.unwrap_err();
    assert_eq!((error.kind, error.code), (ErrorKind::Over, "join.expired"));
    let error = confirm(&clinic.app, &clinic.nobody(), &visit, None, &confirmation).await.unwrap_err();
    assert_eq!((error.kind, error.code), (ErrorKind::Over, "join.expired"));
    // The browser that held it is out as well.
    let error = authenticate(&clinic.app, clinic.nobody(), &visit, &held).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::SignIn);
}
