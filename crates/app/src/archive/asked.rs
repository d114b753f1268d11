//! What is asked of the index, by C-FIND and by QIDO-RS alike (PS3.4, C.2.2.2): keys with values become conditions, keys
//! without are only wanted in the answer.

use bianque_dicom::{Level, Tag, VR, tags, vr_of};
use bianque_query::{ImageCondition, ImageLevel, ImageQuery, ImageTest, MOMENT, Scope, fold};

use super::attributes::{self, REQUESTED, derived, field, normal, requested_field};
use super::refusal::{Refusal, status};
use crate::policy;

/// Values of one list.
const LISTED: usize = 10_000;
/// Behind every digit and every point: what begins with a date lies below the date with it.
const BEHIND: char = '~';

/// A question about images, on its way to the index.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) query: ImageQuery,
    /// Names are compared as people type them.
    pub(super) fuzzy: bool,
    /// Attributes that something was wanted of and that are no keys here: they match everything.
    pub(super) passed_over: Vec<Tag>,
}

impl Asked {
    pub(super) fn new(level: ImageLevel, scope: Scope, limit: u32) -> Self {
        let query = ImageQuery::all(level, policy::STUDY, scope, limit);
        Self { query, fuzzy: false, passed_over: Vec::new() }
    }

    /// Takes a key: the path to an attribute and what is wanted of it. Nothing is wanted by an empty value.
    pub(super) fn key(&mut self, path: &[Tag], value: &str) -> Result<(), Refusal> {
        let value = value.trim_matches(['\0', ' ']);
        // One or more asterisks are everything as well.
        if value.is_empty() || value.bytes().all(|byte| byte == b'*') {
            return Ok(());
        }
        match path {
            [tag] => self.attribute(*tag, value),
            [tags::REQUEST_ATTRIBUTES_SEQUENCE, tag] if REQUESTED.contains(tag) => {
                self.push(ImageLevel::Series, requested_field(*tag), test_of(*tag, value)?);
                Ok(())
            }
            _ => {
                self.passed_over.extend(path.last());
                Ok(())
            }
        }
    }

    fn attribute(&mut self, tag: Tag, value: &str) -> Result<(), Refusal> {
        match tag {
            tags::STUDY_INSTANCE_UID => self.query.studies = list(value)?,
            tags::SERIES_INSTANCE_UID => self.query.series = list(value)?,
            tags::SOP_INSTANCE_UID => self.query.instances = list(value)?,
            tags::SOP_CLASS_UID => self.query.classes = list(value)?,
            tags::INSTANCE_NUMBER => {
                let numbers = list(value)?.into_iter().map(|text| text.parse());
                self.query.numbers = numbers.collect::<Result<_, _>>().map_err(|_| no_value(tag))?;
            }
            tags::STUDY_DATE => self.push(ImageLevel::Study, MOMENT, date_of_study(value)?),
            tags::MODALITIES_IN_STUDY | tags::SOP_CLASSES_IN_STUDY => {
                self.push(ImageLevel::Study, field(tag), test_of(tag, value)?);
            }
            tags::PATIENT_NAME if self.fuzzy => {
                self.typed(ImageLevel::Patient, derived::PATIENT_NAME_KEYS, value);
            }
            tags::REFERRING_PHYSICIAN_NAME if self.fuzzy => {
                self.typed(ImageLevel::Study, derived::REFERRING_NAME_KEYS, value);
            }
            tag if Level::Patient.attributes().contains(&tag) => {
                self.by_test(ImageLevel::Patient, tag, value)?;
            }
            tag if Level::Study.attributes().contains(&tag) => self.by_test(ImageLevel::Study, tag, value)?,
            tag if Level::Series.attributes().contains(&tag) => {
                self.by_test(ImageLevel::Series, tag, value)?;
            }
            tag => self.passed_over.push(tag),
        }
        Ok(())
    }

