//! Texts of consent: drafts that administrators write, and versions that they publish.

use bianque_model::{Context, ResourceId, Timestamp};
use bianque_store::{AuditAction, StateKey};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::aggregate::{Aggregate, shared};
use crate::visits::access::{bounded, required};
use crate::visits::consent_text::{self, BothLanguages, ConsentText};
use crate::{App, Change, Error, instant, policy};

/// The longest text of one language, characters.
const LONGEST: usize = 20_000;
/// Drafts of a tenant: one for each institution and one for all.
const MOST: u32 = 1_000;
/// A version may be announced this long before, seconds.
const AHEAD_S: i64 = 366 * 86_400;

/// A text that is being written.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Draft {
    /// For whose visits; none: for every institution without a text of its own.
    pub organization: Option<ResourceId>,
    /// The text so far.
    pub text: BothLanguages,
}

impl Aggregate for Draft {
    const KIND: &'static str = "consent-draft";
    const ABOUT_PATIENT: bool = false;

    fn id(&self) -> String {
        consent_text::scope_name(self.organization.as_ref())
    }

    fn keys(&self) -> Vec<StateKey> {
        vec![shared("all", "draft")]
    }
}

/// A draft as an administrator saves it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Saving {
    /// For whose visits; none: for all.
    pub organization_id: Option<ResourceId>,
    /// The text.
    pub text: BothLanguages,
    /// The revision that was edited; 0: there was no draft.
    pub revision: u64,
}

/// What is published.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Publishing {
    /// The draft for whose visits; none: for all.
    pub organization_id: Option<ResourceId>,
    /// The revision of the draft that was looked at.
    pub revision: u64,
    /// From when it is shown; none: from now on.
    #[serde(default)]
    pub valid_from: Option<String>,
}

/// Every version with where it stands, and the drafts.
pub async fn list(app: &App, context: &Context) -> Result<Value, Error> {
    policy::administrator(context)?;
    let texts = consent_text::all(app, context.tenant).await?;
    let drafts = app.list::<Draft>(context.tenant, "all", "draft"..="draft", MOST).await?;
    let shown: Vec<Value> = texts.iter().map(|text| line(&texts, text, context.now)).collect();
    let drafts: Vec<Value> = drafts
        .iter()
        .map(|draft| {
            json!({
                "organization_id": draft.value.organization, "text": draft.value.text,
                "revision": draft.version, "saved_at": instant::text(draft.last_updated),
            })
        })
        .collect();
    Ok(json!({"texts": shown, "drafts": drafts}))
}

/// Saves a draft over the revision that was edited.
pub async fn save(app: &App, context: &Context, saving: Saving) -> Result<Value, Error> {
    policy::administrator(context)?;
    require_organization(app, context, saving.organization_id.as_ref()).await?;
    let text = BothLanguages {
        en: bounded("en", &saving.text.en, LONGEST)?,
        zh: bounded("zh", &saving.text.zh, LONGEST)?,
    };
    let draft = Draft { organization: saving.organization_id, text };
    let mut change = Change::new(app, context);
    change.expect_state_of(&draft, saving.revision);
    change.save(&draft)?;
    change.audit(AuditAction::U, "consent-text.draft", None, &entity(&draft.id()));
    change.commit().await.map_err(changed)?;
    list(app, context).await
}

