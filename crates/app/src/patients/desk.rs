//! The desk of the record office: who may be one person, what contradicts, what was merged lately.

use std::collections::BTreeMap;

use bianque_model::{Context, ResourceId};
use bianque_query::{Predicate, Scope};
use bianque_store::AuditAction;
use serde_json::{Value, json};

use super::authorities::Authorities;
use super::look::identifying;
use super::merge::{REPLACED_BY, REPLACES, open_visits};
use super::merges::PatientMerge;
use super::pair::{Different, PatientPair};
use super::refused::RefusedIdentifier;
use crate::aggregate::Loaded;
use crate::change::audit_row;
use crate::people::{display_name, patient_summary, referenced_id};
use crate::records::operations::likeness::Description;
use crate::resources::Versioned;
use crate::{App, Change, Error, instant, policy};

/// Pairs of one page.
const PAGE: usize = 20;
/// Pairs that are read at once, and how often: of other institutions there may be many.
const READ: u32 = 100;
const READINGS: usize = 10;
/// Merges, and refused identifiers, that are looked through.
const RECENT: u32 = 200;
/// Merges that are shown.
const SHOWN: usize = 20;

/// A page of pairs that are open and whose both records the asker sees, the most pressing first. `after` is the `next` of
/// the page before.
pub async fn pairs(app: &App, context: &Context, after: Option<&str>) -> Result<Value, Error> {
    let scope = policy::record_office(context)?;
    let authorities = Authorities::load(app, context).await?;
    let mut from = after.map(|place| format!("{place}!")).unwrap_or_default();
    let (mut shown, mut patients, mut next) = (Vec::new(), Vec::new(), None);
    'reading: for _ in 0..READINGS {
        let open = app.list::<PatientPair>(context.tenant, "open", from.as_str().."~", READ).await?;
        let ids = open.iter().flat_map(|pair| [&pair.value.one, &pair.value.other]).cloned();
        let known = visible(app, context, ids.collect(), scope.clone()).await?;
        for Loaded { value: pair, .. } in &open {
            let (Some(one), Some(other)) = (known.get(&pair.one), known.get(&pair.other)) else { continue };
            if shown.len() == PAGE {
                break 'reading;
            }
            shown.push(line(app, context, &authorities, pair, (one, other)).await?);
            patients.extend([pair.one.clone(), pair.other.clone()]);
            next = Some(pair.place());
        }
        let Some(last) = open.last().filter(|_| open.len() == READ as usize) else {
            next = None;
            break;
        };
        from = format!("{}!", last.value.place());
    }
    let refused =
        if after.is_none() { refused(app, context, &authorities, &scope).await? } else { Vec::new() };
    patients.extend(refused.iter().filter_map(|one| one["patient"]["id"].as_str()?.parse().ok()));
    audit(app, context, "patient.pairs", patients).await?;
    Ok(json!({"pairs": shown, "refused": refused, "next": next}))
}

/// Merges of late whose surviving record the asker sees, the newest first.
pub async fn merges(app: &App, context: &Context) -> Result<Value, Error> {
    let scope = policy::record_office(context)?;
    let recent = app.newest::<PatientMerge>(context.tenant, "at", RECENT).await?;
    let ids = recent.iter().flat_map(|merge| [&merge.value.merged, &merge.value.survivor]).cloned();
    let known = visible_or_merged(app, context, ids.collect(), scope).await?;
    let (mut shown, mut patients) = (Vec::new(), Vec::new());
    for Loaded { value: merge, .. } in recent {
        let (Some(merged), Some(survivor)) = (known.get(&merge.merged), known.get(&merge.survivor)) else {
            continue;
        };
        shown.push(json!({
            "id": merge.id,
            "merged": patient_summary(&merged.value, ""),
            "survivor": patient_summary(&survivor.value, ""),
            "reason": merge.reason,
            "by": name_of(app, context, &merge.by).await?,
            "at": instant::text(merge.at),
            "undone": match &merge.undone {
                Some(undone) => json!({
                    "reason": undone.reason,
                    "by": name_of(app, context, &undone.by).await?,
                    "at": instant::text(undone.at),
                }),
                None => Value::Null,
            },
        }));
        patients.extend([merge.merged, merge.survivor]);
        if shown.len() == SHOWN {
            break;
        }
    }
    audit(app, context, "patient.merges", patients).await?;
    Ok(json!({"merges": shown}))
}

