//! Text with wildcards (PS3.4 section C.2.2.2.4): `*` for anything, `?` for one character.

/// A text that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextPattern {
    text: String,
    wild: bool,
}

impl TextPattern {
    /// With wildcards.
    pub fn new(text: &str) -> Self {
        Self { text: text.to_owned(), wild: text.contains(['*', '?']) }
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The text itself, when it has no wildcards.
    pub fn literal(&self) -> Option<&str> {
        (!self.wild).then_some(&self.text)
    }

    /// What every text that matches begins with.
    pub fn prefix(&self) -> &str {
        self.text.split(['*', '?']).next().unwrap_or("")
    }

    /// Whether a text is what is asked for.
    pub fn matches(&self, text: &str) -> bool {
        if self.wild { wild(&self.text, text) } else { self.text == text }
    }
}

/// Goes back to the last star when it comes to nothing, so it takes no longer than the product of the lengths.
fn wild(pattern: &str, text: &str) -> bool {
    let (mut rest, mut left) = (pattern.chars(), text.chars());
    let mut star = None;
    loop {
        let (mut after, mut further) = (rest.clone(), left.clone());
        match (after.next(), further.next()) {
            (Some('*'), _) => {
                star = Some((after.clone(), left.clone()));
                rest = after;
            }
            (Some('?'), Some(_)) => (rest, left) = (after, further),
            (Some(wanted), Some(found)) if wanted == found => (rest, left) = (after, further),
            (None, None) => return true,
            _ => {
                let Some((pattern, text)) = &mut star else { return false };
                if text.next().is_none() {
                    return false;
                }
                (rest, left) = (pattern.clone(), text.clone());
            }
        }
    }
}