/// Publishes a draft: from then on it never changes, and is kept.
pub async fn publish(app: &App, context: &Context, publishing: Publishing) -> Result<Value, Error> {
    policy::administrator(context)?;
    let id = consent_text::scope_name(publishing.organization_id.as_ref());
    let draft = app.load::<Draft>(context.tenant, &id).await?.ok_or_else(Error::not_found)?;
    if draft.version != publishing.revision {
        return Err(stale());
    }
    let text = BothLanguages {
        en: required("en", &draft.value.text.en, LONGEST)?,
        zh: required("zh", &draft.value.text.zh, LONGEST)?,
    };
    let version = next_version(&consent_text::all(app, context.tenant).await?, context.now);
    let published = ConsentText {
        version,
        organization: publishing.organization_id,
        text,
        valid_from: from(context, publishing.valid_from.as_deref())?,
        published_at: context.now,
        published_by: context.actor.user(),
    };
    let mut change = Change::new(app, context);
    change.insert(&published)?;
    change.expect_state_of(&draft.value, draft.version);
    change.remove::<Draft>(id);
    change.audit(AuditAction::C, "consent-text.publish", None, &entity(&published.version));
    change.commit().await.map_err(changed)?;
    list(app, context).await
}

fn from(context: &Context, text: Option<&str>) -> Result<Timestamp, Error> {
    let Some(text) = text else { return Ok(context.now) };
    let wrong = |words| Error::field("field.range", "valid_from", words);
    let at = instant::parse(text).ok_or_else(|| wrong("valid_from is an instant"))?;
    if at < context.now || at > context.now.plus_seconds(AHEAD_S) {
        return Err(wrong("valid_from lies between now and a year from now"));
    }
    Ok(at)
}

/// The day, and a number where there is one of that day already.
fn next_version(texts: &[ConsentText], now: Timestamp) -> String {
    let day = instant::day_of(now, "UTC").unwrap_or_default();
    let of_day = texts.iter().filter(|text| text.version.starts_with(&day)).count();
    if of_day == 0 { day } else { format!("{day}.{}", of_day + 1) }
}

fn line(texts: &[ConsentText], text: &ConsentText, now: Timestamp) -> Value {
    let organization = text.organization.as_ref();
    let own =
        texts.iter().find(|other| other.organization.as_ref() == organization && other.valid_from <= now);
    let state = if text.valid_from > now {
        "coming"
    } else if own.is_some_and(|own| own.version == text.version) {
        "in-force"
    } else {
        "past"
    };
    json!({
        "version": text.version, "organization_id": organization, "state": state, "text": text.text,
        "built_in": text.published_by.is_none() && text.published_at == Timestamp(0),
        "valid_from": instant::text(text.valid_from), "published_at": instant::text(text.published_at),
    })
}

async fn require_organization(app: &App, context: &Context, id: Option<&ResourceId>) -> Result<(), Error> {
    let Some(id) = id else { return Ok(()) };
    let unknown = |_| Error::field("organization.unknown", "organization_id", "no such institution");
    app.resource(context.tenant, "Organization", id).await.map(drop).map_err(unknown)
}

fn entity(id: &str) -> String {
    format!("ConsentText/{id}")
}

fn changed(error: Error) -> Error {
    if matches!(error.code, "changed" | "taken") { stale() } else { error }
}

