//! Stories of records that are one person's: searches mean all of them, policy is asked of the one that stands for them,
//! and parting them leaves everything as it was.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed story")]

mod clinic;

use std::collections::{BTreeMap, BTreeSet};

use bianque_model::{ResourceId, Timestamp};
use bianque_query::{
    Asker, Bar, Clause, DateRange, IndexRow, IndexValue, Predicate, Query, Reference, Rule, Scope, Term,
    Test, Tie,
};
use bianque_store::{CommitError, Merge, ResourceWrite};
use clinic::{
    Clinic, NOON, TENANT, clinic, code, commit, found, has, id, lies_in, patient, query, refers, token, write,
};

const PEOPLE: [&str; 6] = ["ana", "bo", "cho", "dee", "eve", "fay"];

/// Six records, of two institutions in turn, each with one measurement and one visit of a clinician of its own.
async fn town() -> Clinic {
    let clinic = clinic();
    let mut change = commit();
    for (place, name) in PEOPLE.into_iter().enumerate() {
        change.resources.push(patient(name, name, if place % 2 == 0 { "east" } else { "west" }));
        change.resources.push(about("Observation", &format!("o-{name}"), name));
        change.resources.push(seen_by(name));
    }
    clinic.store.commit(change).await.unwrap();
    clinic
}

fn about(resource_type: &str, name: &str, patient: &str) -> ResourceWrite {
    let index = vec![refers("patient", "Patient", patient), token("code", "loinc", name)];
    write(resource_type, name, "", index, vec![lies_in("Patient", patient)])
}

fn seen_by(patient: &str) -> ResourceWrite {
    let index = vec![
        refers("patient", "Patient", patient),
        refers("participant", "Practitioner", &format!("dr-{patient}")),
        token("status", "", "finished"),
    ];
    write("Encounter", &format!("v-{patient}"), "", index, vec![lies_in("Patient", patient)])
}

async fn join(clinic: &Clinic, patient: &str, into: &str) -> Result<(), CommitError> {
    let mut change = commit();
    change.merge = Some(Merge::Join { patient: id(patient), into: id(into) });
    clinic.store.commit(change).await.map(drop)
}

async fn part(clinic: &Clinic, patient: &str, from: &str) -> Result<(), CommitError> {
    let mut change = commit();
    change.merge = Some(Merge::Part { patient: id(patient), from: id(from) });
    clinic.store.commit(change).await.map(drop)
}

fn observations(filter: Predicate) -> Query {
    Query { filter, ..query("Observation") }
}

fn within(scope: Scope) -> Query {
    Query { scope, ..query("Observation") }
}

fn refers_to(name: &str) -> Test {
    Test::Refers(Reference { resource_type: "Patient".into(), id: id(name) })
}

/// Every way in which a search of measurements names a patient.
fn ways(name: &str) -> Vec<(&'static str, Query)> {
    let chain = |filter| Predicate::Chain {
        param: "patient".into(),
        target_type: "Patient".into(),
        filter: Box::new(filter),
    };
    let negated = Predicate::Not(Box::new(Predicate::Not(Box::new(has("patient", refers_to(name))))));
    vec![
        ("the compartment", observations(Predicate::In(lies_in("Patient", name)))),
        ("a reference", observations(has("patient", refers_to(name)))),
        ("an id", observations(has("patient", Test::RefersToId(id(name))))),
        (
            "one of some",
            observations(has(
                "patient",
                Test::RefersToAny { resource_type: "Patient".into(), ids: vec![id(name)] },
            )),
        ),
        ("a reference, denied twice", observations(negated)),
        ("a chain", observations(chain(code("identifier", name)))),
        // Nothing narrow leads to what is not, so that the link stays in the statement.
        (
            "a chain from the wide end",
            observations(chain(Predicate::Not(Box::new(Predicate::Not(Box::new(code("identifier", name))))))),
        ),
        ("a scope of one record", within(Scope::any([Term::In(lies_in("Patient", name))]))),
        ("a scope of a tie", within(Scope::any([Term::PatientsTied(tie(name))]))),
    ]
}

fn tie(name: &str) -> Tie {
    Tie {
        resource_type: "Encounter".into(),
        param: "participant".into(),
        target: Reference { resource_type: "Practitioner".into(), id: id(&format!("dr-{name}")) },
        status: vec!["finished".into()],
    }
}

