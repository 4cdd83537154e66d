//! `quickstart`: an operator from nothing to a stop in order, with each step observed.
//!
//! The command succeeds only if every step was seen to happen. What a step waits for is read through the API; the
//! operator's own word is never taken for it.

mod objects;
mod project;
mod set;
mod stage;
mod step;

use std::path::PathBuf;

use crate::error::Result;
use crate::plan::Manner;
use crate::scaffold::SourceArgs;
use crate::shell::Shell;
use crate::verb::Place;
use stage::Stage;
use step::Story;

/// Scaffold an operator, run it on an embedded cluster, and show what it does
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Quickstart {
    /// The folder of the project [default: target/quickstart/memcached-operator in a checkout of krate, else
    /// ./memcached-operator]
    pub(crate) dir: Option<PathBuf>,
    /// Leave the cluster and the operator running, and say how to use kubectl with them
    #[arg(long)]
    pub(crate) keep: bool,
    /// Show what would be scaffolded, and do nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
}

impl Quickstart {
    /// Runs the command.
    ///
    /// # Errors
    ///
    /// If a step fails, with what was expected, what was seen, and the operator's last words.
    pub(crate) async fn run(&self, place: &Place<'_>, shell: &mut Shell) -> Result<()> {
        let root = project::folder(self.dir.as_deref(), &place.here);
        if self.dry_run {
            let manner = Manner {
                dry_run: true,
                diff: false,
            };
            return project::scaffold(&root, &self.source, manner, shell);
        }
        let mut story = Story::new(shell);
        let mut stage = set::set(self, root, &mut story).await?;
        if let Err(error) = tell(&mut stage, &mut story).await {
            return Err(stage.explain(error).await);
        }
        if self.keep {
            stage.keep(&mut story).await
        } else {
            stage.strike(&mut story).await
        }
    }
}

/// What the operator is put through.
async fn tell(stage: &mut Stage, story: &mut Story<'_>) -> Result<()> {
    stage.apply_sample(story).await?;
    stage.await_available(story).await?;
    stage.delete_deployment(story).await?;
    stage.change_size(story).await?;
    stage.show_objects(story).await?;
    if stage.is_kept() {
        return Ok(());
    }
    stage.delete_sample(story).await?;
    stage.stop_operator(story).await
}
