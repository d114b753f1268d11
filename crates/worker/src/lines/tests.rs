//! Destinations that are down, slow or held back, and a server that is killed.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bianque_app::App;
use bianque_app::messages::out::destinations::{self, Pausing};
use bianque_app::ports::lines::{Awaited, End, Lines, OpenLine};
use bianque_app::ports::outbound::Failure;
use bianque_app::testing::{Clinic, Doctor};
use bianque_app::visits::book::{self, Booking};
use bianque_model::{Context, ResourceId};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use super::{follow, send};
use crate::Pace;

const PACE: Pace = Pace { first: Duration::from_millis(5), longest: Duration::from_millis(20) };

/// Receivers by their hosts: the numbers that came, and who does not answer.
#[derive(Default)]
struct World {
    came: Mutex<HashMap<String, Vec<String>>>,
    down: Mutex<HashSet<String>>,
    silent: Mutex<HashSet<String>>,
}

/// The way to them.
struct Way(Arc<World>);

impl Lines for Way {
    fn open<'a>(&'a self, end: &'a End) -> Awaited<'a, Box<dyn OpenLine>> {
        let host = end.host.to_string();
        let open = if self.0.down.lock().unwrap().contains(&host) {
            Err(Failure::Unreachable)
        } else {
            Ok(Box::new(Line { world: Arc::clone(&self.0), host, control: String::new() })
                as Box<dyn OpenLine>)
        };
        Box::pin(std::future::ready(open))
    }
}

struct Line {
    world: Arc<World>,
    host: String,
    control: String,
}

impl OpenLine for Line {
    fn write<'a>(&'a mut self, bytes: &'a [u8]) -> Awaited<'a, ()> {
        let text = String::from_utf8_lossy(bytes).into_owned();
        self.control = text.split('|').nth(9).unwrap_or_default().to_owned();
        let mut came = self.world.came.lock().unwrap();
        came.entry(self.host.clone()).or_default().push(self.control.clone());
        Box::pin(std::future::ready(Ok(())))
    }

    fn read(&mut self) -> Awaited<'_, Vec<u8>> {
        let silent = self.world.silent.lock().unwrap().contains(&self.host);
        let answer = format!("\x0bMSH|^~\\&|HIS||||||ACK|1|P|2.5\rMSA|AA|{}\r\x1c\r", self.control);
        Box::pin(async move {
            if silent {
                std::future::pending::<()>().await;
            }
            Ok(answer.into_bytes())
        })
    }
}

struct Town {
    clinic: Clinic,
    world: Arc<World>,
    doctor: Doctor,
    patient: ResourceId,
    administrator: Context,
    tasks: [JoinHandle<()>; 2],
}

impl Town {
    async fn open(hosts: &[&str]) -> Self {
        let world = Arc::new(World::default());
        let mut clinic = Clinic::open();
        clinic.app.lines = Arc::new(Way(Arc::clone(&world)));
        let home = clinic.organization("Home").await;
        let doctor = clinic.clinician("li.na", &home).await;
        let patient = clinic.patient("Ana", &home).await;
        clinic.price("video").await;
        let administrator = clinic.administrator("wang", &home).await;
        let tasks = start(&clinic.app);
        let town = Self { clinic, world, doctor, patient, administrator, tasks };
        for host in hosts {
            let rules = json!({"name": host, "host": host, "port": 2575, "own_application": "BIANQUE",
                "events": ["SIU"], "zone": "UTC"});
            let rules = serde_json::from_value(rules).unwrap();
            destinations::make(town.app(), &town.administrator, rules).await.unwrap();
        }
        town
    }

