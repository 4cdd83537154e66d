//! Plans carried out on a world without a server, until nothing is planned any more.

use std::net::Ipv4Addr;
use std::sync::Arc;

use serde_json::{Value, json};

use super::*;
use crate::controllers::plan::{Plan, Step, number, replicas, string};
use crate::controllers::world::{Key, Kind, World};
use crate::object::{Meta, Object, metadata_mut};

const NOW: &str = "2026-01-01T00:00:00Z";

/// A world that does what is planned.
#[derive(Default)]
struct Cluster {
    world: World,
    revision: u64,
    /// Names of the pods that were created and deleted, in order.
    log: Vec<String>,
    /// Services that were deleted.
    gone: Vec<Key>,
    /// Pods of these names never get ready.
    broken: Vec<&'static str>,
}

impl Cluster {
    fn new() -> Self {
        let mut cluster = Self::default();
        let mut node = node::first();
        node["status"] = node::status(NOW);
        cluster.store(node);
        cluster
    }

    fn store(&mut self, mut value: Value) -> Key {
        self.revision += 1;
        let revision = self.revision;
        let metadata = metadata_mut(&mut value);
        if let Some(prefix) = metadata.get("generateName").cloned()
            && !metadata.contains_key("name")
        {
            let name = format!("{}{revision}", prefix.as_str().unwrap());
            metadata.insert("name".to_owned(), json!(name));
        }
        metadata.entry("uid").or_insert(json!(format!("u{revision}")));
        metadata.insert("resourceVersion".to_owned(), json!(revision.to_string()));
        let kind = Kind::named(value.kind()).unwrap();
        let key = Key::of(kind, &value);
        self.world.put(kind, Arc::new(Object::new(value, revision)));
        key
    }

    fn apply(&mut self, kind: &str, version: &str, name: &str, spec: &Value) -> Key {
        let mut value = json!({
            "apiVersion": version, "kind": kind, "metadata": {"name": name, "namespace": "a"}, "spec": spec,
        });
        let key = Key::of(Kind::named(kind).unwrap(), &value);
        let known = self.world.get(&key).cloned();
        let generation = known.as_ref().map_or(1, |known| known.generation() + 1);
        if let Some(known) = known {
            value["metadata"] = known["metadata"].clone();
            value["status"] = known["status"].clone();
        }
        value["metadata"]["generation"] = json!(generation);
        self.store(value)
    }

    fn plan(&self, key: &Key) -> Plan {
        let Some(object) = self.world.get(key) else {
            return endpoints::plan_without_service(key, &self.world);
        };
        match key.kind {
            Kind::Deployment => deployment::plan(object, &self.world, NOW),
            Kind::ReplicaSet => replica_set::plan(object, &self.world, NOW),
            Kind::StatefulSet => stateful_set::plan(object, &self.world, NOW),
            Kind::DaemonSet => daemon_set::plan(object, &self.world, NOW),
            Kind::Job => job::plan(object, &self.world, NOW),
            Kind::Service => endpoints::plan(object, &self.world),
            Kind::Pod
                if self.broken.iter().any(|prefix| key.name.starts_with(prefix)) && !object.is_deleting() =>
            {
                Plan::default()
            }
            Kind::Pod => pod::plan(object, &self.world, Ipv4Addr::new(10, 244, 0, 2), NOW),
            _ => Plan::default(),
        }
    }

    /// Carries out plans until there are none; calls `check` after every step.
    fn settle_with(&mut self, check: impl Fn(&Self)) {
        for _ in 0..1000 {
            let mut keys: Vec<Key> = Kind::ALL.iter().flat_map(|kind| self.world.keys(*kind)).collect();
            keys.extend(self.gone.clone());
            let plans = keys.iter().map(|key| self.plan(key));
            let Some(plan) = plans.into_iter().find(|plan| !plan.steps.is_empty()) else {
                return;
            };
            for step in plan.steps {
                self.carry_out(step);
                check(self);
            }
        }
        panic!("the world does not settle");
    }

    fn settle(&mut self) {
        self.settle_with(|_| {});
    }

