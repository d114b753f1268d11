//! Waking a thread out of its wait.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering, fence};

use rustix::event::{EventfdFlags, eventfd};

/// An eventfd: it stays readable from a wake until it is cleared. Whoever brings something to a thread that does not
/// wait makes no system call: the thread arms the waker, looks whether something has come, and waits only if not.
#[derive(Debug)]
pub(crate) struct Waker {
    event: OwnedFd,
    armed: AtomicBool,
}

impl Waker {
    pub(crate) fn new() -> io::Result<Self> {
        let event = eventfd(0, EventfdFlags::NONBLOCK | EventfdFlags::CLOEXEC)?;
        Ok(Self { event, armed: AtomicBool::new(true) })
    }

    /// After something was brought.
    pub(crate) fn wake(&self) {
        // What was brought is seen by a thread that arms after this, and one that armed before it is seen here.
        fence(Ordering::SeqCst);
        if self.armed.load(Ordering::Relaxed) && self.armed.swap(false, Ordering::Relaxed) {
            // A failure is a counter that is full, which wakes as well.
            let _ = rustix::io::write(&self.event, &1u64.to_ne_bytes());
        }
    }

    /// Before the last look at what may have come.
    pub(crate) fn arm(&self) {
        self.armed.store(true, Ordering::Relaxed);
        fence(Ordering::SeqCst);
    }

    /// The thread is awake.
    pub(crate) fn disarm(&self) {
        self.armed.store(false, Ordering::Relaxed);
    }

    pub(crate) fn clear(&self) {
        let _ = rustix::io::read(&self.event, &mut [0u8; 8]);
    }
}

impl AsFd for Waker {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.event.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    #[test]
    fn nothing_that_is_brought_is_slept_through() {
        let waker = Arc::new(Waker::new().unwrap());
        let (sender, receiver) = channel();
        let bringer = std::thread::spawn({
            let waker = Arc::clone(&waker);
            move || {
                for number in 0..100_000_u32 {
                    sender.send(number).unwrap();
                    waker.wake();
                }
            }
        });
        let mut next = 0;
        while next < 100_000 {
            let mut came = false;
            while let Ok(number) = receiver.try_recv() {
                assert_eq!(number, next);
                (next, came) = (next + 1, true);
            }
            waker.arm();
            came |= receiver.try_recv().inspect(|number| next = number + 1).is_ok();
            if !came {
                let patience = Timespec::try_from(Duration::from_secs(10)).unwrap();
                let mut fds = [PollFd::new(&*waker, PollFlags::IN)];
                assert!(next == 100_000 || poll(&mut fds, Some(&patience)).unwrap() == 1, "slept at {next}");
                waker.clear();
            }
            waker.disarm();
        }
        bringer.join().unwrap();
    }
}
