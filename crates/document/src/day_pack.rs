//! The day of an institution on paper, for when every screen is dark: who comes when, what must be known of them, whom to
//! call. One HTML page that needs nothing else, in English and Chinese side by side.

use std::fmt::Write;

use jiff::Zoned;
use jiff::civil::Date;

/// What the page says.
#[derive(Debug, Clone)]
pub struct DayPack {
    /// The institution's name.
    pub institution: String,
    /// Its telephone number, or empty.
    pub phone: String,
    /// When the page was made, in the zone of its times.
    pub made: Zoned,
    /// Visits in order of their start.
    pub visits: Vec<Entry>,
    /// Clinicians with their telephone numbers, which may be empty.
    pub clinicians: Vec<(String, String)>,
}

/// A visit.
#[derive(Debug, Clone, Default)]
pub struct Entry {
    /// Appointed start.
    pub start: Zoned,
    /// How it stands, as FHIR's encounter status.
    pub state: String,
    /// The patient's name.
    pub patient: String,
    /// FHIR's administrative gender.
    pub sex: String,
    /// The birth date, where it is known.
    pub birth_date: Option<Date>,
    /// A number by which the patient is known, or empty.
    pub identifier: String,
    /// The patient's telephone number, or empty.
    pub phone: String,
    /// The clinician's name.
    pub clinician: String,
    /// Why the patient comes.
    pub reason: String,
    /// Codes of red flags that the patient named.
    pub red_flags: Vec<String>,
    /// Allergies.
    pub allergies: Vec<String>,
    /// Problems that are known.
    pub conditions: Vec<String>,
    /// Medication that is taken.
    pub medications: Vec<String>,
}

const HEAD: &str = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
    <meta http-equiv=\"content-security-policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\
    <meta name=\"robots\" content=\"noindex\"><title>Day pack 当日备用表</title><style>\
    body{font:11pt/1.35 'Noto Sans','Noto Sans SC','PingFang SC','Microsoft YaHei',sans-serif;margin:12mm;color:#000}\
    h1{font-size:16pt;margin:0}h2{font-size:12pt;margin:8mm 0 2mm}p{margin:1mm 0}\
    table{border-collapse:collapse;width:100%}th,td{border:1px solid #888;padding:1mm 2mm;text-align:left;\
    vertical-align:top}tr{break-inside:avoid}.alert{font-weight:bold}.small{font-size:9pt}\
    </style></head><body>";

/// The page. The same content gives the same bytes.
pub fn day_pack_html(pack: &DayPack) -> String {
    let mut html = String::from(HEAD);
    let made = pack.made.strftime("%Y-%m-%d %H:%M %Z");
    // Writing to a string cannot fail.
    let _ = write!(
        html,
        "<h1>{} — day pack 当日备用表</h1><p>Made 生成时间 <b>{made}</b>. What happened later is not in it. \
         此后发生的事未包含在内。</p><p>Phone 电话 <b>{}</b></p>\
         <p class=\"small\">Holds names and health data: keep it locked, destroy it after use. \
         含姓名和健康信息：请妥善保管，用后销毁。</p>",
        escaped(&pack.institution),
        or_dash(&pack.phone)
    );
    visits(&mut html, pack);
    clinicians(&mut html, pack);
    html.push_str("</body></html>\n");
    html
}

fn visits(html: &mut String, pack: &DayPack) {
    html.push_str("<h2>Visits 就诊安排</h2>");
    if pack.visits.is_empty() {
        html.push_str("<p>No visits. 没有就诊安排。</p>");
        return;
    }
    html.push_str(
        "<table><thead><tr><th>Time 时间</th><th>Patient 患者</th><th>Reason 原因</th>\
         <th>To know 须知</th><th>Clinician 医生</th></tr></thead><tbody>",
    );
    for entry in &pack.visits {
        let birth = entry.birth_date.map_or_else(|| "—".to_owned(), |date| date.to_string());
        let _ = write!(
            html,
            "<tr><td><b>{}</b><br>{}</td><td><b>{}</b><br>{} · {birth}<br>{}<br>☎ {}</td><td>{}{}</td><td>{}{}{}</td>\
             <td>{}</td></tr>",
            entry.start.strftime("%m-%d %H:%M"),
            state(&entry.state),
            escaped(&entry.patient),
            sex(&entry.sex),
            or_dash(&entry.identifier),
            or_dash(&entry.phone),
            escaped(&entry.reason),
            listed("Red flags 危险信号", &entry.red_flags, true),
            listed("Allergies 过敏", &entry.allergies, true),
            listed("Problems 病情", &entry.conditions, false),
            listed("Medication 用药", &entry.medications, false),
            escaped(&entry.clinician),
        );
    }
    html.push_str("</tbody></table>");
}

