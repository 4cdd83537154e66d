//! Fills the templates with a project's names and plans the files they become.

mod api;
mod project;
mod source;
mod version;

pub(crate) use api::{derived_names, plan_api};
pub(crate) use project::plan_project;
pub(crate) use source::{Source, SourceArgs, checkout};
pub(crate) use version::plan_version;

use krate_templates::{File, render_all};
use serde::Serialize;

use crate::error::{Error, Result};
use crate::plan::Plan;

/// Fills the templates of a set.
pub(crate) fn rendered(set: &[File], data: &impl Serialize) -> Result<Vec<krate_templates::Rendered>> {
    render_all(set, data).map_err(|error| {
        let help = "this is a mistake in cargo-krate, please report it";
        Error::machine("a template of cargo-krate is broken")
            .because(error)
            .help(help)
    })
}

fn plan_all(plan: &mut Plan<'_>, set: &[File], data: &impl Serialize, how: How) -> Result<()> {
    for file in rendered(set, data)? {
        match how {
            How::Keep => plan.keep_or_create(&file.path, file.text)?,
            How::Create => plan.create(&file.path, file.text)?,
        }
    }
    Ok(())
}

/// What happens to files that are there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// They were scaffolded before and are the user's now.
    Keep,
    /// They are in the way.
    Create,
}