/// Says that a pair is two people. The pair does not come again.
pub async fn different(app: &App, context: &Context, pair: &str) -> Result<(), Error> {
    let scope = policy::record_office(context)?;
    let mut found = app.load::<PatientPair>(context.tenant, pair).await?.ok_or_else(Error::not_found)?;
    let ids = vec![found.value.one.clone(), found.value.other.clone()];
    if visible(app, context, ids.clone(), scope).await?.len() < 2 {
        return Err(Error::not_found());
    }
    found.value.different = Some(Different { by: bianque_store::agent_of(context).0, at: context.now });
    let mut change = Change::new(app, context);
    change.update(&found)?;
    let mut row =
        audit_row(context, AuditAction::U, "patient.different", None, &format!("Patient/{}", ids[0]));
    row.patients = ids;
    change.audit_with(row);
    change.commit().await?;
    Ok(())
}

/// Patients whom the asker sees and who are merged into nobody, by their id.
async fn visible(
    app: &App,
    context: &Context,
    ids: Vec<ResourceId>,
    scope: Scope,
) -> Result<BTreeMap<ResourceId, Versioned>, Error> {
    let mut known = visible_or_merged(app, context, ids, scope).await?;
    let shown = app.shown_patients(context.tenant, known.keys()).await?;
    known.retain(|id, _| shown.get(id).is_none_or(|survivor| survivor == id));
    Ok(known)
}

async fn visible_or_merged(
    app: &App,
    context: &Context,
    mut ids: Vec<ResourceId>,
    scope: Scope,
) -> Result<BTreeMap<ResourceId, Versioned>, Error> {
    ids.sort();
    ids.dedup();
    let found = app.matching(context.tenant, "Patient", Predicate::Ids(ids), scope).await?;
    let named = found.into_iter().filter_map(|one| Some((one.value["id"].as_str()?.parse().ok()?, one)));
    Ok(named.collect())
}

async fn line(
    app: &App,
    context: &Context,
    authorities: &Authorities,
    pair: &PatientPair,
    (one, other): (&Versioned, &Versioned),
) -> Result<Value, Error> {
    let of = |patient: &Versioned| Description::of(&identifying(authorities, &patient.value));
    let parts = of(one).agreement(&of(other));
    let parts: Vec<Value> =
        parts.iter().map(|(part, agreement)| json!({"part": part, "agreement": agreement})).collect();
    Ok(json!({
        "id": PatientPair::name(&pair.one, &pair.other),
        "why": pair.why,
        "hundredths": pair.hundredths,
        "found_at": instant::text(pair.found_at),
        "parts": parts,
        "one": side(app, context, authorities, one).await?,
        "other": side(app, context, authorities, other).await?,
    }))
}

