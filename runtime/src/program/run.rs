//! `run`: the operator itself.

use super::Exit;
use super::log::{self, LogFormat};
use crate::error::{Error, Result};
use crate::operator::Operator;

/// Runs the operator until it is told to stop.
pub(super) fn run(operator: Operator, format: LogFormat) -> Result<Exit> {
    log::start(format);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::from(error).context("start threads"))?;
    runtime.block_on(operator.run())?;
    Ok(Exit::Success)
}
