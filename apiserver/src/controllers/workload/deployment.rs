//! Deployments: a replica set per template, and the way from one to the next.
//!
//! Start at [`plan`]. How many replicas each set gets is decided in `rollout`; what is said about it here.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::pods::{is_finished, seconds};
use super::rollout::{self, Limits, Sets};
use super::template::{self, HASH_LABEL, add_labels};
use crate::controllers::condition::{Condition, conditions, find};
use crate::controllers::plan::{Plan, Step, counts, number, owned_by, replicas, string};
use crate::controllers::world::{Key, Kind, World};
use crate::object::{Meta, map_mut, metadata_mut};

const REVISION: &str = "deployment.kubernetes.io/revision";
const DESIRED: &str = "deployment.kubernetes.io/desired-replicas";
const MAXIMUM: &str = "deployment.kubernetes.io/max-replicas";

/// Plans what a deployment needs.
pub(super) fn plan(deployment: &Value, world: &World, now: &str) -> Plan {
    let mut plan = Plan::default();
    let sets = Sets::of(
        deployment,
        world.controlled_by(deployment.uid(), Kind::ReplicaSet),
    );
    let paused = deployment["spec"]["paused"] == true;
    let mut made = None;
    if !deployment.is_deleting() {
        if sets.new.is_none() && !paused && !waits_for_old_pods(deployment, &sets, world) {
            made = Some(create_set(deployment, &sets, &mut plan));
        } else {
            scale_sets(deployment, &sets, paused, &mut plan);
            prune(deployment, &sets, &mut plan);
        }
    }
    write_status(deployment, &sets, made.as_deref(), now, &mut plan);
    plan
}

/// A deployment that recreates starts its new pods once the old ones are gone.
fn waits_for_old_pods(deployment: &Value, sets: &Sets<'_>, world: &World) -> bool {
    let runs = |set: &&Value| {
        let pods = world.controlled_by(set.uid(), Kind::Pod);
        replicas(set) > 0 || pods.into_iter().any(|pod| !is_finished(pod))
    };
    rollout::recreates(deployment) && sets.old.iter().any(runs)
}

/// Plans a set for the current template; returns its name.
fn create_set(deployment: &Value, sets: &Sets<'_>, plan: &mut Plan) -> String {
    let template = &deployment["spec"]["template"];
    let hash = free_hash(deployment, template, sets);
    let name = format!("{}-{hash}", deployment.name());
    let label = [(HASH_LABEL, hash.as_str())];
    let mut labeled = template.clone();
    add_labels(&mut labeled, &label);
    let mut selector = deployment["spec"]["selector"].clone();
    map_mut(map_mut(&mut selector).entry("matchLabels").or_insert(Value::Null))
        .insert(HASH_LABEL.to_owned(), json!(hash));
    let mut annotations = inherited_annotations(deployment);
    annotations.extend(set_annotations(deployment, sets.last_revision() + 1));
    let mut spec = json!({
        "replicas": rollout::first_size(deployment, sets), "selector": selector, "template": labeled,
    });
    if let Some(seconds) = deployment["spec"].get("minReadySeconds") {
        spec["minReadySeconds"] = seconds.clone();
    }
    plan.push(Step::Create {
        collection: Kind::ReplicaSet.inside(deployment.namespace()),
        object: json!({
            "apiVersion": "apps/v1", "kind": "ReplicaSet", "spec": spec,
            "metadata": {
                "name": name, "namespace": deployment.namespace(), "annotations": annotations,
                "labels": labeled["metadata"]["labels"], "ownerReferences": owned_by(deployment),
            },
        }),
    });
    name
}

/// Two templates may hash alike: then the later one is salted.
fn free_hash(deployment: &Value, template: &Value, sets: &Sets<'_>) -> String {
    let taken = |hash: &str| {
        let name = format!("{}-{hash}", deployment.name());
        sets.old.iter().any(|set| set.name() == name)
    };
    let mut salt = number(deployment, &["status", "collisionCount"]);
    loop {
        let hash = template::hash(template, salt);
        if !taken(&hash) {
            return hash;
        }
        salt += 1;
    }
}

/// A set has the annotations of its deployment, but for those that tools keep their own state in.
fn inherited_annotations(deployment: &Value) -> Map<String, Value> {
    let own = |key: &str| key == REVISION || key == "kubectl.kubernetes.io/last-applied-configuration";
    let all = deployment["metadata"]["annotations"].as_object();
    let all = all.into_iter().flatten().filter(|(key, _)| !own(key));
    all.map(|(key, value)| (key.clone(), value.clone())).collect()
}

