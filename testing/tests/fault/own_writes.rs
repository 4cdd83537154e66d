//! What an operator knows of its own writes while its watches are late, or its answers lost.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use krate::context::Filter;
use krate::operator::Stop;
use krate::prelude::*;
use krate_testing::fault::{Fault, Faults, Injection, Record, Target, Verb};
use krate_testing::{Cluster, Controllers, Server};
use kube::Api;
use kube::api::{ObjectMeta, PostParams};

use crate::world::{SECOND, World, pass};

const LATE: Duration = Duration::from_secs(5);

/// The operator's requests of a verb for a kind that the server answered with a status.
fn answered(world: &World, verb: Verb, resource: &str, status: u16) -> Vec<Record> {
    let is_meant = |record: &Record| {
        record.asked.verb == verb && record.asked.resource == resource && record.status == Some(status)
    };
    world.faults.record().into_iter().filter(is_meant).collect()
}

fn conflicts(world: &World) -> Vec<Record> {
    let record = world.faults.record().into_iter();
    record.filter(|record| record.status == Some(409)).collect()
}

/// Runs an operator that looks again five times a second, behind watches that are five seconds late.
async fn late_world() -> World {
    let mut world = World::new(5).await;
    world.again = Some(SECOND / 5);
    world.faults.inject(Injection::new(Fault::Delayed(LATE)));
    world.run();
    pass(SECOND).await;
    world
}

#[tokio::test(start_paused = true)]
async fn behind_a_watch_that_is_late_nothing_is_made_twice_and_nothing_conflicts() {
    let mut world = late_world().await;
    world.open("corner", 3, 3).await.unwrap();
    pass(LATE + SECOND * 4).await;
    assert!(world.diary.pages().runs > 10, "it ran while it could not see");
    assert_eq!(answered(&world, Verb::Create, "secrets", 201).len(), 3);
    assert_eq!(
        world.writes(0).len(),
        1 + 3 + 3 + 1,
        "finalizer, aisles, tills, status"
    );

    // What is deleted is not deleted again, and what is made again is seen.
    world.change("corner", 1, 3).await.unwrap();
    pass(LATE + SECOND * 4).await;
    assert_eq!(answered(&world, Verb::Delete, "configmaps", 200).len(), 2);
    world.change("corner", 3, 4).await.unwrap();
    pass(LATE + SECOND * 4).await;
    assert_eq!(answered(&world, Verb::Create, "secrets", 201).len(), 4);
    assert_eq!(answered(&world, Verb::Delete, "configmaps", 404).len(), 0);
    assert_eq!(conflicts(&world).len(), 0, "{:#?}", conflicts(&world));
    let errors = world.diary.pages().errors.clone();
    assert!(errors.is_empty(), "{errors:?}");
    world.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_response_that_is_lost_after_the_commit_makes_nothing_twice() {
    for (verb, resource) in [
        (Verb::Create, "secrets"),
        (Verb::Apply, "configmaps"),
        (Verb::Delete, "configmaps"),
        (Verb::Patch, "shops"),
    ] {
        for fault in [Fault::ResponseLost, Fault::Unanswered] {
            let mut world = late_world().await;
            let target = Target::verbs([verb]).of(resource);
            world
                .faults
                .inject(Injection::new(fault.clone()).on(target).times(1));
            world.open("corner", 3, 3).await.unwrap();
            pass(SECOND * 90).await;
            world.change("corner", 1, 3).await.unwrap();
            pass(SECOND * 90).await;
            let scene = format!("{fault:?} of {verb:?} {resource}");
            assert_eq!(answered(&world, Verb::Create, "secrets", 201).len(), 3, "{scene}");
            assert_eq!(
                answered(&world, Verb::Delete, "configmaps", 200).len(),
                2,
                "{scene}"
            );
            assert_eq!(conflicts(&world).len(), 0, "{scene}: {:#?}", conflicts(&world));
            let picture = world.picture().await;
            assert_eq!(picture["shop corner"]["tills"], 3, "{scene}");
            assert_eq!(picture["shop corner"]["aisles"], 1, "{scene}");
            let errors = world.diary.pages().errors.len();
            assert!(errors <= 1, "{scene}: the one that was lost, and no other");
            world.stop().await;
        }
    }
}

/// Writes Secrets in every way, and reads after each.
#[derive(Reconciler)]
#[reconciler(
    for = ConfigMap,
    watches(Secret, via = Self::nobody),
    permits(Secret: [create, patch, delete])
)]
struct Reader {
    seen: Arc<Mutex<Vec<String>>>,
}

