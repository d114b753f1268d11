//! What each group of functions and operators answers.

use bianque_fhirpath::{Expression, Model};

use crate::clinic::{Clinic, all_true, each, fail};

#[test]
fn paths_lead_into_the_document() {
    each(&[
        ("name.given", "Peter James Jim <string> Jane"),
        ("Patient.name.family", "Chalmers"),
        ("Resource.id", "li"),
        ("HumanName.family", ""),
        ("name[1].given", "Jim"),
        ("name[9]", ""),
        ("nothing.at.all", ""),
        ("weight.value", "81.5"),
        ("children().count()", "9"),
        ("name.descendants().count()", "10"),
        ("`birthDate`", "1974-12-25"),
        ("$this.active", "true"),
    ]);
    fail(&["weightQuantity.value", "name[name]", "name[", "name..given"]);
}

#[test]
fn existence_is_asked() {
    all_true(&[
        "name.exists() and nothing.empty()",
        "name.exists(use = 'usual')",
        "name.exists(use = 'old').not()",
        "name.all(given.exists())",
        "{}.all(false)",
        "(true | false).anyTrue() and (true | false).anyFalse()",
        "(true | false).allTrue().not() and {}.allTrue() and {}.allFalse()",
        "name.first().subsetOf(name) and name.supersetOf(name.last())",
        "name.given.isDistinct()",
        "(1.combine(1)).isDistinct().not()",
    ]);
    fail(&["('a' | 'b').allTrue()", "name.not()"]);
}

#[test]
fn items_are_chosen_and_combined() {
    each(&[
        ("name.where(use = 'usual').given", "Jim"),
        ("name.select(given.first())", "Peter Jim <string>"),
        ("(1 | 2 | 3).select($this * $index)", "0 2 6"),
        ("(3 | 1).repeat(iif($this < 5, $this + 1))", "4 2 5 3"),
        ("name.given.first() & name.given.last()", "PeterJane"),
        ("(1 | 2 | 3).tail()", "2 3"),
        ("(1 | 2 | 3).skip(-1).take(2)", "1 2"),
        ("(1 | 2 | 2).count()", "2"),
        ("1.combine(2).combine(2)", "1 2 2"),
        ("(1 | 2 | 3).intersect(2 | 3 | 4)", "2 3"),
        ("(1 | 2 | 3).exclude(2)", "1 3"),
        ("(1 | 2 | 3 | 4).aggregate($this + $total, 0)", "10"),
        ("('b' | 'a' | 'c').sort()", "a b c"),
        ("('b' | 'a' | 'c').sort(-$this)", "c b a"),
        ("name.sort(family, -use).use", "usual maiden official"),
        ("name.sort(-family).family.first() & name.sort(-family).use.first()", "Chalmersusual"),
        ("name.trace('names').count()", "3"),
        ("defineVariable('n', name.count()).select(%n + 1)", "4"),
        (
            "name.select(defineVariable('f', family).given.select($this & %f))",
            "PeterChalmers JamesChalmers Jim  Jane",
        ),
    ]);
    all_true(&["2 in (1 | 2)", "(1 | 2) contains 2", "iif({}, false, true)", "iif(true, true, 1 / 'a')"]);
    fail(&[
        "name.single()",
        "iif(1 | 2, 1)",
        "iif('yes', 1)",
        "(1 | 'a').sort()",
        "defineVariable('a').defineVariable('a')",
        "defineVariable('context')",
        "select(defineVariable('a', 1)) & %a",
    ]);
}

#[test]
fn truth_has_three_values() {
    all_true(&[
        "(true and {}).empty() and (false and {}) = false and ({} and false) = false",
        "(true or {}) and ({} or true) and (false or {}).empty()",
        "(true xor false) and (true xor true).not() and (true xor {}).empty()",
        "(false implies {}) and ({} implies true) and (true implies {}).empty() and ({} implies false).empty()",
        "'a text' and 1",
    ]);
    fail(&["name and true", "false or (1 | 2)"]);
}