    fn carry_out(&mut self, step: Step) {
        match step {
            Step::Create { collection, object } if collection.ends_with("/binding") => {
                let path = collection.trim_end_matches("/binding");
                let mut pod = self.at(path);
                pod["spec"]["nodeName"] = object["target"]["name"].clone();
                self.store(pod);
            }
            Step::Create {
                collection,
                mut object,
            } if !collection.ends_with("claims") => {
                metadata_mut(&mut object).insert("generation".to_owned(), json!(1));
                let key = self.store(object);
                self.note('+', &key);
            }
            Step::Create { .. } => {}
            Step::Patch { path, patch } => {
                let mut object = crate::patch::merge::apply(&self.at(&path), &patch).unwrap();
                if patch.get("spec").is_some() {
                    object["metadata"]["generation"] = json!(object.generation() + 1);
                }
                self.store(object);
            }
            Step::Status { object, .. } => drop(self.store(object)),
            Step::Delete { path, uid, grace } => self.delete(&path, &uid, grace),
        }
    }

    fn delete(&mut self, path: &str, uid: &str, grace: Option<u64>) {
        let mut object = self.at(path);
        assert_eq!(object.uid(), uid);
        let key = Key::of(Kind::named(object.kind()).unwrap(), &object);
        if key.kind == Kind::Pod && grace.is_none() {
            self.note('-', &key);
            object["metadata"]["deletionTimestamp"] = json!(NOW);
            object["metadata"]["deletionGracePeriodSeconds"] = json!(30);
            self.store(object);
        } else {
            self.world.remove(&key);
        }
    }

    fn note(&mut self, sign: char, key: &Key) {
        if key.kind == Kind::Pod {
            self.log.push(format!("{sign}{}", key.name));
        }
    }

    fn at(&self, path: &str) -> Value {
        let keys = Kind::ALL.iter().flat_map(|kind| self.world.keys(*kind));
        let key = keys.into_iter().find(|key| key.path() == path).unwrap();
        self.world.get(&key).unwrap().clone()
    }

    fn pods(&self) -> Vec<&Value> {
        self.world.inside(Kind::Pod, "a").collect()
    }

    fn ready(&self) -> usize {
        let pods = self.pods();
        pods.iter()
            .filter(|pod| pods::is_ready(pod) && !pod.is_deleting())
            .count()
    }
}

fn template(image: &str) -> Value {
    json!({
        "metadata": {"labels": {"app": "x"}},
        "spec": {"containers": [{"name": "c", "image": image, "ports": [{"name": "web", "containerPort": 8080}]}]},
    })
}

fn deployment(size: i64, image: &str) -> Value {
    json!({
        "replicas": size, "selector": {"matchLabels": {"app": "x"}}, "template": template(image),
        "progressDeadlineSeconds": 600, "revisionHistoryLimit": 1,
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}},
    })
}

fn condition<'a>(object: &'a Value, kind: &str) -> (&'a str, &'a str) {
    let found = crate::controllers::condition::find(object, kind).unwrap();
    (string(found, &["status"]), string(found, &["reason"]))
}

/// What `kubectl rollout status` waits for.
fn assert_rolled_out(deployment: &Value) {
    let count = |field: &str| number(deployment, &["status", field]);
    assert_eq!(count("observedGeneration"), deployment.generation());
    for field in [
        "replicas",
        "updatedReplicas",
        "readyReplicas",
        "availableReplicas",
    ] {
        assert_eq!(count(field), replicas(deployment), "{field}");
    }
    assert_eq!(
        condition(deployment, "Available"),
        ("True", "MinimumReplicasAvailable")
    );
    assert_eq!(
        condition(deployment, "Progressing"),
        ("True", "NewReplicaSetAvailable")
    );
}

#[test]
fn a_deployment_becomes_available() {
    let mut cluster = Cluster::new();
    let key = cluster.apply("Deployment", "apps/v1", "d", &deployment(3, "one"));
    cluster.settle();
    let deployment = cluster.world.get(&key).unwrap();
    assert_rolled_out(deployment);
    assert_eq!(
        string(
            deployment,
            &["metadata", "annotations", "deployment.kubernetes.io/revision"]
        ),
        "1"
    );
    let set = cluster.world.keys(Kind::ReplicaSet).remove(0);
    let set = cluster.world.get(&set).unwrap();
    let hash = string(set, &["metadata", "labels", "pod-template-hash"]);
    assert_eq!(set.name(), format!("d-{hash}"));
    assert_eq!(set["spec"]["selector"]["matchLabels"]["pod-template-hash"], hash);
    for pod in cluster.pods() {
        assert_eq!(
            pod["metadata"]["labels"],
            json!({"app": "x", "pod-template-hash": hash})
        );
        assert_eq!(pod["metadata"]["ownerReferences"][0]["name"], set.name());
        assert_eq!(string(pod, &["status", "phase"]), "Running");
    }
}

