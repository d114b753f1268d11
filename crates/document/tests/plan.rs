//! Plans printed for real: what a reader of the PDF finds, in both languages.
//!
//! The font is not in the repository; `cargo xtask web` lays it out. Text is read back with `pdftotext` (poppler-utils).
//! Where one is missing the test says so and passes.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod fixture;

use std::path::PathBuf;
use std::process::Command;

use bianque_document::plan::{Addendum, Findings, Opinion, Prescription};
use bianque_document::{DocumentError, Language, PlanDocument, plan_pdf};
use fixture::{HASH, chinese, english, moment};

fn font() -> Option<Vec<u8>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../bianque/assets/fonts/NotoSansSC-Regular.ttf");
    let font = std::fs::read(path).ok();
    if font.is_none() {
        eprintln!("skipped: no font at {path}; `cargo xtask web` lays it out");
    }
    font
}

/// Prints and reads back; keeps the file for whoever wants to look at it.
fn read_back(name: &str, plan: &PlanDocument, language: Language) -> Option<String> {
    let pdf = plan_pdf(plan, language, &font()?).unwrap();
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.pdf"));
    std::fs::write(&path, pdf).unwrap();
    let Ok(output) = Command::new("pdftotext").arg("-layout").arg(&path).arg("-").output() else {
        eprintln!("skipped: pdftotext is not installed; apt-get install poppler-utils");
        return None;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap())
}

/// Without the spaces and line ends that come from the layout.
fn packed(text: &str) -> String {
    text.split_whitespace().collect()
}

fn finds(text: &str, parts: &[&str]) {
    let text = packed(text);
    for part in parts {
        assert!(text.contains(&packed(part)), "{part:?} is missing from:\n{text}");
    }
}

#[test]
fn an_english_plan_says_everything() {
    let Some(text) = read_back("plan-en", &english(), Language::En) else { return };
    finds(
        &text,
        &[
            "Demo County Hospital",
            "Visit summary and care plan",
            "Demo Alice Carter",
            "5 March 1961",
            "MRN 100001",
            "2 January 2026, 15:04 (UTC+08:00)",
            "Dr Demo Li Wei",
            "DEMO-110-0001",
            "Acute pharyngitis, unspecified (ICD-10 J02.9) - provisional",
            "DRAFT - not valid for dispensing",
            "Paracetamol 500 mg tablets",
            "Go to hospital if",
            "you cannot swallow fluids",
            "Opinion of another institution",
            "Signed at: 2 January 2026, 15:31 (UTC+08:00)",
            "Page 1 of",
        ],
    );
    assert!(text.contains(HASH), "the hash stays in one piece");
}

#[test]
fn a_chinese_plan_says_everything() {
    let Some(text) = read_back("plan-zh", &chinese(), Language::ZhCn) else { return };
    finds(
        &text,
        &[
            "诊疗小结与计划",
            "演示患者王芳",
            "1961年3月5日",
            "2026年1月2日 15:04（UTC+08:00）",
            "急性咽炎，未特指（ICD-10 J02.9）",
            "草稿 - 不可凭此配药",
            "对乙酰氨基酚片 0.5 g",
            "出现以下情况请去医院",
            "电子签名",
            HASH,
            "第 1 页",
        ],
    );
}

#[test]
fn labels_and_content_may_be_of_two_languages() {
    let Some(text) = read_back("plan-mixed", &chinese(), Language::En) else { return };
    finds(&text, &["Diagnosis", "急性咽炎，未特指 (ICD-10 J02.9)"]);
}

#[test]
fn long_texts_run_over_pages_and_lose_nothing() {
    let mut plan = english();
    let steps: Vec<String> = (1..=150).map(|n| format!("Step {n}: 按医嘱服药，多饮水，and rest.")).collect();
    plan.plan = steps.join("\n");
    plan.prescriptions = (1..=40)
        .map(|n| Prescription {
            medication: format!("Medicine number {n} with a rather long name that has to wrap"),
            dose: "1 tablet".to_owned(),
            frequency: "twice a day".to_owned(),
            days: Some(n),
            instructions: "with food ".repeat(8),
        })
        .collect();
    let Some(text) = read_back("plan-long", &plan, Language::En) else { return };
    finds(&text, &["Step 1: ", "Step 75: ", "Step 150: ", "Medicine number 40 with", "Page 2 of"]);
    let pages = text.matches("Page ").count();
    assert!((5..20).contains(&pages), "{pages} pages");
    let heads = packed(&text).matches("Howoften").count();
    assert!(heads > 1, "the table's head is repeated on every page it reaches");
    assert_eq!(packed(&text).matches("notvalidfordispensing").count(), heads, "and so is the warning");
}

#[test]
fn an_unsigned_plan_says_so() {
    let plan = PlanDocument { signature: None, ..english() };
    let Some(text) = read_back("plan-unsigned", &plan, Language::En) else { return };
    finds(&text, &["NOT SIGNED - for review only"]);
    assert!(!text.contains("Signed by"));
}

#[test]
fn hostile_text_is_only_text() {
    let mut plan = english();
    plan.patient.name = "Robert'); DROP TABLE <script>alert(1)</script>".to_owned();
    plan.plan = "\u{202e}reversed\u{202c} \u{0}nul (paren \\) ] >> endobj 🙂 مرحبا \u{301}".to_owned();
    plan.self_care = "x".repeat(5000);
    let Some(text) = read_back("plan-hostile", &plan, Language::En) else { return };
    finds(&text, &["<script>alert(1)</script>", "reversed nul (paren \\) ] >> endobj"]);
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let Some(font) = font() else { return };
    let print = || plan_pdf(&chinese(), Language::ZhCn, &font).unwrap();
    assert!(print() == print());
}

#[test]
fn a_copy_for_colleagues_has_the_findings_too() {
    let findings = Findings {
        subjective: "Cough for three days".into(),
        objective: String::new(),
        assessment: "Looks like a bronchitis".into(),
    };
    let plan = PlanDocument { findings, ..english() };
    let Some(text) = read_back("plan-findings", &plan, Language::En) else { return };
    finds(&text, &["What the patient says Cough for three days", "Assessment Looks like a bronchitis"]);
    assert!(!packed(&text).contains(&packed("What was found")), "what is empty is left out");
    assert!(!packed(&read_back("plan-patient", &english(), Language::En).unwrap()).contains("Assessment"));
}

#[test]
fn what_cannot_be_printed_is_an_error() {
    assert!(matches!(plan_pdf(&english(), Language::En, b"no font"), Err(DocumentError::Font)));
    let mut long = english();
    long.patient.name = "名".repeat(301);
    assert!(matches!(
        plan_pdf(&long, Language::En, b""),
        Err(DocumentError::TooLong { field: "patient", limit: 300 })
    ));
    let mut many = english();
    let addendum = Addendum { text: String::new(), by: String::new(), at: moment("15:40"), hash: None };
    many.addenda = vec![addendum; 101];
    assert!(matches!(
        plan_pdf(&many, Language::En, b""),
        Err(DocumentError::TooLong { field: "addenda", .. })
    ));
    let opinion =
        Opinion { by: String::new(), organization: String::new(), text: "x".repeat(20_001), signed_at: None };
    let opinions = PlanDocument { opinions: vec![opinion], ..english() };
    assert!(matches!(
        plan_pdf(&opinions, Language::En, b""),
        Err(DocumentError::TooLong { field: "opinions", limit: 20_000 })
    ));
}