fn clinicians(html: &mut String, pack: &DayPack) {
    if pack.clinicians.is_empty() {
        return;
    }
    html.push_str("<h2>Telephone numbers 电话</h2><table><tbody>");
    for (name, phone) in &pack.clinicians {
        let _ = write!(html, "<tr><td>{}</td><td>{}</td></tr>", escaped(name), or_dash(phone));
    }
    html.push_str("</tbody></table>");
}

fn listed(title: &str, words: &[String], alert: bool) -> String {
    if words.is_empty() {
        return String::new();
    }
    let words: Vec<String> = words.iter().map(|word| escaped(word)).collect();
    let class = if alert { " class=\"alert\"" } else { "" };
    format!("<p{class}>{title}: {}</p>", words.join("; "))
}

fn state(state: &str) -> &'static str {
    match state {
        "planned" => "planned 已预约",
        "arrived" => "waiting 候诊",
        "in-progress" | "onleave" => "being seen 就诊中",
        "finished" => "done 已结束",
        "cancelled" => "cancelled 已取消",
        _ => "",
    }
}

fn sex(code: &str) -> &'static str {
    match code {
        "male" => "male 男",
        "female" => "female 女",
        "other" => "other 其他",
        _ => "—",
    }
}

fn or_dash(text: &str) -> String {
    if text.is_empty() { "—".to_owned() } else { escaped(text) }
}

/// Text that is text in HTML, also inside quotes.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pack() -> DayPack {
        let at = |text: &str| text.parse::<Zoned>().unwrap();
        DayPack {
            institution: "North <clinic>".into(),
            phone: "010 555".into(),
            made: at("2026-01-02T07:45[Asia/Shanghai]"),
            visits: vec![Entry {
                start: at("2026-01-02T09:00[Asia/Shanghai]"),
                state: "planned".into(),
                patient: "李\"雷".into(),
                sex: "male".into(),
                birth_date: "1961-03-04".parse().ok(),
                identifier: "MRN 7".into(),
                phone: "139 0000".into(),
                clinician: "Wang".into(),
                reason: "<script>alert(1)</script>".into(),
                red_flags: vec!["chest-pain".into()],
                allergies: vec!["penicillin & co".into()],
                conditions: Vec::new(),
                medications: vec!["metformin".into()],
            }],
            clinicians: vec![("Wang".into(), String::new())],
        }
    }

    #[test]
    fn it_says_who_comes_when_and_whom_to_call() {
        let html = day_pack_html(&pack());
        for said in [
            "2026-01-02 07:45 CST",
            "01-02 09:00",
            "planned 已预约",
            "李&quot;雷",
            "1961-03-04",
            "MRN 7",
            "☎ 139 0000",
            "Red flags 危险信号: chest-pain",
            "Allergies 过敏: penicillin &amp; co",
            "Medication 用药: metformin",
        ] {
            assert!(html.contains(said), "{said:?} is not in {html}");
        }
        assert!(!html.contains("Problems 病情"));
    }

    #[test]
    fn what_people_typed_stays_text() {
        let html = day_pack_html(&pack());
        assert!(!html.contains("<script>") && !html.contains("<clinic>"));
        assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    }

    #[test]
    fn an_empty_day_is_a_page_too() {
        let html = day_pack_html(&DayPack { visits: Vec::new(), clinicians: Vec::new(), ..pack() });
        assert!(html.contains("No visits. 没有就诊安排。") && html.ends_with("</html>\n"));
    }
}