/// Who is merged into whom.
type Edges = BTreeMap<&'static str, &'static str>;

fn survivor(edges: &Edges, name: &'static str) -> &'static str {
    edges.get(name).map_or(name, |into| survivor(edges, into))
}

fn same(edges: &Edges, name: &'static str) -> Vec<&'static str> {
    let root = survivor(edges, name);
    PEOPLE.into_iter().filter(|other| survivor(edges, other) == root).collect()
}

/// Holds every way of asking about everybody against who is one by the edges.
async fn holds(clinic: &Clinic, edges: &Edges) {
    for name in PEOPLE {
        let wanted: BTreeSet<String> = same(edges, name).iter().map(|name| format!("o-{name}")).collect();
        for (way, query) in ways(name) {
            let shown: BTreeSet<String> = found(&clinic.store, query.clone()).await.into_iter().collect();
            assert_eq!(shown, wanted, "{name} by {way} with {edges:?}");
            let counted = clinic.store.count(TENANT, query, 100).await.unwrap();
            assert_eq!(counted, wanted.len() as u64, "{name} by {way}");
        }
        let with = Predicate::ReferredBy {
            resource_type: "Observation".into(),
            param: "patient".into(),
            filter: Box::new(code("code", &format!("o-{name}"))),
        };
        let people: BTreeSet<String> =
            found(&clinic.store, Query { filter: with, ..query("Patient") }).await.into_iter().collect();
        assert_eq!(people, same(edges, name).into_iter().map(str::to_owned).collect());
        let told = clinic.store.same_patients(TENANT, vec![id(name)]).await.unwrap().pop().unwrap();
        assert_eq!(told.survivor.as_str(), survivor(edges, name));
        assert_eq!(told.all[0], told.survivor);
        assert_eq!(told.into.map(|into| into.to_string()).as_deref(), edges.get(name).copied());
        let all: BTreeSet<&str> = told.all.iter().map(ResourceId::as_str).collect();
        assert_eq!(all, same(edges, name).into_iter().collect());
    }
    for (place, home) in ["east", "west"].into_iter().enumerate() {
        let at_home = |name: &'static str| {
            let root = survivor(edges, name);
            PEOPLE.iter().position(|other| *other == root).unwrap() % 2 == place
        };
        let wanted: BTreeSet<String> =
            PEOPLE.iter().copied().filter(|name| at_home(name)).map(|name| format!("o-{name}")).collect();
        let scope = Scope::any([Term::PatientsOf(id(home))]);
        let shown: BTreeSet<String> = found(&clinic.store, within(scope)).await.into_iter().collect();
        assert_eq!(shown, wanted, "who works at {home} sees what survivors of {home} have, with {edges:?}");
    }
}

/// Numbers from a seed, the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }
}

#[tokio::test]
async fn whatever_is_joined_and_parted_searches_mean_who_is_one() {
    for seed in 0..12 {
        let (clinic, mut dice, mut edges) = (town().await, Dice(seed), Edges::new());
        for _ in 0..12 {
            let (one, other) = (PEOPLE[dice.below(6)], PEOPLE[dice.below(6)]);
            if dice.below(3) > 0 {
                let possible = !edges.contains_key(one) && survivor(&edges, other) != one;
                assert_eq!(
                    join(&clinic, one, other).await.is_ok(),
                    possible,
                    "{one} into {other}, {edges:?}"
                );
                if possible {
                    edges.insert(one, other);
                }
            } else if let Some(into) = edges.get(one).copied() {
                part(&clinic, one, into).await.unwrap();
                edges.remove(one);
            } else {
                assert!(matches!(part(&clinic, one, other).await, Err(CommitError::Merge)));
            }
        }
        holds(&clinic, &edges).await;
        // Undone in whatever order, all is as it was.
        while let Some((one, into)) = edges.iter().nth(dice.below(edges.len().max(1))).map(|(a, b)| (*a, *b))
        {
            part(&clinic, one, into).await.unwrap();
            edges.remove(one);
        }
        holds(&clinic, &Edges::new()).await;
    }
}

#[tokio::test]
async fn a_record_by_its_id_is_itself_whatever_it_is_merged_with() {
    let clinic = town().await;
    join(&clinic, "ana", "bo").await.unwrap();
    let itself = Query { filter: Predicate::Ids(vec![id("ana")]), ..query("Patient") };
    assert_eq!(found(&clinic.store, itself).await, ["ana"]);
    let clinic = clinic.reopened();
    let query = observations(has("patient", refers_to("bo")));
    assert_eq!(found(&clinic.store, query).await.len(), 2, "it outlives the process");
}