    /// Cuts everything off and begins again on the same data.
    async fn kill(self) -> Self {
        for task in self.tasks {
            task.abort();
            let _ = task.await;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        let mut clinic = self.clinic.reopened();
        clinic.app.lines = Arc::new(Way(Arc::clone(&self.world)));
        let tasks = start(&clinic.app);
        Self { clinic, tasks, ..self }
    }

    fn app(&self) -> &App {
        &self.clinic.app
    }

    /// Books a visit in so many hours.
    async fn books(&self, hours: i64) {
        let start = self.app().clock.now().plus_seconds(hours * 3600);
        let booking = Booking {
            patient_id: self.patient.clone(),
            practitioner_id: None,
            start: Some(bianque_app::instant::text(start)),
            visit_type: "video".into(),
            reason: String::new(),
        };
        book::book(self.app(), &self.doctor.context, booking).await.unwrap();
    }

    fn came(&self, host: &str) -> Vec<String> {
        self.world.came.lock().unwrap().get(host).cloned().unwrap_or_default()
    }

    async fn state(&self, place: usize) -> Value {
        let all = destinations::list(self.app(), &self.administrator).await.unwrap();
        all["destinations"][place].clone()
    }

    async fn until(&self, what: &str, holds: impl AsyncFn() -> bool) {
        for _ in 0..1_000 {
            if holds().await {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{what} never came; what came is {:?}", self.world.came.lock().unwrap());
    }

    async fn comes(&self, host: &str, count: usize) -> Vec<String> {
        self.until(&format!("message {count}"), async || self.came(host).len() >= count).await;
        self.came(host)
    }
}

fn start(app: &App) -> [JoinHandle<()>; 2] {
    [follow(app.clone()), send(app.clone(), PACE)]
}

#[tokio::test]
async fn what_waits_for_a_destination_that_is_down_comes_in_order_when_it_is_up() {
    let town = Town::open(&["a.example"]).await;
    town.world.down.lock().unwrap().insert("a.example".into());
    for hours in 1..=5 {
        town.books(hours).await;
    }
    town.until("a failure", async || {
        let state = town.state(0).await["state"].clone();
        state["failures"].as_u64() > Some(2) && state["waiting"] == 5
    })
    .await;
    let state = town.state(0).await["state"].clone();
    assert_eq!(state["error"], "nothing answers there");
    assert!(state["next_at"].is_string() && state["oldest_at"].is_string(), "{state}");
    town.world.down.lock().unwrap().clear();
    let came = town.comes("a.example", 5).await;
    assert_eq!(came.iter().collect::<HashSet<_>>().len(), 5, "each once");
    town.until("nothing waits", async || town.state(0).await["state"]["waiting"] == 0).await;
    assert_eq!(town.state(0).await["state"]["failures"], 0);
}

#[tokio::test]
async fn who_never_answers_holds_up_nobody_else() {
    let town = Town::open(&["dead.example", "alive.example"]).await;
    town.world.silent.lock().unwrap().insert("dead.example".into());
    town.books(1).await;
    town.books(2).await;
    assert_eq!(town.comes("alive.example", 2).await.len(), 2);
    assert_eq!(town.comes("dead.example", 1).await.len(), 1, "the first is not answered yet");
}

#[tokio::test]
async fn a_destination_that_is_held_back_gets_everything_afterwards() {
    let town = Town::open(&["a.example"]).await;
    let id: ResourceId = town.state(0).await["id"].as_str().unwrap().parse().unwrap();
    let pause =
        async |paused| destinations::pause(town.app(), &town.administrator, &id, Pausing { paused }).await;
    pause(true).await.unwrap();
    town.books(1).await;
    town.books(2).await;
    town.until("both wait", async || town.state(0).await["state"]["waiting"] == 2).await;
    assert!(town.came("a.example").is_empty());
    pause(false).await.unwrap();
    town.comes("a.example", 2).await;
}

#[tokio::test]
async fn nothing_is_lost_when_the_server_is_killed() {
    let mut town = Town::open(&["a.example"]).await;
    town.world.silent.lock().unwrap().insert("a.example".into());
    for hours in 1..=6 {
        town.books(hours).await;
        if hours % 2 == 0 {
            town = town.kill().await;
        }
    }
    town.world.silent.lock().unwrap().clear();
    town = town.kill().await;
    town.until("nothing waits", async || {
        let state = town.state(0).await["state"].clone();
        state["waiting"] == 0 && town.came("a.example").iter().collect::<HashSet<_>>().len() == 6
    })
    .await;
    let mut came = town.came("a.example");
    // The first was on its way when the server was killed.
    came.dedup();
    assert_eq!(came.len(), 6, "in order, and no other twice");
}
