//! The keys of the installation as an administrator of the first tenant sees them, whose machine it is: names and dates, never a key. Replacing the master key is
//! for the operator on the machine; the page says how.

use bianque_model::{Context, Timestamp};
use bianque_store::{AuditAction, StateKey};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::aggregate::{Aggregate, shared};
use crate::audit::checkpoint::TENANT;
use crate::change::audit_row;
use crate::{App, Change, Error, instant, policy, secrets, smart};

/// Generations that are shown.
const SHOWN: u32 = 50;

/// A master key that is or was in use.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Generation {
    /// Its name, which tells nothing of it.
    name: String,
    /// Since when it has been in use, as far as is known.
    since: Timestamp,
    /// When another took its place.
    replaced_at: Option<Timestamp>,
}

impl Aggregate for Generation {
    const KIND: &'static str = "master-key";
    const ABOUT_PATIENT: bool = false;

    fn id(&self) -> String {
        self.name.clone()
    }

    fn keys(&self) -> Vec<StateKey> {
        vec![shared("since", instant::text(self.since))]
    }
}

/// Where the master key comes from, as far as it is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum MasterKeySource {
    /// A file.
    File {
        /// Its name, without its folder.
        name: String,
        /// It lies in the data folder: whoever takes that can read everything.
        in_data: bool,
    },
    /// What a command prints.
    Command {
        /// The program, without its folder and arguments.
        program: String,
    },
}

/// The master key at a start: what is not known of yet is written down.
pub async fn seen(app: &App, name: &str) -> Result<(), Error> {
    let context = app.server_context(TENANT);
    if app.load::<Generation>(TENANT, name).await?.is_some() {
        return Ok(());
    }
    let mut change = Change::new(app, &context);
    change.insert(&Generation { name: name.to_owned(), since: context.now, replaced_at: None })?;
    change.commit().await.map(|_| ())
}

/// A master key took the place of another. Said again it changes nothing.
pub async fn replaced(app: &App, from: &str, to: &str, wrapped: u64) -> Result<(), Error> {
    let context = app.server_context(TENANT);
    if app.load::<Generation>(TENANT, to).await?.is_some() {
        return Ok(());
    }
    let now = context.now;
    let before = app.load::<Generation>(TENANT, from).await?.map(|loaded| loaded.value);
    let before =
        before.unwrap_or_else(|| Generation { name: from.to_owned(), since: now, replaced_at: None });
    let mut row = audit_row(&context, AuditAction::E, "keys.rotate", None, &format!("MasterKey/{to}"));
    row.detail = format!("{from} -> {to}, {wrapped} files");
    let mut change = Change::new(app, &context);
    change.save(&Generation { replaced_at: Some(now), ..before })?;
    change.insert(&Generation { name: to.to_owned(), since: now, replaced_at: None })?;
    change.audit_with(row);
    change.commit().await.map(|_| ())
}

/// Master keys by name, what hangs on them, and the ids of the keys that sign. Looking is audited.
pub async fn show(app: &App, context: &Context) -> Result<Value, Error> {
    policy::operator(context)?;
    let blobs = app.blobs.clone();
    let counted = tokio::task::spawn_blocking(move || blobs.generations());
    let counted = counted.await.map_err(Error::internal)?.map_err(Error::internal)?;
    let known = app.newest::<Generation>(TENANT, "since", SHOWN).await?;
    let generations: Vec<Value> = known
        .iter()
        .map(|loaded| {
            let Generation { name, since, replaced_at } = &loaded.value;
            json!({
                "name": name, "since": instant::text(*since), "replaced_at": replaced_at.map(instant::text),
                "current": *name == counted.current,
            })
        })
        .collect();
    let row = audit_row(context, AuditAction::R, "keys.read", None, "MasterKey");
    app.store.audit_read(context.tenant, row).await?;
    Ok(json!({
        "master": {
            "source": app.settings.master_key, "current": counted.current, "generations": generations,
            "subjects": counted.subjects, "behind": counted.behind, "rotating": counted.before.is_some(),
        },
        "signing": signing(app)?,
        "rotate": app.settings.rotate_command,
    }))
}

/// Keys that sign: what for, and by which id.
fn signing(app: &App) -> Result<Value, Error> {
    let rejected = |_| Error::internal("a signing key cannot be read");
    let notes = secrets::key_id(&app.secrets.verifying().map_err(rejected)?);
    Ok(json!([
        {"for": "records", "algorithm": "ES256", "id": notes},
        {"for": "identity", "algorithm": "ES256", "id": smart::identity_key_id(app)?},
    ]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Clinic;

    #[tokio::test]
    async fn an_administrator_sees_names_of_keys_and_when_they_changed_and_no_key() {
        let clinic = Clinic::open();
        let home = clinic.organization("Home").await;
        let (app, root) = (&clinic.app, clinic.administrator("root", &home).await);
        let name = app.blobs.generations().unwrap().current;
        seen(app, &name).await.unwrap();
        seen(app, &name).await.unwrap();
        let shown = show(app, &root).await.unwrap();
        let master = &shown["master"];
        assert_eq!(master["generations"].as_array().unwrap().len(), 1, "seen again is not another");
        assert_eq!(
            (&master["generations"][0]["current"], &master["rotating"]),
            (&json!(true), &json!(false))
        );
        let published = smart::configuration::keys(app).unwrap();
        assert_eq!(shown["signing"][1]["id"], published["keys"][0]["kid"]);
        assert_ne!(shown["signing"][0]["id"], shown["signing"][1]["id"]);

        clinic.clock.pass(60);
        replaced(app, &name, "feedfeedfeedfeed", 7).await.unwrap();
        replaced(app, &name, "feedfeedfeedfeed", 7).await.unwrap();
        let shown = show(app, &root).await.unwrap();
        let names: Vec<_> =
            shown["master"]["generations"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
        assert_eq!(names, [&json!("feedfeedfeedfeed"), &json!(name)]);
        assert!(shown["master"]["generations"][1]["replaced_at"].is_string());
        let bytes = std::fs::read(clinic.folder().join("master.key")).unwrap();
        assert!(!shown.to_string().contains(&secrets::hex(&bytes)));
        let rows =
            crate::audit::list::list(app, &root, &crate::audit::list::Filter::default(), None).await.unwrap();
        let of = |operation: &str| {
            rows["rows"].as_array().unwrap().iter().filter(|row| row["operation"] == operation).count()
        };
        assert_eq!((of("keys.read"), of("keys.rotate")), (2, 1));
        let doctor = clinic.clinician("li.na", &home).await;
        assert!(show(app, &doctor.context).await.is_err());
    }
}