#[tokio::test]
async fn a_refused_merge_writes_nothing_and_others_of_its_group_stand() {
    let clinic = town().await;
    join(&clinic, "ana", "bo").await.unwrap();
    let mut refused = commit();
    refused.merge = Some(Merge::Join { patient: id("bo"), into: id("ana") });
    refused.resources.push(about("Observation", "never", "ana"));
    let mut fine = commit();
    fine.resources.push(about("Observation", "late", "ana"));
    let (refused, fine) = tokio::join!(clinic.store.commit(refused), clinic.store.commit(fine));
    assert!(matches!(refused, Err(CommitError::Merge)));
    fine.unwrap();
    let of_bo = found(&clinic.store, observations(has("patient", refers_to("bo")))).await;
    assert_eq!(of_bo, ["late", "o-ana", "o-bo"]);
}

#[tokio::test]
async fn what_the_patient_denied_by_one_record_holds_for_all_of_them() {
    let clinic = town().await;
    let rule = Rule {
        patient: id("ana"),
        permit: false,
        depth: 1,
        grantee: "Organization/west".into(),
        resource_type: String::new(),
        label: String::new(),
        holds: DateRange { low: Timestamp(0), high: Timestamp(i64::MAX) },
    };
    let mut change = commit();
    let index = vec![IndexRow { param: "rule".into(), value: IndexValue::Rule(rule) }];
    change.resources.push(write("Consent", "denial", "", index, vec![lies_in("Patient", "ana")]));
    clinic.store.commit(change).await.unwrap();
    let scope = || {
        let asker = Asker { names: vec!["Organization/west".into()], at: NOON };
        let term = Term::PatientsOf(id("west"));
        within(Scope::Any(vec![Clause { term, types: Vec::new(), unless: vec![Bar::Denied(asker)] }]))
    };
    let before = found(&clinic.store, scope()).await;
    assert_eq!(before, ["o-bo", "o-dee", "o-fay"]);
    join(&clinic, "ana", "bo").await.unwrap();
    assert_eq!(found(&clinic.store, scope()).await, ["o-dee", "o-fay"], "of the one person nothing is shown");
    part(&clinic, "ana", "bo").await.unwrap();
    assert_eq!(found(&clinic.store, scope()).await, before);
}

#[tokio::test]
async fn a_page_goes_on_where_it_was_when_records_are_merged_meanwhile() {
    let clinic = town().await;
    let first = Query { limit: 1, ..observations(has("patient", refers_to("bo"))) };
    let mut change = commit();
    change.resources.push(about("Observation", "z-bo", "bo"));
    clinic.store.commit(change).await.unwrap();
    let page = clinic.store.search(TENANT, first.clone()).await.unwrap();
    assert_eq!(page.rows[0].id.as_str(), "o-bo");
    join(&clinic, "cho", "bo").await.unwrap();
    let rest = clinic.store.search(TENANT, Query { after: page.next, limit: 9, ..first }).await.unwrap();
    let rest: Vec<&str> = rest.rows.iter().map(|row| row.id.as_str()).collect();
    assert_eq!(rest, ["o-cho", "z-bo"]);
}

#[tokio::test]
async fn who_is_shredded_is_no_stranger_to_the_other_record() {
    let clinic = town().await;
    let mut change = commit();
    let both = vec![lies_in("Patient", "ana"), lies_in("Patient", "bo")];
    change.resources.push(write("Provenance", "merge", "", Vec::new(), both));
    clinic.store.commit(change).await.unwrap();
    let about = |patient: &str| clinic.store.traces(TENANT, id(patient));
    assert_eq!(about("ana").await.unwrap().shared, 1, "it is another patient's too");
    join(&clinic, "ana", "bo").await.unwrap();
    let traces = about("ana").await.unwrap();
    assert_eq!((traces.shared, traces.resources.len()), (0, 4));
    clinic.store.erase(TENANT, id("ana"), traces).await.unwrap();
    let alone = clinic.store.same_patients(TENANT, vec![id("ana"), id("bo")]).await.unwrap();
    assert!(alone.iter().all(|same| same.all.len() == 1));
}
