//! Ask which images there are: C-FIND and QIDO-RS.
//!
//! An answer is what the index keeps of each level, joined; nothing is computed for it but its own text. A search is one
//! audit row with the patients it found.

use bianque_dicom::{DataSet, Tag, TransferSyntax, VR, from_json, tag_of, tags};
use bianque_model::{Context, ResourceId};
use bianque_query::ImageLevel;
use bianque_store::{AuditAction, ImageRow};

use super::asked::Asked;
use super::refusal::{Refusal, status};
use crate::change::audit_row;
use crate::policy::{self, ImageAction, STUDY};
use crate::{App, Error, ErrorKind};

/// Rows of one answer to C-FIND.
const MOST: u32 = 50_000;
/// Rows of one answer to QIDO-RS, where no limit is given or a higher one.
const PAGE: u32 = 5_000;
/// Patients that the audit row of a search names.
const NAMED: usize = 1_000;

/// An information model of C-FIND, C-MOVE and C-GET.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Model {
    /// Patient Root.
    Patient,
    /// Study Root.
    Study,
}

/// What was found: identifiers, each made when it is asked for.
pub struct Matches(Box<dyn Iterator<Item = Vec<u8>> + Send>);

/// How rows are answered.
struct Answering {
    level: ImageLevel,
    wanted: Vec<Tag>,
    syntax: TransferSyntax,
    ae_title: String,
}

/// Answers a C-FIND: `identifier` is a data set in `syntax`, and so are the answers.
///
/// # Errors
/// A900 where the level is not one of the model's; C000 where the identifier is not understood.
pub async fn find(
    app: &App,
    context: &Context,
    model: Model,
    identifier: &[u8],
    syntax: &str,
) -> Result<Matches, Refusal> {
    let scope = policy::images(context, ImageAction::Query)?;
    let syntax = TransferSyntax::from_uid(syntax);
    let identifier = read(identifier, syntax)?;
    let level = level_of(model, &identifier)?;
    let mut asked = Asked::new(level, scope, MOST);
    keys(&mut asked, &identifier, &[])?;
    let rows = app.store.images(context.tenant, asked.query).await?;
    audit(app, context, &rows, level).await?;
    let wanted = identifier.elements().iter().map(|element| element.tag).collect();
    let answering = Answering { level, wanted, syntax, ae_title: app.settings.ae_title.clone() };
    Ok(Matches::of(rows.into_iter().map(move |row| answering.answer(&row))))
}

/// Reads an identifier.
pub(super) fn read(identifier: &[u8], syntax: TransferSyntax) -> Result<DataSet, Refusal> {
    DataSet::read(identifier, syntax).map_err(|error| Refusal::new(status::NOT_UNDERSTOOD, error.to_string()))
}

/// The level of an identifier.
pub(super) fn level_of(model: Model, identifier: &DataSet) -> Result<ImageLevel, Refusal> {
    let text = identifier.text(tags::QUERY_RETRIEVE_LEVEL).unwrap_or_default();
    match (text.trim(), model) {
        ("PATIENT", Model::Patient) => Ok(ImageLevel::Patient),
        ("STUDY", _) => Ok(ImageLevel::Study),
        ("SERIES", _) => Ok(ImageLevel::Series),
        ("IMAGE", _) => Ok(ImageLevel::Instance),
        _ => Err(Refusal::new(status::DOES_NOT_MATCH, "the level is not one of this model")),
    }
}

/// Takes the keys of an identifier and of the items in it.
pub(super) fn keys(asked: &mut Asked, data_set: &DataSet, around: &[Tag]) -> Result<(), Refusal> {
    for element in data_set {
        let mut path = around.to_vec();
        path.push(element.tag);
        match element.tag {
            tags::QUERY_RETRIEVE_LEVEL | tags::SPECIFIC_CHARACTER_SET | tags::TIMEZONE_OFFSET_FROM_UTC => {}
            tag if element.effective_vr() == VR::SQ => {
                if let Some(item) = data_set.sequence(tag).first()
                    && around.is_empty()
                {
                    keys(asked, item, &path)?;
                }
            }
            _ => asked.key(&path, &data_set.texts_of(element).join("\\"))?,
        }
    }
    Ok(())
}

impl Matches {
    /// Answers that come from anywhere.
    pub(super) fn of(answers: impl Iterator<Item = Vec<u8>> + Send + 'static) -> Self {
        Self(Box::new(answers))
    }
}

