//! An object that tells everything, and what it tells afterwards.

use super::*;
use crate::TransferSyntax;
use proptest::prelude::*;

#[derive(Default)]
struct Counted {
    cleans: bool,
    safe: bool,
}

impl Pseudonyms for Counted {
    fn uid(&mut self, uid: &str) -> String {
        format!("2.25.{}", uid.bytes().map(u64::from).sum::<u64>())
    }

    fn clean(&mut self, _: Tag, text: &str) -> Option<String> {
        self.cleans.then(|| text.replace("Müller", "N"))
    }

    fn is_safe(&mut self, creator: &str, tag: Tag) -> bool {
        self.safe && creator == "SAFE" && tag.element() == 0x1001
    }
}

fn object() -> DataSet {
    let mut request = DataSet::new();
    request.set_text(tags::REQUESTED_PROCEDURE_DESCRIPTION, "Head of Müller");
    let mut reference = DataSet::new();
    reference.set_text(tags::REFERENCED_SOP_INSTANCE_UID, "1.2.3.9");
    reference.set_text(tags::PATIENT_NAME, "Müller^Anna");
    let mut institution = DataSet::new();
    institution.set_text(tags::CODE_VALUE, "North");
    let mut finding = DataSet::new();
    finding.set_text(tags::TEXT_VALUE, "Müller has a tumour");
    let mut data_set = DataSet::new();
    data_set.set_sequence(tags::INSTITUTION_CODE_SEQUENCE, vec![institution]);
    data_set.set_sequence(tags::CONTENT_SEQUENCE, vec![finding]);
    data_set.set_text(tags::SOP_CLASS_UID, "1.2.840.10008.5.1.4.1.1.2");
    data_set.set_text(tags::SOP_INSTANCE_UID, "1.2.3");
    data_set.set_text(tags::PATIENT_NAME, "Müller^Anna");
    data_set.set_text(tags::PATIENT_ID, "4711");
    data_set.set_text(tags::PATIENT_SEX, "F");
    data_set.set_text(tags::STUDY_DATE, "20240131");
    data_set.set_text(tags::ACQUISITION_DATE_TIME, "20240131101112+0100");
    data_set.set_text(tags::STUDY_DESCRIPTION, "CT of Müller");
    data_set.set_text(tags::INSTITUTION_NAME, "North");
    data_set.set_text(tags::STATION_NAME, "CT1");
    data_set.set_text(tags::BURNED_IN_ANNOTATION, "YES");
    data_set.set_int(tags::ROWS, 512);
    data_set.set_sequence(tags::REQUEST_ATTRIBUTES_SEQUENCE, vec![request]);
    data_set.set_sequence(tags::SOURCE_IMAGE_SEQUENCE, vec![reference]);
    data_set.set_text(Tag(0x0029, 0x0010), "SAFE");
    data_set.set_text_as(Tag(0x0029, 0x1001), VR::LO, "harmless");
    data_set.set_text_as(Tag(0x0029, 0x1002), VR::LO, "Müller");
    data_set.set_bytes(Tag(0x6000, 0x3000), VR::OW, vec![1; 8]);
    data_set
}

fn telling(data_set: &DataSet, what: &str) -> bool {
    let bytes = data_set.to_bytes(TransferSyntax::EXPLICIT_LITTLE).unwrap();
    bytes.windows(what.len()).any(|window| window == what.as_bytes())
}

