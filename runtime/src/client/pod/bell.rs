//! Waking a task that is looking already.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use futures::task::AtomicWaker;

/// How often a task looks again without a word to its runtime. What has used up its share of time rings until the task
/// gave way to others, so there has to be an end.
const AGAIN: usize = 4;

/// Wakes a task, unless it is looking: then it looks once more before it waits.
///
/// Parts of one task that wake each other would otherwise have the runtime schedule the task anew, and wake a thread
/// that finds nothing to do.
#[derive(Default)]
pub(super) struct Bell {
    rung: AtomicBool,
    /// From the look of a task until it waits.
    looking: AtomicBool,
    task: AtomicWaker,
}

impl Bell {
    /// Looks until there is something, or nothing rang meanwhile.
    pub(super) fn poll<T>(
        self: &Arc<Self>,
        cx: &mut Context<'_>,
        mut look: impl FnMut(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        self.task.register(cx.waker());
        let ring = Waker::from(Arc::clone(self));
        for _ in 0..AGAIN {
            self.looking.store(true, Ordering::SeqCst);
            self.rung.store(false, Ordering::SeqCst);
            let found = look(&mut Context::from_waker(&ring));
            // Who found something looks again by itself, so nobody has to be woken until then.
            if found.is_ready() {
                return found;
            }
            self.looking.store(false, Ordering::SeqCst);
            if !self.rung.load(Ordering::SeqCst) {
                return Poll::Pending;
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.rung.store(true, Ordering::SeqCst);
        if !self.looking.load(Ordering::SeqCst) {
            self.task.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    /// A task that counts how often it is woken.
    #[derive(Default)]
    struct Task(AtomicUsize);

    impl Wake for Task {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// A bell, its task, and what was made of a look.
    struct Desk {
        bell: Arc<Bell>,
        task: Arc<Task>,
    }

    impl Desk {
        fn new() -> Self {
            Self {
                bell: Arc::default(),
                task: Arc::default(),
            }
        }

        fn look(&self, look: impl FnMut(&mut Context<'_>) -> Poll<u8>) -> Poll<u8> {
            let waker = Waker::from(Arc::clone(&self.task));
            self.bell.poll(&mut Context::from_waker(&waker), look)
        }

        fn woken(&self) -> usize {
            self.task.0.load(Ordering::SeqCst)
        }
    }

    #[test]
    fn a_ring_while_looking_wakes_nobody_and_is_not_lost() {
        let desk = Desk::new();
        let mut looks = 0;
        let found = desk.look(|cx| {
            looks += 1;
            if looks == 2 {
                return Poll::Ready(7);
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        });
        assert_eq!((found, desk.woken()), (Poll::Ready(7), 0));
    }

    #[test]
    fn a_ring_while_waiting_wakes_the_task() {
        let desk = Desk::new();
        let mut ring = None;
        let found = desk.look(|cx| {
            ring = Some(cx.waker().clone());
            Poll::Pending
        });
        assert_eq!((found, desk.woken()), (Poll::Pending, 0));
        ring.unwrap().wake();
        assert_eq!(desk.woken(), 1);
    }

    #[test]
    fn a_ring_before_the_next_look_wakes_nobody_who_found_something() {
        let desk = Desk::new();
        let mut ring = None;
        let _ = desk.look(|cx| {
            ring = Some(cx.waker().clone());
            Poll::Ready(1)
        });
        ring.unwrap().wake();
        assert_eq!(desk.woken(), 0);
        assert_eq!(desk.look(|_| Poll::Ready(2)), Poll::Ready(2));
    }

    #[test]
    fn what_rings_without_end_gives_way() {
        let desk = Desk::new();
        let mut looks = 0;
        let found = desk.look(|cx| {
            looks += 1;
            cx.waker().wake_by_ref();
            Poll::Pending
        });
        assert_eq!((found, looks, desk.woken()), (Poll::Pending, AGAIN, 1));
    }
}
