//! Stateful sets: numbered pods that keep their names, one after another.

use std::ops::Range;
use std::time::Duration;

use serde_json::{Value, json};

use super::pods::{self, Clock, Tally};
use super::revision::{Revisions, remembered};
use super::template::{self, Name, REVISION_LABEL};
use crate::controllers::plan::{Plan, Step, counts, number, replicas, string};
use crate::controllers::world::{Key, Kind, World};
use crate::object::{Meta, metadata_mut};

/// Plans what a stateful set needs.
pub(super) fn plan(set: &Value, world: &World, now: &str) -> Plan {
    let mut plan = Plan::default();
    let revisions = Revisions::of(set, world, &mut plan);
    let all = world.controlled_by(set.uid(), Kind::Pod);
    let clock = Clock {
        now,
        min_ready_seconds: number(set, &["spec", "minReadySeconds"]),
    };
    if let Some(seconds) = clock.next_available(&all) {
        plan.look_again(Duration::from_secs(seconds));
    }
    if !set.is_deleting() {
        let step = Stateful {
            set,
            world,
            pods: &all,
            revisions: &revisions,
            clock,
        };
        step.move_on(&mut plan);
    }
    write_status(set, &all, &revisions, clock, &mut plan);
    plan
}

/// A set and its pods, seen together.
struct Stateful<'a> {
    set: &'a Value,
    world: &'a World,
    pods: &'a [&'a Value],
    revisions: &'a Revisions,
    clock: Clock<'a>,
}

impl Stateful<'_> {
    fn move_on(&self, plan: &mut Plan) {
        let ordered = string(self.set, &["spec", "podManagementPolicy"]) != "Parallel";
        for ordinal in self.ordinals() {
            match self.pod(ordinal) {
                None => plan.steps.extend(self.create(ordinal)),
                Some(pod) if pod.is_deleting() => {}
                Some(pod) if pods::is_finished(pod) => plan.push(pods::delete(pod)),
                Some(pod) if self.clock.wait(pod) == Some(0) => continue,
                Some(_) => {}
            }
            if ordered {
                return;
            }
        }
        if !self.end_surplus(ordered, plan) {
            self.replace_next(plan);
        }
    }

    fn ordinals(&self) -> Range<i64> {
        let start = number(self.set, &["spec", "ordinals", "start"]);
        start..start + replicas(self.set)
    }

    fn pod(&self, ordinal: i64) -> Option<&Value> {
        let mut pods = self.pods.iter().copied();
        pods.find(|pod| ordinal_of(self.set, pod) == Some(ordinal))
    }

    /// Ends pods beyond the wanted number, the last one first; returns whether there were any.
    fn end_surplus(&self, ordered: bool, plan: &mut Plan) -> bool {
        let wanted = self.ordinals();
        let surplus =
            |pod: &&&Value| ordinal_of(self.set, pod).is_some_and(|ordinal| !wanted.contains(&ordinal));
        let mut surplus: Vec<&Value> = self.pods.iter().filter(surplus).copied().collect();
        surplus.sort_by_key(|pod| std::cmp::Reverse(ordinal_of(self.set, pod)));
        if ordered {
            surplus.truncate(1);
        }
        let staying = surplus.iter().filter(|pod| !pod.is_deleting());
        plan.steps.extend(staying.map(|pod| pods::delete(pod)));
        !surplus.is_empty()
    }

    /// Ends the last pod that has not the current template, once all others are available.
    fn replace_next(&self, plan: &mut Plan) {
        if string(self.set, &["spec", "updateStrategy", "type"]) == "OnDelete" {
            return;
        }
        for ordinal in self
            .ordinals()
            .rev()
            .take_while(|ordinal| *ordinal >= self.partition())
        {
            let Some(pod) = self.pod(ordinal) else { return };
            if pod.is_deleting() {
                return;
            }
            if !self.revisions.is_updated(pod) {
                return plan.push(pods::delete(pod));
            }
            if self.clock.wait(pod) != Some(0) {
                return;
            }
        }
    }

    /// Pods below this number keep the template they have.
    fn partition(&self) -> i64 {
        self.ordinals().start
            + number(
                self.set,
                &["spec", "updateStrategy", "rollingUpdate", "partition"],
            )
    }

    /// Plans a pod and its claims.
    fn create(&self, ordinal: i64) -> Vec<Step> {
        let current = string(self.set, &["status", "currentRevision"]);
        let old = (ordinal < self.partition())
            .then(|| remembered(self.set, self.world, current))
            .flatten();
        let (template, revision) = match &old {
            Some(template) => (template, current),
            None => (&self.set["spec"]["template"], self.revisions.update_name.as_str()),
        };
        let name = format!("{}-{ordinal}", self.set.name());
        let index = ordinal.to_string();
        let labels = [
            ("apps.kubernetes.io/pod-index", index.as_str()),
            ("statefulset.kubernetes.io/pod-name", name.as_str()),
            (REVISION_LABEL, revision),
        ];
        let mut pod = template::pod(self.set, template, &Name::Fixed(name.clone()), &labels);
        metadata_mut(&mut pod).insert("generateName".to_owned(), json!(format!("{}-", self.set.name())));
        pod["spec"]["hostname"] = json!(name);
        if let Some(service) = self.set["spec"].get("serviceName") {
            pod["spec"]["subdomain"] = service.clone();
        }
        let mut steps = self.claims(&name, &mut pod);
        steps.push(Step::Create {
            collection: Kind::Pod.inside(self.set.namespace()),
            object: pod,
        });
        steps
    }

    /// Plans the claims of a pod, and mounts them in it; a claim that outlived its pod is taken again.
    fn claims(&self, pod_name: &str, pod: &mut Value) -> Vec<Step> {
        let templates = self.set["spec"]["volumeClaimTemplates"].as_array();
        let mut volumes = pod["spec"]["volumes"].as_array().cloned().unwrap_or_default();
        let mut steps = Vec::new();
        for template in templates.into_iter().flatten() {
            let name = format!("{}-{pod_name}", template.name());
            volumes.retain(|volume| volume["name"] != template["metadata"]["name"]);
            volumes.push(json!({"name": template.name(), "persistentVolumeClaim": {"claimName": name}}));
            let labels = &self.set["spec"]["selector"]["matchLabels"];
            steps.push(Step::Create {
                collection: format!(
                    "/api/v1/namespaces/{}/persistentvolumeclaims",
                    self.set.namespace()
                ),
                object: json!({
                    "apiVersion": "v1", "kind": "PersistentVolumeClaim", "spec": template["spec"],
                    "metadata": {"name": name, "namespace": self.set.namespace(), "labels": labels},
                }),
            });
        }
        if !volumes.is_empty() {
            pod["spec"]["volumes"] = json!(volumes);
        }
        steps
    }
}

