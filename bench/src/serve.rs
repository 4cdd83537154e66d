//! The server of a measurement, in a process of its own.

use std::io::Read;
use std::path::Path;

use krate::kube::CustomResourceExt;
use krate_apiserver::Server;
use krate_apiserver::authn::Identity;
use krate_apiserver::local::Local;
use serde_json::json;

use crate::Result;
use crate::item::{Item, namespace, object};

/// Serves `objects` objects until standard input ends; says `ready` once they are all there.
pub(crate) async fn serve(objects: usize, file: &Path) -> Result<()> {
    let server = Server::builder().build()?;
    fill(&server.local(Identity::admin(), "bench"), objects).await?;
    let endpoint = server.listen("127.0.0.1:0".parse()?).await?;
    std::fs::write(file, server.admin_kubeconfig(&endpoint, "bench")?)?;
    println!("ready");
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await??;
    endpoint.shutdown().await;
    Ok(())
}

async fn fill(local: &Local, objects: usize) -> Result<()> {
    let crd = serde_json::to_value(Item::crd())?;
    local
        .create("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", crd)
        .await?;
    for number in 0..10 {
        let namespace = json!({"metadata": {"name": namespace(number)}});
        local.create("/api/v1/namespaces", namespace).await?;
    }
    for number in 0..objects {
        let path = format!("/apis/bench.krate.dev/v1/namespaces/{}/items", namespace(number));
        local.create(&path, object(number)).await?;
    }
    Ok(())
}
