//! What people of the demo live with: conditions by ICD-10 and what is taken for them by ATC.

use super::patients::Tongue;

/// Words in both languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Words {
    pub(super) en: &'static str,
    pub(super) zh: &'static str,
}

impl Words {
    pub(super) const fn in_tongue(self, tongue: Tongue) -> &'static str {
        match tongue {
            Tongue::English => self.en,
            Tongue::Chinese => self.zh,
        }
    }
}

const fn words(en: &'static str, zh: &'static str) -> Words {
    Words { en, zh }
}

/// A medicine as it is taken.
#[derive(Debug, Clone, Copy)]
pub(super) struct Medicine {
    pub(super) atc: &'static str,
    pub(super) name: Words,
    pub(super) dose: Words,
}

/// What is measured besides heart rate and blood pressure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extra {
    Nothing,
    Glucose,
    Oxygen,
    Weight,
}

/// A condition with what belongs to it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Story {
    pub(super) icd: &'static str,
    pub(super) name: Words,
    pub(super) medicines: &'static [Medicine],
    pub(super) extra: Extra,
    /// What people come with.
    pub(super) reason: Words,
}

const MORNING: Words = words("one tablet every morning", "每日早晨1片");

/// The story with this ICD-10 code.
pub(super) fn story(icd: &str) -> Option<&'static Story> {
    STORIES.iter().find(|story| story.icd == icd)
}

