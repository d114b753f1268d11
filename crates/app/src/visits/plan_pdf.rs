//! The plan on paper: a PDF in the reader's language.

use bianque_document::plan::{
    self as paper, Addendum, Clinician, Diagnosis, Disposition, Institution, Opinion, Patient, Prescription,
    Signature,
};
use bianque_document::{Language, PlanDocument, plan_pdf};
use bianque_model::{Context, ResourceId, Timestamp};
use jiff::Zoned;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::access::load;
use super::note::{Content, Note};
use super::{Visit, opinion, plan};
use crate::people::{display_name, phone, registration, title};
use crate::policy::{self, Part};
use crate::{App, Error, ErrorKind, instant};

/// Prints the plan of a signed visit in a language, its times in a zone.
pub async fn print(
    app: &App,
    context: &Context,
    visit: &ResourceId,
    language: &str,
    zone: &str,
) -> Result<Vec<u8>, Error> {
    let access = load(app, context, visit).await?;
    policy::only(access.part, &[Part::Patient, Part::Clinician])?;
    plan::readable(&access, context)?;
    let language: Language = language
        .parse()
        .map_err(|_| Error::field("field.language", "lang", "documents are printed in en and zh-CN"))?;
    let zone =
        TimeZone::get(zone).map_err(|_| Error::field("field.zone", "zone", "the zone is not known"))?;
    app.audit_read(context, "plan.print", &access.visit.value.patient, &access.entity()).await?;
    of_visit(app, context, &access.visit.value, language, &zone).await
}

/// The plan of a signed visit, for readers who are authorised and audited already.
pub(crate) async fn of_visit(
    app: &App,
    context: &Context,
    visit: &Visit,
    language: Language,
    zone: &TimeZone,
) -> Result<Vec<u8>, Error> {
    let no_font =
        || Error::new(ErrorKind::Unavailable, "print.font", "this server was built without its font");
    let font = app.settings.font.clone().ok_or_else(no_font)?;
    let document = document(app, context, visit, zone).await?;
    tokio::task::spawn_blocking(move || plan_pdf(&document, language, &font))
        .await
        .map_err(Error::internal)?
        .map_err(Error::internal)
}

async fn document(
    app: &App,
    context: &Context,
    visit: &Visit,
    zone: &TimeZone,
) -> Result<PlanDocument, Error> {
    let signed = visit.signed.as_ref().ok_or_else(Error::not_found)?;
    let note = app.load::<Note>(context.tenant, visit.id.as_str()).await?.ok_or_else(Error::not_found)?.value;
    let patient = app.shown_patient(context.tenant, &visit.patient).await?.value;
    let signer = app.resource(context.tenant, "Practitioner", &signed.practitioner).await?.value;
    let organization = app.resource(context.tenant, "Organization", &visit.organization).await?.value;
    let content = &note.content;
    Ok(PlanDocument {
        institution: Institution {
            name: signed.organization.clone(),
            address: organization["address"][0]["city"].as_str().map(str::to_owned),
            phone: text(phone(&organization).as_str().unwrap_or_default()),
        },
        clinician: Clinician {
            name: signed.by.clone(),
            title: text(title(&signer)),
            registration: text(registration(&signer)),
        },
        patient: Patient {
            name: display_name(&patient),
            birth_date: patient["birthDate"].as_str().and_then(instant::parse_date),
            identifier: patient["identifier"][0]["value"].as_str().map(str::to_owned),
        },
        visit: paper::Visit { number: visit.id.to_string(), start: zoned(visit.start, zone), kind: None },
        diagnoses: diagnoses(content),
        plan: content.plan.clone(),
        self_care: content.self_care.clone(),
        prescriptions: prescriptions(content),
        disposition: disposition(&content.disposition),
        go_to_hospital_if: content.go_to_hospital_if.clone(),
        follow_up: content.follow_up.clone(),
        opinions: opinions(visit, zone),
        addenda: note
            .addenda
            .iter()
            .map(|addendum| Addendum {
                text: addendum.text.clone(),
                by: addendum.signature.by.clone(),
                at: zoned(addendum.signature.at, zone),
                hash: Some(addendum.signature.hash.clone()),
            })
            .collect(),
        signature: Some(Signature {
            name: signed.by.clone(),
            at: zoned(signed.at, zone),
            sha256: signed.hash.clone(),
        }),
    })
}

fn diagnoses(content: &Content) -> Vec<Diagnosis> {
    let diagnoses = content.diagnoses.iter();
    diagnoses
        .map(|diagnosis| Diagnosis {
            system: diagnosis.system.contains("icd-10").then(|| "ICD-10".to_owned()),
            code: text(&diagnosis.code),
            text: diagnosis.display.clone(),
            provisional: diagnosis.verification == "provisional",
        })
        .collect()
}

fn prescriptions(content: &Content) -> Vec<Prescription> {
    let drafts = content.prescriptions.iter();
    drafts
        .map(|draft| Prescription {
            medication: draft.medication.clone(),
            dose: draft.dose.clone(),
            frequency: draft.frequency.clone(),
            days: (draft.days > 0).then_some(draft.days),
            instructions: draft.instructions.clone(),
        })
        .collect()
}

fn opinions(visit: &Visit, zone: &TimeZone) -> Vec<Opinion> {
    let words = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let shown = visit.invitations.iter().filter_map(opinion::show);
    shown
        .filter_map(|shown| {
            let signed_at = instant::parse(shown["signed_at"].as_str()?)?;
            Some(Opinion {
                by: words(&shown["by"]),
                organization: words(&shown["organization"]),
                text: words(&shown["text"]),
                signed_at: Some(zoned(signed_at, zone)),
            })
        })
        .collect()
}

fn disposition(code: &str) -> Option<Disposition> {
    match code {
        "self-care" => Some(Disposition::SelfCare),
        "clinic" => Some(Disposition::Clinic),
        "hospital" => Some(Disposition::Hospital),
        "emergency" => Some(Disposition::Emergency),
        "unsuitable" => Some(Disposition::Unsuitable),
        _ => None,
    }
}

fn text(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn zoned(at: Timestamp, zone: &TimeZone) -> Zoned {
    jiff::Timestamp::from_microsecond(at.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH).to_zoned(zone.clone())
}
