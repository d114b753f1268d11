//! The words that the page itself says, in each language.

use crate::Language;
use crate::plan::Disposition;

/// Words of one language.
pub(crate) struct Labels {
    pub(crate) title: &'static str,
    pub(crate) patient: &'static str,
    pub(crate) name: &'static str,
    pub(crate) birth_date: &'static str,
    pub(crate) identifier: &'static str,
    pub(crate) visit: &'static str,
    pub(crate) visit_number: &'static str,
    pub(crate) date: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) clinician: &'static str,
    pub(crate) registration: &'static str,
    pub(crate) not_recorded: &'static str,
    pub(crate) phone: &'static str,
    pub(crate) subjective: &'static str,
    pub(crate) objective: &'static str,
    pub(crate) assessment: &'static str,
    pub(crate) diagnoses: &'static str,
    pub(crate) provisional: &'static str,
    pub(crate) plan: &'static str,
    pub(crate) self_care: &'static str,
    pub(crate) prescriptions: &'static str,
    pub(crate) draft: &'static str,
    pub(crate) medication: &'static str,
    pub(crate) dose: &'static str,
    pub(crate) frequency: &'static str,
    pub(crate) days: &'static str,
    pub(crate) instructions: &'static str,
    pub(crate) disposition: &'static str,
    pub(crate) go_to_hospital_if: &'static str,
    pub(crate) go_to_hospital_advice: &'static str,
    pub(crate) follow_up: &'static str,
    pub(crate) opinions: &'static str,
    pub(crate) addenda: &'static str,
    pub(crate) signature: &'static str,
    pub(crate) signed_by: &'static str,
    pub(crate) signed_at: &'static str,
    pub(crate) hash: &'static str,
    pub(crate) hash_advice: &'static str,
    pub(crate) not_signed: &'static str,
}

impl Labels {
    /// The words of a language.
    pub(crate) const fn of(language: Language) -> &'static Self {
        match language {
            Language::En => &EN,
            Language::ZhCn => &ZH_CN,
        }
    }
}

/// A page number.
pub(crate) fn page(language: Language, page: usize, pages: usize) -> String {
    match language {
        Language::En => format!("Page {page} of {pages}"),
        Language::ZhCn => format!("第 {page} 页，共 {pages} 页"),
    }
}

/// Where the patient goes from here, in words.
pub(crate) const fn disposition(disposition: Disposition, language: Language) -> &'static str {
    match (disposition, language) {
        (Disposition::SelfCare, Language::En) => "Care at home, following the advice in this plan",
        (Disposition::SelfCare, Language::ZhCn) => "居家护理，按本计划的建议执行",
        (Disposition::Clinic, Language::En) => "Be seen in person at a clinic",
        (Disposition::Clinic, Language::ZhCn) => "到诊所当面就诊",
        (Disposition::Hospital, Language::En) => "Go to a hospital",
        (Disposition::Hospital, Language::ZhCn) => "前往医院就诊",
        (Disposition::Emergency, Language::En) => "EMERGENCY: go to an emergency department now",
        (Disposition::Emergency, Language::ZhCn) => "紧急：立即前往急诊科",
        (Disposition::Unsuitable, Language::En) => {
            "This problem was not suitable for a remote visit: be seen in person"
        }
        (Disposition::Unsuitable, Language::ZhCn) => "此问题不适合远程诊疗：请当面就诊",
    }
}

const EN: Labels = Labels {
    title: "Visit summary and care plan",
    patient: "Patient",
    name: "Name",
    birth_date: "Date of birth",
    identifier: "Identifier",
    visit: "Visit",
    visit_number: "Visit number",
    date: "Date and time",
    kind: "Kind",
    clinician: "Clinician",
    registration: "Registration number",
    not_recorded: "not recorded",
    phone: "Telephone",
    subjective: "What the patient says",
    objective: "What was found",
    assessment: "Assessment",
    diagnoses: "Diagnosis",
    provisional: "provisional",
    plan: "Plan",
    self_care: "What you can do yourself",
    prescriptions: "Prescriptions (draft)",
    draft: "DRAFT - not valid for dispensing",
    medication: "Medicine",
    dose: "Dose",
    frequency: "How often",
    days: "Days",
    instructions: "Instructions",
    disposition: "Where to go from here",
    go_to_hospital_if: "Go to hospital if",
    go_to_hospital_advice: "If any of this happens, go to hospital at once or call the emergency number.",
    follow_up: "Follow-up",
    opinions: "Opinion of another institution",
    addenda: "Added after signing",
    signature: "Electronic signature",
    signed_by: "Signed by",
    signed_at: "Signed at",
    hash: "SHA-256 of the signed document",
    hash_advice: "This is a copy. The signed original is kept by the institution named above; this number identifies it.",
    not_signed: "NOT SIGNED - for review only",
};

const ZH_CN: Labels = Labels {
    title: "诊疗小结与计划",
    patient: "患者",
    name: "姓名",
    birth_date: "出生日期",
    identifier: "标识号",
    visit: "就诊",
    visit_number: "就诊号",
    date: "日期和时间",
    kind: "类型",
    clinician: "医生",
    registration: "执业注册号",
    not_recorded: "未登记",
    phone: "电话",
    subjective: "主诉与病史",
    objective: "检查所见",
    assessment: "评估",
    diagnoses: "诊断",
    provisional: "待确诊",
    plan: "诊疗计划",
    self_care: "您自己可以做的",
    prescriptions: "处方（草稿）",
    draft: "草稿 - 不可凭此配药",
    medication: "药品",
    dose: "剂量",
    frequency: "用药频次",
    days: "天数",
    instructions: "用法说明",
    disposition: "后续去向",
    go_to_hospital_if: "出现以下情况请去医院",
    go_to_hospital_advice: "如出现上述任一情况，请立即前往医院或拨打急救电话。",
    follow_up: "随访",
    opinions: "其他机构的会诊意见",
    addenda: "签名后补充",
    signature: "电子签名",
    signed_by: "签名人",
    signed_at: "签名时间",
    hash: "已签名文档的 SHA-256 值",
    hash_advice: "本件为副本。签名原件由上述机构保存，此值用于核对原件。",
    not_signed: "未签名 - 仅供审阅",
};
