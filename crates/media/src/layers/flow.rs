//! Which layer of its track a line sends, and to which it is going over.

use super::layer::LayerId;

#[derive(Debug, Default)]
pub(crate) struct Flow {
    /// The layer whose packets are sent; its keyframe has gone out.
    sent: Option<LayerId>,
    /// The layer that is to be sent; `None` is nothing.
    wanted: Option<LayerId>,
}

/// What to do with a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Admission {
    /// It is not sent.
    Held,
    /// It follows the one before.
    Follows,
    /// It is the first of another layer, or the first after a pause.
    Begins,
}

impl Flow {
    /// A line of sound: there is one layer, and nothing to wait for.
    pub(crate) fn of_only_layer() -> Self {
        Self { sent: None, wanted: Some(LayerId::ONLY) }
    }

    /// What is next sent begins anew: the track, or the client's side of the line, has changed.
    pub(crate) fn restart(&mut self) {
        self.sent = None;
    }

    /// Another layer is wanted from now on, or none. The layer that is sent goes on until a keyframe of the wanted one
    /// comes, unless it is to stop `at_once` because it harms.
    pub(crate) fn want(&mut self, wanted: Option<LayerId>, at_once: bool) {
        self.wanted = wanted;
        if wanted.is_none() || at_once && self.sent != wanted {
            self.sent = None;
        }
    }

    pub(crate) fn wanted(&self) -> Option<LayerId> {
        self.wanted
    }

    /// Waits for a keyframe of the wanted layer.
    pub(crate) fn awaits_keyframe(&self) -> bool {
        self.wanted.is_some() && self.sent != self.wanted
    }

    /// Whether a packet of this layer is of use to the line.
    pub(crate) fn concerns(&self, layer: LayerId) -> bool {
        self.sent == Some(layer) || self.wanted == Some(layer)
    }

    /// Takes a packet of a layer. After [`Admission::Begins`] it is the layer that is sent.
    pub(crate) fn admit(&mut self, layer: LayerId, starts_keyframe: bool) -> Admission {
        if self.sent == Some(layer) {
            return Admission::Follows;
        }
        if self.wanted == Some(layer) && starts_keyframe {
            self.sent = Some(layer);
            return Admission::Begins;
        }
        Admission::Held
    }
}

#[cfg(test)]
mod tests {
    use super::Admission::{Begins, Follows, Held};
    use super::*;

    fn layer(rid: &str) -> LayerId {
        LayerId(Some(rid.into()))
    }

    #[test]
    fn a_line_goes_over_at_a_keyframe_of_the_other_layer() {
        let mut flow = Flow::default();
        assert_eq!(flow.admit(layer("q"), true), Held);
        flow.want(Some(layer("q")), false);
        assert_eq!(flow.admit(layer("q"), false), Held);
        assert_eq!(flow.admit(layer("q"), true), Begins);
        flow.want(Some(layer("f")), false);
        assert!(flow.awaits_keyframe());
        assert_eq!(flow.admit(layer("f"), false), Held);
        assert_eq!(flow.admit(layer("q"), false), Follows);
        assert_eq!(flow.admit(layer("f"), true), Begins);
        assert!(!flow.awaits_keyframe());
        assert_eq!(flow.admit(layer("q"), true), Held);
        assert_eq!(flow.admit(layer("f"), false), Follows);
    }

    #[test]
    fn a_layer_that_harms_stops_before_the_next_one_comes() {
        let mut flow = Flow::default();
        flow.want(Some(layer("f")), false);
        assert_eq!(flow.admit(layer("f"), true), Begins);
        flow.want(Some(layer("q")), true);
        assert_eq!(flow.admit(layer("f"), false), Held);
        assert_eq!(flow.admit(layer("q"), true), Begins);
        flow.want(Some(layer("q")), true);
        assert_eq!(flow.admit(layer("q"), false), Follows);
        flow.want(None, false);
        assert_eq!(flow.admit(layer("q"), true), Held);
    }

    #[test]
    fn sound_needs_no_keyframe_and_a_restart_begins_anew() {
        let mut flow = Flow::of_only_layer();
        assert_eq!(flow.admit(LayerId::ONLY, true), Begins);
        assert_eq!(flow.admit(LayerId::ONLY, true), Follows);
        flow.restart();
        assert_eq!(flow.admit(LayerId::ONLY, true), Begins);
    }
}
