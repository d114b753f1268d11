//! Application entity titles (VR AE of PS3.5 section 6.2).

use std::fmt;

use crate::uid::trimmed;

/// Most characters of a title.
const LONGEST: usize = 16;

/// The name of an application on the network: 1 to 16 printable characters of ASCII, no backslash.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AeTitle(Box<str>);

impl AeTitle {
    /// Reads a title as it came; spaces and NULs on either side are padding.
    pub fn read(bytes: &[u8]) -> Result<Self, NoAeTitle> {
        let bytes = trimmed(bytes);
        if bytes.is_empty() || bytes.len() > LONGEST {
            return Err(NoAeTitle::Length(bytes.len()));
        }
        if !bytes.iter().all(|byte| matches!(byte, b' '..=b'~') && *byte != b'\\') {
            return Err(NoAeTitle::Character);
        }
        let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
        Ok(Self(text.into()))
    }

    /// Its text, without padding.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for AeTitle {
    type Err = NoAeTitle;

    fn from_str(text: &str) -> Result<Self, NoAeTitle> {
        Self::read(text.as_bytes())
    }
}

impl fmt::Display for AeTitle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for AeTitle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why something is no title.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoAeTitle {
    /// So many characters are none, or too many.
    #[error("an AE title of {0} characters")]
    Length(usize),
    /// It has a control character, a backslash or what is not of ASCII.
    #[error("an AE title with a character that may not stand in it")]
    Character,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_read_with_their_padding_and_no_further() {
        assert_eq!(AeTitle::read(b"CT 1            ").unwrap().as_str(), "CT 1");
        assert_eq!(AeTitle::read(b"CT1\0\0").unwrap().as_str(), "CT1");
        assert_eq!(AeTitle::read(b"                "), Err(NoAeTitle::Length(0)));
        assert_eq!(AeTitle::read(&[b'A'; 17]), Err(NoAeTitle::Length(17)));
        for hostile in [&b"A\\B"[..], b"A\nB", b"\xc3\xa4"] {
            assert_eq!(AeTitle::read(hostile), Err(NoAeTitle::Character));
        }
    }
}
