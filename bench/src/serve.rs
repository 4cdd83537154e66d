//! The server of a measurement, in a process of its own.

use std::io::Read;
use std::path::Path;

use krate_apiserver::Server;
use krate_testing::Cluster;

use crate::Result;

/// What the real server is called.
pub(crate) const REAL: &str = "kube-apiserver";

/// Serves until standard input ends: the real kube-apiserver if `KUBEBUILDER_ASSETS` is set, the embedded one
/// otherwise. Says which, once it answers.
pub(crate) async fn serve(file: &Path) -> Result<()> {
    if let Some(cluster) = Cluster::real().await? {
        let kubeconfig = cluster.kubeconfig().ok_or("a real server without a kubeconfig")?;
        std::fs::write(file, kubeconfig)?;
        println!("{REAL}");
        return wait().await;
    }
    let server = Server::builder().build()?;
    let endpoint = server.listen("127.0.0.1:0".parse()?).await?;
    std::fs::write(file, server.admin_kubeconfig(&endpoint, "bench")?)?;
    println!("the embedded server");
    wait().await?;
    endpoint.shutdown().await;
    Ok(())
}

async fn wait() -> Result<()> {
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await??;
    Ok(())
}
