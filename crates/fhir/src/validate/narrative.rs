//! Narrative: the part of XHTML that FHIR allows (R4, Narrative 2.4.0), and nothing that runs.
//!
//! Narrative is shown by others' screens. What could run a script there - scripts, event handlers, objects, forms,
//! outside styles - is refused when it is written.

/// Elements of HTML 4 chapters 7 to 11 and 15, `a` and `img`.
const ELEMENTS: [&str; 56] = [
    "a",
    "abbr",
    "acronym",
    "address",
    "b",
    "bdo",
    "big",
    "blockquote",
    "br",
    "caption",
    "center",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "dfn",
    "dir",
    "div",
    "dl",
    "dt",
    "em",
    "font",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "map",
    "area",
    "menu",
    "ol",
    "p",
    "pre",
    "q",
    "s",
    "samp",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "sup",
    "tt",
    "u",
    "ul",
    "var",
    "body",
];
const TABLE: [&str; 8] = ["table", "tbody", "td", "tfoot", "th", "thead", "tr", "basefont"];

/// Whether a text is a narrative as FHIR allows it.
pub(crate) fn is_narrative(text: &str) -> bool {
    fault(text).is_none()
}

/// What is wrong with the text of a `div`, if anything is.
pub(super) fn fault(text: &str) -> Option<&'static str> {
    let text = text.trim();
    let opened =
        text.strip_prefix("<div").is_some_and(|rest| rest.starts_with([' ', '>', '/', '\t', '\n', '\r']));
    if !opened || !(text.ends_with("</div>") || text.ends_with("/>")) {
        return Some("the narrative is one XHTML div");
    }
    let mut open: Vec<&str> = Vec::new();
    let mut rest = text;
    let mut says = text.contains("<img");
    while let Some(at) = rest.find('<') {
        if open.is_empty() && rest.len() < text.len() {
            return Some("more follows the end of the div");
        }
        says |= !rest[..at].trim().is_empty();
        rest = &rest[at + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            let Some(end) = comment.find("-->") else { return Some("a comment does not end") };
            rest = &comment[end + 3..];
            continue;
        }
        let Some(end) = tag_end(rest) else { return Some("a tag does not end") };
        if let Some(fault) = tag(&rest[..end], &mut open) {
            return Some(fault);
        }
        rest = &rest[end + 1..];
    }
    match (open.is_empty(), says) {
        (true, true) => None,
        (true, false) => Some("the narrative says nothing"),
        _ => Some("an element of the narrative is not closed"),
    }
}

/// Where the tag closes; a `>` in quotes does not close it.
fn tag_end(text: &str) -> Option<usize> {
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (None, '>') => return Some(at),
            (None, '"' | '\'') => quote = Some(c),
            (Some(mark), c) if mark == c => quote = None,
            _ => {}
        }
    }
    None
}

fn tag<'t>(tag: &'t str, open: &mut Vec<&'t str>) -> Option<&'static str> {
    if let Some(name) = tag.strip_prefix('/') {
        return (open.pop() != Some(name.trim_end())).then_some("elements of the narrative do not nest");
    }
    let (body, closed) = tag.strip_suffix('/').map_or((tag, false), |body| (body, true));
    let name_end = body.find(|c: char| c.is_ascii_whitespace()).unwrap_or(body.len());
    let (name, attributes) = body.split_at(name_end);
    if !ELEMENTS.contains(&name) && !TABLE.contains(&name) {
        return Some("the narrative has an element that FHIR does not allow");
    }
    if !closed {
        open.push(name);
    }
    attributes_fault(attributes)
}

fn attributes_fault(attributes: &str) -> Option<&'static str> {
    let mut rest = attributes.trim();
    while !rest.is_empty() {
        let Some((name, value)) = rest.split_once('=') else { return Some("an attribute without a value") };
        let (name, value) = (name.trim(), value.trim_start());
        let mark = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        let Some(end) = mark.and_then(|mark| value[1..].find(mark)) else {
            return Some("an attribute without quotes");
        };
        let content = &value[1..=end];
        let lower = name.to_ascii_lowercase();
        if lower.starts_with("on")
            || !lower.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b':' | b'-'))
        {
            return Some("the narrative has an attribute that could run a script");
        }
        if matches!(lower.as_str(), "href" | "src" | "style" | "background" | "longdesc" | "cite")
            && runs(content)
        {
            return Some("the narrative has a link that could run a script");
        }
        rest = value[end + 2..].trim_start();
    }
    None
}

/// Whether a link is anything but a plain address, however it is dressed up.
fn runs(content: &str) -> bool {
    let bare: String = content.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
    let bare = bare.to_ascii_lowercase();
    let encoded =
        bare.contains("&#") || bare.contains("&colon") || bare.contains("&tab") || bare.contains("&newline");
    let scheme =
        ["javascript:", "vbscript:", "data:text", "expression(", "data:application", "data:image/svg"];
    encoded || scheme.iter().any(|scheme| bare.contains(scheme))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn div(inside: &str) -> Option<&'static str> {
        fault(&format!("<div xmlns=\"http://www.w3.org/1999/xhtml\">{inside}</div>"))
    }

    #[test]
    fn plain_narrative_passes() {
        for good in [
            "text",
            "<p>a<br/>b &lt; c</p>",
            "<table border='1'><tr><td style=\"color: red\">x</td></tr></table>",
            "<a href=\"http://x/?a>b\">x</a><!-- <script> -->",
            "<img src=\"data:image/png;base64,AAAA\" alt='x'/>",
        ] {
            assert_eq!(div(good), None, "{good}");
        }
    }

    #[test]
    fn what_could_run_or_does_not_nest_is_refused() {
        for bad in [
            "<script>x</script>",
            "<p onclick=\"x\">y</p>",
            "<a href=\"java\nscript:x\">y</a>",
            "<p>",
            "</div><div>",
            "<iframe src='x'/>",
            "<a href='&#106;avascript:x'>y</a>",
            "<b><i></b></i>",
            "<p class=x>y</p>",
            "<",
            "<!-- ",
            "<object data='x'/>",
            "<p ONLOAD='x'/>",
            "<svg/>",
            "<!DOCTYPE x>",
        ] {
            assert!(div(bad).is_some(), "{bad}");
        }
        for bad in ["", "text", "<p>x</p>", "<div>x</div>y", "<div>x</div><div>y</div>", "<divx>a</divx>"] {
            assert!(fault(bad).is_some(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in "\\PC{0,60}", near in "<div( [a-z]{0,3}=?['\"]?)?>([<>/='\"a-dé! -]{0,30})</div>") {
            let _ = (fault(&text), fault(&near));
        }
    }
}