impl Iterator for Matches {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        self.0.next()
    }
}

impl Answering {
    fn answer(&self, row: &ImageRow) -> Vec<u8> {
        let mut answer = DataSet::new();
        for document in documents(row) {
            for part in from_json(document).into_iter().flatten() {
                for element in part.data_set.elements().iter().filter(|one| self.wanted.contains(&one.tag)) {
                    answer.put(element.clone());
                }
            }
        }
        for (tag, number) in counts(row) {
            if self.wanted.contains(&tag) {
                answer.set_int(tag, i64::try_from(number).unwrap_or(i64::MAX));
            }
        }
        if let Some(study) = &row.study
            && self.wanted.contains(&tags::MODALITIES_IN_STUDY)
        {
            let all: Vec<&str> = study.modalities.iter().map(String::as_str).collect();
            answer.set_texts(tags::MODALITIES_IN_STUDY, &all);
        }
        for tag in &self.wanted {
            if !answer.contains(*tag) && tag.element() != 0 {
                answer.set_empty(*tag);
            }
        }
        answer.set_text(tags::QUERY_RETRIEVE_LEVEL, name(self.level));
        answer.set_text(tags::RETRIEVE_AE_TITLE, &self.ae_title);
        answer.set_text(tags::INSTANCE_AVAILABILITY, "ONLINE");
        answer.to_utf8();
        // Everything in it is held: there is nothing that could not be written.
        answer.to_bytes(self.syntax).unwrap_or_default()
    }
}

const fn name(level: ImageLevel) -> &'static str {
    match level {
        ImageLevel::Patient => "PATIENT",
        ImageLevel::Study => "STUDY",
        ImageLevel::Series => "SERIES",
        ImageLevel::Instance => "IMAGE",
    }
}

/// What the index keeps of a row, from the top.
fn documents(row: &ImageRow) -> impl Iterator<Item = &[u8]> {
    let below = [
        row.study.as_ref().map(|study| study.document.as_slice()),
        row.series.as_ref().map(|series| series.document.as_slice()),
        row.instance.as_ref().map(|instance| instance.document.as_slice()),
    ];
    std::iter::once(row.patient.document.as_slice()).chain(below.into_iter().flatten())
}

/// How much there is, as attributes of the levels that the row has.
fn counts(row: &ImageRow) -> Vec<(Tag, u64)> {
    let counts = &row.counts;
    let mut all = vec![
        (tags::NUMBER_OF_PATIENT_RELATED_STUDIES, counts.patient_studies),
        (tags::NUMBER_OF_PATIENT_RELATED_SERIES, counts.patient_series),
        (tags::NUMBER_OF_PATIENT_RELATED_INSTANCES, counts.patient_instances),
    ];
    if row.study.is_some() {
        all.push((tags::NUMBER_OF_STUDY_RELATED_SERIES, counts.study_series));
        all.push((tags::NUMBER_OF_STUDY_RELATED_INSTANCES, counts.study_instances));
    }
    if row.series.is_some() {
        all.push((tags::NUMBER_OF_SERIES_RELATED_INSTANCES, counts.series_instances));
    }
    all
}

/// What QIDO-RS found.
#[derive(Debug)]
pub struct Found {
    /// A JSON array of data sets.
    pub json: Vec<u8>,
    /// How many there are in it.
    pub count: usize,
    /// What was not taken into account, to be said to whoever asks.
    pub warning: Option<String>,
}