/// All stories.
pub(super) const STORIES: [Story; 14] = [
    Story {
        icd: "I10",
        name: words("Essential (primary) hypertension", "原发性高血压"),
        medicines: &[
            Medicine {
                atc: "C08CA01", name: words("Amlodipine 5 mg", "氨氯地平片 5 mg"), dose: MORNING
            },
            Medicine {
                atc: "C09CA01", name: words("Losartan 50 mg", "氯沙坦钾片 50 mg"), dose: MORNING
            },
        ],
        extra: Extra::Weight,
        reason: words("Blood pressure check", "血压复查"),
    },
    Story {
        icd: "E11.9",
        name: words("Type 2 diabetes mellitus without complications", "2型糖尿病"),
        medicines: &[Medicine {
            atc: "A10BA02",
            name: words("Metformin 500 mg", "二甲双胍片 0.5 g"),
            dose: words("one tablet with breakfast and dinner", "早晚餐时各1片"),
        }],
        extra: Extra::Glucose,
        reason: words("Diabetes follow-up", "糖尿病复诊"),
    },
    Story {
        icd: "J44.9",
        name: words("Chronic obstructive pulmonary disease", "慢性阻塞性肺疾病"),
        medicines: &[Medicine {
            atc: "R03BB04",
            name: words("Tiotropium 18 µg inhalation", "噻托溴铵吸入粉雾剂 18 µg"),
            dose: words("one inhalation every morning", "每日早晨吸入1次"),
        }],
        extra: Extra::Oxygen,
        reason: words("More short of breath than usual", "气短较平时加重"),
    },
    Story {
        icd: "J45.9",
        name: words("Asthma, unspecified", "哮喘"),
        medicines: &[Medicine {
            atc: "R03AC02",
            name: words("Salbutamol 100 µg inhalation", "沙丁胺醇气雾剂 100 µg"),
            dose: words("two puffs when short of breath", "气喘时吸入2喷"),
        }],
        extra: Extra::Oxygen,
        reason: words("Cough at night", "夜间咳嗽"),
    },
    Story {
        icd: "E78.5",
        name: words("Hyperlipidaemia, unspecified", "高脂血症"),
        medicines: &[Medicine {
            atc: "C10AA05",
            name: words("Atorvastatin 20 mg", "阿托伐他汀钙片 20 mg"),
            dose: words("one tablet every evening", "每晚1片"),
        }],
        extra: Extra::Weight,
        reason: words("Talk about blood results", "咨询化验结果"),
    },
    Story {
        icd: "I50.9",
        name: words("Heart failure, unspecified", "心力衰竭"),
        medicines: &[Medicine {
            atc: "C03CA01",
            name: words("Furosemide 20 mg", "呋塞米片 20 mg"),
            dose: MORNING,
        }],
        extra: Extra::Weight,
        reason: words("Swollen ankles", "脚踝水肿"),
    },
    Story {
        icd: "M10.9",
        name: words("Gout, unspecified", "痛风"),
        medicines: &[Medicine {
            atc: "M04AA01",
            name: words("Allopurinol 100 mg", "别嘌醇片 100 mg"),
            dose: words("one tablet a day", "每日1片"),
        }],
        extra: Extra::Nothing,
        reason: words("Painful big toe", "大脚趾疼痛"),
    },
    Story {
        icd: "E03.9",
        name: words("Hypothyroidism, unspecified", "甲状腺功能减退症"),
        medicines: &[Medicine {
            atc: "H03AA01",
            name: words("Levothyroxine 50 µg", "左甲状腺素钠片 50 µg"),
            dose: words("one tablet before breakfast", "早餐前1片"),
        }],
        extra: Extra::Weight,
        reason: words("Tired all the time", "持续乏力"),
    },
    Story {
        icd: "K21.9",
        name: words("Gastro-oesophageal reflux disease", "胃食管反流病"),
        medicines: &[Medicine {
            atc: "A02BC01",
            name: words("Omeprazole 20 mg", "奥美拉唑肠溶胶囊 20 mg"),
            dose: words("one capsule before breakfast", "早餐前1粒"),
        }],
        extra: Extra::Nothing,
        reason: words("Heartburn after meals", "餐后烧心"),
    },
    Story {
        icd: "F32.9",
        name: words("Depressive episode, unspecified", "抑郁发作"),
        medicines: &[Medicine {
            atc: "N06AB06",
            name: words("Sertraline 50 mg", "舍曲林片 50 mg"),
            dose: MORNING,
        }],
        extra: Extra::Nothing,
        reason: words("Sleep and mood", "睡眠和情绪问题"),
    },
    Story {
        icd: "G43.9",
        name: words("Migraine, unspecified", "偏头痛"),
        medicines: &[Medicine {
            atc: "N02CC01",
            name: words("Sumatriptan 50 mg", "舒马普坦片 50 mg"),
            dose: words("one tablet at the start of an attack", "发作时1片"),
        }],
        extra: Extra::Nothing,
        reason: words("Headache more often", "头痛频繁发作"),
    },
    Story {
        icd: "L20.9",
        name: words("Atopic dermatitis, unspecified", "特应性皮炎"),
        medicines: &[Medicine {
            atc: "D07AA02",
            name: words("Hydrocortisone 1 % cream", "氢化可的松乳膏 1%"),
            dose: words("thinly, twice a day", "薄涂，每日2次"),
        }],
        extra: Extra::Nothing,
        reason: words("Itchy rash", "皮疹瘙痒"),
    },
    Story {
        icd: "M54.5",
        name: words("Low back pain", "下背痛"),
        medicines: &[Medicine {
            atc: "N02BE01",
            name: words("Paracetamol 500 mg", "对乙酰氨基酚片 0.5 g"),
            dose: words("one tablet up to four times a day", "每次1片，每日最多4次"),
        }],
        extra: Extra::Nothing,
        reason: words("Back pain", "腰背疼痛"),
    },
    Story {
        icd: "J06.9",
        name: words("Acute upper respiratory infection, unspecified", "急性上呼吸道感染"),
        medicines: &[],
        extra: Extra::Nothing,
        reason: words("Sore throat and cough", "咽痛、咳嗽"),
    },
];

/// A substance that somebody reacts to, with its ATC code where it has one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Allergen {
    pub(super) atc: Option<&'static str>,
    pub(super) name: Words,
    pub(super) category: &'static str,
    pub(super) criticality: &'static str,
}

/// Substances that people react to.
pub(super) const ALLERGENS: [Allergen; 5] = [
    Allergen {
        atc: Some("J01C"),
        name: words("Penicillins", "青霉素类"),
        category: "medication",
        criticality: "high",
    },
    Allergen {
        atc: Some("J01EE01"),
        name: words("Sulfamethoxazole and trimethoprim", "复方磺胺甲噁唑"),
        category: "medication",
        criticality: "low",
    },
    Allergen {
        atc: Some("M01AE01"),
        name: words("Ibuprofen", "布洛芬"),
        category: "medication",
        criticality: "low",
    },
    Allergen { atc: None, name: words("Peanut", "花生"), category: "food", criticality: "high" },
    Allergen { atc: None, name: words("Latex", "乳胶"), category: "environment", criticality: "low" },
];
