//! What each verb does: validate, plan, carry out.
//!
//! A verb takes its arguments, the place it was started in, and the shell. [`run`] is the one place that knows all of them.

pub(crate) mod cluster;
pub(crate) mod completions;
pub(crate) mod create_api;
pub(crate) mod generate;
pub(crate) mod init;
mod list;
#[cfg(test)]
mod tests;
mod version;

use std::path::PathBuf;

use crate::args::{Create, Verb};
use crate::disk::Disk;
use crate::error::{Error, Result};
use crate::shell::Shell;

/// What a verb works with: where it was started, on which disk.
pub(crate) struct Place<'d> {
    pub(crate) here: PathBuf,
    pub(crate) disk: &'d dyn Disk,
}

pub(crate) fn run(verb: &Verb, place: &Place<'_>, shell: &mut Shell) -> Result<()> {
    match verb {
        Verb::Init(init) => init.run(place, shell),
        Verb::Create(Create::Api(create)) => create.run(place, shell),
        Verb::Generate(generate) => generate.run(place, shell),
        Verb::Cluster(cluster) => block_on(cluster.run(place, shell)),
        Verb::Dev(dev) => block_on(dev.run(place, shell)),
        Verb::Quickstart(quickstart) => block_on(quickstart.run(place, shell)),
        Verb::List => list::run(place, shell),
        Verb::Completions(completions) => completions.run(shell),
        Verb::Version => version::run(shell),
    }
}

/// Runs what waits for clusters and processes.
fn block_on(running: impl Future<Output = Result<()>>) -> Result<()> {
    let failed = |error| Error::machine("failed to start the async runtime").because(error);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(failed)?;
    runtime.block_on(running)
}

/// Returns once the user pressed Ctrl-C or the process was told to end.
pub(crate) async fn interrupted() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminated) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminated.recv() => {}
    }
}