/// Answers QIDO-RS: `pairs` are the parameters of the address, `base` is that of DICOMweb, without a slash at its end.
///
/// # Errors
/// `dicomweb.parameter`: a parameter that is not understood.
pub async fn search(
    app: &App,
    context: &Context,
    level: ImageLevel,
    above: (Option<&str>, Option<&str>),
    pairs: &[(String, String)],
    base: &str,
) -> Result<Found, Error> {
    let scope = policy::images(context, ImageAction::Query)?;
    let mut asked = Asked::new(level, scope, PAGE);
    asked.fuzzy = pairs.iter().any(|(name, value)| name == "fuzzymatching" && value == "true");
    for (name, value) in pairs {
        match name.as_str() {
            "fuzzymatching"
            | "includefield"
            | "accept"
            | "charset"
            | "emptyvaluematching"
            | "multiplevaluematching" => {}
            "limit" => asked.query.limit = number(name, value)?.min(PAGE),
            "offset" => asked.query.offset = number(name, value)?.into(),
            _ => {
                let path: Option<Vec<Tag>> = name.split('.').map(tag_of).collect();
                let path = path.ok_or_else(|| parameter(name, "is no attribute"))?;
                asked.key(&path, value).map_err(|refusal| parameter(name, &refusal.comment))?;
            }
        }
    }
    if let Some(study) = above.0 {
        asked.query.studies = vec![study.to_owned()];
    }
    if let Some(series) = above.1 {
        asked.query.series = vec![series.to_owned()];
    }
    let limit = asked.query.limit;
    let rows = if limit == 0 { Vec::new() } else { app.store.images(context.tenant, asked.query).await? };
    audit(app, context, &rows, level).await?;
    let mut warnings = Vec::new();
    if !asked.passed_over.is_empty() {
        let names: Vec<String> =
            asked.passed_over.iter().map(|tag| format!("{:04X}{:04X}", tag.0, tag.1)).collect();
        warnings.push(format!("{} were not matched", names.join(", ")));
    }
    if limit > 0 && rows.len() == limit as usize {
        warnings.push("there may be more results".to_owned());
    }
    let warning = (!warnings.is_empty()).then(|| warnings.join("; "));
    Ok(Found { json: written(&rows, base), count: rows.len(), warning })
}

fn number(name: &str, value: &str) -> Result<u32, Error> {
    value.parse().map_err(|_| parameter(name, "is no number"))
}

fn parameter(name: &str, words: &str) -> Error {
    Error::new(ErrorKind::Malformed, "dicomweb.parameter", format!("{name}: {words}"))
}

/// Rows as a JSON array: the documents of the levels one after the other, and what is counted.
fn written(rows: &[ImageRow], base: &str) -> Vec<u8> {
    let mut json = Vec::with_capacity(rows.len() * 2_048 + 2);
    json.push(b'[');
    for (place, row) in rows.iter().enumerate() {
        if place > 0 {
            json.push(b',');
        }
        json.extend_from_slice(br#"{"00080005":{"vr":"CS","Value":["ISO_IR 192"]}"#);
        for document in documents(row) {
            let inner = document.get(1..document.len().saturating_sub(1)).unwrap_or_default();
            if !inner.is_empty() {
                json.push(b',');
                json.extend_from_slice(inner);
            }
        }
        rest(&mut json, row, base);
        json.push(b'}');
    }
    json.push(b']');
    json
}

fn rest(json: &mut Vec<u8>, row: &ImageRow, base: &str) {
    let mut push = |tag: Tag, vr: &str, value: &str| {
        let text = format!(r#","{:04X}{:04X}":{{"vr":"{vr}","Value":[{value}]}}"#, tag.0, tag.1);
        json.extend_from_slice(text.as_bytes());
    };
    for (tag, number) in counts(row) {
        push(tag, "IS", &number.to_string());
    }
    push(tags::INSTANCE_AVAILABILITY, "CS", "\"ONLINE\"");
    let Some(study) = &row.study else { return };
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let modalities: Vec<String> = study.modalities.iter().map(|one| quoted(one)).collect();
    if !modalities.is_empty() {
        push(tags::MODALITIES_IN_STUDY, "CS", &modalities.join(","));
    }
    let mut url = format!("{base}/studies/{}", study.uid);
    if let Some(series) = &row.series {
        url = format!("{url}/series/{}", series.uid);
    }
    if let Some(instance) = &row.instance {
        url = format!("{url}/instances/{}", instance.uid);
        push(tags::AVAILABLE_TRANSFER_SYNTAX_UID, "UI", &quoted(&instance.syntax));
    }
    push(tags::RETRIEVE_URL, "UR", &quoted(&url));
}

/// A search is one row with its patients, durable before it is answered.
async fn audit(app: &App, context: &Context, rows: &[ImageRow], level: ImageLevel) -> Result<(), Error> {
    let mut patients: Vec<ResourceId> = rows.iter().filter_map(|row| row.patient.patient.clone()).collect();
    patients.sort();
    patients.dedup();
    patients.truncate(NAMED);
    let mut row = audit_row(context, AuditAction::E, "archive.search", None, STUDY);
    row.patients = patients;
    row.detail = format!("{} {}", name(level), rows.len());
    app.store.audit_read(context.tenant, row).await?;
    Ok(())
}
