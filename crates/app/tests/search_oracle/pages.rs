//! Pages while others write: every resource that nobody wrote in between appears exactly once.

use std::collections::{BTreeMap, BTreeSet};

use bianque_fhir::SearchOptions;
use bianque_fhir::custom::CustomParams;
use bianque_fhir::terminology::Terminology;
use bianque_model::Timestamp;
use bianque_query::{Cursor, Page, Scope};
use bianque_store::StoredResource;
use serde_json::Value;

use crate::dice::Dice;
use crate::documents::document;
use crate::world::{BASE, NOW, TENANT, World, delete, put};

const KIND: &str = "Observation";
const ORDERS: [&str; 8] = [
    "",
    "_lastUpdated",
    "-_lastUpdated",
    "date",
    "-date,status",
    "code,-_lastUpdated",
    "-value-quantity",
    "value-string,date",
];
/// Walks through all pages, some of them over what has a status only.
const WALKS: usize = 48;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_writes_is_on_exactly_one_page() {
    let mut clinic = Busy::open().await;
    let mut unwritten = 0;
    for walk in 0..WALKS {
        let order = ORDERS[walk % ORDERS.len()];
        let filter = ["", "status"][walk / ORDERS.len() % 2];
        unwritten += clinic.walk(order, filter, 1 + walk % 7).await;
    }
    assert!(unwritten > WALKS * 20, "too little was left alone to mean anything: {unwritten}");
}

/// A clinic where others write all the time.
struct Busy {
    world: World,
    living: BTreeMap<String, Value>,
    made: usize,
    writes: i64,
    dice: Dice,
}

impl Busy {
    async fn open() -> Self {
        let world = World::build(11).await;
        let living = world.of(KIND).map(|(_, one)| (one.id().to_owned(), one.document.clone())).collect();
        Self { world, living, made: 0, writes: 0, dice: Dice(13) }
    }

    /// Goes through all pages; how many resources were found that nobody wrote meanwhile.
    async fn walk(&mut self, order: &str, filter: &str, count: usize) -> usize {
        let before = self.living.clone();
        let mut written = BTreeSet::new();
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let page = self.page(order, filter, count, after).await;
            assert!(page.rows.len() <= count, "a page of {count} has {}", page.rows.len());
            found.extend(page.rows.iter().map(|row| row.id.to_string()));
            after = page.next;
            // Updates may put off what was found, in the order of change for ever.
            if after.is_none() || found.len() > 1_000 {
                break;
            }
            if found.len() < 2 * before.len() {
                self.write(&mut written).await;
            }
        }
        let matching = |one: &Value| filter.is_empty() || one["status"] == "final";
        let left_alone = before.iter().filter(|(id, one)| !written.contains(*id) && matching(one));
        let left_alone: Vec<&String> = left_alone.map(|(id, _)| id).collect();
        for id in &left_alone {
            let times = found.iter().filter(|other| other == id).count();
            assert_eq!(times, 1, "{id} in the order {order:?} on pages of {count}, {filter:?}");
        }
        let strangers = found.iter().filter(|id| !before.contains_key(*id) && !written.contains(*id));
        assert_eq!(strangers.count(), 0);
        left_alone.len()
    }

    async fn page(
        &self,
        order: &str,
        filter: &str,
        count: usize,
        after: Option<Cursor>,
    ) -> Page<StoredResource> {
        let pair = |name: &str, value: String| (name.to_owned(), value);
        let mut pairs = vec![pair("_count", count.to_string())];
        pairs.extend((!order.is_empty()).then(|| pair("_sort", order.to_owned())));
        pairs.extend((!filter.is_empty()).then(|| pair(filter, "final".to_owned())));
        // The cursor goes the way that a link to the next page goes.
        pairs.extend(after.map(|cursor| pair("_cursor", cursor.0)));
        let terminology = Terminology::embedded();
        let options =
            SearchOptions { base: BASE, lenient: false, now: NOW, terminology, custom: CustomParams::none() };
        let search = bianque_fhir::search(KIND, &pairs, options).unwrap();
        self.world.store.search(TENANT, search.query(Scope::All)).await.unwrap()
    }

    /// Somebody creates, changes or deletes.
    async fn write(&mut self, written: &mut BTreeSet<String>) {
        self.writes += 1;
        let now = Timestamp(NOW.0 + self.writes * 1_000);
        let ids: Vec<String> = self.living.keys().cloned().collect();
        let old = self.dice.pick(&ids).clone();
        match self.dice.below(4) {
            0 => {
                let gone = self.living.remove(&old).unwrap();
                delete(&self.world.store, &gone, now).await;
                written.insert(old);
            }
            1 => {
                let changed = document(&mut self.dice, KIND, &old);
                put(&self.world.store, &changed, now).await;
                self.living.insert(old.clone(), changed);
                written.insert(old);
            }
            // What is deleted is replaced, so that there is always something to page through.
            _ if self.living.len() < 90 => {
                self.made += 1;
                let id = format!("{}-new.{}", self.dice.below(10), self.made);
                let new = document(&mut self.dice, KIND, &id);
                put(&self.world.store, &new, now).await;
                self.living.insert(id.clone(), new);
                written.insert(id);
            }
            _ => {}
        }
    }
}