    fn by_test(&mut self, level: ImageLevel, tag: Tag, value: &str) -> Result<(), Refusal> {
        if vr_of(tag) == Some(VR::PN) {
            // Every group that is given has to match.
            for group in value.split('=').filter(|group| !group.trim_matches(['^', ' ']).is_empty()) {
                self.push(level, field(tag), text_test(&name_pattern(group)));
            }
            return Ok(());
        }
        if vr_of(tag) == Some(VR::SQ) {
            self.passed_over.push(tag);
            return Ok(());
        }
        self.push(level, field(tag), test_of(tag, value)?);
        Ok(())
    }

    /// Every word begins a key of the name.
    fn typed(&mut self, level: ImageLevel, field: u32, value: &str) {
        let words = value.replace(['^', '=', '*', '?'], " ");
        for word in fold(&words).split(' ').filter(|word| !word.is_empty()) {
            self.push(level, field, ImageTest::Starts(word.to_owned()));
        }
    }

    fn push(&mut self, level: ImageLevel, field: u32, test: ImageTest) {
        self.query.conditions.push(ImageCondition { level, field, test });
    }
}

/// The tests of an attribute's representation.
fn test_of(tag: Tag, value: &str) -> Result<ImageTest, Refusal> {
    if value == "\"\"" {
        return Ok(ImageTest::Missing);
    }
    let vr = vr_of(tag).unwrap_or(VR::LO);
    match vr {
        VR::DA | VR::TM if value.contains('-') => {
            let (low, high) = range(value, |end| normal(vr, end).into_iter().next())?;
            Ok(ImageTest::Between(low, high.map(|high| format!("{high}{BEHIND}"))))
        }
        VR::TM => {
            let text = normal(vr, value).into_iter().next().ok_or_else(|| no_value(tag))?;
            Ok(ImageTest::Between(Some(text.clone()), Some(format!("{text}{BEHIND}"))))
        }
        VR::UI => Ok(ImageTest::AnyOf(list(value)?)),
        VR::IS | VR::DS | VR::DA => Ok(ImageTest::AnyOf(normal(vr, value))),
        // A list is for UIDs alone by the standard; modalities are asked for as one everywhere.
        _ if value.contains('\\') => {
            Ok(ImageTest::AnyOf(list(value)?.iter().flat_map(|one| normal(vr, one)).collect()))
        }
        _ => Ok(text_test(&fold(value))),
    }
}

/// A folded text with or without wildcards.
fn text_test(pattern: &str) -> ImageTest {
    let literal = pattern.trim_end_matches('*');
    match (literal.contains(['*', '?']), literal.len() < pattern.len()) {
        (true, _) => ImageTest::Like(pattern.to_owned()),
        (false, true) => ImageTest::Starts(literal.to_owned()),
        (false, false) => ImageTest::AnyOf(vec![pattern.to_owned()]),
    }
}

/// A group of a name as it is compared; what stands behind its last component does not count.
fn name_pattern(group: &str) -> String {
    fold(group).trim_end_matches(['^', ' ']).to_owned()
}

/// A date, or dates from one to another, on moments.
fn date_of_study(value: &str) -> Result<ImageTest, Refusal> {
    let date = |text: &str| {
        let moment = attributes::moment(Some(text), None);
        (!moment.is_empty()).then_some(moment)
    };
    if value == "\"\"" {
        return Ok(ImageTest::Missing);
    }
    let (low, high) = if value.contains('-') {
        range(value, date)?
    } else {
        let day = date(value).ok_or_else(|| no_value(tags::STUDY_DATE))?;
        (Some(day.clone()), Some(day))
    };
    // A study without a date lies in no range.
    let low = low.unwrap_or_else(|| "0".to_owned());
    Ok(ImageTest::Between(Some(low), high.map(|high| format!("{high}{BEHIND}"))))
}

type Ends = (Option<String>, Option<String>);