fn stale() -> Error {
    Error::conflict("consent-text.changed", "somebody else has saved this draft; read it again")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Clinic;
    use crate::visits::consent::{self, Agreement};

    fn both(en: &str, zh: &str) -> BothLanguages {
        BothLanguages { en: en.into(), zh: zh.into() }
    }

    fn saving(organization: Option<&ResourceId>, text: BothLanguages, revision: u64) -> Saving {
        Saving { organization_id: organization.cloned(), text, revision }
    }

    fn publishing(organization: Option<&ResourceId>, revision: u64, from: Option<&str>) -> Publishing {
        Publishing { organization_id: organization.cloned(), revision, valid_from: from.map(str::to_owned) }
    }

    #[tokio::test]
    async fn a_text_is_published_in_both_languages_and_shown_where_it_belongs_from_when_it_says() {
        let clinic = Clinic::open();
        let (home, away) = (clinic.organization("Home").await, clinic.organization("Away").await);
        let admin = clinic.administrator("root", &home).await;
        let app = &clinic.app;
        save(app, &admin, saving(Some(&home), both("Ours", ""), 0)).await.unwrap();
        let half = publish(app, &admin, publishing(Some(&home), 1, None)).await.unwrap_err();
        assert_eq!((half.code, half.field), ("field.required", Some("zh")));
        let lost = save(app, &admin, saving(Some(&home), both("Mine", ""), 0)).await.unwrap_err();
        assert_eq!(lost.code, "consent-text.changed", "nobody's draft is written over unseen");
        save(app, &admin, saving(Some(&home), both("Ours", "我们的"), 1)).await.unwrap();
        let past = publish(app, &admin, publishing(Some(&home), 2, Some("2020-01-01T00:00:00Z"))).await;
        assert_eq!(past.unwrap_err().field, Some("valid_from"));
        let listed =
            publish(app, &admin, publishing(Some(&home), 2, Some("2026-01-06T08:00:00Z"))).await.unwrap();
        assert_eq!((&listed["texts"][0]["state"], &listed["drafts"]), (&json!("coming"), &json!([])));
        let version = |organization: &ResourceId, at: Timestamp| {
            let organization = organization.clone();
            async move {
                consent_text::current(app, admin_tenant(), Some(&organization), at).await.unwrap().version
            }
        };
        let later = admin.now.plus_seconds(2 * 86_400);
        assert_eq!(version(&home, admin.now).await, consent::VERSION);
        assert_eq!(version(&home, later).await, "2026-01-05");
        assert_eq!(version(&away, later).await, consent::VERSION, "another institution keeps its own");
    }

    #[tokio::test]
    async fn what_a_patient_agreed_to_can_be_read_word_for_word_after_the_text_has_changed() {
        let clinic = Clinic::open();
        let home = clinic.organization("Home").await;
        let admin = clinic.administrator("root", &home).await;
        let doctor = clinic.clinician("li.na", &home).await;
        let patient = clinic.patient("王芳", &home).await;
        let visit = clinic.visit(&doctor, &patient).await;
        let app = &clinic.app;
        save(app, &admin, saving(None, both("New words", "新的文本"), 0)).await.unwrap();
        publish(app, &admin, publishing(None, 1, None)).await.unwrap();
        let context = clinic.patient_of(&visit, &patient);
        let shown = consent::text(app, &context, &visit).await.unwrap();
        assert_eq!(shown["text"]["zh"], "新的文本");
        let agreement = |version: &str| Agreement {
            version: version.into(),
            language: "zh-CN".into(),
            agreed: true,
            by: "patient".into(),
            name: "王芳".into(),
        };
        let old = consent::give(app, &context, &visit, agreement(consent::VERSION)).await.unwrap_err();
        assert_eq!(old.code, "consent.version", "who read the old text reads the new one first");
        consent::give(app, &context, &visit, agreement(shown["version"].as_str().unwrap())).await.unwrap();
        save(app, &admin, saving(None, both("Newer", "更新"), 0)).await.unwrap();
        publish(app, &admin, publishing(None, 1, None)).await.unwrap();
        let filter = bianque_query::Predicate::And(Vec::new());
        let consents =
            app.matching(context.tenant, "Consent", filter, bianque_query::Scope::All).await.unwrap();
        let attachment = &consents[0].value["sourceAttachment"];
        assert_eq!(attachment["data"], "5paw55qE5paH5pys", "新的文本");
        assert!(attachment["title"].as_str().unwrap().ends_with("2026-01-05"));
        let listed = list(app, &admin).await.unwrap();
        let states: Vec<_> = listed["texts"].as_array().unwrap().iter().map(|text| &text["state"]).collect();
        assert_eq!(states, ["in-force", "past", "past"], "and none of them goes");
        assert_eq!(listed["texts"][0]["version"], "2026-01-05.2");
        assert!(list(app, &doctor.context).await.is_err());
    }

    fn admin_tenant() -> bianque_model::TenantId {
        bianque_model::TenantId::FIRST
    }
}