#[test]
fn a_deployment_follows_its_size() {
    let mut cluster = Cluster::new();
    for size in [3, 5, 1, 0, 2] {
        let key = cluster.apply("Deployment", "apps/v1", "d", &deployment(size, "one"));
        cluster.settle();
        assert_eq!(cluster.pods().len(), usize::try_from(size).unwrap());
        assert_rolled_out(cluster.world.get(&key).unwrap());
    }
    assert_eq!(cluster.world.keys(Kind::ReplicaSet).len(), 1);
}

#[test]
fn a_rolling_update_never_has_too_few_or_too_many_pods() {
    let mut cluster = Cluster::new();
    cluster.apply("Deployment", "apps/v1", "d", &deployment(4, "one"));
    cluster.settle();
    let key = cluster.apply("Deployment", "apps/v1", "d", &deployment(4, "two"));
    cluster.settle_with(|cluster| {
        assert!(cluster.ready() >= 3, "too few: {:?}", cluster.log);
        assert!(
            pods::active(&cluster.pods()).len() <= 5,
            "too many: {:?}",
            cluster.log
        );
    });
    let deployment = cluster.world.get(&key).unwrap();
    assert_rolled_out(deployment);
    assert_eq!(
        string(
            deployment,
            &["metadata", "annotations", "deployment.kubernetes.io/revision"]
        ),
        "2"
    );
    assert!(
        cluster
            .pods()
            .iter()
            .all(|pod| pod["spec"]["containers"][0]["image"] == "two")
    );
}

#[test]
fn old_sets_are_kept_as_far_as_the_history_goes_and_used_again() {
    let mut cluster = Cluster::new();
    for image in ["one", "two", "three", "two"] {
        cluster.apply("Deployment", "apps/v1", "d", &deployment(2, image));
        cluster.settle();
    }
    let sets = cluster.world.keys(Kind::ReplicaSet);
    let sets: Vec<(&str, i64)> = sets
        .iter()
        .map(|key| cluster.world.get(key).unwrap())
        .map(|set| {
            (
                string(
                    set,
                    &["metadata", "annotations", "deployment.kubernetes.io/revision"],
                ),
                replicas(set),
            )
        })
        .collect();
    assert_eq!(sets.len(), 2);
    assert!(sets.contains(&("4", 2)) && sets.contains(&("3", 0)), "{sets:?}");
}

#[test]
fn recreation_has_no_two_templates_at_once() {
    let recreate = |image: &str| {
        let mut spec = deployment(2, image);
        spec["strategy"] = json!({"type": "Recreate"});
        spec
    };
    let mut cluster = Cluster::new();
    cluster.apply("Deployment", "apps/v1", "d", &recreate("one"));
    cluster.settle();
    let key = cluster.apply("Deployment", "apps/v1", "d", &recreate("two"));
    cluster.settle_with(|cluster| {
        let mut images: Vec<_> = cluster
            .pods()
            .iter()
            .map(|pod| pod["spec"]["containers"][0]["image"].clone())
            .collect();
        images.dedup();
        assert!(images.len() <= 1, "{images:?}");
    });
    assert_rolled_out(cluster.world.get(&key).unwrap());
}

#[test]
fn a_deployment_whose_pods_never_start_is_not_available() {
    let mut cluster = Cluster::new();
    cluster.broken = vec!["d-"];
    let key = cluster.apply("Deployment", "apps/v1", "d", &deployment(2, "one"));
    cluster.settle();
    let deployment = cluster.world.get(&key).unwrap();
    assert_eq!(
        condition(deployment, "Available"),
        ("False", "MinimumReplicasUnavailable")
    );
    assert_eq!(number(deployment, &["status", "unavailableReplicas"]), 2);
    let later = super::deployment::plan(deployment, &cluster.world, "2026-01-01T00:10:00Z");
    let Some(Step::Status { object, .. }) = later.steps.first() else {
        panic!("{later:?}");
    };
    assert_eq!(
        condition(object, "Progressing"),
        ("False", "ProgressDeadlineExceeded")
    );
}

#[test]
fn a_lost_pod_is_replaced() {
    let mut cluster = Cluster::new();
    cluster.apply("Deployment", "apps/v1", "d", &deployment(2, "one"));
    cluster.settle();
    let lost = cluster.pods()[0].clone();
    cluster.delete(&Key::of(Kind::Pod, &lost).path(), lost.uid(), None);
    cluster.settle();
    assert_eq!(cluster.ready(), 2);
    assert!(cluster.pods().iter().all(|pod| pod.uid() != lost.uid()));
}