#[test]
fn equality_and_order() {
    all_true(&[
        "1 = 1.0 and 1.10 = 1.1 and 'a' != 'A' and 'a' ~ 'A'",
        "({} = {}).empty() and {} ~ {} and ({} ~ 1).not()",
        "(1 | 2) = (1 | 2) and (1 | 2) != (2 | 1) and (1 | 2) ~ (2 | 1)",
        "'ab  c' ~ 'AB C' and 0.67 ~ 2 / 3",
        "name.first() = name.first() and name.first() != name.last()",
        "1 < 2 and 'a' < 'b' and 2.5 >= 2 and @2020 < @2021 and @T10 <= @T10",
        "(@2020 = @2020-01).empty() and (@2020 ~ @2020-01).not() and (@2020 < @2020-01).empty()",
        "@2020-01-01T10:00:00Z = @2020-01-01T12:00:00+02:00",
        "(@2020-01-01T10:00:00Z = @2020-01-01T12:00:00).empty()",
        "@2020-01-01T10:00:00Z < @2020-01-03T10:00:00",
        "@2020-01-01T10:00:00.0 = @2020-01-01T10:00:00",
        "birthDate = @1974-12-25 and birthDate < today()",
        "birthDate != '1974-12-25'",
        "@T10 != @2020",
    ]);
    fail(&["1 < 'a'", "name < name", "true > false", "@T10 < @2020", "name.given > 'a'"]);
}

#[test]
fn numbers_are_exact() {
    each(&[
        ("0.1 + 0.2", "0.3"),
        ("1 / 3 * 3 ~ 1", "true"),
        ("7 div 2", "3"),
        ("-7 mod 2", "-1"),
        ("1 / 0", ""),
        ("1 mod 0", ""),
        ("2147483647 + 1", ""),
        ("1.5.round()", "2"),
        ("3.14159.round(3)", "3.142"),
        ("(-1.5).ceiling()", "-1"),
        ("(-1.5).floor()", "-2"),
        ("(-1.5).truncate()", "-1"),
        ("(-2).abs()", "2"),
        ("2.power(10)", "1024"),
        ("2.power(-1)", "0.5"),
        ("(-1).power(0.5)", ""),
        ("81.sqrt()", "9"),
        ("(-1).sqrt()", ""),
        ("0.exp()", "1"),
        ("1.ln()", "0"),
        ("8.log(2)", "3"),
        ("100.log(10)", "2"),
        ("+1 - -1", "2"),
        ("1 & 'a'", "! & takes a text"),
    ]);
    fail(&["'a' * 2", "true + 1", "-'a'", "'a'.round()"]);
}

#[test]
fn texts_are_taken_apart_and_put_together() {
    each(&[
        ("'abc'.substring(1)", "bc"),
        ("'abc'.substring(1, 1)", "b"),
        ("'abc'.substring(3)", ""),
        ("'abc'.substring(-1)", ""),
        ("'扁鹊'.substring(1) & '扁鹊'.length().toString()", "鹊2"),
        ("'abcabc'.indexOf('c')", "2"),
        ("'abcabc'.lastIndexOf('c')", "5"),
        ("'abc'.indexOf('x')", "-1"),
        ("'aXbX'.replace('X', '-')", "a-b-"),
        ("'ab'.replace('', '.')", ".a.b."),
        ("'2020-10'.replaceMatches('(\\\\d+)-(\\\\d+)', '$2/$1')", "10/2020"),
        ("'a,b'.split(',')", "a b"),
        ("('a' | 'b').join('-')", "a-b"),
        ("'ab'.toChars()", "a b"),
        ("' a '.trim()", "a"),
        ("'A'.lower() & 'a'.upper()", "aA"),
        ("'<&>'.escape('html')", "&lt;&amp;&gt;"),
        ("'&lt;'.unescape('html')", "<"),
        ("'\"'.escape('json')", "\\\""),
        ("'test'.encode('base64').decode('base64')", "test"),
        ("'test'.encode('hex')", "74657374"),
        ("'\\u0041\\n'.length()", "2"),
        ("'a' & {} & 'b'", "ab"),
        ("'a' + {}", ""),
    ]);
    all_true(&[
        "'abc'.startsWith('ab') and 'abc'.endsWith('bc') and 'abc'.contains('b') and 'abc'.contains('')",
        "'FHIR 4'.matches('[A-Z]+ .') and 'xaby'.matches('ab') and 'xaby'.matchesFull('ab').not()",
        "'ab'.matchesFull('a|ab')",
        "'a\\nb'.matches('a.b')",
    ]);
    fail(&[
        "'a'.matches('(')",
        "1.length()",
        "'a'.matches('a{9999999}')",
        "'a\\q'",
        "'a",
        "name.given.length()",
    ]);
}

