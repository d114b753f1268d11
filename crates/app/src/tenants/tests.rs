//! Stories of clinics that share a server.

use bianque_model::{ResourceId, TenantId};
use bianque_store::AuditQuery;

use super::create::{Making, create, setup_link};
use super::{HostName, Registry, State, change, close, hosts, list, operator};
use crate::identity::device::Browser;
use crate::identity::setup::{self, FirstUse, Institution};
use crate::identity::tokens;
use crate::import::{self, Batch};
use crate::records::retention::hold::{self, Placing};
use crate::records::shred;
use crate::testing::Clinic;
use crate::{App, Error};

const SECOND: TenantId = TenantId(2);

fn making(hosts: &[&str], public_url: Option<&str>) -> Making {
    let hosts = hosts.iter().map(|host| (*host).to_owned()).collect();
    Making { name: "Hillside".into(), hosts, public_url: public_url.map(str::to_owned) }
}

fn at(app: &App, host: &str) -> Option<TenantId> {
    app.tenants.at(HostName::parse(host).ok().as_ref())
}

fn code<T>(result: Result<T, Error>) -> &'static str {
    result.err().map_or("", |error| error.code)
}

async fn told(app: &App) -> Vec<(String, String)> {
    let query = AuditQuery { limit: 100, ..AuditQuery::default() };
    let rows = app.store.audit(TenantId::SERVER, query).await.unwrap().into_iter().rev();
    rows.map(|(_, row)| (format!("{} {}", row.operation, row.entity), row.detail)).collect()
}

#[tokio::test]
async fn a_clinic_alone_is_served_at_every_host_and_by_no_host_at_all() {
    let clinic = Clinic::open();
    for host in ["clinic.example", "127.0.0.1", "whatever.example", "not a host"] {
        assert_eq!(at(&clinic.app, host), Some(TenantId::FIRST), "{host}");
    }
    assert_eq!(clinic.app.public_url(TenantId::FIRST), "https://clinic.example");
    let tenants = list(&clinic.app);
    assert_eq!((tenants.len(), tenants[0].id, tenants[0].state), (1, TenantId::FIRST, State::Active));
    hosts::add(&clinic.app, TenantId::FIRST, "other.example").await.unwrap();
    assert_eq!(at(&clinic.app, "whatever.example"), Some(TenantId::FIRST), "its own hosts change nothing");
}

#[tokio::test]
async fn with_a_second_tenant_a_host_leads_to_whose_it_is_and_others_to_nobody() {
    let clinic = Clinic::open();
    let hillside = create(&clinic.app, making(&["Hillside.example.", "诊所.example"], None)).await.unwrap();
    assert_eq!((hillside.tenant.id, hillside.tenant.state), (SECOND, State::Active));
    for (host, whose) in [
        ("clinic.example", Some(TenantId::FIRST)),
        ("hillside.example", Some(SECOND)),
        ("HILLSIDE.example", Some(SECOND)),
        ("xn--8oup83g.example", Some(SECOND)),
        ("elsewhere.example", None),
        ("127.0.0.1", None),
        ("localhost", None),
        ("", None),
    ] {
        assert_eq!(at(&clinic.app, host), whose, "{host:?}");
    }
    assert_eq!(clinic.app.public_url(SECOND), "https://hillside.example");
    assert_eq!(clinic.app.public_url(TenantId::FIRST), "https://clinic.example");
    let third = create(&clinic.app, making(&["127.0.0.1"], Some("http://127.0.0.1:8080/"))).await.unwrap();
    assert_eq!((third.tenant.id, at(&clinic.app, "127.0.0.1")), (TenantId(3), Some(TenantId(3))));
    assert_eq!(clinic.app.public_url(TenantId(3)), "http://127.0.0.1:8080");
}

#[tokio::test]
async fn a_closed_tenant_answers_nobody_until_it_is_reopened_and_keeps_its_hosts() {
    let clinic = Clinic::open();
    create(&clinic.app, making(&["hillside.example"], None)).await.unwrap();
    assert_eq!(close::close(&clinic.app, SECOND).await.unwrap().state, State::Closed);
    assert_eq!(at(&clinic.app, "hillside.example"), None);
    assert_eq!(at(&clinic.app, "elsewhere.example"), None, "the first is not alone again");
    assert_eq!(code(create(&clinic.app, making(&["hillside.example"], None)).await), "tenant.host-taken");
    assert_eq!(
        (clinic.app.tenants.active(), clinic.app.tenants.closed()),
        (vec![TenantId::FIRST], vec![SECOND])
    );
    close::reopen(&clinic.app, SECOND).await.unwrap();
    assert_eq!(at(&clinic.app, "hillside.example"), Some(SECOND));
    assert_eq!(code(close::close(&clinic.app, TenantId::FIRST).await), "tenant.first");
    assert_eq!(code(close::close(&clinic.app, TenantId(9)).await), "tenant.unknown");
}

