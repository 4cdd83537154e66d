//! The contestant on kube-rs: its `Controller` with the concurrency of the others.

mod item;
mod record;

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use kube::{Api, Client};
use kube_derive::CustomResource;
use kube_runtime::controller::{Action, Config};
use kube_runtime::{Controller, watcher};
use serde::{Deserialize, Serialize};

use item::ItemStatus;
use record::Record;

/// Something with a payload.
#[derive(CustomResource, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[kube(
    group = "bench.krate.dev",
    version = "v1",
    kind = "Item",
    namespaced,
    status = "ItemStatus",
    schema = "disabled"
)]
struct ItemSpec {
    /// Number of the last update.
    number: i64,
    /// Text that takes room.
    payload: String,
    /// Short texts.
    tags: Vec<String>,
}

async fn reconcile(item: Arc<Item>, record: Arc<Record>) -> Result<Action, kube::Error> {
    record.run(item.spec.number);
    Ok(Action::await_change())
}

fn failed(_: Arc<Item>, _: &kube::Error, _: Arc<Record>) -> Action {
    Action::requeue(Duration::from_secs(5))
}

#[tokio::main]
async fn main() -> Result<(), kube::Error> {
    let record = Record::from_env();
    record.tell_at_the_end();
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(tracing_subscriber::EnvFilter::new("info"))
        .init();
    let items: Api<Item> = Api::all(Client::try_default().await?);
    Controller::new(items, watcher::Config::default())
        .with_config(Config::default().concurrency(1))
        .run(reconcile, failed, Arc::new(record))
        .for_each(|_| std::future::ready(()))
        .await;
    Ok(())
}
