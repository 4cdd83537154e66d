//! An operator that runs beside its test.

use krate::operator::{Operator, Stop};
use tokio::task::JoinHandle;

use crate::{Error, Result};

/// An operator running in the background; dropping it cuts it off.
#[derive(Debug)]
pub struct Running {
    stop: Stop,
    task: JoinHandle<krate::Result<()>>,
}

impl Running {
    pub(crate) fn start(operator: Operator) -> Self {
        let stop = Stop::new();
        let handle = stop.clone();
        let task = tokio::spawn(async move { operator.run_until(&handle).await });
        Self { stop, task }
    }

    /// Stops the operator as a signal would, and waits until everything in it has ended.
    ///
    /// # Errors
    ///
    /// Fails when a part of the operator failed, or had to be cut off.
    pub async fn stop(mut self) -> Result<()> {
        self.stop.request();
        match (&mut self.task).await {
            Ok(ended) => ended.map_err(Error::in_the_act("run the operator")),
            Err(error) => Err(Error::in_the_act("run the operator")(error)),
        }
    }

    /// Returns whether the operator has ended by itself, which it does only if something failed.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.task.is_finished()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}
