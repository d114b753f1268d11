//! Overlays, drawn onto a picture of all of the image.

use super::{Overlay, Picture};

impl Overlay {
    /// Draws what bits are set in white. What lies outside of the image, or has no bits, is not drawn.
    pub(super) fn draw(&self, picture: &mut Picture) {
        let channels = usize::from(picture.channels);
        let (width, height) = (picture.width as usize, picture.height as usize);
        let place = |origin: i16, at: usize, most: usize| {
            usize::try_from(i64::from(origin) - 1 + i64::try_from(at).ok()?)
                .ok()
                .filter(|place| *place < most)
        };
        for row in 0..usize::from(self.rows) {
            let Some(y) = place(self.origin.0, row, height) else { continue };
            for column in 0..usize::from(self.columns) {
                let at = row * usize::from(self.columns) + column;
                let set = self.bits.get(at / 8).is_some_and(|byte| byte >> (at % 8) & 1 == 1);
                if let (true, Some(x)) = (set, place(self.origin.1, column, width)) {
                    picture.bytes[(y * width + x) * channels..][..channels].fill(0xff);
                }
            }
        }
    }
}