#[tokio::test]
async fn a_host_is_one_tenants_and_none_is_left_without() {
    let clinic = Clinic::open();
    let app = &clinic.app;
    for (hosts, url, refused) in [
        (&["clinic.example"][..], None, "tenant.host-taken"),
        (&["hillside.example", "Clinic.Example"], None, "tenant.host-taken"),
        (&[], None, "tenant.hosts"),
        (&["https://hillside.example"], None, "tenant.host"),
        (&["hillside.example"], Some("https://elsewhere.example"), "tenant.public-url"),
        (&["hillside.example"], Some("https://hillside.example/north"), "tenant.public-url"),
        (&["hillside.example"], Some("ftp://hillside.example"), "tenant.public-url"),
        (&["hillside.example"], Some("https://li@hillside.example"), "tenant.public-url"),
    ] {
        assert_eq!(code(create(app, making(hosts, url)).await), refused, "{hosts:?} {url:?}");
    }
    assert!(app.tenants.is_alone(), "nothing of this was written down");
    create(app, making(&["hillside.example"], None)).await.unwrap();
    assert_eq!(code(hosts::add(app, TenantId::FIRST, "hillside.example").await), "tenant.host-taken");
    assert_eq!(code(hosts::add(app, SECOND, "clinic.example").await), "tenant.host-taken");
    assert_eq!(code(hosts::remove(app, SECOND, "hillside.example").await), "tenant.host-used");
    assert_eq!(code(hosts::remove(app, TenantId::FIRST, "clinic.example").await), "tenant.host-unknown");
    hosts::add(app, SECOND, "hill.example").await.unwrap();
    hosts::add(app, SECOND, "HILL.example").await.unwrap();
    assert_eq!(
        code(change::change(app, SECOND, None, Some("https://other.example")).await),
        "tenant.public-url"
    );
    change::change(app, SECOND, Some("Hill"), Some("https://hill.example:8443")).await.unwrap();
    assert_eq!(app.public_url(SECOND), "https://hill.example:8443");
    hosts::remove(app, SECOND, "hillside.example").await.unwrap();
    assert_eq!((at(app, "hillside.example"), at(app, "hill.example")), (None, Some(SECOND)));
    let first = change::change(app, TenantId::FIRST, None, Some("https://clinic.example")).await;
    assert_eq!(code(first), "tenant.first");
}

#[tokio::test]
async fn a_host_that_two_take_at_the_same_moment_is_one_of_theirs() {
    let clinic = Clinic::open();
    let app = &clinic.app;
    create(app, making(&["hillside.example"], None)).await.unwrap();
    create(app, making(&["lakeside.example"], None)).await.unwrap();
    let third = TenantId(3);
    for host in ["a.example", "b.example", "c.example"] {
        let (one, other) = tokio::join!(hosts::add(app, SECOND, host), hosts::add(app, third, host));
        assert_eq!(code(one).len() + code(other).len(), "tenant.host-taken".len(), "one of them is refused");
        let have = |id| app.tenants.hosts(id).iter().any(|other| other.as_str() == host);
        assert!(have(SECOND) != have(third), "{host}");
    }
}

#[tokio::test]
async fn a_first_tenant_that_could_not_be_reached_stands_in_the_way_of_a_second() {
    let mut clinic = Clinic::open();
    clinic.app.tenants = Registry::new("http://127.0.0.1:8080".into(), false).into();
    let refused = create(&clinic.app, making(&["hillside.example"], None)).await;
    assert_eq!(code(refused), "tenant.first-unnamed");
    hosts::add(&clinic.app, TenantId::FIRST, "clinic.example").await.unwrap();
    create(&clinic.app, making(&["hillside.example"], None)).await.unwrap();
    assert_eq!(at(&clinic.app, "clinic.example"), Some(TenantId::FIRST));
    assert_eq!(code(hosts::remove(&clinic.app, TenantId::FIRST, "clinic.example").await), "tenant.host-last");
}

#[tokio::test]
async fn what_was_written_down_is_there_after_a_restart_and_audited() {
    let clinic = Clinic::open();
    create(&clinic.app, making(&["hillside.example", "hill.example"], None)).await.unwrap();
    hosts::remove(&clinic.app, SECOND, "hill.example").await.unwrap();
    close::close(&clinic.app, SECOND).await.unwrap();
    let clinic = clinic.reopened();
    clinic.app.read_tenants().await.unwrap();
    close::reopen(&clinic.app, SECOND).await.unwrap();
    assert_eq!((at(&clinic.app, "hillside.example"), at(&clinic.app, "hill.example")), (Some(SECOND), None));
    let row = |operation: &str, detail: &str| (format!("{operation} Tenant/2"), detail.to_owned());
    assert_eq!(
        told(&clinic.app).await,
        [
            row("tenant.create", "hillside.example hill.example"),
            row("tenant.host.remove", "hill.example"),
            row("tenant.close", ""),
            row("tenant.reopen", ""),
        ]
    );
    assert!(crate::audit::verify::verify(&clinic.app, &[]).await.unwrap().sound);
}

