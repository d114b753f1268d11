//! Names of the standard's own examples (PS3.5 annexes H, I, J, K), and what devices make of them.

use super::*;
use proptest::prelude::*;

fn name(terms: &[&str], bytes: &[u8]) -> String {
    Charset::from_terms(terms.iter().copied()).decode(bytes, VR::PN).into_owned()
}

const YAMADA: &[u8] = b"Yamada^Tarou=\x1B$B;3ED\x1B(B^\x1B$BB@O:\x1B(B=\x1B$B$d$^$@\x1B(B^\x1B$B$?$m$&\x1B(B";
const HONG: &[u8] =
    b"Hong^Gildong=\x1B$)C\xFB\xF3^\x1B$)C\xD1\xCE\xD4\xD7=\x1B$)C\xC8\xAB^\x1B$)C\xB1\xE6\xB5\xBF";
const ZHANG: &[u8] = b"Zhang^XiaoDong=\x1B$)A\xD5\xC5^\x1B$)A\xD0\xA1\xB6\xAB=";

#[test]
fn the_names_of_the_standard_are_read() {
    assert_eq!(name(&["", "ISO 2022 IR 87"], YAMADA), "Yamada^Tarou=山田^太郎=やまだ^たろう");
    assert_eq!(name(&["", "ISO 2022 IR 149"], HONG), "Hong^Gildong=洪^吉洞=홍^길동");
    assert_eq!(name(&["", "ISO 2022 IR 58"], ZHANG), "Zhang^XiaoDong=张^小东=");
    assert_eq!(
        name(
            &["ISO 2022 IR 13", "ISO 2022 IR 87"],
            b"\xD4\xCF\xC0\xDE^\xC0\xDB\xB3=\x1B$B;3ED\x1B(J^\x1B$BB@O:\x1B(J=\x1B$B$d$^$@\x1B(J^\x1B$B$?$m$&\x1B(J"
        ),
        "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう"
    );
    assert_eq!(name(&["ISO_IR 100"], b"Buc^J\xE9r\xF4me"), "Buc^Jérôme");
    assert_eq!(name(&["ISO_IR 144"], b"\xBB\xEE\xDAce\xDC\xD1yp\xD3"), "Люкceмбypг");
    assert_eq!(name(&["ISO_IR 192"], "Wang^XiaoDong=王^小东".as_bytes()), "Wang^XiaoDong=王^小东");
    assert_eq!(name(&["GB18030"], b"Wang^XiaoDong=\xCD\xF5^\xD0\xA1\xB6\xAB="), "Wang^XiaoDong=王^小东=");
    assert_eq!(name(&["ISO_IR 166"], b"\xB9\xD2\xC2"), "นาย");
}

#[test]
fn a_byte_that_looks_like_a_delimiter_is_none_within_a_character() {
    // 能 is 94 5C in GBK, 構 is 39 3D in JIS, whose second byte is an equals sign.
    assert_eq!(name(&["GBK"], b"\x94\x5C"), "擻".replace('擻', &encoding_rs::GBK.decode(b"\x94\x5C").0));
    assert_eq!(name(&["", "ISO 2022 IR 87"], b"\x1B$B9=\x1B(B"), "構");
}

#[test]
fn what_devices_get_wrong_is_read_all_the_same() {
    // Not escaped again after the delimiter.
    assert_eq!(name(&["", "ISO 2022 IR 149"], b"\x1B$)C\xC8\xAB^\xB1\xE6\xB5\xBF"), "홍^길동");
    // Escapes where no second term says so.
    assert_eq!(name(&["ISO_IR 100"], b"\x1B$B;3ED\x1B(B"), "山田");
    // Nothing declared.
    assert_eq!(name(&[], "Müller".as_bytes()), "Müller");
    assert_eq!(name(&[], b"M\xFCller"), "Müller");
    // Terms nearly right, and not at all.
    for term in ["ISO IR 100", "iso-ir-100", "ISO_8859-1", "ISO 2022 IR 100"] {
        let charset = Charset::from_terms([term]);
        assert!(charset.is_known(), "{term}");
        assert_eq!(charset.decode(b"M\xFCller", VR::LO), "Müller");
    }
    let unknown = Charset::from_terms(["KLINGON"]);
    assert!(!unknown.is_known());
    assert_eq!(unknown.decode(b"M\xFCller", VR::LO), "Müller");
}

#[test]
fn the_high_half_is_that_of_the_start_again_after_a_delimiter() {
    assert_eq!(name(&["ISO_IR 100", "ISO 2022 IR 126"], b"\x1B-F\xC4\xE9^\xE9"), "Δι^é");
}

#[test]
fn names_are_written_as_the_standard_writes_them() {
    let yamada = "Yamada^Tarou=山田^太郎=やまだ^たろう";
    assert_eq!(encode(yamada, &["", "ISO 2022 IR 87"]).as_deref(), Some(YAMADA));
    assert_eq!(encode("Hong^Gildong=洪^吉洞=홍^길동", &["", "ISO 2022 IR 149"]).as_deref(), Some(HONG));
    assert_eq!(encode("Zhang^XiaoDong=张^小东=", &["", "ISO 2022 IR 58"]).as_deref(), Some(ZHANG));
    assert_eq!(encode("Müller", &["ISO_IR 100"]).as_deref(), Some(&b"M\xFCller"[..]));
    assert_eq!(encode("山田", &["ISO_IR 100"]), None);
    assert_eq!(encode("€", &["ISO_IR 100"]), None);
    assert_eq!(encode("x", &["KLINGON"]), None);
}

const SETS: &[&[&str]] = &[
    &["", "ISO 2022 IR 87"],
    &["ISO 2022 IR 13", "ISO 2022 IR 87", "ISO 2022 IR 159"],
    &["", "ISO 2022 IR 149"],
    &["", "ISO 2022 IR 58"],
    &["ISO 2022 IR 100", "ISO 2022 IR 126", "ISO 2022 IR 144"],
    &["ISO_IR 192"],
    &["GB18030"],
    &["GBK"],
    &["ISO_IR 13"],
    &["ISO_IR 166"],
    &["ISO_IR 203"],
];

proptest! {
    #[test]
    fn any_bytes_are_read_as_something(bytes in prop::collection::vec(any::<u8>(), 0..60), set in 0..SETS.len()) {
        let charset = Charset::from_terms(SETS[set].iter().copied());
        let _ = charset.decode(&bytes, VR::PN);
    }

    #[test]
    fn what_can_be_written_is_read_again(text in "[a-zé\\^=山田太郎홍길동张ДΔﾔ丂 ]{0,12}", set in 0..SETS.len()) {
        if let Some(bytes) = encode(&text, SETS[set]) {
            let charset = Charset::from_terms(SETS[set].iter().copied());
            prop_assert_eq!(charset.decode(&bytes, VR::PN), text);
        }
    }
}