/// Both ends of a range; an open end is none.
fn range(value: &str, end: impl Fn(&str) -> Option<String>) -> Result<Ends, Refusal> {
    let wrong = || Refusal::new(status::NOT_UNDERSTOOD, format!("{value} is no range"));
    let (low, high) = value.split_once('-').ok_or_else(wrong)?;
    let read = |text: &str| match text.trim() {
        "" => Ok(None),
        text => end(text).map(Some).ok_or_else(wrong),
    };
    Ok((read(low)?, read(high)?))
}

/// Values of a list; commas separate them too, as addresses do.
fn list(value: &str) -> Result<Vec<String>, Refusal> {
    let all: Vec<String> = value
        .split(['\\', ','])
        .map(|one| one.trim_matches(['\0', ' ']).to_owned())
        .filter(|one| !one.is_empty())
        .collect();
    if all.len() > LISTED {
        return Err(Refusal::new(status::OUT_OF_RESOURCES, "the list is too long"));
    }
    Ok(all)
}

fn no_value(tag: Tag) -> Refusal {
    Refusal::new(status::NOT_UNDERSTOOD, format!("the value of {tag} is none"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(tag: Tag, value: &str) -> ImageTest {
        let mut asked = Asked::new(ImageLevel::Study, Scope::All, 10);
        asked.key(&[tag], value).unwrap();
        asked.query.conditions.pop().unwrap().test
    }

    fn between(low: &str, high: &str) -> ImageTest {
        let end = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        ImageTest::Between(end(low), end(high))
    }

    #[test]
    fn keys_become_conditions() {
        assert_eq!(of(tags::PATIENT_NAME, "Müller^A*"), ImageTest::Starts("muller^a".into()));
        assert_eq!(of(tags::PATIENT_NAME, "DOE^JOHN^^"), ImageTest::AnyOf(vec!["doe^john".into()]));
        assert_eq!(of(tags::PATIENT_NAME, "*oh?"), ImageTest::Like("*oh?".into()));
        assert_eq!(of(tags::STUDY_DATE, "20260131"), between("20260131", "20260131~"));
        assert_eq!(of(tags::STUDY_DATE, "20260101-20260131"), between("20260101", "20260131~"));
        assert_eq!(of(tags::STUDY_DATE, "-20260131"), between("0", "20260131~"));
        assert_eq!(of(tags::STUDY_TIME, "08-1200"), between("08", "1200~"));
        assert_eq!(of(tags::MODALITIES_IN_STUDY, "CT\\MR"), ImageTest::AnyOf(vec!["ct".into(), "mr".into()]));
        assert_eq!(of(tags::ACCESSION_NUMBER, "A 1"), ImageTest::AnyOf(vec!["a 1".into()]));
        assert_eq!(of(tags::PATIENT_SEX, "\"\""), ImageTest::Missing);
    }

    #[test]
    fn what_is_no_key_is_passed_over_and_what_is_no_value_refused() {
        let mut asked = Asked::new(ImageLevel::Study, Scope::All, 10);
        asked.key(&[tags::PIXEL_SPACING], "1").unwrap();
        asked.key(&[tags::PATIENT_ID], "**").unwrap();
        assert!(asked.query.conditions.is_empty());
        assert_eq!(asked.passed_over, [tags::PIXEL_SPACING]);
        assert!(asked.key(&[tags::STUDY_DATE], "yesterday").is_err());
        assert!(asked.key(&[tags::STUDY_DATE], "20260101-tomorrow").is_err());
        assert!(asked.key(&[tags::INSTANCE_NUMBER], "one").is_err());
    }

    #[test]
    fn a_name_that_people_type_is_found_by_every_word() {
        let mut asked = Asked { fuzzy: true, ..Asked::new(ImageLevel::Study, Scope::All, 10) };
        asked.key(&[tags::PATIENT_NAME], "Zhang wei").unwrap();
        let tests: Vec<_> = asked.query.conditions.into_iter().map(|one| one.test).collect();
        assert_eq!(tests, [ImageTest::Starts("zhang".into()), ImageTest::Starts("wei".into())]);
    }
}
