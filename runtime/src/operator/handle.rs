//! The way to a running operator for what was made before it ran.

use std::fmt;

use tokio::sync::watch;

use super::Site;

/// Leads to the [`Site`] of an operator once it runs; clones lead to the same.
///
/// For a reconciler that adds and removes controllers itself, as for kinds that users define:
///
/// ```
/// use krate::operator::{Handle, Operator};
///
/// struct Kinds {
///     operator: Handle,
/// }
///
/// let operator = Operator::new();
/// let kinds = Kinds { operator: operator.handle() };
/// // .. operator.controller(kinds), whose runs call `self.operator.site().await`.
/// # let _ = kinds.operator;
/// ```
#[derive(Clone)]
pub struct Handle {
    site: watch::Receiver<Option<Site>>,
}

impl Handle {
    pub(super) fn new(site: watch::Receiver<Option<Site>>) -> Self {
        Self { site }
    }

    /// Waits until the operator runs, and returns what it works with; `None` once it has ended.
    pub async fn site(&self) -> Option<Site> {
        let mut site = self.site.clone();
        match site.wait_for(Option::is_some).await {
            Ok(site) => site.clone(),
            Err(_) => None,
        }
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handle")
            .field("is_running", &self.site.borrow().is_some())
            .finish()
    }
}
