//! `generate`: CRDs and RBAC from the project's own binary.

use crate::error::{Error, Result};
use crate::manifest::{manifests_of, name_prefix, plan_manifests};
use crate::plan::{Manner, Plan};
use crate::project::open;
use crate::shell::{Shell, count};

use super::Place;

/// Write CRDs and RBAC under config/, from the project's own types
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
        let manifests = manifests_of(&root, project.name.as_str(), prefix.as_deref(), shell)?;
        plan_manifests(&mut plan, place.disk, &manifests)?;
        if !self.check {
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
