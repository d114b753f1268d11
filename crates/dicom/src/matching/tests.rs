//! Stories of searches.

use super::*;
use crate::data_set::DataSet;
use crate::index::Level;
use crate::{Tag, VR, tags};
use proptest::prelude::*;

fn record() -> DataSet {
    let mut step = DataSet::new();
    step.set_text(tags::SCHEDULED_PROCEDURE_STEP_ID, "SPS1");
    step.set_text(tags::REQUESTED_PROCEDURE_ID, "RP1");
    let mut other = DataSet::new();
    other.set_text(tags::SCHEDULED_PROCEDURE_STEP_ID, "SPS2");
    other.set_text(tags::REQUESTED_PROCEDURE_ID, "RP2");
    let mut record = DataSet::new();
    record.set_text(tags::PATIENT_NAME, "Müller^Anna Maria^^Dr.=王^小东");
    record.set_text(tags::PATIENT_ID, "AB 4711");
    record.set_text(tags::STUDY_DATE, "20240131");
    record.set_text(tags::STUDY_TIME, "101112.5");
    record.set_text(tags::MODALITIES_IN_STUDY, "CT\\SR");
    record.set_text(tags::STUDY_INSTANCE_UID, "1.2.3");
    record.set_text(tags::STUDY_DESCRIPTION, "CT Head (2 phases)");
    record.set_text(tags::SERIES_NUMBER, "007");
    record.set_int(tags::ROWS, 512);
    record.set_text(tags::ACQUISITION_DATE_TIME, "20240131101112+0100");
    record.set_empty(tags::ACCESSION_NUMBER);
    record.set_sequence(tags::REQUEST_ATTRIBUTES_SEQUENCE, vec![step, other]);
    record
}

fn asks(parameters: &[(&str, &str)]) -> bool {
    Query::from_parameters(parameters.iter().copied()).unwrap().matches(&record())
}

#[test]
fn single_values_lists_and_wildcards_find_texts() {
    for (name, value, found) in [
        ("PatientID", "AB 4711", true),
        ("00100020", "AB 4711 ", true),
        ("PatientID", "ab 4711", false),
        ("PatientID", "AB*", true),
        ("PatientID", "AB?47?1", true),
        ("PatientID", "?B", false),
        ("PatientID", "*", true),
        ("PatientID", "", true),
        ("StudyDescription", "*Head*phases)", true),
        ("StudyDescription", "*Head*phase", false),
        ("StudyInstanceUID", "1.2.4,1.2.3", true),
        ("StudyInstanceUID", "1.2.4\\1.2.5", false),
        ("ModalitiesInStudy", "SR", true),
        ("ModalitiesInStudy", "MR,SR", true),
        ("ModalitiesInStudy", "MR", false),
        ("SeriesNumber", "7", true),
        ("SeriesNumber", "8", false),
        ("Rows", "512", true),
        ("AccessionNumber", "\"\"", true),
        ("PatientID", "\"\"", false),
        ("StudyID", "\"\"", true),
        ("StudyID", "x", false),
        ("AccessionNumber", "*", true),
    ] {
        assert_eq!(asks(&[(name, value)]), found, "{name}={value}");
    }
}

#[test]
fn names_are_found_without_regard_to_case_and_accents_by_components() {
    for (name, found) in [
        ("müller^anna maria^^dr.", true),
        ("Muller^Anna Maria^^Dr.", true),
        ("MULLER^A*", true),
        ("mul*", true),
        ("Muller", false),
        ("*^Anna*", true),
        ("*^Maria*", false),
        ("*anna*", true),
        ("王^小东", true),
        ("王*", true),
        ("=王*", true),
        ("Smith*=王*", false),
        ("Smith*\\mul*", true),
    ] {
        assert_eq!(asks(&[("PatientName", name)]), found, "{name}");
    }
}

#[test]
fn fuzzy_matching_finds_names_as_people_type_them() {
    for (name, found) in [
        ("anna muller", true),
        ("Maria", true),
        ("Muller, Anna", true),
        ("wang xiaodong", true),
        ("wxd", true),
        ("anna smith", false),
    ] {
        assert_eq!(asks(&[("fuzzymatching", "true"), ("PatientName", name)]), found, "{name}");
    }
}

