//! What an operator writes, seen from the API server: children, status, finalizers, events, and silence.

mod site;

use krate::k8s_openapi::api::core::v1::{ConfigMap, Secret};
use krate::k8s_openapi::api::events::v1::Event;
use krate::operator::Stop;
use krate_testing::{Cluster, Result, eventually, eventually_gone};
use kube::Api;
use kube::api::{DeleteParams, ListParams, Patch, PatchParams, PostParams};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use site::{FINALIZER, Journal, Site, SiteSpec, Sites};

const NAMESPACE: &str = "shop";

/// A cluster with the operator installed in it, and a client that may do everything.
struct World {
    cluster: Cluster,
    journal: Journal,
    sites: Api<Site>,
    maps: Api<ConfigMap>,
    secrets: Api<Secret>,
}

/// The operator at work.
struct Running {
    stop: Stop,
    task: JoinHandle<krate::Result<()>>,
}

impl Running {
    async fn stop(self) -> Result<()> {
        self.stop.request();
        self.task
            .await
            .expect("the operator does not panic")
            .expect("the operator stops in order");
        Ok(())
    }
}

impl World {
    async fn new() -> Result<Self> {
        let cluster = Cluster::embedded()?;
        cluster.namespace(NAMESPACE).await?;
        cluster.install::<Site>().await?;
        let client = cluster.client();
        Ok(Self {
            cluster,
            journal: Journal::default(),
            sites: Api::namespaced(client.clone(), NAMESPACE),
            maps: Api::namespaced(client.clone(), NAMESPACE),
            secrets: Api::namespaced(client, NAMESPACE),
        })
    }

    /// Starts the operator with the account it is installed with.
    async fn run(&self) -> Result<Running> {
        let operator = || {
            krate::Operator::new().controller(Sites {
                journal: self.journal.clone(),
            })
        };
        let client = self.cluster.install_operator(&operator(), "operator").await?;
        let stop = Stop::new();
        let (operator, until) = (operator().client(self.journal.listen(client)), stop.clone());
        let task = tokio::spawn(async move { operator.run_until(&until).await });
        Ok(Running { stop, task })
    }

    async fn create(&self, pages: &[&str], locked: bool) -> Result<Site> {
        let pages = pages.iter().map(|&page| page.to_owned()).collect();
        Ok(self
            .sites
            .create(
                &PostParams::default(),
                &Site::new("home", SiteSpec { pages, locked }),
            )
            .await?)
    }

    async fn patch(&self, spec: Value) -> Result<Site> {
        let patch = Patch::Merge(json!({ "spec": spec }));
        Ok(self.sites.patch("home", &PatchParams::default(), &patch).await?)
    }

    /// Changes something the operator has nothing to do with, and waits until it has seen that.
    async fn touch(&self, round: usize) -> Result<()> {
        let patch = json!({ "metadata": { "annotations": { "round": round.to_string() } } });
        self.sites
            .patch("home", &PatchParams::default(), &Patch::Merge(patch))
            .await?;
        self.journal.saw(round).await;
        Ok(())
    }

    /// Waits until the operator has seen the newest spec and said so.
    async fn settled(&self) -> Result<Site> {
        eventually(&self.sites, "home", |site| {
            let observed = site.status.as_ref().and_then(|status| status.observed_generation);
            observed.is_some() && observed == site.metadata.generation
        })
        .await
    }

    async fn map_names(&self) -> Result<Vec<String>> {
        let maps = self.maps.list(&ListParams::default().labels("site=home")).await?;
        Ok(maps
            .items
            .into_iter()
            .filter_map(|map| map.metadata.name)
            .collect())
    }
}

#[tokio::test(start_paused = true)]
async fn children_follow_what_the_reconciler_returns() -> Result<()> {
    let world = World::new().await?;
    let running = world.run().await?;
    world.create(&["a", "b"], true).await?;
    world.settled().await?;
    assert_eq!(world.map_names().await?, ["home-a", "home-b"]);
    assert!(world.secrets.get_opt("home").await?.is_some());

    world.patch(json!({ "pages": ["b"], "locked": false })).await?;
    eventually_gone(&world.maps, "home-a").await?;
    eventually_gone(&world.secrets, "home").await?;
    assert_eq!(world.map_names().await?, ["home-b"]);
    running.stop().await
}

#[tokio::test(start_paused = true)]
async fn a_child_deleted_behind_the_operators_back_returns() -> Result<()> {
    let world = World::new().await?;
    let running = world.run().await?;
    world.create(&["a"], false).await?;
    let first = eventually(&world.maps, "home-a", |_| true).await?;
    world.maps.delete("home-a", &DeleteParams::default()).await?;
    eventually(&world.maps, "home-a", |map| {
        map.metadata.uid != first.metadata.uid
    })
    .await?;
    running.stop().await
}

#[tokio::test(start_paused = true)]
async fn a_changed_field_is_put_right_and_a_foreign_one_stays() -> Result<()> {
    let world = World::new().await?;
    let running = world.run().await?;
    world.create(&["a"], false).await?;
    eventually(&world.maps, "home-a", |_| true).await?;
    let meddle = Patch::Merge(json!({ "data": { "page": "theirs", "extra": "theirs" } }));
    world
        .maps
        .patch("home-a", &PatchParams::default(), &meddle)
        .await?;
    let value = |map: &ConfigMap, key: &str| map.data.as_ref().and_then(|data| data.get(key).cloned());
    let mended = eventually(&world.maps, "home-a", |map| {
        value(map, "page").as_deref() == Some("a")
    })
    .await?;
    assert_eq!(value(&mended, "extra").as_deref(), Some("theirs"));
    running.stop().await
}