fn set_annotations(deployment: &Value, revision: i64) -> [(String, Value); 3] {
    let maximum = replicas(deployment) + Limits::of(deployment).surge;
    [
        (REVISION.to_owned(), json!(revision.to_string())),
        (DESIRED.to_owned(), json!(replicas(deployment).to_string())),
        (MAXIMUM.to_owned(), json!(maximum.to_string())),
    ]
}

/// Plans the next size of every set, and the revision of the current one.
fn scale_sets(deployment: &Value, sets: &Sets<'_>, paused: bool, plan: &mut Plan) {
    let sizes = rollout::sizes(deployment, sets, paused);
    for (set, size) in sets.all().zip(sizes) {
        let is_new = sets.new.is_some_and(|new| new.uid() == set.uid());
        let revision = if is_new {
            sets.new_revision()
        } else {
            revision_of(set)
        };
        let mut patch = json!({});
        if replicas(set) != size {
            patch["spec"] = json!({"replicas": size});
        }
        let is_current =
            |(key, value): &(String, Value)| set["metadata"]["annotations"].get(key) == Some(value);
        let wanted = set_annotations(deployment, revision);
        // An idle old set keeps what it knew when it was last in use.
        if (is_new || size > 0 || replicas(set) > 0) && !wanted.iter().all(is_current) {
            patch["metadata"] = json!({"annotations": Map::from_iter(wanted)});
        }
        if patch != json!({}) {
            let path = Key::of(Kind::ReplicaSet, set).path();
            plan.push(Step::Patch { path, patch });
        }
    }
}

/// Plans the end of the oldest idle sets beyond the history limit.
fn prune(deployment: &Value, sets: &Sets<'_>, plan: &mut Plan) {
    let limit = deployment["spec"]["revisionHistoryLimit"].as_u64().unwrap_or(10);
    let idle =
        |set: &&&Value| replicas(set) == 0 && number(set, &["status", "replicas"]) == 0 && !set.is_deleting();
    let mut idle: Vec<&Value> = sets.old.iter().filter(idle).copied().collect();
    idle.sort_by_key(|set| revision_of(set));
    let surplus = idle
        .len()
        .saturating_sub(usize::try_from(limit).unwrap_or(usize::MAX));
    for set in idle.into_iter().take(surplus) {
        plan.push(Step::Delete {
            path: Key::of(Kind::ReplicaSet, set).path(),
            uid: set.uid().to_owned(),
            grace: None,
        });
    }
}

pub(super) fn revision_of(set: &Value) -> i64 {
    let text = string(set, &["metadata", "annotations", REVISION]);
    text.parse().unwrap_or_default()
}

fn write_status(deployment: &Value, sets: &Sets<'_>, made: Option<&str>, now: &str, plan: &mut Plan) {
    let sum = |field: &str| sets.all().map(|set| number(set, &["status", field])).sum::<i64>();
    let (total, available) = (sum("replicas"), sum("availableReplicas"));
    let updated = sets.new.map_or(0, |set| number(set, &["status", "replicas"]));
    let ready = sum("readyReplicas");
    let mut status = counts(&[
        ("observedGeneration", deployment.generation()),
        ("replicas", total),
        ("updatedReplicas", updated),
        ("readyReplicas", ready),
        ("availableReplicas", available),
        ("unavailableReplicas", (wanted_pods(sets) - available).max(0)),
        (
            "collisionCount",
            number(deployment, &["status", "collisionCount"]),
        ),
    ]);
    status.insert(
        "terminatingReplicas".to_owned(),
        json!(sum("terminatingReplicas")),
    );
    let progress = Progress {
        updated,
        old: total - updated,
        ready,
        available,
    };
    let mut list = conditions(deployment);
    let condition = available_condition(deployment, available);
    let known = find(deployment, "Available").map(|one| string(one, &["reason"]));
    if known != Some(condition.reason) {
        condition.set_with_update(&mut list, now);
    }
    if deployment["spec"]["paused"] == true {
        say_paused(&mut list, now);
    } else {
        say_progress(deployment, sets, made, progress, now, &mut list, plan);
    }
    status.insert("conditions".to_owned(), json!(list));
    let mut new = deployment.clone();
    new["status"] = Value::Object(status);
    if !deployment.is_deleting() && (sets.new.is_some() || made.is_some()) {
        let annotations = metadata_mut(&mut new).entry("annotations").or_insert(Value::Null);
        let revision = json!(sets.new_revision().to_string());
        map_mut(annotations).insert(REVISION.to_owned(), revision);
    }
    plan.set_status(Key::of(Kind::Deployment, deployment).path(), deployment, new);
}

