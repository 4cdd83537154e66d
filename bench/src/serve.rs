//! The server of a measurement, in a process of its own.

use std::io::Read;
use std::path::Path;

use krate_apiserver::Server;
use krate_testing::Cluster;

use crate::Result;

/// Names a folder with the binaries of the real server.
const ASSETS: &str = "KUBEBUILDER_ASSETS";

/// Serves until standard input ends: the real kube-apiserver if `KUBEBUILDER_ASSETS` is set, the embedded one
/// otherwise. Says which, once it answers.
pub(crate) async fn serve(file: &Path) -> Result<()> {
    // Asked before `Cluster::real` is, which would tell of a test that does not run.
    if std::env::var_os(ASSETS).is_some() {
        return real(file).await;
    }
    let server = Server::builder().build()?;
    let endpoint = server.listen("127.0.0.1:0".parse()?).await?;
    std::fs::write(file, server.admin_kubeconfig(&endpoint, "bench")?)?;
    println!("the embedded server");
    wait().await?;
    endpoint.shutdown().await;
    Ok(())
}

async fn real(file: &Path) -> Result<()> {
    let cluster = Cluster::real().await?.ok_or("no real server")?;
    let kubeconfig = cluster.kubeconfig().ok_or("a real server without a kubeconfig")?;
    std::fs::write(file, kubeconfig)?;
    println!("the real kube-apiserver");
    wait().await
}

async fn wait() -> Result<()> {
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await??;
    Ok(())
}