impl Reader {
    fn nobody(_: &Secret) -> Option<krate::cache::ObjectKey> {
        None
    }

    async fn look(&self, after: &str, cx: &Context<Self>) -> krate::Result<()> {
        let got = cx.get_opt::<Secret>("note").await?;
        let listed = cx.list::<Secret>(Filter::all().in_namespace("default")).await?;
        let text = |secret: &Arc<Secret>| {
            let labels = secret.metadata.labels.clone().unwrap_or_default();
            labels.get("state").cloned().unwrap_or_default()
        };
        let listed: Vec<String> = listed.iter().map(text).collect();
        let got = got.as_ref().map(text);
        self.seen
            .lock()
            .unwrap()
            .push(format!("{after}: {got:?} {listed:?}"));
        Ok(())
    }
}

fn note(state: &str) -> Secret {
    Secret {
        metadata: ObjectMeta {
            name: Some("note".to_owned()),
            namespace: Some("default".to_owned()),
            labels: Some([("state".to_owned(), state.to_owned())].into()),
            ..ObjectMeta::default()
        },
        ..Secret::default()
    }
}

impl Reconcile for Reader {
    async fn reconcile(&self, order: Arc<ConfigMap>, cx: &Context<Self>) -> krate::Result<Action> {
        if order.name_any() != "order" {
            return Ok(Action::done());
        }
        self.look("nothing", cx).await?;
        let created = cx.create(&note("created")).await?;
        self.look("create", cx).await?;
        let patched = cx
            .patch(created.as_ref(), |secret| {
                secret.metadata.labels = note("patched").metadata.labels
            })
            .await?;
        self.look("patch", cx).await?;
        cx.delete(patched.as_ref()).await?;
        self.look("delete", cx).await?;
        let applied = cx.apply_unowned(note("applied")).await?;
        self.look("apply", cx).await?;
        cx.delete(applied.as_ref()).await?;
        self.look("delete again", cx).await?;
        Ok(Action::done())
    }
}

#[tokio::test(start_paused = true)]
async fn every_write_is_seen_by_the_reads_after_it_while_the_watch_is_late() {
    let builder = Server::builder().controllers(Controllers::none());
    let cluster = Cluster::embedded_with(builder).unwrap();
    let faults = Faults::seeded(1);
    faults.inject(Injection::new(Fault::Delayed(LATE)));
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let operator = Operator::new()
        .controller(Reader {
            seen: Arc::clone(&seen),
        })
        .client(faults.around(cluster.client()));
    let stop = Stop::new();
    let told = stop.clone();
    let running = tokio::spawn(async move { operator.run_until(&told).await });
    pass(SECOND).await;
    let orders: Api<ConfigMap> = Api::namespaced(cluster.client(), "default");
    let order = ConfigMap {
        metadata: ObjectMeta {
            name: Some("order".to_owned()),
            ..ObjectMeta::default()
        },
        ..ConfigMap::default()
    };
    orders.create(&PostParams::default(), &order).await.unwrap();
    pass(LATE + SECOND).await;
    let expected = [
        "nothing: None []",
        r#"create: Some("created") ["created"]"#,
        r#"patch: Some("patched") ["patched"]"#,
        "delete: None []",
        r#"apply: Some("applied") ["applied"]"#,
        "delete again: None []",
    ];
    assert_eq!(*seen.lock().unwrap(), expected);
    let reads = faults.record().into_iter();
    let live = reads.filter(|record| record.asked.verb == Verb::Get).count();
    assert_eq!(live, 0, "and none of it asked the server");
    stop.request();
    running.await.unwrap().unwrap();
}
