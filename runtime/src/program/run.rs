//! `run`: the operator itself.

use super::Exit;
use super::log::{self, LogArguments};
use super::serving::Serving;
use crate::error::{Error, Result};
use crate::operator::Operator;

/// Runs the operator until it is told to stop.
pub(super) fn run(operator: Operator, logs: &LogArguments, serving: Serving) -> Result<Exit> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::from(error).context("start threads"))?;
    runtime.block_on(async {
        let logs = log::start(logs)?;
        let ended = serving.apply(operator).run().await;
        logs.end().await;
        ended
    })?;
    Ok(Exit::Success)
}
