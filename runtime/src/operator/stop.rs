//! How an operator is asked to stop: once to finish, twice to drop everything.

use std::fmt;
use std::sync::Arc;

use tokio::sync::watch;

/// A handle to stop an operator; clones are the same handle.
#[derive(Clone)]
pub struct Stop {
    step: Arc<watch::Sender<Step>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Running,
    Finishing,
    Forced,
}

impl Stop {
    /// Returns a handle that has not been used.
    #[must_use]
    pub fn new() -> Self {
        Self {
            step: Arc::new(watch::Sender::new(Step::Running)),
        }
    }

    /// Asks to stop in order: what runs may finish. Asking again changes nothing.
    pub fn request(&self) {
        self.advance(Step::Finishing);
    }

    /// Asks to stop at once, cutting off what runs.
    pub fn force(&self) {
        self.advance(Step::Forced);
    }

    /// Returns true once somebody asked to stop.
    #[must_use]
    pub fn is_requested(&self) -> bool {
        *self.step.borrow() >= Step::Finishing
    }

    /// Waits until somebody asks to stop, in order or at once.
    pub async fn requested(&self) {
        self.reached(Step::Finishing).await;
    }

    /// Waits until somebody asks to stop at once.
    pub async fn forced(&self) {
        self.reached(Step::Forced).await;
    }

    fn advance(&self, to: Step) {
        self.step.send_if_modified(|step| {
            let forward = *step < to;
            *step = to.max(*step);
            forward
        });
    }

    async fn reached(&self, wanted: Step) {
        let mut steps = self.step.subscribe();
        // The sender lives in `self`, so the channel cannot close while this waits.
        let _ = steps.wait_for(|step| *step >= wanted).await;
    }
}

impl Default for Stop {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Stop").field(&*self.step.borrow()).finish()
    }
}
