//! Several controllers hold one object, each with a finalizer of its own.

use std::sync::Mutex;

use krate::k8s_openapi::api::core::v1::ConfigMap;
use krate::operator::Stop;
use krate::prelude::*;
use krate_testing::{Cluster, eventually, eventually_gone};
use kube::Api;
use kube::api::{DeleteParams, PostParams};

const NAMESPACE: &str = "shop";

type Journal = Arc<Mutex<Vec<&'static str>>>;

#[derive(Reconciler)]
#[reconciler(for = ConfigMap, name = "dns", finalizer = "example.com/dns")]
struct Dns(Journal);

#[derive(Reconciler)]
#[reconciler(for = ConfigMap, name = "disk", finalizer = "example.com/disk")]
struct Disk(Journal);

fn note(journal: &Journal, line: &'static str) {
    journal
        .lock()
        .expect("no test panics while holding it")
        .push(line);
}

impl Reconcile for Dns {
    async fn reconcile(&self, _: Arc<ConfigMap>, _: &Context<Self>) -> Result<Action> {
        Ok(Action::done())
    }

    async fn cleanup(&self, _: Arc<ConfigMap>, _: &Context<Self>) -> Result<Action> {
        note(&self.0, "dns");
        Ok(Action::done())
    }
}

impl Reconcile for Disk {
    async fn reconcile(&self, _: Arc<ConfigMap>, _: &Context<Self>) -> Result<Action> {
        Ok(Action::done())
    }

    /// Takes three runs.
    async fn cleanup(&self, _: Arc<ConfigMap>, _: &Context<Self>) -> Result<Action> {
        note(&self.0, "disk");
        let journal = self.0.lock().expect("no test panics while holding it");
        let runs = journal.iter().filter(|line| **line == "disk").count();
        Ok(match runs {
            1 | 2 => Action::requeue(std::time::Duration::from_secs(1)),
            _ => Action::done(),
        })
    }
}

#[tokio::test(start_paused = true)]
async fn each_finalizer_is_cleaned_up_until_it_is_done_and_no_longer() {
    let cluster = Cluster::embedded().unwrap();
    cluster.namespace(NAMESPACE).await.unwrap();
    let journal = Journal::default();
    let operator = Operator::new()
        .client(cluster.client())
        .namespaced([NAMESPACE])
        .controller(Dns(Arc::clone(&journal)))
        .controller(Disk(Arc::clone(&journal)));
    let stop = Stop::new();
    let until = stop.clone();
    let task = tokio::spawn(async move { operator.run_until(&until).await });
    let maps: Api<ConfigMap> = Api::namespaced(cluster.client(), NAMESPACE);
    let mut map = ConfigMap::default();
    map.metadata.name = Some("one".into());
    maps.create(&PostParams::default(), &map).await.unwrap();
    eventually(&maps, "one", |map: &ConfigMap| map.finalizers().len() == 2)
        .await
        .unwrap();
    maps.delete("one", &DeleteParams::default()).await.unwrap();
    eventually_gone(&maps, "one").await.unwrap();
    stop.request();
    task.await.unwrap().unwrap();
    let mut told = journal.lock().unwrap().clone();
    told.sort_unstable();
    assert_eq!(told, ["disk", "disk", "disk", "dns"]);
}
