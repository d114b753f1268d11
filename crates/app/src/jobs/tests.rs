//! Stories of the runner: it takes jobs up by itself, also those that a process before left.

use std::time::Duration;

use bianque_model::Actor;

use super::{Status, run, status};
use crate::records::Asked;
use crate::records::export::{self, Level};
use crate::testing::Clinic;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jobs_of_several_tenants_are_done_without_anybody_waiting() {
    let clinic = Clinic::open();
    let beside = clinic.beside("other.example").await;
    let mut asked = Vec::new();
    for place in [&clinic, &beside] {
        place.organization("Home").await;
        let actor = Actor::System { token: "t".parse().unwrap(), scopes: vec!["system/*.rs".into()] };
        let context = place.context(actor);
        for _ in 0..2 {
            let nothing = Asked::read(Vec::new(), None).unwrap();
            let job = export::ask(&place.app, &context, Level::System, &nothing).await.unwrap();
            asked.push((context.clone(), job));
        }
    }
    // As after a restart: the jobs were there before the runner.
    let clinic = clinic.reopened();
    clinic.app.read_tenants().await.unwrap();
    let runner = tokio::spawn(run(clinic.app.clone()));
    let done = async {
        for (context, job) in &asked {
            while matches!(status(&clinic.app, context, job).await.unwrap(), Status::UnderWay { .. }) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    };
    tokio::time::timeout(Duration::from_mins(1), done).await.unwrap();
    runner.abort();
}