#[test]
fn dates_and_times_are_found_in_ranges() {
    for (name, value, found) in [
        ("StudyDate", "20240131", true),
        ("StudyDate", "20240101-20240131", true),
        ("StudyDate", "20240201-", false),
        ("StudyDate", "-20240131", true),
        ("StudyDate", "-20240130", false),
        ("StudyDate", "2024.01.31", true),
        ("StudyTime", "10", true),
        ("StudyTime", "1011", true),
        ("StudyTime", "1012-", false),
        ("StudyTime", "0900-101112", true),
        ("StudyTime", "101112.4", false),
        ("AcquisitionDateTime", "2024", true),
        ("AcquisitionDateTime", "20240131101112+0100", true),
        ("AcquisitionDateTime", "20240131091112+0000", true),
        ("AcquisitionDateTime", "20240131101112-0500", false),
        ("AcquisitionDateTime", "20240131101112+0100-20240201", true),
        ("AcquisitionDateTime", "20240131101113+0100-", false),
        ("AcquisitionDateTime", "2023-2024", true),
    ] {
        assert_eq!(asks(&[(name, value)]), found, "{name}={value}");
    }
}

#[test]
fn a_date_and_its_time_are_two_ranges_or_one() {
    let ask = |combined: bool| {
        let parameters = [("StudyDate", "20240130-20240201"), ("StudyTime", "1200-0900")];
        let mut query = Query::from_parameters(parameters).unwrap();
        if combined {
            query.combine_dates_and_times();
        }
        query.matches(&record())
    };
    assert!(!ask(false));
    assert!(ask(true));
}

#[test]
fn keys_of_a_sequence_are_asked_of_one_item() {
    let (step, procedure) = ("RequestAttributesSequence.ScheduledProcedureStepID", "00400275.00401001");
    assert!(asks(&[(step, "SPS1"), (procedure, "RP1")]));
    assert!(asks(&[(step, "SPS2")]));
    assert!(!asks(&[(step, "SPS1"), (procedure, "RP2")]));
}

#[test]
fn an_identifier_asks_and_is_answered() {
    let mut item = DataSet::new();
    item.set_text(tags::SCHEDULED_PROCEDURE_STEP_ID, "SPS2");
    item.set_empty(tags::REQUESTED_PROCEDURE_ID);
    let mut identifier = DataSet::new();
    identifier.set_text(tags::QUERY_RETRIEVE_LEVEL, "STUDY");
    identifier.set_text(tags::PATIENT_NAME, "MÜLLER*");
    identifier.set_empty(tags::STUDY_ID);
    identifier.set_empty(tags::STUDY_INSTANCE_UID);
    identifier.set_int(tags::ROWS, 512);
    identifier.set_sequence(tags::REQUEST_ATTRIBUTES_SEQUENCE, vec![item]);
    let query = Query::from_identifier(&identifier, false).unwrap();
    assert_eq!(query.level, Some(Level::Study));
    assert!(query.matches(&record()));
    let answer = query.answer(&record());
    assert_eq!(answer.text(tags::PATIENT_NAME).as_deref(), Some("Müller^Anna Maria^^Dr.=王^小东"));
    assert_eq!(answer.uid(tags::STUDY_INSTANCE_UID).as_deref(), Some("1.2.3"));
    assert!(answer.contains(tags::STUDY_ID) && !answer.contains(tags::PATIENT_ID));
    let steps = answer.sequence(tags::REQUEST_ATTRIBUTES_SEQUENCE);
    assert_eq!(steps[1].text(tags::REQUESTED_PROCEDURE_ID).as_deref(), Some("RP2"));
    identifier.set_text(tags::QUERY_RETRIEVE_LEVEL, "WORLD");
    assert_eq!(Query::from_identifier(&identifier, false), Err(QueryError::Level));
}

