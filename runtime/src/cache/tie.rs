//! What is undone when nobody holds it any more: a handler in a store, a claim on a store.

use std::fmt;

/// Holds something up until it is dropped.
#[must_use = "a tie that is dropped is undone at once"]
pub(crate) struct Tie {
    undo: Option<Box<dyn FnOnce() + Send + Sync>>,
}

impl Tie {
    pub(crate) fn new(undo: impl FnOnce() + Send + Sync + 'static) -> Self {
        Self {
            undo: Some(Box::new(undo)),
        }
    }

    /// Leaves it up for good.
    pub(crate) fn keep(mut self) {
        self.undo = None;
    }
}

impl Drop for Tie {
    fn drop(&mut self) {
        if let Some(undo) = self.undo.take() {
            undo();
        }
    }
}

impl fmt::Debug for Tie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tie(..)")
    }
}