fn wanted_pods(sets: &Sets<'_>) -> i64 {
    sets.all().map(replicas).sum()
}

fn available_condition(deployment: &Value, available: i64) -> Condition<'static> {
    let limits = Limits::of(deployment);
    let enough = available >= replicas(deployment) - limits.unavailable;
    let (status, reason, message) = if enough {
        (
            "True",
            "MinimumReplicasAvailable",
            "Deployment has minimum availability.",
        )
    } else {
        (
            "False",
            "MinimumReplicasUnavailable",
            "Deployment does not have minimum availability.",
        )
    };
    Condition {
        kind: "Available",
        status,
        reason,
        message,
    }
}

fn say_paused(list: &mut Vec<Value>, now: &str) {
    let finished = |one: &Value| {
        one["type"] == "Progressing" && matches!(one["reason"].as_str(), Some("ProgressDeadlineExceeded"))
    };
    if list.iter().any(finished) {
        return;
    }
    let condition = Condition {
        kind: "Progressing",
        status: "Unknown",
        reason: "DeploymentPaused",
        message: "Deployment is paused",
    };
    condition.set_with_update(list, now);
}

/// What moves while a rollout goes on.
#[derive(Debug, Clone, Copy)]
struct Progress {
    updated: i64,
    old: i64,
    ready: i64,
    available: i64,
}

impl Progress {
    /// Returns whether the rollout has come to its end.
    fn is_complete(self, deployment: &Value) -> bool {
        let wanted = replicas(deployment);
        self.updated == wanted && self.available == wanted && self.old == 0
    }

    /// Returns whether it is further than the stored status says.
    fn is_ahead_of(self, deployment: &Value) -> bool {
        let was = |field: &str| number(deployment, &["status", field]);
        self.updated > was("updatedReplicas")
            || self.old < was("replicas") - was("updatedReplicas")
            || self.ready > was("readyReplicas")
            || self.available > was("availableReplicas")
    }
}

fn say_progress(
    deployment: &Value,
    sets: &Sets<'_>,
    made: Option<&str>,
    progress: Progress,
    now: &str,
    list: &mut Vec<Value>,
    plan: &mut Plan,
) {
    let say = |list: &mut Vec<Value>, status: &str, reason: &str, message: &str| {
        let condition = Condition {
            kind: "Progressing",
            status,
            reason,
            message,
        };
        condition.set_with_update(list, now);
    };
    let Some(name) = made.or_else(|| sets.new.map(Meta::name)) else {
        return;
    };
    let known = find(deployment, "Progressing");
    let reason = known.map(|one| string(one, &["reason"])).unwrap_or_default();
    if made.is_some() {
        return say(
            list,
            "True",
            "NewReplicaSetCreated",
            &format!("Created new replica set {name:?}"),
        );
    }
    if progress.is_complete(deployment) {
        let message = format!("ReplicaSet {name:?} has successfully progressed.");
        if reason != "NewReplicaSetAvailable" || known.map(|one| string(one, &["message"])) != Some(&message)
        {
            say(list, "True", "NewReplicaSetAvailable", &message);
        }
        return;
    }
    if reason == "NewReplicaSetAvailable" && progress.old == 0 && !template_changed(deployment) {
        // A rollout that was complete stays so: pods that come and go are no rollout.
        return;
    }
    if progress.is_ahead_of(deployment) || known.is_none() || template_changed(deployment) {
        return say(
            list,
            "True",
            "ReplicaSetUpdated",
            &format!("ReplicaSet {name:?} is progressing."),
        );
    }
    match time_left(deployment, known, now) {
        Some(left) if left > 0 => plan.look_again(Duration::from_secs(left.unsigned_abs())),
        Some(_) if reason != "ProgressDeadlineExceeded" => {
            let message = format!("ReplicaSet {name:?} has timed out progressing.");
            say(list, "False", "ProgressDeadlineExceeded", &message);
        }
        _ => {}
    }
}

fn template_changed(deployment: &Value) -> bool {
    number(deployment, &["status", "observedGeneration"]) < deployment.generation()
}

/// Returns the seconds until a rollout that stands still has failed.
fn time_left(deployment: &Value, known: Option<&Value>, now: &str) -> Option<i64> {
    let deadline = deployment["spec"]["progressDeadlineSeconds"].as_i64()?;
    let since = seconds(string(known?, &["lastUpdateTime"]))?;
    Some(since + deadline - seconds(now)?)
}