fn stateful(size: i64, image: &str) -> Value {
    json!({
        "replicas": size, "serviceName": "s", "selector": {"matchLabels": {"app": "x"}}, "template": template(image),
        "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": {}}],
    })
}

#[test]
fn a_stateful_set_counts_up_and_down_in_order() {
    let mut cluster = Cluster::new();
    let key = cluster.apply("StatefulSet", "apps/v1", "s", &stateful(3, "one"));
    cluster.settle_with(|cluster| {
        let waiting = cluster.pods().iter().filter(|pod| !pods::is_ready(pod)).count();
        assert!(waiting <= 1, "{:?}", cluster.log);
    });
    assert_eq!(cluster.log, ["+s-0", "+s-1", "+s-2"]);
    let pod = cluster.pods()[0];
    assert_eq!(
        pod["spec"]["volumes"][0]["persistentVolumeClaim"]["claimName"],
        "data-s-0"
    );
    assert_eq!(pod["spec"]["subdomain"], "s");
    cluster.log.clear();
    cluster.apply("StatefulSet", "apps/v1", "s", &stateful(1, "one"));
    cluster.settle();
    assert_eq!(cluster.log, ["-s-2", "-s-1"]);
    let status = &cluster.world.get(&key).unwrap()["status"];
    assert_eq!(
        (&status["replicas"], &status["readyReplicas"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(status["currentRevision"], status["updateRevision"]);
}

#[test]
fn a_stateful_set_is_updated_from_the_last_pod_down_to_its_partition() {
    let mut cluster = Cluster::new();
    cluster.apply("StatefulSet", "apps/v1", "s", &stateful(3, "one"));
    cluster.settle();
    cluster.log.clear();
    let mut partitioned = stateful(3, "two");
    partitioned["updateStrategy"] = json!({"type": "RollingUpdate", "rollingUpdate": {"partition": 1}});
    let key = cluster.apply("StatefulSet", "apps/v1", "s", &partitioned);
    cluster.settle();
    assert_eq!(cluster.log, ["-s-2", "+s-2", "-s-1", "+s-1"]);
    let status = &cluster.world.get(&key).unwrap()["status"];
    assert_eq!(
        (&status["updatedReplicas"], &status["currentReplicas"]),
        (&json!(2), &json!(1))
    );
    assert_ne!(status["currentRevision"], status["updateRevision"]);
    // A pod below the partition comes back as it was.
    let first = cluster.pods()[0].clone();
    cluster.delete(&Key::of(Kind::Pod, &first).path(), first.uid(), None);
    cluster.settle();
    assert_eq!(cluster.pods()[0]["spec"]["containers"][0]["image"], "one");
    cluster.apply("StatefulSet", "apps/v1", "s", &stateful(3, "two"));
    cluster.settle();
    let status = &cluster.world.get(&key).unwrap()["status"];
    assert_eq!(status["currentRevision"], status["updateRevision"]);
}

#[test]
fn a_daemon_set_has_a_pod_on_every_fitting_node() {
    let mut cluster = Cluster::new();
    let spec = |image: &str| json!({"selector": {"matchLabels": {"app": "x"}}, "template": template(image)});
    let key = cluster.apply("DaemonSet", "apps/v1", "d", &spec("one"));
    cluster.settle();
    let mut second = node::first();
    second["metadata"]["name"] = json!("second");
    second["status"] = node::status(NOW);
    cluster.store(second);
    cluster.settle();
    let mut nodes: Vec<&str> = cluster
        .pods()
        .iter()
        .map(|pod| string(pod, &["spec", "nodeName"]))
        .collect();
    nodes.sort_unstable();
    assert_eq!(nodes, ["krate-node", "second"]);
    cluster.apply("DaemonSet", "apps/v1", "d", &spec("two"));
    cluster.settle();
    assert!(
        cluster
            .pods()
            .iter()
            .all(|pod| pod["spec"]["containers"][0]["image"] == "two")
    );
    let status = &cluster.world.get(&key).unwrap()["status"];
    for field in [
        "desiredNumberScheduled",
        "numberReady",
        "numberAvailable",
        "updatedNumberScheduled",
    ] {
        assert_eq!(status[field], 2, "{field}");
    }
}

#[test]
fn a_job_completes() {
    let mut cluster = Cluster::new();
    let spec = json!({"completions": 3, "parallelism": 2, "template": template("one"), "ttlSecondsAfterFinished": 5});
    let key = cluster.apply("Job", "batch/v1", "j", &spec);
    cluster.settle_with(|cluster| assert!(pods::active(&cluster.pods()).len() <= 2));
    let job = cluster.world.get(&key).unwrap();
    assert_eq!(number(job, &["status", "succeeded"]), 3);
    assert_eq!(condition(job, "Complete"), ("True", "CompletionsReached"));
    assert_eq!(job["status"]["completionTime"], NOW);
    let later = super::job::plan(job, &cluster.world, "2026-01-01T00:00:05Z");
    assert!(matches!(later.steps[..], [Step::Delete { .. }]), "{later:?}");
}

#[test]
fn a_suspended_job_waits() {
    let mut cluster = Cluster::new();
    let spec = |suspend: bool| json!({"completions": 1, "parallelism": 1, "suspend": suspend, "template": template("one")});
    let key = cluster.apply("Job", "batch/v1", "j", &spec(true));
    cluster.settle();
    assert!(cluster.pods().is_empty());
    assert_eq!(
        condition(cluster.world.get(&key).unwrap(), "Suspended"),
        ("True", "JobSuspended")
    );
    cluster.apply("Job", "batch/v1", "j", &spec(false));
    cluster.settle();
    let job = cluster.world.get(&key).unwrap();
    assert_eq!(condition(job, "Suspended"), ("False", "JobResumed"));
    assert_eq!(condition(job, "Complete"), ("True", "CompletionsReached"));
}

#[test]
fn a_service_knows_its_ready_pods() {
    let mut cluster = Cluster::new();
    let spec =
        json!({"selector": {"app": "x"}, "ports": [{"port": 80, "targetPort": "web", "protocol": "TCP"}]});
    let service = cluster.apply("Service", "v1", "s", &spec);
    cluster.apply("Deployment", "apps/v1", "d", &deployment(1, "one"));
    cluster.settle();
    let uid = cluster.world.get(&service).unwrap().uid().to_owned();
    let slice = cluster.world.controlled_by(&uid, Kind::EndpointSlice)[0];
    assert_eq!(slice["endpoints"][0]["addresses"], json!(["10.244.0.2"]));
    assert_eq!(slice["endpoints"][0]["conditions"]["ready"], true);
    assert_eq!(
        slice["ports"],
        json!([{"name": "", "port": 8080, "protocol": "TCP"}])
    );
    let endpoints = cluster.world.keys(Kind::Endpoints).remove(0);
    let subset = &cluster.world.get(&endpoints).unwrap()["subsets"][0];
    assert_eq!(subset["addresses"][0]["ip"], "10.244.0.2");
    cluster.apply("Deployment", "apps/v1", "d", &deployment(0, "one"));
    cluster.settle();
    assert_eq!(cluster.world.get(&endpoints).unwrap()["subsets"], json!([]));
    cluster.world.remove(&service);
    cluster.gone.push(service);
    cluster.settle();
    assert!(cluster.world.keys(Kind::Endpoints).is_empty());
}

#[test]
fn a_pod_that_fits_no_node_says_so() {
    let mut cluster = Cluster::new();
    let spec = json!({"nodeSelector": {"disk": "fast"}, "containers": [{"name": "c", "image": "i"}]});
    let key = cluster.apply("Pod", "v1", "p", &spec);
    cluster.settle();
    let pod = cluster.world.get(&key).unwrap();
    assert_eq!(condition(pod, "PodScheduled"), ("False", "Unschedulable"));
}

#[test]
fn a_pod_with_a_closed_readiness_gate_runs_but_is_not_ready() {
    let mut cluster = Cluster::new();
    let spec =
        json!({"readinessGates": [{"conditionType": "x/y"}], "containers": [{"name": "c", "image": "i"}]});
    let key = cluster.apply("Pod", "v1", "p", &spec);
    cluster.settle();
    let mut pod = cluster.world.get(&key).unwrap().clone();
    assert_eq!(condition(&pod, "Ready"), ("False", "ReadinessGatesNotReady"));
    assert_eq!(condition(&pod, "ContainersReady"), ("True", ""));
    pod["status"]["conditions"]
        .as_array_mut()
        .unwrap()
        .push(json!({"type": "x/y", "status": "True"}));
    cluster.store(pod);
    cluster.settle();
    assert_eq!(condition(cluster.world.get(&key).unwrap(), "Ready").0, "True");
}
