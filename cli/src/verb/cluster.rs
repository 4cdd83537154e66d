//! `cluster`: the embedded cluster alone, for kubectl.

use std::path::PathBuf;

use serde_json::json;

use crate::error::Result;
use crate::local::Cluster;
use crate::shell::Shell;

use super::Place;

/// Run an embedded Kubernetes API server and print its KUBECONFIG
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct ClusterArgs {
    /// The port of the loopback to listen on [default: any that is free]
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    pub(crate) port: u16,
    /// The folder for kubeconfig files [default: target/krate]
    #[arg(long, value_name = "DIR")]
    pub(crate) kubeconfig_dir: Option<PathBuf>,
    /// Say what would be started, and start nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

impl ClusterArgs {
    pub(crate) async fn run(&self, place: &Place<'_>, shell: &mut Shell) -> Result<()> {
        let folder = self
            .kubeconfig_dir
            .clone()
            .unwrap_or_else(|| PathBuf::from("target/krate"));
        let folder = place.here.join(folder);
        if self.dry_run {
            shell.note(
                "Would start",
                format!("a cluster, with its kubeconfig in {}", folder.display()),
            );
            return Ok(());
        }
        let cluster = Cluster::start(&folder, self.port).await?;
        shell.status("Started", format!("a Kubernetes API at {}", cluster.url()));
        let kubeconfig = cluster.kubeconfig();
        let twin = json!({"reason": "cluster", "url": cluster.url(), "kubeconfig": kubeconfig});
        shell.data(&format!("export KUBECONFIG={}\n", kubeconfig.display()), &twin);
        shell.note("Serving", "until you press Ctrl-C");
        super::interrupted().await;
        cluster.stop().await;
        shell.status("Stopped", "the cluster; what was in it is gone");
        Ok(())
    }
}