/// One of two records, side by side.
async fn side(
    app: &App,
    context: &Context,
    authorities: &Authorities,
    patient: &Versioned,
) -> Result<Value, Error> {
    let value = &patient.value;
    let id: ResourceId = value["id"].as_str().unwrap_or_default().parse().map_err(Error::internal)?;
    let organization = match referenced_id(&value["managingOrganization"]).parse::<ResourceId>() {
        Ok(id) => display_name(&app.resource(context.tenant, "Organization", &id).await?.value),
        Err(_) => String::new(),
    };
    let list = |name: &str| value[name].as_array().cloned().unwrap_or_default();
    let identifiers = list("identifier").into_iter().map(|one| {
        let system = one["system"].as_str().unwrap_or_default();
        let assigner = one["assigner"]["display"].as_str().unwrap_or_else(|| authorities.name(system));
        json!({"system": system, "value": one["value"], "authority": assigner})
    });
    let addresses = list("address").into_iter().map(|one| {
        let parts =
            ["text", "city", "postalCode"].map(|part| one[part].as_str().unwrap_or_default().to_owned());
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
    });
    let contacts: Vec<Value> = list("telecom").into_iter().map(|one| one["value"].clone()).collect();
    let mut shown = patient_summary(value, &organization);
    shown["identifiers"] = identifiers.collect();
    shown["addresses"] = addresses.collect();
    shown["contacts"] = json!(contacts);
    shown["links"] = links(value);
    shown["open_visits"] = json!(open_visits(app, context, &id).await?);
    shown["updated_at"] = json!(instant::text(patient.last_updated));
    Ok(shown)
}

/// The links of a patient, as they stand.
fn links(patient: &Value) -> Value {
    let links = patient["link"].as_array().into_iter().flatten();
    links.map(|link| json!({"type": link["type"], "patient_id": referenced_id(&link["other"])})).collect()
}

async fn refused(
    app: &App,
    context: &Context,
    authorities: &Authorities,
    scope: &Scope,
) -> Result<Vec<Value>, Error> {
    let recent = app.newest::<RefusedIdentifier>(context.tenant, "at", RECENT).await?;
    let ids = recent.iter().map(|one| one.value.patient.clone()).collect();
    let known = visible(app, context, ids, scope.clone()).await?;
    let mut shown = Vec::new();
    for Loaded { value: refused, .. } in recent {
        let Some(patient) = known.get(&refused.patient) else { continue };
        shown.push(json!({
            "id": refused.id,
            "patient": side(app, context, authorities, patient).await?,
            "identifier": {
                "system": refused.system,
                "value": refused.value,
                "authority": authorities.name(&refused.system),
            },
            "name": refused.name,
            "birth_date": refused.birth_date,
            "at": instant::text(refused.at),
        }));
        if shown.len() == PAGE {
            break;
        }
    }
    Ok(shown)
}

/// With whom a record is one, and whom it names besides.
pub async fn links_of(app: &App, context: &Context, patient: &ResourceId) -> Result<Value, Error> {
    let only = vec![patient.clone()];
    let known = visible_or_merged(app, context, only, policy::who_patients_are(context)?).await?;
    let found = known.get(patient).ok_or_else(Error::not_found)?;
    let same = app.same_patient(context.tenant, patient).await?;
    audit(app, context, "patient.links", vec![patient.clone()]).await?;
    let joins = |link: &Value| link["type"] == REPLACED_BY || link["type"] == REPLACES;
    let besides: Vec<Value> =
        links(&found.value).as_array().into_iter().flatten().filter(|link| !joins(link)).cloned().collect();
    let stands = app.shown_patient(context.tenant, patient).await?;
    Ok(json!({
        "survivor": patient_summary(&stands.value, ""),
        "merged_into": same.into,
        "replaces": same.replaces,
        "links": besides,
    }))
}

/// The name of who did something, as far as it is somebody with an account.
async fn name_of(app: &App, context: &Context, agent: &str) -> Result<String, Error> {
    let (who, _) = bianque_store::parts_of(agent);
    let Some(Ok(id)) = who.strip_prefix("Practitioner/").map(str::parse) else { return Ok(String::new()) };
    Ok(display_name(&app.resource(context.tenant, "Practitioner", &id).await?.value))
}

async fn audit(
    app: &App,
    context: &Context,
    operation: &str,
    mut patients: Vec<ResourceId>,
) -> Result<(), Error> {
    patients.sort();
    patients.dedup();
    let mut row = audit_row(context, AuditAction::R, operation, None, "Patient");
    row.patients = patients;
    Ok(app.store.audit_read(context.tenant, row).await?)
}