#[test]
fn the_basic_profile_leaves_nothing_that_names_anybody() {
    let mut data_set = object();
    let outcome = deidentify(&mut data_set, &Options::default(), &mut Counted::default());
    assert_eq!(outcome.burned_in, Some(true));
    for what in ["ller", "4711", "2024", "North", "CT1", "harmless", "1.2.3\0"] {
        assert!(!telling(&data_set, what), "{what}: {data_set:?}");
    }
    assert_eq!(data_set.text(tags::SOP_CLASS_UID).as_deref(), Some("1.2.840.10008.5.1.4.1.1.2"));
    assert_eq!(data_set.uid(tags::SOP_INSTANCE_UID), Some(Counted::default().uid("1.2.3")));
    let referred = data_set.item_at(&[tags::SOURCE_IMAGE_SEQUENCE]).unwrap();
    assert_eq!(referred.uid(tags::REFERENCED_SOP_INSTANCE_UID), Some(Counted::default().uid("1.2.3.9")));
    assert_eq!(data_set.int(tags::ROWS), Some(512));
    assert!(!data_set.contains(Tag(0x6000, 0x3000)));
    assert!(data_set.get(tags::PATIENT_NAME).is_some_and(Element::is_empty));
    assert_eq!(data_set.text(tags::PATIENT_ID).as_deref(), Some("Anonymous"));
    assert!(data_set.get(tags::CONTENT_SEQUENCE).is_some_and(Element::is_empty));
    let institution = data_set.item_at(&[tags::INSTITUTION_CODE_SEQUENCE]).unwrap();
    assert_eq!(institution.text(tags::CODE_VALUE).as_deref(), Some("Anonymous"));
    assert_eq!(data_set.text(tags::PATIENT_IDENTITY_REMOVED).as_deref(), Some("YES"));
    assert_eq!(data_set.text(tags::LONGITUDINAL_TEMPORAL_INFORMATION_MODIFIED).as_deref(), Some("REMOVED"));
    let codes = data_set.sequence(tags::DEIDENTIFICATION_METHOD_CODE_SEQUENCE);
    assert_eq!(codes.len(), 1);
}

#[test]
fn options_keep_what_they_say() {
    let options = Options {
        retain_uids: true,
        retain_device: true,
        retain_institution: true,
        retain_patient_characteristics: true,
        clean_descriptors: true,
        dates: Dates::Shift { days: -31 },
    };
    let mut data_set = object();
    deidentify(&mut data_set, &options, &mut Counted { cleans: true, safe: true });
    for (tag, text) in [
        (tags::SOP_INSTANCE_UID, "1.2.3"),
        (tags::STATION_NAME, "CT1"),
        (tags::INSTITUTION_NAME, "North"),
        (tags::PATIENT_SEX, "F"),
        (tags::STUDY_DESCRIPTION, "CT of N"),
        (tags::STUDY_DATE, "20231231"),
        (tags::ACQUISITION_DATE_TIME, "20231231101112+0100"),
        (Tag(0x0029, 0x1001), "harmless"),
    ] {
        assert_eq!(data_set.text(tag).as_deref(), Some(text), "{tag}");
    }
    assert!(!telling(&data_set, "ller"));
    assert_eq!(data_set.sequence(tags::DEIDENTIFICATION_METHOD_CODE_SEQUENCE).len(), 8);
    let mut kept = object();
    let options = Options { dates: Dates::Keep, ..Options::default() };
    deidentify(&mut kept, &options, &mut Counted::default());
    assert_eq!(kept.text(tags::STUDY_DATE).as_deref(), Some("20240131"));
}

#[test]
fn text_that_nobody_cleans_goes_and_so_does_a_date_that_is_none() {
    let mut data_set = object();
    data_set.set_text(tags::STUDY_DATE, "Müller");
    let options = Options { clean_descriptors: true, dates: Dates::Shift { days: 1 }, ..Options::default() };
    deidentify(&mut data_set, &options, &mut Counted::default());
    assert!(!telling(&data_set, "ller"));
}

proptest! {
    #[test]
    fn no_attribute_of_the_table_keeps_its_text(element in any::<u16>(), group in prop::sample::select(vec![8_u16, 0x10, 0x18, 0x20, 0x32, 0x38, 0x40, 0x4008])) {
        let tag = Tag(group, element);
        if rule(tag).is_some() {
            let mut data_set = DataSet::new();
            data_set.set_bytes(tag, VR::LO, b"Mueller ".to_vec());
            deidentify(&mut data_set, &Options::default(), &mut Counted::default());
            prop_assert!(!telling(&data_set, "Mueller"));
        }
    }
}
