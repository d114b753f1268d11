//! One query, asked of both.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap};

use bianque_app::policy::{Action, records};
use bianque_fhir::SearchOptions;
use bianque_fhir::custom::CustomParams;
use bianque_fhir::terminology::Terminology;
use bianque_model::{Actor, Context, Purpose, UserId};
use bianque_query::{Predicate, Query, Scope};
use uuid::Uuid;

use crate::ask::Criterion;
use crate::draw::Drawer;
use crate::scan::{Places, Scan};
use crate::world::{BASE, NOW, TENANT, TYPES, World, id_of};

/// Differences that are told before the rest is only counted.
const TOLD: usize = 25;

/// Both sides, and what they agreed on so far.
pub(crate) struct Comparison<'w> {
    world: &'w World,
    scan: &'w Scan<'w>,
    drawer: Drawer<'w>,
    askers: Vec<Context>,
    seen: HashMap<(usize, &'static str), (Scope, Places)>,
    differences: Vec<String>,
    tally: BTreeMap<&'static str, usize>,
}

impl<'w> Comparison<'w> {
    /// The oracle lives as long as the test.
    pub(crate) async fn of(world: &'w World, seed: u64) -> Self {
        let scan: &'w Scan<'w> = Box::leak(Box::new(Scan::of(world)));
        let drawer = Drawer::new(scan, seed ^ 0x5eed);
        let (seen, differences, tally) = (HashMap::new(), Vec::new(), BTreeMap::new());
        let mut all = Self { world, scan, drawer, askers: askers(), seen, differences, tally };
        for asker in 0..all.askers.len() {
            for (kind, _) in TYPES {
                if let Some(seen) = all.visible(asker, kind).await {
                    all.seen.insert((asker, kind), seen);
                }
            }
        }
        all
    }

    /// What somebody who searches a type sees of every type.
    async fn visible(&self, asker: usize, kind: &str) -> Option<(Scope, Places)> {
        let scope = records(&self.askers[asker], kind, Action::Search).ok()?;
        let mut seen = Places::new();
        for of in TYPES.iter().map(|(name, _)| *name).chain(["RiskAssessment"]) {
            let query = Query {
                resource_type: of.to_owned(),
                filter: Predicate::And(Vec::new()),
                scope: scope.clone(),
                order: Vec::new(),
                after: None,
                limit: 1_000,
            };
            let rows = self.world.store.search(TENANT, query).await.unwrap().rows;
            let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
            seen.extend(self.world.of(of).filter(|(_, one)| ids.contains(&one.id())).map(|(place, _)| place));
        }
        Some((scope, seen))
    }

    /// Draws a query and asks it of both.
    pub(crate) async fn ask(&mut self) {
        let (kind, _) = *self.drawer.dice.pick(&TYPES);
        let kind = if self.drawer.dice.once_in(20) { "RiskAssessment" } else { kind };
        let asker = self.asker(kind);
        let criteria = self.drawer.criteria(kind);
        let order = if self.drawer.dice.once_in(3) { self.drawer.order(kind) } else { Vec::new() };
        let count = *self.drawer.dice.pick(&[500, 500, 500, 500, 500, 500, 20, 7]);
        let everything = (Scope::All, (0..self.world.resources.len()).collect());
        let (scope, seen) = match self.seen.get(&(asker, kind)) {
            Some(found) => found.clone(),
            None => everything,
        };
        let wanted = self.wanted(kind, &criteria, &order, &seen);
        let mut pairs: Vec<(String, String)> = criteria.iter().map(Criterion::pair).collect();
        if !order.is_empty() {
            let keys: Vec<String> =
                order.iter().map(|(code, down)| format!("{}{code}", if *down { "-" } else { "" })).collect();
            pairs.push(("_sort".into(), keys.join(",")));
        }
        pairs.push(("_count".into(), count.to_string()));
        match self.answered(kind, &pairs, scope).await {
            Ok(found) if found == wanted => {
                self.count(if wanted.is_empty() { "found nothing" } else { "found something" });
            }
            Ok(found) => self.differs(kind, &pairs, &format!("found {found:?}\n  wanted {wanted:?}")),
            Err(why) => self.differs(kind, &pairs, &why),
        }
    }

    /// Somebody who may search the type.
    fn asker(&mut self, kind: &'static str) -> usize {
        loop {
            let asker = self.drawer.dice.below(self.askers.len());
            if asker == 0 || self.seen.contains_key(&(asker, kind)) {
                return asker;
            }
        }
    }

