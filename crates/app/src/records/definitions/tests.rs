//! Stories of definitions that the program answers beside those that are stored.

use bianque_model::{Actor, Context, Timestamp};
use serde_json::{Value, json};

use crate::ErrorKind;
use crate::records::read::read;
use crate::records::search::search;
use crate::testing::{Clinic, over_fhir};

fn program(clinic: &Clinic) -> Context {
    let scopes = vec!["system/*.cruds".to_owned()];
    clinic.context(Actor::System { token: "t1".parse().unwrap(), scopes })
}

async fn found(clinic: &Clinic, context: &Context, of: &str, query: &str) -> Value {
    let pairs: Vec<(String, String)> = query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let bundle = search(&clinic.app, context, of, &pairs, false).await.unwrap();
    serde_json::from_slice(&bundle).unwrap()
}

fn ids(bundle: &Value) -> Vec<&str> {
    let entries = bundle["entry"].as_array().into_iter().flatten();
    entries.filter_map(|entry| entry["resource"]["id"].as_str()).collect()
}

#[tokio::test]
async fn a_parameter_is_read_by_its_id_and_found_by_type_and_code() {
    let clinic = Clinic::open();
    let lab = program(&clinic);
    let record =
        read(&clinic.app, &lab, "SearchParameter", &"individual-birthdate".parse().unwrap()).await.unwrap();
    let value: Value = serde_json::from_slice(&record.body).unwrap();
    assert_eq!((value["code"].as_str(), value["type"].as_str()), (Some("birthdate"), Some("date")));
    assert_eq!(record.last_updated, lab.now);
    let bundle = found(&clinic, &lab, "SearchParameter", "base=Patient&code=birthdate").await;
    assert_eq!((ids(&bundle), &bundle["total"]), (vec!["individual-birthdate"], &json!(1)));
    let by_url = "url=http://hl7.org/fhir/SearchParameter/individual-birthdate";
    assert_eq!(ids(&found(&clinic, &lab, "SearchParameter", by_url).await), ["individual-birthdate"]);
    let none = read(&clinic.app, &lab, "SearchParameter", &"nobody".parse().unwrap()).await.unwrap_err();
    assert_eq!(none.kind, ErrorKind::NotFound);
}

#[tokio::test]
async fn what_is_stored_is_answered_in_the_place_of_what_the_program_says() {
    let clinic = Clinic::open();
    let (app, lab) = (&clinic.app, program(&clinic));
    let url = "http://hl7.org/fhir/SearchParameter/individual-birthdate";
    let own = |id: &str| {
        json!({
            "resourceType": "SearchParameter", "id": id, "url": url, "name": "ours", "status": "active",
            "description": "ours", "code": "birthdate", "base": ["Patient"], "type": "date",
            "expression": "Patient.birthDate",
        })
        .to_string()
    };
    let id = "individual-birthdate".parse().unwrap();
    over_fhir::update(app, &lab, "SearchParameter", &id, own("individual-birthdate").as_bytes(), None)
        .await
        .unwrap();
    let record = read(app, &lab, "SearchParameter", &id).await.unwrap();
    assert!(String::from_utf8_lossy(&record.body).contains("\"ours\""));
    let by_url = format!("url={url}");
    assert_eq!(found(&clinic, &lab, "SearchParameter", &by_url).await["entry"].as_array().unwrap().len(), 1);

    over_fhir::delete(app, &lab, "SearchParameter", &id, None).await.unwrap();
    let record = read(app, &lab, "SearchParameter", &id).await.unwrap();
    assert!(String::from_utf8_lossy(&record.body).contains("FHIR R4"), "the program's own is back");
    let other = "mine".parse().unwrap();
    over_fhir::update(app, &lab, "SearchParameter", &other, own("mine").as_bytes(), None).await.unwrap();
    assert_eq!(
        ids(&found(&clinic, &lab, "SearchParameter", &by_url).await),
        ["mine"],
        "also under another id"
    );
}

#[tokio::test]
async fn pages_go_through_the_stored_and_then_through_those_of_the_program() {
    let clinic = Clinic::open();
    let lab = program(&clinic);
    for number in 0..3 {
        let parameter = json!({
            "resourceType": "SearchParameter", "url": format!("urn:x:{number}"), "name": "x", "status": "draft",
            "description": "x", "code": format!("x{number}"), "base": ["Patient"], "type": "string",
        });
        let body = parameter.to_string();
        over_fhir::create(&clinic.app, &lab, "SearchParameter", body.as_bytes(), None).await.unwrap();
    }
    let whole = found(&clinic, &lab, "SearchParameter", "base=Patient&_count=500&_total=accurate").await;
    let all: Vec<String> = ids(&whole).into_iter().map(str::to_owned).collect();
    assert_eq!(whole["total"], json!(all.len()));
    let (mut paged, mut query) = (Vec::new(), "base=Patient&_count=2".to_owned());
    loop {
        let bundle = found(&clinic, &lab, "SearchParameter", &query).await;
        paged.extend(ids(&bundle).into_iter().map(str::to_owned));
        let links = bundle["link"].as_array().unwrap();
        let Some(next) = links.iter().find(|link| link["relation"] == "next") else { break };
        query = next["url"].as_str().unwrap().split_once('?').unwrap().1.replace("%3D", "=");
    }
    assert_eq!(paged, all);
    assert!(all.len() > 20 && all[3..].is_sorted());
    let sorted = found(&clinic, &lab, "SearchParameter", "base=Patient&_sort=-_lastUpdated&_count=1").await;
    assert_eq!(sorted["entry"].as_array().unwrap().last().unwrap()["search"]["mode"], "outcome");
    let counted = found(&clinic, &lab, "SearchParameter", "base=Patient&_summary=count").await;
    assert_eq!(counted["total"], whole["total"]);
    let old = found(&clinic, &lab, "SearchParameter", "_lastUpdated=lt2020").await;
    assert_eq!(old["total"], 0);
    assert!(lab.now > Timestamp(0));
}

#[tokio::test]
async fn operations_are_defined_when_they_have_routes_and_not_before() {
    let clinic = Clinic::open();
    let lab = program(&clinic);
    assert!(clinic.app.definitions.offered().is_empty());
    let paths =
        ["/fhir/ValueSet/$expand", "/fhir/ValueSet/{id}/$expand", "/fhir/{type}/{id}/$meta", "/fhir/{type}"];
    clinic.app.definitions.offer(paths.into_iter());
    assert_eq!(clinic.app.definitions.undefined(), Vec::<&str>::new());
    let bundle = found(&clinic, &lab, "OperationDefinition", "").await;
    assert_eq!(ids(&bundle), ["Resource-meta", "ValueSet-expand"]);
    let expand = &bundle["entry"][1]["resource"];
    assert_eq!(
        (&expand["type"], &expand["instance"], &expand["system"]),
        (&json!(true), &json!(true), &json!(false))
    );
    assert_eq!(ids(&found(&clinic, &lab, "OperationDefinition", "code=expand").await), ["ValueSet-expand"]);
    let nobody = search(&clinic.app, &clinic.nobody(), "OperationDefinition", &[], false).await.unwrap_err();
    assert_eq!(nobody.kind, ErrorKind::SignIn);
}
