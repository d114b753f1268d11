//! Data sets as JSON and back.

use super::*;
use crate::{TransferSyntax, VR, tags};
use proptest::prelude::*;

fn json(data_set: &DataSet, options: &JsonOptions<'_>) -> String {
    let mut out = Vec::new();
    write_json(data_set, options, &mut out);
    String::from_utf8(out).unwrap()
}

fn inline(data_set: &DataSet) -> String {
    json(data_set, &JsonOptions::default())
}

#[test]
fn every_kind_of_value_is_as_the_model_has_it() {
    let mut item = DataSet::new();
    item.set_text(tags::CODE_VALUE, "A\"1");
    let mut data_set = DataSet::new();
    data_set.set_text(tags::PATIENT_NAME, "Wang^XiaoDong=王^小东");
    data_set.set_text(tags::IMAGE_TYPE, "A\\\\B");
    data_set.set_text(tags::PATIENT_ID, "");
    data_set.set_text(tags::SLICE_THICKNESS, "+1.50");
    data_set.set_text(tags::IMAGE_POSITION_PATIENT, "-.5\\1.E3\\oops");
    data_set.set_text(tags::INSTANCE_NUMBER, "007");
    data_set.set_int(tags::ROWS, 512);
    data_set.set_tags(tags::FRAME_INCREMENT_POINTER, &[tags::FRAME_TIME]);
    data_set.set_decimals(tags::EXPOSURE_TIME_INMS, &[0.1]);
    data_set.set_bytes(tags::ICC_PROFILE, VR::OB, vec![1, 2, 3, 4]);
    data_set.set_sequence(tags::PROCEDURE_CODE_SEQUENCE, vec![item, DataSet::new()]);
    data_set.set_sequence(tags::REQUEST_ATTRIBUTES_SEQUENCE, Vec::new());
    data_set.set_int(Tag(0x0008, 0x0000), 100);
    assert_eq!(
        inline(&data_set),
        concat!(
            r#"{"00080005":{"vr":"CS","Value":["ISO_IR 192"]},"#,
            r#""00080008":{"vr":"CS","Value":["A",null,"B"]},"#,
            r#""00081032":{"vr":"SQ","Value":[{"00080100":{"vr":"SH","Value":["A\"1"]}},{}]},"#,
            r#""00100010":{"vr":"PN","Value":[{"Alphabetic":"Wang^XiaoDong","Ideographic":"王^小东"}]},"#,
            r#""00100020":{"vr":"LO"},"#,
            r#""00180050":{"vr":"DS","Value":[1.50]},"#,
            r#""00189328":{"vr":"FD","Value":[0.1]},"#,
            r#""00200013":{"vr":"IS","Value":[7]},"#,
            r#""00200032":{"vr":"DS","Value":[-0.5,1E3,"oops"]},"#,
            r#""00280009":{"vr":"AT","Value":["00181063"]},"#,
            r#""00280010":{"vr":"US","Value":[512]},"#,
            r#""00282000":{"vr":"OB","InlineBinary":"AQIDBA=="},"#,
            r#""00400275":{"vr":"SQ"}}"#,
        )
    );
}

