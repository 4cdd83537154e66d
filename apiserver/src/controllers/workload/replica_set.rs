//! Replica sets: as many pods of one template as asked for.

use std::time::Duration;

use serde_json::{Value, json};

use super::pods::{self, Clock, Tally};
use super::template::{self, Name};
use crate::controllers::plan::{Plan, Step, counts, number, replicas};
use crate::controllers::world::{Key, Kind, World};
use crate::object::Meta;

/// Plans what a replica set needs.
pub(super) fn plan(set: &Value, world: &World, now: &str) -> Plan {
    let mut plan = Plan::default();
    let all = world.controlled_by(set.uid(), Kind::Pod);
    let active = pods::active(&all);
    if !set.is_deleting() {
        scale(set, &active, &mut plan);
    }
    let clock = Clock {
        now,
        min_ready_seconds: number(set, &["spec", "minReadySeconds"]),
    };
    if let Some(seconds) = clock.next_available(&active) {
        plan.look_again(Duration::from_secs(seconds));
    }
    write_status(set, &all, clock, &mut plan);
    plan
}

fn scale(set: &Value, active: &[&Value], plan: &mut Plan) {
    let wanted = usize::try_from(replicas(set)).unwrap_or_default();
    for _ in active.len()..wanted {
        plan.push(Step::Create {
            collection: Kind::Pod.inside(set.namespace()),
            object: template::pod(set, &set["spec"]["template"], &Name::After(set.name()), &[]),
        });
    }
    let mut surplus = active.to_vec();
    pods::by_loss(&mut surplus);
    let count = active.len().saturating_sub(wanted);
    plan.steps
        .extend(surplus.into_iter().take(count).map(pods::delete));
}

fn write_status(set: &Value, all: &[&Value], clock: Clock<'_>, plan: &mut Plan) {
    let active = pods::active(all);
    let tally = Tally::of(&active, clock);
    let mut status = counts(&[
        ("fullyLabeledReplicas", fully_labeled(set, &active)),
        ("readyReplicas", tally.ready),
        ("availableReplicas", tally.available),
        ("observedGeneration", set.generation()),
    ]);
    // Two counts are written even if they are zero.
    status.insert("replicas".to_owned(), json!(tally.total));
    let terminating = all.iter().filter(|pod| pod.is_deleting()).count();
    status.insert("terminatingReplicas".to_owned(), json!(terminating));
    if let Some(conditions) = set["status"].get("conditions") {
        status.insert("conditions".to_owned(), conditions.clone());
    }
    let mut new = set.clone();
    new["status"] = Value::Object(status);
    plan.set_status(Key::of(Kind::ReplicaSet, set).path(), set, new);
}

/// Counts the pods that have all labels of the template.
fn fully_labeled(set: &Value, active: &[&Value]) -> i64 {
    let wanted = set["spec"]["template"]["metadata"]["labels"].as_object();
    let has_all = |pod: &Value| {
        let labels = pod.labels();
        let mut wanted = wanted.into_iter().flatten();
        wanted.all(|(key, value)| labels.and_then(|labels| labels.get(key)) == Some(value))
    };
    i64::try_from(active.iter().filter(|pod| has_all(pod)).count()).unwrap_or(i64::MAX)
}
