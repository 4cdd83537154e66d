//! `generate`: CRDs, RBAC and webhooks from the project's own binary.

use crate::error::{Error, Result};
use crate::manifest::{
    Change, MANAGER, build, changes_of, generated_crds, manifests_of, name_prefix, plan_manifests,
    plan_prefix,
};
use crate::plan::{Manner, Plan};
use crate::project::open;
use crate::shell::{Shell, count};

use super::Place;

/// Write CRDs, RBAC and webhooks under config/, from the project's own types
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Generate {
    /// Write nothing, and fail if a file is not as it should be
    #[arg(long, conflicts_with = "dry_run")]
    pub(crate) check: bool,
    #[command(flatten)]
    pub(crate) manner: Manner,
}

impl Generate {
    pub(crate) fn run(&self, place: &Place<'_>, shell: &mut Shell) -> Result<()> {
        let manner = Manner {
            dry_run: self.check || self.manner.dry_run,
            ..self.manner
        };
        let (root, project) = open(place.disk, &place.here, manner, shell)?;
        let mut plan = Plan::new(place.disk, &root);
        let prefix = name_prefix(&plan)?;
        let bin = project.name.as_str();
        let program = build(&root, bin, shell)?;
        let manifests = manifests_of(&root, bin, &program, prefix.as_deref(), shell)?;
        let changes = changes_of(&root, bin, &program, &generated_crds(&plan, place.disk)?)?;
        plan_manifests(&mut plan, place.disk, &manifests)?;
        plan_prefix(&mut plan, &manifests, prefix.as_deref())?;
        warn(&changes, shell);
        if !self.check {
            show_edit(&plan, manner, shell);
            return plan.carry_out(manner, shell).map(|_| ());
        }
        let changed = plan.preview(true, shell);
        if changed > 0 {
            let error = Error::drift(format!("{} not as the Rust types say", count(changed, "file")));
            return Err(error.help("run `cargo krate generate` and commit what it changes"));
        }
        Ok(())
    }
}

/// Says what is about to break for those who use the definitions as they are in the files.
fn warn(changes: &[Change], shell: &mut Shell) {
    for change in changes.iter().filter(|change| change.impact != "notable") {
        let mut place = change.definition.clone();
        if let Some(version) = &change.version {
            place = format!("{place} {version}");
        }
        if !change.path.is_empty() {
            place = format!("{place} `{}`", change.path);
        }
        shell.warn(&format!("{}: {place}: {}", change.impact, change.message));
    }
}

/// Shows what becomes of the file that is the user's own, asked for or not.
fn show_edit(plan: &Plan<'_>, manner: Manner, shell: &mut Shell) {
    if manner.diff {
        return;
    }
    for (path, change) in plan.changes().filter(|(path, _)| *path == MANAGER) {
        shell.diff(path, &change.diff(path));
    }
}