#[test]
fn values_are_converted() {
    each(&[
        ("'1'.toInteger()", "1"),
        ("'1.0'.toInteger()", ""),
        ("true.toDecimal()", "1"),
        ("'+1.50'.toDecimal()", "1.50"),
        ("'yes'.toBoolean()", "true"),
        ("2.toBoolean()", ""),
        ("1.0.toString()", "1.0"),
        ("'2020-02'.toDate()", "2020-02"),
        ("'2020-13'.toDate()", ""),
        ("@2020-02-03T10:00:00Z.toDate()", "2020-02-03"),
        ("'2020-02-03T10:00:00Z'.toDateTime()", "2020-02-03T10:00:00Z"),
        ("'10:30'.toTime()", "10:30"),
        ("'1.5 \\'mg\\''.toQuantity()", "1.5 'mg'"),
        ("'4 days'.toQuantity()", "4 day"),
        ("1000 'mg'.toQuantity('g')", "1 'g'"),
        ("1.toQuantity()", "1 '1'"),
        ("name.first().toString()", ""),
        ("birthDate.toString()", "1974-12-25"),
    ]);
    all_true(&[
        "'1'.convertsToInteger() and 'x'.convertsToDecimal().not() and {}.convertsToDate().empty()",
        "'1 wurst'.convertsToQuantity().not() and '1'.convertsToQuantity() and 'true'.convertsToBoolean()",
    ]);
    fail(&["name.toString()", "(1 | 2).toInteger()"]);
}

#[test]
fn quantities_compare_across_units() {
    all_true(&[
        "4 'g' = 4000 'mg' and 4 'g' ~ 4040 'mg' and 4 'g' != 4040 'mg'",
        "1 'cm' < 1 'm' and (1 'cm' = 1 's').empty() and 1 'cm'.comparable(1 'm')",
        "7 days = 1 week and 1 year = 12 months and 24 hours = 1 day",
        "(1 year = 1 'a').empty() and 1 year ~ 1 'a' and 1 day = 1 'd'",
        "2.0 'cm' * 2.0 'm' = 0.040 'm2' and 4 'g' / 2 'm' = 2 'g/m'",
        "3 'kg' - 500 'g' = 2.5 'kg'",
        "37 'Cel' = 310.15 'K'",
        "weight = 81.5 'kg' and weight > 80000 'g'",
        "5 = 5 '1' and -(5 'mg') = -5 'mg'",
        "1 '[arb]' = 1 '[arb]'",
    ]);
    fail(&["1 'cm' < 'a'", "1 'cm' + 'a'", "1 'g' mod 1 'g'"]);
}

#[test]
fn dates_are_moved_and_bounded() {
    each(&[
        ("@2020-01-31 + 1 month", "2020-02-29"),
        ("@2020-02-29 - 1 year", "2019-02-28"),
        ("@2020-01-01 + 36 hours", "2020-01-02"),
        ("@2020 + 25 months", "2022"),
        ("@2020-12-31T23:59:59.5Z + 1 second", "2021-01-01T00:00:00.5Z"),
        ("@T23:30 + 45 minutes", "00:15"),
        ("@2020-01-01 + 2 'wk'", "2020-01-15"),
        ("@9999-12-31 + 1 day", ""),
        ("@2014.lowBoundary(6)", "2014-01"),
        ("@2014-02.highBoundary()", "2014-02-28"),
        ("@2014-01-01T08.lowBoundary(17)", "2014-01-01T08:00:00.000+14:00"),
        ("@2014-01-01T08.highBoundary()", "2014-01-01T08:59:59.999-12:00"),
        ("@T10:30.highBoundary(9)", "10:30:59.999"),
        ("1.587.lowBoundary(8)", "1.58650000"),
        ("1.587.highBoundary(2)", "1.59"),
        ("1.587.lowBoundary(-1)", ""),
        ("1.58700.precision() | @2014.precision() | @T10:30.precision()", "5 4"),
        ("now()", "2026-11-28T12:30:00.000+01:00"),
        ("today() | timeOfDay()", "2026-11-28 12:30:00.000"),
        (
            "@2020-03-04T05:06:07.008Z.select(yearOf() | monthOf() | dayOf() | hourOf() | minuteOf() | secondOf() | millisecondOf())",
            "2020 3 4 5 6 7 8",
        ),
    ]);
    fail(&[
        "@2020-01-01 + 1 'a'",
        "@2020-01-01 + 1 'cm'",
        "@2020 * 1 day",
        "@2020-13",
        "@2020-02-30",
        "@T25",
    ]);
}

