//! The text of a Composition: what stands in the XHTML of a section, in lines.

/// The words of a narrative: `br` and the end of a paragraph, of an item and of a row are the end of a line.
pub(super) fn of(div: &str) -> String {
    let (mut text, mut rest) = (String::with_capacity(div.len()), div);
    while let Some(begin) = rest.find('<') {
        text.push_str(&rest[..begin]);
        let Some(end) = rest[begin..].find('>') else {
            rest = "";
            break;
        };
        let tag = rest[begin + 1..begin + end].trim_matches('/').trim();
        let closes = rest[begin + 1..].starts_with('/');
        let name = tag.split_whitespace().next().unwrap_or_default();
        if name == "br" || closes && ["p", "li", "tr", "div", "h1", "h2", "h3"].contains(&name) {
            text.push('\n');
        }
        rest = &rest[begin + end + 1..];
    }
    text.push_str(rest);
    let lines: Vec<String> = text.lines().map(|line| unescaped(line.trim())).collect();
    lines.join("\n").trim().to_owned()
}

/// The five entities of XML. `&amp;` goes last: what it makes is no entity.
fn unescaped(text: &str) -> String {
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&apos;", "'");
    text.replace("&#39;", "'").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_narrative_is_its_words_in_lines() {
        let div = "<div xmlns=\"http://www.w3.org/1999/xhtml\">38.5 &lt; 39 &amp;lt;<br/>咳嗽<p>one</p><p>two</p></div>";
        assert_eq!(of(div), "38.5 < 39 &lt;\n咳嗽one\ntwo");
        assert_eq!(of("plain"), "plain");
        assert_eq!(of("cut <b"), "cut");
    }
}