fn ordinal_of(set: &Value, pod: &Value) -> Option<i64> {
    pod.name()
        .strip_prefix(set.name())?
        .strip_prefix('-')?
        .parse()
        .ok()
}

fn write_status(set: &Value, all: &[&Value], revisions: &Revisions, clock: Clock<'_>, plan: &mut Plan) {
    let active = pods::active(all);
    let tally = Tally::of(&active, clock);
    let count = |wanted: &dyn Fn(&Value) -> bool| {
        i64::try_from(active.iter().filter(|pod| wanted(pod)).count()).unwrap_or(i64::MAX)
    };
    let updated = count(&|pod| revisions.is_updated(pod));
    let known = string(set, &["status", "currentRevision"]);
    let done = updated == replicas(set) && tally.ready == replicas(set) && tally.total == replicas(set);
    let current = if known.is_empty() || done {
        &revisions.update_name
    } else {
        known
    };
    let mut status = counts(&[
        ("observedGeneration", set.generation()),
        ("readyReplicas", tally.ready),
        (
            "currentReplicas",
            count(&|pod| pod["metadata"]["labels"][REVISION_LABEL] == current),
        ),
        ("updatedReplicas", updated),
    ]);
    status.insert("availableReplicas".to_owned(), json!(tally.available));
    status.insert(
        "collisionCount".to_owned(),
        json!(number(set, &["status", "collisionCount"])),
    );
    status.insert("currentRevision".to_owned(), json!(current));
    status.insert("replicas".to_owned(), json!(tally.total));
    status.insert("updateRevision".to_owned(), json!(revisions.update_name));
    let mut new = set.clone();
    new["status"] = Value::Object(status);
    plan.set_status(Key::of(Kind::StatefulSet, set).path(), set, new);
}
