//! A reconciler on kube's own controller: the left side of the chapter "From kube-rs".

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::api::{Api, ObjectMeta, Patch, PatchParams};
use kube::{Client, Resource, ResourceExt};
use kube_derive::CustomResource;
use kube_runtime::controller::{Action, Controller};
use kube_runtime::watcher;
use serde::{Deserialize, Serialize};

/// Page is a page of a website.
#[derive(CustomResource, Serialize, Deserialize, Clone, Debug)]
#[kube(
    group = "example.com",
    version = "v1",
    kind = "Page",
    namespaced,
    schema = "disabled"
)]
struct PageSpec {
    /// What it says.
    text: String,
}

#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("{0}")]
    Kube(#[from] kube::Error),
    #[error("the page is empty")]
    Empty,
}

struct Data {
    client: Client,
}

async fn reconcile(page: Arc<Page>, data: Arc<Data>) -> Result<Action, Error> {
    if page.spec.text.is_empty() {
        return Err(Error::Empty);
    }
    let maps: Api<ConfigMap> = Api::namespaced(data.client.clone(), &page.namespace().unwrap_or_default());
    let map = ConfigMap {
        metadata: ObjectMeta {
            name: Some(page.name_any()),
            owner_references: page.controller_owner_ref(&()).map(|owner| vec![owner]),
            ..ObjectMeta::default()
        },
        data: Some(BTreeMap::from([("page".to_owned(), page.spec.text.clone())])),
        ..ConfigMap::default()
    };
    let params = PatchParams::apply("page").force();
    maps.patch(&page.name_any(), &params, &Patch::Apply(&map)).await?;
    Ok(Action::requeue(Duration::from_secs(3600)))
}

fn error_policy(_: Arc<Page>, error: &Error, _: Arc<Data>) -> Action {
    match error {
        Error::Empty => Action::await_change(),
        Error::Kube(_) => Action::requeue(Duration::from_secs(5)),
    }
}

#[tokio::main]
async fn main() -> Result<(), kube::Error> {
    let client = Client::try_default().await?;
    let pages: Api<Page> = Api::all(client.clone());
    let maps: Api<ConfigMap> = Api::all(client.clone());
    Controller::new(pages, watcher::Config::default())
        .owns(maps, watcher::Config::default())
        .shutdown_on_signal()
        .run(reconcile, error_policy, Arc::new(Data { client }))
        .for_each(|done| async move {
            if let Err(error) = done {
                eprintln!("{error}");
            }
        })
        .await;
    Ok(())
}