#[tokio::test(start_paused = true)]
async fn an_operator_with_nothing_to_do_writes_nothing() -> Result<()> {
    let world = World::new().await?;
    let running = world.run().await?;
    world.create(&["a", "b"], true).await?;
    let settled = world.settled().await?;
    world.touch(0).await?;
    let before = world.journal.object_writes();
    for round in 1..=3 {
        world.touch(round).await?;
    }
    assert_eq!(world.journal.object_writes(), before);
    let after = world.sites.get("home").await?;
    assert_eq!(after.status, settled.status);
    running.stop().await
}

#[tokio::test(start_paused = true)]
async fn a_restarted_operator_changes_nothing() -> Result<()> {
    let world = World::new().await?;
    let running = world.run().await?;
    world.create(&["a"], true).await?;
    world.settled().await?;
    running.stop().await?;
    let versions = |world: &World| {
        let (sites, maps) = (world.sites.clone(), world.maps.clone());
        async move {
            let (site, map) = (sites.get("home").await?, maps.get("home-a").await?);
            Ok::<_, krate_testing::Error>((site.metadata.resource_version, map.metadata.resource_version))
        }
    };
    let before = versions(&world).await?;
    let runs = world.journal.reconciles();
    let running = world.run().await?;
    world.journal.reconciled(runs + 1).await;
    running.stop().await?;
    assert_eq!(versions(&world).await?, before);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn an_object_of_another_controller_is_left_alone() -> Result<()> {
    let world = World::new().await?;
    let theirs: ConfigMap = serde_json::from_value(json!({
        "metadata": {
            "name": "home-a", "labels": { "owner": "theirs" },
            "ownerReferences": [{
                "apiVersion": "v1", "kind": "Namespace", "name": NAMESPACE, "controller": true,
                "uid": Api::<krate::k8s_openapi::api::core::v1::Namespace>::all(world.cluster.client())
                    .get(NAMESPACE).await?.metadata.uid,
            }],
        },
    }))
    .map_err(kube::Error::SerdeError)?;
    let before = world.maps.create(&PostParams::default(), &theirs).await?;
    let running = world.run().await?;
    world.create(&["a"], false).await?;
    let refused = |site: &Site| site.reason("Ready").as_deref() == Some("Controlled");
    eventually(&world.sites, "home", refused).await?;
    let after = world.maps.get("home-a").await?;
    assert_eq!(after.metadata.resource_version, before.metadata.resource_version);
    running.stop().await
}

#[tokio::test(start_paused = true)]
async fn an_object_goes_after_its_cleanup() -> Result<()> {
    let world = World::new().await?;
    let running = world.run().await?;
    world.create(&["a"], false).await?;
    let site = world.settled().await?;
    assert_eq!(site.metadata.finalizers, Some(vec![FINALIZER.to_owned()]));
    assert_eq!(world.journal.cleaned(), 0);
    world.sites.delete("home", &DeleteParams::default()).await?;
    eventually_gone(&world.sites, "home").await?;
    assert_eq!(world.journal.cleaned(), 1);
    running.stop().await
}

#[tokio::test(start_paused = true)]
async fn a_condition_keeps_its_time_until_it_flips() -> Result<()> {
    let world = World::new().await?;
    let running = world.run().await?;
    world.create(&["a"], false).await?;
    let first = world.settled().await?;
    tokio::time::sleep(std::time::Duration::from_secs(5)).await;
    world.patch(json!({ "pages": ["a", "b"] })).await?;
    let same = world.settled().await?;
    assert_eq!(same.since("Ready"), first.since("Ready"));
    tokio::time::sleep(std::time::Duration::from_secs(5)).await;
    world.patch(json!({ "pages": [] })).await?;
    let flipped = eventually(&world.sites, "home", |site| {
        site.reason("Ready").as_deref() == Some("Empty")
    })
    .await?;
    assert!(flipped.since("Ready") > first.since("Ready"));
    running.stop().await
}

#[tokio::test(start_paused = true)]
async fn events_that_repeat_are_counted_and_told_before_the_end() -> Result<()> {
    let world = World::new().await?;
    let running = world.run().await?;
    let site = world.create(&["a"], false).await?;
    world.settled().await?;
    for round in 1..=2 {
        world.touch(round).await?;
    }
    running.stop().await?;
    let total = world.journal.reconciles();
    let events: Api<Event> = Api::namespaced(world.cluster.client(), NAMESPACE);
    let events = events.list(&ListParams::default()).await?.items;
    assert_eq!(events.len(), 1, "{events:?}");
    let event = &events[0];
    assert_eq!(
        event
            .regarding
            .as_ref()
            .and_then(|regarding| regarding.uid.clone()),
        site.metadata.uid
    );
    assert_eq!(event.reporting_controller.as_deref(), Some("site"));
    assert_eq!(
        event.series.as_ref().map(|series| series.count as usize),
        Some(total)
    );
    Ok(())
}
