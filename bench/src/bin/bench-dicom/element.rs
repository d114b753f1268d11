//! Data elements in Explicit VR Little Endian (DICOM PS3.5, 7.1.2), as far as synthetic images need them.

/// A value representation: two letters.
pub(crate) type Vr = [u8; 2];

/// Elements that are appended in the order of their tags.
#[derive(Debug, Default)]
pub(crate) struct Elements(Vec<u8>);

impl Elements {
    /// A value of text, filled up to an even length: UIDs with NUL, everything else with a space.
    pub(crate) fn text(&mut self, tag: u32, vr: Vr, value: &str) -> &mut Self {
        let fill = if vr == *b"UI" { 0 } else { b' ' };
        let mut bytes = value.as_bytes().to_vec();
        bytes.resize(bytes.len().next_multiple_of(2), fill);
        self.short(tag, vr, &bytes)
    }

    /// Unsigned 16-bit value.
    pub(crate) fn us(&mut self, tag: u32, value: u16) -> &mut Self {
        self.short(tag, *b"US", &value.to_le_bytes())
    }

    /// Unsigned 32-bit value.
    pub(crate) fn ul(&mut self, tag: u32, value: u32) -> &mut Self {
        self.short(tag, *b"UL", &value.to_le_bytes())
    }

    /// Other bytes; `length` of them follow, which the caller appends.
    pub(crate) fn opened(&mut self, tag: u32, vr: Vr, length: u32) -> &mut Self {
        self.tag(tag).extend_from_slice(&vr);
        self.0.extend_from_slice(&[0, 0]);
        self.0.extend_from_slice(&length.to_le_bytes());
        self
    }

    /// Bytes as they are.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend_from_slice(bytes);
        self
    }

    /// What was appended.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    #[expect(clippy::cast_possible_truncation, reason = "values of these VRs are of a few characters")]
    fn short(&mut self, tag: u32, vr: Vr, value: &[u8]) -> &mut Self {
        self.tag(tag).extend_from_slice(&vr);
        self.0.extend_from_slice(&(value.len() as u16).to_le_bytes());
        self.bytes(value)
    }

    #[expect(clippy::cast_possible_truncation, reason = "the halves of a tag")]
    fn tag(&mut self, tag: u32) -> &mut Vec<u8> {
        self.0.extend_from_slice(&((tag >> 16) as u16).to_le_bytes());
        self.0.extend_from_slice(&(tag as u16).to_le_bytes());
        &mut self.0
    }
}
