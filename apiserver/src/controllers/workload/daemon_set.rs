//! Daemon sets: one pod on every fitting node.

use std::time::Duration;

use serde_json::{Value, json};

use super::node;
use super::pods::{self, Clock, Tally};
use super::revision::Revisions;
use super::template::{self, Name, REVISION_LABEL};
use crate::controllers::plan::{Plan, Step, number, share, string};
use crate::controllers::world::{Key, Kind, World};
use crate::object::Meta;

/// Plans what a daemon set needs.
pub(super) fn plan(set: &Value, world: &World, now: &str) -> Plan {
    let mut plan = Plan::default();
    let revisions = Revisions::of(set, world, &mut plan);
    let all = world.controlled_by(set.uid(), Kind::Pod);
    let active = pods::active(&all);
    let nodes: Vec<&str> = node::fitting(world, &set["spec"]["template"]["spec"])
        .map(Meta::name)
        .collect();
    if !set.is_deleting() {
        place(set, &nodes, &all, &revisions, &mut plan);
    }
    let clock = Clock {
        now,
        min_ready_seconds: number(set, &["spec", "minReadySeconds"]),
    };
    if let Some(seconds) = clock.next_available(&active) {
        plan.look_again(Duration::from_secs(seconds));
    }
    if !set.is_deleting() {
        replace(set, &active, &revisions, clock, nodes.len(), &mut plan);
    }
    write_status(set, &nodes, &active, &revisions, clock, &mut plan);
    plan
}

fn node_of(pod: &Value) -> &str {
    string(pod, &["spec", "nodeName"])
}

fn place(set: &Value, nodes: &[&str], all: &[&Value], revisions: &Revisions, plan: &mut Plan) {
    for name in nodes
        .iter()
        .filter(|name| !all.iter().any(|pod| node_of(pod) == **name))
    {
        let labels = [(REVISION_LABEL, revisions.update.as_str())];
        let mut pod = template::pod(set, &set["spec"]["template"], &Name::After(set.name()), &labels);
        pod["spec"]["nodeName"] = json!(name);
        plan.push(Step::Create {
            collection: Kind::Pod.inside(set.namespace()),
            object: pod,
        });
    }
    let lost = |pod: &&&Value| pods::is_finished(pod) || !nodes.contains(&node_of(pod));
    let lost = all.iter().filter(lost).filter(|pod| !pod.is_deleting());
    plan.steps.extend(lost.map(|pod| pods::delete(pod)));
}

/// Ends pods of an old template, as many at a time as may be unavailable.
fn replace(
    set: &Value,
    active: &[&Value],
    revisions: &Revisions,
    clock: Clock<'_>,
    nodes: usize,
    plan: &mut Plan,
) {
    if string(set, &["spec", "updateStrategy", "type"]) == "OnDelete" {
        return;
    }
    let nodes = i64::try_from(nodes).unwrap_or(i64::MAX);
    let allowed = &set["spec"]["updateStrategy"]["rollingUpdate"]["maxUnavailable"];
    let allowed = share(allowed, nodes, true).max(1);
    let missing = nodes - Tally::of(active, clock).available;
    let room = usize::try_from(allowed - missing).unwrap_or_default();
    let old = active.iter().filter(|pod| !revisions.is_updated(pod));
    plan.steps.extend(old.take(room).map(|pod| pods::delete(pod)));
}

fn write_status(
    set: &Value,
    nodes: &[&str],
    active: &[&Value],
    revisions: &Revisions,
    clock: Clock<'_>,
    plan: &mut Plan,
) {
    let tally = Tally::of(active, clock);
    let wanted = i64::try_from(nodes.len()).unwrap_or(i64::MAX);
    let updated = active.iter().filter(|pod| revisions.is_updated(pod)).count();
    let mut status = json!({
        "currentNumberScheduled": tally.total.min(wanted), "desiredNumberScheduled": wanted,
        "numberMisscheduled": (tally.total - wanted).max(0), "numberReady": tally.ready,
        "observedGeneration": set.generation(),
    });
    let optional = [
        (
            "updatedNumberScheduled",
            i64::try_from(updated).unwrap_or(i64::MAX),
        ),
        ("numberAvailable", tally.available),
        ("numberUnavailable", (wanted - tally.available).max(0)),
    ];
    for (field, count) in optional.into_iter().filter(|(_, count)| *count != 0) {
        status[field] = json!(count);
    }
    let mut new = set.clone();
    new["status"] = status;
    plan.set_status(Key::of(Kind::DaemonSet, set).path(), set, new);
}
