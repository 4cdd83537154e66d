//! What a run works with: reads, writes, and why it runs.
//!
//! A [`Context`] is made by the controller for each run; everything behind it is shared by the runs of an
//! operator.

mod cause;

pub use cause::Cause;

use std::marker::PhantomData;

use kube::Client;

/// The hands and eyes of one reconcile run.
///
/// Methods that talk to the API server ask for the [permission](crate::permission::Permits) they need, so a call
/// that the operator's role would refuse does not compile.
pub struct Context<R> {
    client: Client,
    cause: Cause,
    attempt: u32,
    reconciler: PhantomData<fn() -> R>,
}

impl<R> Context<R> {
    /// Makes the context of one run.
    pub(crate) fn new(client: Client, cause: Cause, attempt: u32) -> Self {
        Self {
            client,
            cause,
            attempt,
            reconciler: PhantomData,
        }
    }

    /// Returns the client, for what the context has no method for.
    ///
    /// Declare what it is used for with `permits(..)`; the compiler cannot see it.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Returns why this run was started.
    #[must_use]
    pub fn cause(&self) -> &Cause {
        &self.cause
    }

    /// Returns the number of failed runs of this object just before this one.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.attempt
    }
}