    fn count(&mut self, what: &'static str) {
        *self.tally.entry(what).or_default() += 1;
    }

    fn differs(&mut self, kind: &str, pairs: &[(String, String)], how: &str) {
        self.count("differences");
        if self.differences.len() < TOLD {
            self.differences.push(format!("{kind} {pairs:?}\n  {how}"));
        }
    }

    /// The ids that the oracle finds, in order.
    fn wanted(
        &self,
        kind: &str,
        criteria: &[Criterion],
        order: &[(&'static str, bool)],
        seen: &Places,
    ) -> Vec<String> {
        let mut left: Places =
            self.world.of(kind).map(|(place, _)| place).filter(|one| seen.contains(one)).collect();
        for criterion in criteria {
            let holding = self.scan.holding(kind, criterion, seen);
            left.retain(|place| holding.contains(place));
        }
        let keyed = left.into_iter().map(|place| {
            let keys: Vec<_> =
                order.iter().map(|(code, down)| self.scan.key(place, kind, code, *down)).collect();
            (keys, self.world.resources[place].id().to_owned())
        });
        let mut all: Vec<_> = keyed.collect();
        all.sort_by(|(keys, id), (other_keys, other_id)| {
            for ((key, other), (_, down)) in keys.iter().zip(other_keys).zip(order) {
                let found = match (key, other) {
                    (None, None) => Ordering::Equal,
                    (None, _) => Ordering::Greater,
                    (_, None) => Ordering::Less,
                    (key, other) => {
                        let found = key.partial_cmp(other).unwrap();
                        if *down { found.reverse() } else { found }
                    }
                };
                if found != Ordering::Equal {
                    return found;
                }
            }
            let by_id = id.cmp(other_id);
            if order.last().is_some_and(|(_, down)| *down) { by_id.reverse() } else { by_id }
        });
        all.into_iter().map(|(_, id)| id).collect()
    }

    /// The ids that the server finds, page after page.
    async fn answered(
        &self,
        kind: &str,
        pairs: &[(String, String)],
        scope: Scope,
    ) -> Result<Vec<String>, String> {
        let mut found = Vec::new();
        let mut after = None;
        loop {
            let terminology = Terminology::embedded();
            let options = SearchOptions {
                base: BASE,
                lenient: false,
                now: NOW,
                terminology,
                custom: CustomParams::none(),
            };
            let mut search = bianque_fhir::search(kind, pairs, options).map_err(|why| format!("{why:?}"))?;
            search.after = after;
            let page = self.world.store.search(TENANT, search.query(scope.clone())).await;
            let page = page.map_err(|why| why.to_string())?;
            found.extend(page.rows.iter().map(|row| row.id.to_string()));
            match page.next {
                Some(next) if found.len() <= self.world.resources.len() => after = Some(next),
                _ => return Ok(found),
            }
        }
    }

    /// No differences, and enough found to mean something.
    #[expect(clippy::print_stdout, reason = "the figures are what somebody who asks for more wants to know")]
    pub(crate) fn is_sound(&self) {
        let cases: usize = self.tally.values().sum();
        println!("{cases} queries: {:?}", self.tally);
        assert!(self.differences.is_empty(), "{:?}\n{}", self.tally, self.differences.join("\n"));
        let found = self.tally.get("found something").copied().unwrap_or_default();
        assert!(found > cases / 5, "the queries find too little to mean anything: {:?}", self.tally);
    }
}

/// Somebody who sees everything, programs that see all or some, and clinicians of institutions.
fn askers() -> Vec<Context> {
    let context = |actor| Context {
        tenant: TENANT,
        actor,
        emergencies: Vec::new(),
        purpose: Purpose::Treat,
        now: NOW,
        request: Uuid::nil(),
        address: String::new(),
    };
    let system = |scopes: &[&str]| Actor::System {
        token: "token".parse().unwrap(),
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
    };
    let clinician = |number: usize| Actor::Clinician {
        user: UserId(Uuid::nil()),
        practitioner: id_of("Practitioner", number).parse().unwrap(),
        organization: id_of("Organization", number).parse().unwrap(),
    };
    let some = ["system/Observation.rs", "system/Patient.rs", "system/Encounter.rs"];
    [Actor::Server, system(&["system/*.cruds"]), system(&some), clinician(1), clinician(2), clinician(5)]
        .map(context)
        .into()
}
