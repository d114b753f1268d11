//! What messages that are not whole may hold, all lines together.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bytes that are counted as one.
const UNIT: usize = 64 << 10;

/// Room for all lines.
#[derive(Clone)]
pub(crate) struct Room(Arc<Semaphore>);

impl Room {
    /// Room for so many bytes.
    pub(crate) fn new(bytes: usize) -> Self {
        Self(Arc::new(Semaphore::new(bytes / UNIT)))
    }

    /// What a line holds that holds nothing.
    pub(crate) fn nothing(&self) -> Held {
        Held { room: self.clone(), permit: None }
    }
}

/// What one line holds of the room.
pub(crate) struct Held {
    room: Room,
    permit: Option<OwnedSemaphorePermit>,
}

impl Held {
    /// Waits until there is room for so many bytes. The first of them each line has of its own.
    pub(crate) async fn cover(&mut self, bytes: usize) {
        let wanted = bytes / UNIT;
        let more = wanted.saturating_sub(self.permit.as_ref().map_or(0, OwnedSemaphorePermit::num_permits));
        let Ok(more) = u32::try_from(more) else { return };
        if more == 0 {
            return;
        }
        let Ok(permit) = Arc::clone(&self.room.0).acquire_many_owned(more).await else { return };
        match &mut self.permit {
            Some(held) => held.merge(permit),
            none => *none = Some(permit),
        }
    }

    /// Gives everything back.
    pub(crate) fn give_back(&mut self) {
        self.permit = None;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    #[tokio::test]
    async fn whoever_wants_more_than_there_is_waits_until_it_is_given_back() {
        let room = Room::new(4 * UNIT);
        let (mut one, mut other) = (room.nothing(), room.nothing());
        one.cover(UNIT - 1).await;
        assert!(one.permit.is_none(), "a small message costs nothing");
        one.cover(3 * UNIT).await;
        other.cover(UNIT).await;
        assert!(timeout(Duration::from_millis(20), other.cover(2 * UNIT)).await.is_err());
        one.give_back();
        other.cover(2 * UNIT).await;
    }
}
