//! What a run works with: reads, writes, and why it runs.
//!
//! A [`Context`] is made by the controller for each run; what stands behind it is shared by all runs of the
//! controller. Its methods are thin: reads are answered by the [cache](crate::cache) where it has the kind, writes
//! are in [`write`](crate::write).

mod apply;
mod cause;
mod dynamic;
#[cfg(test)]
pub(crate) mod fake;
mod name;
mod read;
mod run;
mod writes;

pub use apply::{Apply, ApplyChildren};
pub use cause::{Cause, Causes};
pub use dynamic::DynamicContext;
pub use name::ObjectName;
pub use read::Filter;
#[cfg(test)]
pub(crate) use read::get;
pub(crate) use read::{get_live, list};
pub(crate) use run::{Built, Run, Shared};

use std::fmt;
use std::marker::PhantomData;

use jiff::Timestamp;
use kube::Client;

use crate::cache::ObjectKey;
use crate::election::Term;
use crate::environment::Environment;
use crate::error::{Error, Result};
use crate::metrics::Metrics;

/// The hands and eyes of one reconcile run.
///
/// Methods that talk to the API server ask for the [permission](crate::permission::Permits) they need, so a call
/// that the operator's role would refuse does not compile.
///
/// | To | Use |
/// |---|---|
/// | write children | [`apply_children`](Self::apply_children), [`apply`](Self::apply) |
/// | say how it stands | [`status`](Self::status), [`event`](Self::event) |
/// | read | [`get`](Self::get), [`get_opt`](Self::get_opt), [`list`](Self::list) |
/// | do anything else | [`create`](Self::create), [`patch`](Self::patch), [`delete`](Self::delete), [`client`](Self::client) |
pub struct Context<R> {
    run: Run,
    reconciler: PhantomData<fn() -> R>,
}

impl<R> Context<R> {
    /// Makes the context of one run.
    pub(crate) fn new(run: Run) -> Self {
        Self {
            run,
            reconciler: PhantomData,
        }
    }

    /// Returns the client, for what the context has no method for.
    ///
    /// Declare what it is used for with `permits(..)`; the compiler cannot see it. What is written with it is seen by
    /// reads of this context only when the watch shows it.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.run.shared.client
    }

    /// Returns the term of leadership this run belongs to, `None` if the operator holds no election or the controller
    /// needs none.
    ///
    /// The client and everything a context writes are fenced by it: past its deadline a write is refused with
    /// [`NotLeader`](crate::ErrorKind::NotLeader), also from a clone of the client that outlives the run.
    #[must_use]
    pub fn term(&self) -> Option<&Term> {
        self.run.shared.term.as_ref()
    }

    /// Returns the key of the object that is reconciled.
    #[must_use]
    pub fn key(&self) -> &ObjectKey {
        &self.run.key
    }

    /// Returns why this run was started: the first thing that asked for it.
    #[must_use]
    pub fn cause(&self) -> &Cause {
        self.run.causes.first()
    }

    /// Returns everything that asked for this run since the last one, as far as it is kept.
    ///
    /// ```no_run
    /// # fn example<R>(cx: &krate::Context<R>) {
    /// for cause in cx.causes().iter() {
    ///     println!("{} ran because of {cause}", cx.key());
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn causes(&self) -> &Causes {
        &self.run.causes
    }

    /// Returns the number of failed runs of this object just before this one.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.run.attempt
    }

    /// Returns the wall clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.run.shared.environment.now()
    }

    /// Returns where to take time, chance and ids from, so that a run can be repeated.
    #[must_use]
    pub fn environment(&self) -> &Environment {
        &self.run.shared.environment
    }

    /// Returns the operator's metrics, to register some of the reconciler's own.
    ///
    /// Register once, not in each run: better when the operator is put together, with
    /// [`Operator::metrics`](crate::Operator::metrics).
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.run.shared.metrics
    }

    pub(crate) fn run(&self) -> &Run {
        &self.run
    }
}

impl<R> fmt::Debug for Context<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("key", &self.run.key)
            .field("causes", &self.run.causes)
            .field("attempt", &self.run.attempt)
            .finish_non_exhaustive()
    }
}

/// Turns the absence of an object into an error that names it.
fn found<T>(found: Option<T>, kind: &str, key: impl fmt::Display) -> Result<T> {
    found.ok_or_else(|| Error::not_found(kind, &key.to_string()))
}
