//! `dev`: the operator running on an embedded cluster while you edit it.
//!
//! Saving a file builds and restarts the operator; the cluster and what is in it stay. A project that does not
//! compile leaves the last operator running.

mod session;
mod watch;

use crate::error::Result;
use crate::plan::Manner;
use crate::project::open;
use crate::shell::Shell;
use crate::verb::{Place, interrupted};
use session::Session;
use watch::{Changes, Part};

/// Run the operator on an embedded cluster, and restart it when its code changes
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Dev {
    /// The port of the loopback the cluster listens on [default: any that is free]
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    pub(crate) port: u16,
    /// Apply no samples
    #[arg(long)]
    pub(crate) no_samples: bool,
    /// Say what would be run, and run nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

impl Dev {
    /// Runs until Ctrl-C.
    ///
    /// # Errors
    ///
    /// If the project does not build at first, or the cluster cannot be started.
    pub(crate) async fn run(&self, place: &Place<'_>, shell: &mut Shell) -> Result<()> {
        let manner = Manner {
            dry_run: self.dry_run,
            diff: false,
        };
        let (root, project) = open(place.disk, &place.here, manner, shell)?;
        let name = project.name.as_str().to_owned();
        if self.dry_run {
            shell.note(
                "Would run",
                format!("`{name}` on a cluster of its own, again after each change below src/ and config/"),
            );
            return Ok(());
        }
        // Watching starts before the first build, so that no save is missed.
        let mut changes = Changes::below(&root)?;
        let mut session = Session::start(root, name, self, shell).await?;
        session.greet(shell);
        loop {
            tokio::select! {
                () = interrupted() => break,
                event = session.event() => session.tell(event, shell),
                part = changes.next() => session.follow(part, shell).await,
            }
        }
        session.stop(shell).await
    }
}