#[test]
fn types_are_told_apart() {
    each(&[
        ("active.type().name", "boolean"),
        ("1.type()", "System.Integer"),
        ("name.first().type()", "FHIR.HumanName"),
        ("name.use.ofType(string).count()", "3"),
        ("name.use.ofType(date)", ""),
        ("active as code", ""),
        ("weight.ofType(Quantity).unit", "kilograms"),
    ]);
    all_true(&[
        "active is boolean and (active is Boolean).not() and true is Boolean and true is System.Boolean",
        "name.first().use is string and name.first().use is FHIR.code",
        "$this is Resource and is(Patient) and is(System.Patient).not()",
        "({} is string).empty()",
    ]);
    fail(&[
        "name as HumanName",
        "name.as(HumanName)",
        "active is Bolean",
        "active.ofType(string1)",
        "name is code",
    ]);
}

#[test]
fn what_fhir_adds() {
    each(&[
        ("birthDate.extension('http://example.org/birth-time').value", "14:35"),
        ("name.given.select(hasValue())", "true true true false true"),
        ("name.last().given.first().id", "unknown"),
        ("birthDate.getValue()", "1974-12-25"),
        ("partner.resolve().id", "amy"),
        ("%loinc | %sct", "http://loinc.org http://snomed.info/sct"),
        ("%`vs-uses`", "http://hl7.org/fhir/ValueSet/uses"),
        ("%mine & %context.id & %resource.id & %rootResource.id", "my ownlilili"),
        ("name.use.where(memberOf('http://example.org/uses'))", "official usual"),
    ]);
    all_true(&[
        "conformsTo('http://hl7.org/fhir/StructureDefinition/Patient')",
        "conformsTo('http://hl7.org/fhir/StructureDefinition/Quantity').not()",
        "conformsTo('http://example.org/adult')",
    ]);
    fail(&[
        "conformsTo('http://nowhere')",
        "active.memberOf('http://nowhere')",
        "%nobody",
        "elementDefinition()",
    ]);
}

#[test]
fn comments_and_blanks_mean_nothing() {
    each(&[("1 // one\n + /* two */ 2", "3"), ("\t1\n", "1")]);
    fail(&[
        "1 /* never closed",
        "",
        "// nothing",
        "1 2",
        "#",
        "name.",
        "name.unknown()",
        "exists(1, 2)",
        "$that",
    ]);
}

#[test]
fn paths_that_no_document_has_are_found_without_one() {
    let patient = Clinic.type_named("Patient").unwrap();
    let check =
        |text: &str| Expression::parse(text).unwrap().check(&Clinic, patient).map_err(|e| e.to_string());
    for good in [
        "name.given.first() | name.family",
        "Patient.name.where(use = 'usual').select(given | family)",
        "contained.whatever and Resource.id",
        "weight.ofType(Quantity).unit & (weight as string)",
        "name.given.extension('x').value",
        "iif(active, name, partner.resolve()).anything",
        "name.exists(family.exists()) and %resource.anything and name.select($this.use)",
    ] {
        assert_eq!(check(good), Ok(()), "{good}");
    }
    for (bad, why) in [
        ("name.nick", "HumanName has no element nick"),
        ("name.where(nick = 'x')", "HumanName has no element nick"),
        ("Quantity.value", "the expression is not about Quantity"),
        ("(weight as Quantity).given", "Quantity has no element given"),
        ("weightQuantity.unit", "Patient has no element weightQuantity"),
        ("children().skip(1)", "what children() and descendants() answer has no order"),
        ("descendants()[0]", "what children() and descendants() answer has no order"),
        ("name is Nick", "there is no type Nick"),
    ] {
        assert_eq!(check(bad), Err(why.to_owned()), "{bad}");
    }
}