#[tokio::test]
async fn a_server_whose_configuration_takes_anothers_host_does_not_open() {
    let mut clinic = Clinic::open();
    create(&clinic.app, making(&["hillside.example"], None)).await.unwrap();
    clinic.app.tenants = Registry::new("https://hillside.example".into(), true).into();
    assert_eq!(code(clinic.app.read_tenants().await), "tenant.host-taken");
}

fn first_use(link: &str) -> FirstUse {
    FirstUse {
        token: link.rsplit('/').next().unwrap_or_default().to_owned(),
        name: "Root".into(),
        login: "root".into(),
        password: "three blue kites".into(),
        institution: Institution { name: "Hillside".into(), city: String::new() },
    }
}

#[tokio::test]
async fn the_link_of_a_tenant_makes_its_first_administrator_there_once_and_within_a_week() {
    let clinic = Clinic::open();
    let old = create(&clinic.app, making(&["hillside.example"], None)).await.unwrap().setup;
    assert!(old.starts_with("https://hillside.example/setup/"), "{old}");
    clinic.clock.pass(7 * 24 * 3600);
    let here = || operator(&clinic.app, SECOND).unwrap();
    let complete = async |link: &str| {
        setup::complete(&clinic.app, &here(), &Browser::default(), first_use(link)).await.map(|_| ())
    };
    assert_eq!(code(complete(&old).await), "setup.invalid", "a week has passed");
    let link = setup_link(&clinic.app, SECOND).await.unwrap();
    let elsewhere =
        setup::complete(&clinic.app, &clinic.nobody(), &Browser::default(), first_use(&link)).await;
    assert_eq!(code(elsewhere), "setup.invalid", "it is not a link of the first tenant");
    complete(&link).await.unwrap();
    assert_eq!(code(complete(&link).await), "setup.invalid");
    assert_eq!(code(setup_link(&clinic.app, SECOND).await), "setup.done");
    assert!(!setup::is_needed(&clinic.app, SECOND).await.unwrap());
    assert!(setup::is_needed(&clinic.app, TenantId::FIRST).await.unwrap(), "nobody was made here");
}

#[tokio::test]
async fn the_operator_names_a_tenant_that_there_is() {
    let clinic = Clinic::open();
    let hillside = clinic.beside("hillside.example").await;
    let (_, ana, _) = hillside.at_work().await;
    let app = &clinic.app;
    let nobody = TenantId(9);
    let batch = || Batch::Names { entries: Vec::new() };
    let placing = Placing { patient_id: ana.clone(), reason: "a claim".into() };
    assert_eq!(code(operator(app, nobody)), "tenant.unknown");
    assert_eq!(code(tokens::create(app, nobody, "system/*.rs", 60).await), "tenant.unknown");
    assert_eq!(code(import::take(app, TenantId::SERVER, batch()).await), "tenant.unknown");
    let of_first = hold::place(app, &operator(app, TenantId::FIRST).unwrap(), placing.clone()).await;
    assert_eq!(code(of_first), "not-found");
    let second = operator(app, SECOND).unwrap();
    hold::place(app, &second, placing).await.unwrap();
    hold::lift(app, &second, &ana, "settled").await.unwrap();
    close::close(app, SECOND).await.unwrap();
    assert_eq!(code(tokens::create(app, SECOND, "system/*.rs", 60).await), "tenant.closed");
    assert_eq!(code(import::take(app, SECOND, batch()).await), "tenant.closed");
    clinic.clock.pass(16 * 31_557_600);
    let elsewhere = shred::shred(app, TenantId::FIRST, &ana, "asked for").await;
    assert_eq!(code(elsewhere), "shred.unknown", "a patient is one tenant's");
    let went = shred::shred(app, SECOND, &ana, "asked for").await.unwrap();
    assert!(went.resources > 0, "what a closed tenant keeps can be destroyed when its time is over");
}

#[tokio::test]
async fn the_same_id_in_two_tenants_is_two_records() {
    let clinic = Clinic::open();
    let hillside = clinic.beside("hillside.example").await;
    let id: ResourceId = "same".parse().unwrap();
    for (clinic, name) in [(&clinic, "Ana"), (&hillside, "Bea")] {
        let context = clinic.server();
        let mut change = crate::Change::new(&clinic.app, &context);
        let patient = serde_json::json!({"resourceType": "Patient", "id": id, "name": [{"text": name}]});
        change.create(&patient).unwrap();
        change.commit().await.unwrap();
    }
    for (tenant, name) in [(TenantId::FIRST, "Ana"), (SECOND, "Bea")] {
        let stored = clinic.app.resource(tenant, "Patient", &id).await.unwrap();
        assert_eq!((stored.value["name"][0]["text"].as_str(), stored.version), (Some(name), 1));
    }
}