#[test]
fn bulk_data_is_named_by_the_path_of_its_element() {
    let mut item = DataSet::new();
    item.set_bytes(tags::ICC_PROFILE, VR::OB, vec![9; 100]);
    let mut data_set = DataSet::new();
    data_set.set_sequence(tags::OPTICAL_PATH_SEQUENCE, vec![DataSet::new(), item]);
    let options = JsonOptions { bulk_data_uri: Some("https://a/bulk"), longest_inline: 64 };
    let written = json(&data_set, &options);
    assert!(written.contains(r#""BulkDataURI":"https://a/bulk/00480105/1/00282000""#), "{written}");
    let (_, element) = data_set.at_path("00480105/1/00282000").unwrap();
    assert_eq!(element.bytes().map(<[u8]>::len), Some(100));
    assert!(data_set.at_path("00480105/2/00282000").is_none());
    let mut read = from_json(written.as_bytes()).unwrap().remove(0);
    let reference = read.bulk_data.remove(0);
    assert_eq!(reference.uri, "https://a/bulk/00480105/1/00282000");
    let (item, tag) = read.data_set.at_path_mut(&reference.path).unwrap();
    item.set_bytes(tag, VR::OB, vec![9; 100]);
    assert_eq!(read.data_set, data_set);
}

#[test]
fn what_is_no_data_set_is_refused() {
    for (json, error) in [
        ("", JsonError::NotJson),
        ("[1]", JsonError::NotDataSets),
        (r#"{"nonsense":{}}"#, JsonError::Attribute("nonsense".into())),
        (r#"{"00100010":[]}"#, JsonError::Value(tags::PATIENT_NAME)),
        (r#"{"00280010":{"vr":"US","Value":[65536]}}"#, JsonError::Value(tags::ROWS)),
        (r#"{"00280010":{"vr":"US","Value":[{}]}}"#, JsonError::Value(tags::ROWS)),
        (r#"{"00282000":{"vr":"OB","InlineBinary":"?"}}"#, JsonError::Value(tags::ICC_PROFILE)),
    ] {
        assert_eq!(from_json(json.as_bytes()), Err(error), "{json}");
    }
}

#[test]
fn keywords_strings_for_numbers_and_missing_representations_are_read() {
    let json = r#"[{"PatientID":{"Value":["1"]},"00280010":{"vr":"US","Value":["5"]},"00201208":{"vr":"IS","Value":[3]}}]"#;
    let data_set = from_json(json.as_bytes()).unwrap().remove(0).data_set;
    assert_eq!(data_set.text(tags::PATIENT_ID).as_deref(), Some("1"));
    assert_eq!(data_set.int(tags::ROWS), Some(5));
    assert_eq!(data_set.int(tags::NUMBER_OF_STUDY_RELATED_INSTANCES), Some(3));
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        name in "[\\PC&&[^\\\\=]]{0,9}",
        long in "\\PC{0,9}",
        rows in any::<u16>(),
        slope in any::<f64>().prop_filter("JSON has no such number", |number| number.is_finite()),
        big in any::<u64>(),
        bytes in prop::collection::vec(any::<u8>(), 0..9),
    ) {
        let mut item = DataSet::new();
        item.set_text(tags::PATIENT_NAME, name.trim());
        let mut data_set = DataSet::new();
        data_set.set_text(tags::SPECIFIC_CHARACTER_SET, "ISO_IR 192");
        data_set.set_text(tags::IMAGE_COMMENTS, long.trim());
        data_set.set_sequence(tags::PROCEDURE_CODE_SEQUENCE, vec![item]);
        data_set.set_int(tags::ROWS, i64::from(rows));
        data_set.set_decimals(tags::EXPOSURE_TIME_INMS, &[slope]);
        data_set.set_bytes(tags::EXTENDED_OFFSET_TABLE, VR::UV, big.to_le_bytes().to_vec());
        data_set.set_bytes(tags::ICC_PROFILE, VR::OB, bytes);
        let written = inline(&data_set);
        let read = from_json(written.as_bytes()).unwrap().remove(0).data_set;
        prop_assert_eq!(&inline(&read), &written);
        let syntax = TransferSyntax::EXPLICIT_LITTLE;
        let same = read.item_at(&[tags::PROCEDURE_CODE_SEQUENCE]).unwrap().text(tags::PATIENT_NAME);
        prop_assert_eq!(same, data_set.sequence(tags::PROCEDURE_CODE_SEQUENCE)[0].text(tags::PATIENT_NAME));
        prop_assert!(read.to_bytes(syntax).is_ok());
    }

    #[test]
    fn a_number_of_text_becomes_a_number_of_json_with_the_same_value(text in "[+-]?[0-9]{0,4}[.]?[0-9]{0,4}([eE][+-]?[0-9]{0,2})?") {
        match (write::number(&text), text.parse::<f64>()) {
            (Some(json), Ok(number)) => {
                let read: serde_json::Number = serde_json::from_str(&json).unwrap();
                prop_assert_eq!(read.to_string().parse::<f64>().unwrap().to_bits(), number.to_bits());
            }
            (None, Err(_)) => {}
            (json, number) => prop_assert!(false, "{text}: {json:?} {number:?}"),
        }
    }

    #[test]
    fn any_text_is_a_data_set_or_refused(text in "\\PC{0,60}") {
        let _ = from_json(text.as_bytes());
    }
}