#[test]
fn parameters_say_how_much_and_what_is_answered() {
    let query = Query::from_parameters([
        ("limit", "10"),
        ("offset", "20"),
        ("includefield", "StudyDescription,00400275.00400009"),
        ("includefield", "00081030"),
    ])
    .unwrap();
    assert_eq!((query.limit, query.offset, query.keys.len()), (Some(10), 20, 0));
    let Include::Attributes(paths) = &query.include else { panic!() };
    assert_eq!(paths[1].0, [tags::REQUEST_ATTRIBUTES_SEQUENCE, tags::SCHEDULED_PROCEDURE_STEP_ID]);
    let all = Query::from_parameters([("includefield", "all"), ("includefield", "StudyID")]).unwrap();
    assert_eq!(all.include, Include::All);
    for (name, value, error) in [
        ("limit", "-1", QueryError::Parameter("limit")),
        ("fuzzymatching", "yes", QueryError::Parameter("fuzzymatching")),
        ("Nonsense", "1", QueryError::Attribute("Nonsense".into())),
        ("StudyDate", "yesterday", QueryError::Value(tags::STUDY_DATE)),
        ("PatientID.StudyDate", "1", QueryError::Value(tags::PATIENT_ID)),
        ("Rows", "many", QueryError::Value(tags::ROWS)),
        ("PixelData", "x", QueryError::Value(tags::PIXEL_DATA)),
    ] {
        assert_eq!(Query::from_parameters([(name, value)]), Err(error), "{name}={value}");
    }
}

/// What a wildcard means, said plainly and slowly.
fn slowly(pattern: &[char], text: &[char]) -> bool {
    match (pattern, text) {
        ([], []) => true,
        (['*', rest @ ..], _) => slowly(rest, text) || !text.is_empty() && slowly(pattern, &text[1..]),
        (['?', rest @ ..], [_, left @ ..]) => slowly(rest, left),
        ([wanted, rest @ ..], [found, left @ ..]) => wanted == found && slowly(rest, left),
        _ => false,
    }
}

proptest! {
    #[test]
    fn wildcards_mean_what_they_say(pattern in "[ab*?]{0,8}", text in "[ab]{0,8}") {
        let chars = |text: &str| text.chars().collect::<Vec<_>>();
        prop_assert_eq!(TextPattern::new(&pattern).matches(&text), slowly(&chars(&pattern), &chars(&text)));
    }

    #[test]
    fn any_value_of_any_attribute_is_asked_or_refused(element in any::<u16>(), value in "\\PC{0,30}", fuzzy in any::<bool>()) {
        let fuzzy = if fuzzy { "true" } else { "false" };
        for group in [0x0008, 0x0010, 0x0020, 0x0040] {
            let name = format!("{group:04X}{:04X}", element % 0x300);
            if let Ok(query) = Query::from_parameters([(name.as_str(), value.as_str()), ("fuzzymatching", fuzzy)]) {
                let _ = query.matches(&record());
            }
        }
    }

    #[test]
    fn a_date_that_is_moved_comes_back(year in 1600_i64..2400, month in 1..=12, day in 1..=28, days in -90_000_i64..90_000) {
        let text = format!("{year}{month:02}{day:02}");
        let moved = shifted(&text, days).unwrap();
        let start = |text: &str| Span::parse(VR::DA, text, 0).unwrap().start;
        prop_assert_eq!(start(&moved) - start(&text), days * 86_400_000_000);
        prop_assert_eq!(shifted(&moved, -days).unwrap(), text);
    }

    #[test]
    fn a_date_is_in_the_range_of_itself(year in 1900_i64..2100, month in 1..=12, day in 1..=28) {
        let text = format!("{year}{month:02}{day:02}");
        let next = format!("{year}{month:02}{:02}", day + 1);
        let interval = Interval::parse(VR::DA, &format!("{text}-{text}"), 0).unwrap();
        prop_assert!(interval.contains(Span::parse(VR::DA, &text, 0).unwrap()));
        prop_assert!(!interval.contains(Span::parse(VR::DA, &next, 0).unwrap()));
        prop_assert_eq!(Span::parse(VR::DA, &text, 0).unwrap().end, Span::parse(VR::DA, &next, 0).unwrap().start);
    }
}

#[test]
fn an_attribute_nobody_knows_can_be_asked_for_by_its_tag() {
    let mut record = record();
    let tag = Tag(0x0011, 0x1010);
    record.set_text_as(tag, VR::LO, "x");
    let query = Query::from_parameters([("00111010", "x")]).unwrap();
    assert!(query.matches(&record));
}
