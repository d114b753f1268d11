//! Quantities in different units, and what is no unit.

use proptest::prelude::*;

use super::{canonical, check};

fn base(value: f64, unit: &str) -> (f64, String) {
    canonical(value, unit).unwrap_or_else(|| panic!("{unit}"))
}

#[test]
fn the_same_quantity_in_two_units_is_the_same_number() {
    for (one, unit, other, other_unit) in [
        (5.0, "g/L", 500.0, "mg/dL"),
        (5.0, "g/L", 0.5, "g%"),
        (7.2, "mmol/L", 0.0072, "mol/L"),
        (7.2, "mmol/L", 7200.0, "umol/l"),
        (140.0, "meq/L", 140.0, "mmol/L"),
        (120.0, "mm[Hg]", 15.998_64, "kPa"),
        (10.0, "cm[H2O]", 980.665, "Pa"),
        (4.5, "10*9/L", 4500.0, "/uL"),
        (4.5, "10*9/L", 4.5, "10*3/uL"),
        (4.5, "10^9/L", 4.5, "10*3{cells}/mm3"),
        (98.6, "[degF]", 37.0, "Cel"),
        (37.0, "Cel", 310.15, "K"),
        (36_600.0, "mCel", 36.6, "Cel"),
        (72.0, "/min", 1.2, "Hz"),
        (72.0, "{beats}/min", 1.2, "/s"),
        (12.0, "%", 0.12, "1"),
        (1.0, "[lb_av]", 453.592_37, "g"),
        (6.0, "[ft_i]", 182.88, "cm"),
        (65.0, "[in_i]", 165.1, "cm"),
        (1.0, "wk", 168.0, "h"),
        (1.0, "a", 12.0, "mo"),
        (60.0, "U/L", 1000.0, "nkat/L"),
        (1.0, "k[IU]/L", 1.0, "[iU]/mL"),
        (7.0, "[pH]", 100.0, "nmol/L"),
        (20.0, "dB", 100.0, "1"),
        (90.0, "ml/min/{1.73_m2}", 1.5, "mL/s"),
        (180.0, "deg", std::f64::consts::PI, "rad"),
        (24.0, "kg/m2", 2.4, "g/cm2"),
        (1.0, "KiBy", 8192.0, "bit"),
        (2.0, "[m/s2/Hz^(1/2)]", 4.0, "m2/s3"),
        (5.0, "mg/(24.h)", 5.0, "mg/d"),
    ] {
        assert_eq!(base(one, unit), base(other, other_unit), "{one} {unit} = {other} {other_unit}");
    }
}

#[test]
fn base_units_are_named_in_one_order() {
    assert_eq!(base(5.0, "g/L"), (5000.0, "g.m-3".into()));
    assert_eq!(base(1.0, "mm[Hg]"), (133_322.0, "g.m-1.s-2".into()));
    assert_eq!(base(1.0, "kPa"), base(1.0, "10*3.kg/(m.s2)"));
    assert_eq!(base(3.0, "[iU]/mL"), (3_000_000.0, "[iU].m-3".into()));
    assert_eq!(base(40.0, "%"), (0.4, "1".into()));
    assert_eq!(base(2.0, "Cel"), (275.15, "K".into()));
    assert_eq!(base(1.0, "mol/L").1, base(1.0, "10*9/L").1);
    assert_ne!(base(1.0, "[iU]").1, base(1.0, "[arb'U]").1);
    assert_eq!(base(-2.5, "m"), (-2.5, "m".into()));
    for (value, unit) in
        [(0.4, "mmol/mol"), (9.1, "mg/dL"), (310.15, "K"), (1.0, "S.m2/mol"), (3.0, "J/(kg.K)")]
    {
        let (value, code) = base(value, unit);
        assert_eq!(base(value, &code), (value, code), "base units stand for themselves");
    }
}

#[test]
fn a_unit_on_its_own_scale_is_no_part_of_another() {
    for unit in ["Cel/min", "Cel2", "2.[degF]", "/[pH]"] {
        assert!(check(unit).is_ok() && canonical(1.0, unit).is_none(), "{unit}");
    }
    assert!(canonical(1.0, "Cel{oral}").is_some());
    assert!(canonical(1e30, "B").is_none(), "ten to that power is no number");
}

#[test]
fn what_is_no_unit_is_told() {
    for (unit, message) in [
        ("", "a unit is 1 to 256 characters long"),
        ("mmHg", "\"mmHg\" is no unit of UCUM"),
        ("kmin", "\"kmin\" is no unit of UCUM"),
        ("mg/dl ", "expected the end of the unit at character 6 of the unit"),
        ("mg//dL", "expected a unit at character 4 of the unit"),
        ("m-", "expected an exponent at character 3 of the unit"),
        ("(m", "expected a closing parenthesis at character 3 of the unit"),
        ("m{a", "expected a closing brace at character 4 of the unit"),
        ("{次}/min", "expected a closing brace at character 2 of the unit"),
        ("℃", "expected a unit at character 1 of the unit"),
        ("m1000", "a number, an exponent or the nesting of the unit is out of range"),
        ("m90.m90", "a number, an exponent or the nesting of the unit is out of range"),
        ("0", "a number, an exponent or the nesting of the unit is out of range"),
        ("10*-999", "a number, an exponent or the nesting of the unit is out of range"),
        ("5e3", "expected the end of the unit at character 2 of the unit"),
    ] {
        assert_eq!(check(unit).unwrap_err().to_string(), message, "{unit}");
    }
    assert!(check(&"(".repeat(200)).is_err() && check(&"m".repeat(300)).is_err());
}

/// Components of units, put together by the grammar.
fn unit() -> impl Strategy<Value = String> {
    let atom = prop::sample::select(vec![
        "m",
        "kg",
        "mmol",
        "L",
        "10*",
        "[iU]",
        "m[Hg]",
        "%",
        "min",
        "[in_i'H2O]",
        "uU",
        "deg",
        "{cells}",
        "12",
    ]);
    let component = (atom, -3..4_i32).prop_map(|(atom, power)| match power {
        _ if atom.starts_with(['{']) || atom == "12" => atom.to_owned(),
        0 | 1 => atom.to_owned(),
        _ => format!("{atom}{power}"),
    });
    component.prop_recursive(3, 12, 4, |inner| {
        (inner.clone(), prop::bool::ANY, inner)
            .prop_map(|(left, divided, right)| format!("({left}{}{right})", if divided { '/' } else { '.' }))
    })
}

proptest! {
    #[test]
    fn any_text_is_answered(text in "\\PC{0,60}", near in "[a-zA-Z0-9*^%/.(){}\\[\\]'_+-]{0,30}") {
        for text in [text, near] {
            if check(&text).is_err() {
                prop_assert_eq!(canonical(1.0, &text), None);
            }
        }
    }

    #[test]
    fn a_unit_divides_itself_away(unit in unit()) {
        prop_assert!(check(&unit).is_ok(), "{}", unit);
        if let Some((value, code)) = canonical(1.0, &format!("{unit}/{unit}")) {
            prop_assert_eq!((value, code.as_str()), (1.0, "1"));
        }
    }

    #[test]
    fn a_canonical_unit_stands_for_itself(unit in unit(), value in 0.001..1e6_f64) {
        let (value, code) = canonical(value, &unit).unwrap();
        prop_assert_eq!(canonical(value, &code), Some((value, code)));
    }
}
