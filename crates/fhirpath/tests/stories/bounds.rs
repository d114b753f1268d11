//! Nothing runs away: not a text, not a tree, not an evaluation.

use crate::clinic::{self, Clinic};
use bianque_fhirpath::{Budget, Environment, EvaluationError, Expression, Item, ParseFault};
use proptest::prelude::*;
use serde_json::{Value, json};

fn fault(text: &str) -> ParseFault {
    Expression::parse(text).unwrap_err().fault
}

fn error(text: &str, budget: Budget) -> EvaluationError {
    let expression = Expression::parse(text).unwrap();
    let document = clinic::patient();
    let environment = Environment::new(&Clinic).budget(budget);
    expression.evaluate(Item::resource(&Clinic, &document), &environment).unwrap_err()
}

#[test]
fn a_text_is_neither_too_long_nor_too_deep() {
    assert_eq!(fault(&"1".repeat(70_000)), ParseFault::Length);
    assert_eq!(fault(&"(".repeat(5_000)), ParseFault::Depth);
    assert_eq!(fault(&format!("a{}", ".a".repeat(5_000))), ParseFault::Depth);
    assert_eq!(fault(&format!("1{}", "+1".repeat(5_000))), ParseFault::Depth);
    assert_eq!(fault(&format!("{}1", "-".repeat(5_000))), ParseFault::Depth);
    assert_eq!(fault(&format!("{}1", "a.select(".repeat(500))), ParseFault::Depth);
    assert!(Expression::parse(&format!("1{}", "+1".repeat(100))).is_ok());
}

#[test]
fn the_place_of_a_fault_is_told() {
    let error = Expression::parse("name.given.wher(x)").unwrap_err();
    assert_eq!(error.to_string(), "at byte 15: there is no function \"wher\"");
    assert_eq!(Expression::parse("1 +").unwrap_err().to_string(), "at byte 3: expected a term");
}

#[test]
fn an_evaluation_has_a_budget() {
    let few = Budget { steps: 1_000, items: 100 };
    assert_eq!(error("repeat($this.toString() & 'a' | 'a' & $this.toString())", few), EvaluationError::Steps);
    let items = "(1|2|3|4|5|6|7|8|9).select(%x)";
    assert!(matches!(error(items, few), EvaluationError::Variable(_)));
    let product = "name.given.aggregate($total.combine($total).combine($this), 'a')";
    let more = product.replace("name.given", "(1|2|3|4|5|6|7|8|9|10)");
    assert_eq!(error(&more, Budget { steps: 100_000, items: 100 }), EvaluationError::Items);
    let doubled =
        "(1|2|3|4|5|6|7|8|9|10|11|12|13|14|15|16|17|18|19|20|21|22).aggregate($total & $total, 'a')";
    assert_eq!(error(doubled, Budget::default()), EvaluationError::Items);
}

#[test]
fn an_expression_is_shared_between_threads() {
    fn shared<T: Send + Sync>(_: &T) {}
    shared(&Expression::parse("name.given").unwrap());
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,80}") {
        let _ = Expression::parse(&text);
    }

    #[test]
    fn what_looks_like_an_expression_is_answered(
        text in "((name|given|1|2\\.5|'a'|@2020-01|\\$this|%x|\\(|\\)|\\{\\}|[.]|where|select|repeat|is|as|not\\(\\)|[+*/|&<=~,-]| and | or |\\[0\\]|matches|1 'mg'|2 days)){0,24}",
        document in prop_oneof![Just(clinic::patient()), Just(json!({})), Just(Value::Null)],
    ) {
        if let Ok(expression) = Expression::parse(&text) {
            let environment = Environment::new(&Clinic).budget(Budget { steps: 10_000, items: 1_000 });
            let _ = expression.evaluate(Item::resource(&Clinic, &document), &environment);
        }
    }
}
