//! The current snapshot of access control, compiled once per change of roles and bindings.

use std::sync::{Arc, PoisonError, RwLock};

use super::Rbac;

/// Holds the index of the last seen revision; cheap to ask while nothing changes.
#[derive(Debug, Default)]
pub struct Policy {
    compiled: RwLock<Option<(u64, Arc<Rbac>)>>,
}

impl Policy {
    /// Returns the index as of `revision`, the last revision that changed a role or binding; `compile` makes it if
    /// another one is held.
    pub fn at(&self, revision: u64, compile: impl FnOnce() -> Rbac) -> Arc<Rbac> {
        if let Some(held) = self.held(revision) {
            return held;
        }
        let fresh = Arc::new(compile());
        let mut compiled = self.compiled.write().unwrap_or_else(PoisonError::into_inner);
        // A slower caller may come with an older snapshot: the newest stays.
        if compiled.as_ref().is_none_or(|(held, _)| *held < revision) {
            *compiled = Some((revision, fresh.clone()));
        }
        fresh
    }

    fn held(&self, revision: u64) -> Option<Arc<Rbac>> {
        let compiled = self.compiled.read().unwrap_or_else(PoisonError::into_inner);
        let (held, rbac) = compiled.as_ref()?;
        (*held == revision).then(|| rbac.clone())
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn compiles_once_per_revision() {
        let policy = Policy::default();
        let runs = Cell::new(0);
        let ask = |revision| {
            policy.at(revision, || {
                runs.set(runs.get() + 1);
                Rbac::default()
            });
            runs.get()
        };
        assert_eq!(
            [ask(1), ask(1), ask(2), ask(2), ask(1), ask(2)],
            [1, 1, 2, 2, 3, 3]
        );
    }
}
