//! Starts a cluster without containers and leaves a kubeconfig: `cargo run --example cluster -- kubeconfig.yaml`.

use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr};

use krate_apiserver::{Controllers, Server};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args()
        .nth(1)
        .unwrap_or_else(|| "kubeconfig.yaml".to_owned());
    let server = Server::builder().controllers(Controllers::all()).build()?;
    let endpoint = server.listen(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
    std::fs::write(&path, server.admin_kubeconfig(&endpoint, "krate")?)?;
    eprintln!(
        "listening on {}; try: kubectl --kubeconfig {path} get all -A",
        endpoint.url
    );
    std::future::pending::<()>().await;
    Ok(())
}
