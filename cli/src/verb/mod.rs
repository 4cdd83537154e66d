//! What each verb does: validate, plan, carry out.
//!
//! A verb takes its arguments, the place it was started in, and the shell. [`run`] is the one place that knows all of them.

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
use crate::error::Result;
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
        Verb::List => list::run(place, shell),
        Verb::Completions(completions) => completions.run(shell),
        Verb::Version => version::run(shell),
    }
}
