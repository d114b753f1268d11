//! The characters that separate, as MSH-1 and MSH-2 state them (HL7 v2.5.1, section 2.5.4).

/// The characters that separate and escape in one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delimiters {
    /// Between fields; `|` nearly everywhere.
    pub field: u8,
    /// Between components.
    pub component: u8,
    /// Between repetitions.
    pub repetition: u8,
    /// Around escape sequences. A message may do without.
    pub escape: Option<u8>,
    /// Between subcomponents. A message may do without.
    pub subcomponent: Option<u8>,
    /// Marks what was cut off (2.7 and later).
    pub truncation: Option<u8>,
}

impl Default for Delimiters {
    /// `|^~\&`.
    fn default() -> Self {
        Self {
            field: b'|',
            component: b'^',
            repetition: b'~',
            escape: Some(b'\\'),
            subcomponent: Some(b'&'),
            truncation: None,
        }
    }
}

impl Delimiters {
    /// From the field separator and MSH-2; `None` when they cannot separate anything: characters that occur in values, or
    /// the same twice.
    pub(crate) fn read(field: u8, encoding: &[u8]) -> Option<Self> {
        let (required, optional) = encoding.split_at_checked(2)?;
        let at = |place: usize| optional.get(place).copied();
        if optional.len() > 3 {
            return None;
        }
        let mut all = vec![field];
        all.extend_from_slice(encoding);
        let separates = |byte: &u8| byte.is_ascii_graphic() && !byte.is_ascii_alphanumeric();
        let distinct = all.iter().enumerate().all(|(place, byte)| !all[..place].contains(byte));
        (all.iter().all(separates) && distinct).then_some(Self {
            field,
            component: required[0],
            repetition: required[1],
            escape: at(0),
            subcomponent: at(1),
            truncation: at(2),
        })
    }

    /// As they stand in MSH-2. What is left out in the middle cannot be told from what follows: it ends there.
    pub(crate) fn encoding(&self) -> Vec<u8> {
        let optional = [self.escape, self.subcomponent, self.truncation];
        [self.component, self.repetition].into_iter().chain(optional.into_iter().map_while(|it| it)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_distinct_signs_separate_and_nothing_else_does() {
        assert_eq!(Delimiters::read(b'|', b"^~\\&"), Some(Delimiters::default()));
        let other = Delimiters::read(b'#', b"$%").unwrap();
        assert_eq!((other.component, other.escape, other.subcomponent), (b'$', None, None));
        assert_eq!(other.encoding(), b"$%");
        assert_eq!(Delimiters::read(b'|', b"^~\\&#").unwrap().truncation, Some(b'#'));
        for bad in [&b""[..], b"^", b"^^\\&", b"^~\\|", b"A~\\&", b"^ \\&", b"^~\\\xe4", b"^~\\&#!"] {
            assert_eq!(Delimiters::read(b'|', bad), None, "{bad:?}");
        }
    }
}
