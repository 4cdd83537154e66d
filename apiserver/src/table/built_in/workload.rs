//! Workloads.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::text::{NONE, at, containers, count, created, items, labels, name, or, selector};
use crate::table::age::{age, human};

/// Cells of a pod template.
pub(super) fn pod_template(template: &Value, _now: Timestamp) -> Vec<Value> {
    let [names, images] = containers(&template["template"]["spec"]);
    vec![
        name(template),
        names,
        images,
        labels(&template["template"]["metadata"]["labels"]),
    ]
}

/// Cells of a replica set or replication controller.
pub(super) fn replica_set(set: &Value, now: Timestamp) -> Vec<Value> {
    let [names, images] = containers(&set["spec"]["template"]["spec"]);
    let chosen = &set["spec"]["selector"];
    let plain = !chosen["matchLabels"].is_object() && !chosen["matchExpressions"].is_array();
    vec![
        name(set),
        json!(count(set, "/spec/replicas")),
        json!(count(set, "/status/replicas")),
        json!(count(set, "/status/readyReplicas")),
        created(set, now),
        names,
        images,
        if plain { labels(chosen) } else { selector(chosen) },
    ]
}

/// Cells of a deployment.
pub(super) fn deployment(deployment: &Value, now: Timestamp) -> Vec<Value> {
    let [names, images] = containers(&deployment["spec"]["template"]["spec"]);
    vec![
        name(deployment),
        ready_of(deployment),
        json!(count(deployment, "/status/updatedReplicas")),
        json!(count(deployment, "/status/availableReplicas")),
        created(deployment, now),
        names,
        images,
        selector(&deployment["spec"]["selector"]),
    ]
}

fn ready_of(object: &Value) -> Value {
    json!(format!(
        "{}/{}",
        count(object, "/status/readyReplicas"),
        count(object, "/spec/replicas")
    ))
}

/// Cells of a stateful set.
pub(super) fn stateful_set(set: &Value, now: Timestamp) -> Vec<Value> {
    let [names, images] = containers(&set["spec"]["template"]["spec"]);
    vec![name(set), ready_of(set), created(set, now), names, images]
}

/// Cells of a daemon set.
pub(super) fn daemon_set(set: &Value, now: Timestamp) -> Vec<Value> {
    let [names, images] = containers(&set["spec"]["template"]["spec"]);
    let counts = [
        "desiredNumberScheduled",
        "currentNumberScheduled",
        "numberReady",
        "updatedNumberScheduled",
        "numberAvailable",
    ];
    let mut cells = vec![name(set)];
    cells.extend(counts.map(|field| json!(count(&set["status"], &format!("/{field}")))));
    cells.extend([
        labels(&set["spec"]["template"]["spec"]["nodeSelector"]),
        created(set, now),
        names,
        images,
        selector(&set["spec"]["selector"]),
    ]);
    cells
}

/// Cells of a controller revision.
pub(super) fn controller_revision(revision: &Value, now: Timestamp) -> Vec<Value> {
    let owners = items(revision, "/metadata/ownerReferences");
    let owner = owners
        .iter()
        .find(|owner| owner["controller"] == true)
        .map(|owner| {
            let group = at(owner, "/apiVersion")
                .split_once('/')
                .map(|(group, _)| format!(".{group}"));
            let kind = at(owner, "/kind").to_lowercase();
            format!("{kind}{}/{}", group.unwrap_or_default(), at(owner, "/name"))
        });
    let number = json!(count(revision, "/revision"));
    vec![
        name(revision),
        or(&owner.unwrap_or_default(), NONE),
        number,
        created(revision, now),
    ]
}

/// Cells of a job.
pub(super) fn job(job: &Value, now: Timestamp) -> Vec<Value> {
    let [names, images] = containers(&job["spec"]["template"]["spec"]);
    vec![
        name(job),
        json!(job_state(job)),
        json!(completions(job)),
        json!(job_duration(job, now)),
        created(job, now),
        names,
        images,
        selector(&job["spec"]["selector"]),
    ]
}

fn job_state(job: &Value) -> &'static str {
    let conditions = items(job, "/status/conditions");
    let holds = |kind: &str| {
        conditions
            .iter()
            .any(|one| one["type"] == kind && one["status"] == "True")
    };
    if holds("Complete") {
        "Complete"
    } else if holds("Failed") {
        "Failed"
    } else if job["metadata"]["deletionTimestamp"].is_string() {
        "Terminating"
    } else if holds("Suspended") {
        "Suspended"
    } else if holds("FailureTarget") {
        "FailureTarget"
    } else if holds("SuccessCriteriaMet") {
        "SuccessCriteriaMet"
    } else {
        "Running"
    }
}

fn completions(job: &Value) -> String {
    let done = count(job, "/status/succeeded");
    match job["spec"]["completions"].as_i64() {
        Some(wanted) => format!("{done}/{wanted}"),
        None if count(job, "/spec/parallelism") > 1 => {
            format!("{done}/1 of {}", count(job, "/spec/parallelism"))
        }
        None => format!("{done}/1"),
    }
}

fn job_duration(job: &Value, now: Timestamp) -> String {
    let time = |pointer: &str| at(job, pointer).parse::<Timestamp>().ok();
    match (time("/status/startTime"), time("/status/completionTime")) {
        (None, _) => String::new(),
        (Some(start), None) => human(now.as_second() - start.as_second()),
        (Some(start), Some(end)) => human(end.as_second() - start.as_second()),
    }
}

/// Cells of a cron job.
pub(super) fn cron_job(cron: &Value, now: Timestamp) -> Vec<Value> {
    let job = &cron["spec"]["jobTemplate"]["spec"];
    let [names, images] = containers(&job["template"]["spec"]);
    let last = at(cron, "/status/lastScheduleTime");
    let suspended = cron["spec"]["suspend"] == true;
    vec![
        name(cron),
        json!(at(cron, "/spec/schedule")),
        or(at(cron, "/spec/timeZone"), NONE),
        json!(if suspended { "True" } else { "False" }),
        json!(items(cron, "/status/active").len()),
        if last.is_empty() {
            json!(NONE)
        } else {
            json!(age(last, now))
        },
        created(cron, now),
        names,
        images,
        selector(&job["selector"]),
    ]
}
