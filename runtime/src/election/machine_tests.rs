//! The decisions of an election, as tables.

use serde_json::{Value, json};

use super::super::LeaderElection;
use super::*;
use crate::Environment;

const SECOND: Duration = Duration::from_secs(1);

fn machine() -> Machine {
    let environment = Environment::seeded(Timestamp::UNIX_EPOCH, 1);
    let election = LeaderElection::new("l").namespace("ns").identity("me");
    Machine::new(election.settle(&environment).unwrap())
}

/// A lease of version 7 with this spec.
fn lease(spec: Value) -> Option<Lease> {
    let metadata = json!({"name": "l", "namespace": "ns", "resourceVersion": "7", "labels": {"a": "b"}});
    Some(serde_json::from_value(json!({"metadata": metadata, "spec": spec})).unwrap())
}

fn held_by(holder: &str) -> Value {
    json!({
        "holderIdentity": holder, "leaseDurationSeconds": 15, "leaseTransitions": 3,
        "acquireTime": "2020-01-01T00:00:00.000000Z", "renewTime": "2020-01-01T00:00:10.000000Z",
    })
}

/// The step after a lease was seen unchanged for some seconds.
fn after(lease: Option<Lease>, seconds: u32) -> Step {
    let (mut machine, start) = (machine(), Instant::now());
    machine.observe(lease.clone(), start);
    machine.observe(lease, start + SECOND * seconds);
    machine.step(start + SECOND * seconds, wall())
}

fn wall() -> Timestamp {
    "2024-05-06T07:08:09.123456Z".parse().unwrap()
}

/// What would be sent for a step, `null` if nothing.
fn sent(step: &Step) -> Value {
    match step {
        Step::Put(lease) => serde_json::to_value(lease).unwrap(),
        Step::Look | Step::Wait(_) => Value::Null,
    }
}

fn ours(acquired: &str, transitions: i32) -> Value {
    json!({
        "holderIdentity": "me", "leaseDurationSeconds": 15, "leaseTransitions": transitions,
        "acquireTime": acquired, "renewTime": "2024-05-06T07:08:09.123456Z",
    })
}

#[tokio::test(start_paused = true)]
async fn nothing_is_decided_before_the_lease_was_looked_at() {
    let (mut machine, now) = (machine(), Instant::now());
    assert_eq!(machine.step(now, wall()), Step::Look);
    machine.observe(lease(held_by("other")), now);
    machine.doubt();
    assert_eq!(machine.step(now + SECOND * 60, wall()), Step::Look);
}

#[tokio::test(start_paused = true)]
async fn a_missing_lease_is_created() {
    let sent = sent(&after(None, 0));
    assert_eq!(sent["metadata"], json!({"name": "l", "namespace": "ns"}));
    assert_eq!(sent["spec"], ours("2024-05-06T07:08:09.123456Z", 0));
}

#[tokio::test(start_paused = true)]
async fn what_is_written_depends_on_who_holds_the_lease() {
    let now = "2024-05-06T07:08:09.123456Z";
    let check = |spec: Value, seconds: u32, expected: Option<Value>| {
        let sent = sent(&after(lease(spec.clone()), seconds));
        let spec_sent = sent.get("spec").cloned();
        assert_eq!(spec_sent, expected, "{spec} after {seconds} s");
        if !sent.is_null() {
            assert_eq!(sent["metadata"]["resourceVersion"], "7", "guarded by the version");
            assert_eq!(sent["metadata"]["labels"], json!({"a": "b"}), "labels stay");
        }
    };
    // Ours: renewed, and neither the transitions nor the start change.
    check(held_by("me"), 0, Some(ours("2020-01-01T00:00:00.000000Z", 3)));
    // Released: taken at once, and that is a transition.
    check(held_by(""), 0, Some(ours(now, 4)));
    check(
        json!({"leaseTransitions": 3, "leaseDurationSeconds": 1}),
        0,
        Some(ours(now, 4)),
    );
    // Somebody else's: left alone for as long as it says, however old its times look.
    check(held_by("other"), 0, None);
    check(held_by("other"), 14, None);
    check(held_by("other"), 15, Some(ours(now, 4)));
    // One that does not say how long has nothing to wait for.
    check(json!({"holderIdentity": "other"}), 0, Some(ours(now, 1)));
}

#[tokio::test(start_paused = true)]
async fn the_duration_counts_from_the_last_change_seen() {
    let (mut machine, start) = (machine(), Instant::now());
    machine.observe(lease(held_by("other")), start);
    let mut renewed = held_by("other");
    renewed["renewTime"] = json!("2020-01-01T00:00:12.000000Z");
    machine.observe(lease(renewed.clone()), start + SECOND * 10);
    assert_eq!(
        machine.step(start + SECOND * 20, wall()),
        Step::Wait(start + SECOND * 25)
    );
    // A change of labels is a new version, and no sign of life.
    let mut labelled = lease(renewed).unwrap();
    labelled.metadata.labels = None;
    labelled.metadata.resource_version = Some("8".into());
    machine.observe(Some(labelled), start + SECOND * 24);
    let sent = sent(&machine.step(start + SECOND * 25, wall()));
    assert_eq!(sent["metadata"]["resourceVersion"], "8");
}

#[tokio::test(start_paused = true)]
async fn only_our_own_lease_is_renewed_or_released() {
    let (mut machine, now) = (machine(), Instant::now());
    for spec in [held_by("other"), held_by("")] {
        machine.observe(lease(spec), now);
        assert_eq!(machine.renewal(wall()), None);
        assert_eq!(machine.release(wall()), None);
    }
    machine.observe(lease(held_by("me")), now);
    let released = serde_json::to_value(machine.release(wall()).unwrap()).unwrap();
    let expected = json!({
        "leaseDurationSeconds": 1, "leaseTransitions": 3,
        "acquireTime": "2024-05-06T07:08:09.123456Z", "renewTime": "2024-05-06T07:08:09.123456Z",
    });
    assert_eq!(released["spec"], expected);
    assert_eq!(released["metadata"]["resourceVersion"], "7");
}

#[tokio::test(start_paused = true)]
async fn times_have_six_digits_also_on_a_whole_second() {
    let (mut machine, now) = (machine(), Instant::now());
    machine.observe(None, now);
    let sent = sent(&machine.step(now, Timestamp::UNIX_EPOCH));
    assert_eq!(sent["spec"]["renewTime"], "1970-01-01T00:00:00.000000Z");
}
