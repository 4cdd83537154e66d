//! Jobs: pods that run to their end, as often as asked for.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::pods::{self, seconds};
use super::template::{self, Name};
use crate::controllers::condition::{Condition, conditions, is_true};
use crate::controllers::plan::{Plan, Step, counts, string};
use crate::controllers::world::{Key, Kind, World};
use crate::object::Meta;

/// Plans what a job needs.
pub(super) fn plan(job: &Value, world: &World, now: &str) -> Plan {
    let mut plan = Plan::default();
    if is_true(job, "Complete") || is_true(job, "Failed") {
        expire(job, now, &mut plan);
        return plan;
    }
    let all = world.controlled_by(job.uid(), Kind::Pod);
    let tally = Tally::of(&all);
    let suspended = job["spec"]["suspend"] == true;
    if suspended && !job.is_deleting() {
        plan.steps
            .extend(pods::active(&all).into_iter().map(pods::delete));
    } else if !job.is_deleting() && !tally.is_over(job) {
        start(job, tally, &mut plan);
    }
    write_status(job, tally, suspended, now, &mut plan);
    plan
}

/// How the pods of a job stand.
#[derive(Debug, Clone, Copy)]
struct Tally {
    active: i64,
    ready: i64,
    succeeded: i64,
    failed: i64,
}

impl Tally {
    fn of(all: &[&Value]) -> Self {
        let active = pods::active(all);
        let count = |list: &[&Value], wanted: &dyn Fn(&Value) -> bool| {
            i64::try_from(list.iter().filter(|pod| wanted(pod)).count()).unwrap_or(i64::MAX)
        };
        let phase = |wanted: &'static str| move |pod: &Value| string(pod, &["status", "phase"]) == wanted;
        Self {
            active: count(&active, &|_| true),
            ready: count(&active, &pods::is_ready),
            succeeded: count(all, &phase("Succeeded")),
            failed: count(all, &phase("Failed")),
        }
    }

    fn has_failed(self, job: &Value) -> bool {
        self.failed > job["spec"]["backoffLimit"].as_i64().unwrap_or(6)
    }

    /// Without a number of completions, one success and no pod left is enough.
    fn has_succeeded(self, job: &Value) -> bool {
        match job["spec"]["completions"].as_i64() {
            Some(wanted) => self.succeeded >= wanted,
            None => self.succeeded > 0 && self.active == 0,
        }
    }

    fn is_over(self, job: &Value) -> bool {
        self.has_failed(job) || self.has_succeeded(job)
    }
}

fn start(job: &Value, tally: Tally, plan: &mut Plan) {
    let parallelism = job["spec"]["parallelism"].as_i64().unwrap_or(1);
    let left = match job["spec"]["completions"].as_i64() {
        Some(wanted) => wanted - tally.succeeded,
        None if tally.succeeded > 0 => 0,
        None => parallelism,
    };
    for _ in tally.active..parallelism.min(left) {
        plan.push(Step::Create {
            collection: Kind::Pod.inside(job.namespace()),
            object: template::pod(job, &job["spec"]["template"], &Name::After(job.name()), &[]),
        });
    }
}

fn write_status(job: &Value, tally: Tally, suspended: bool, now: &str, plan: &mut Plan) {
    let mut status: Map<String, Value> = counts(&[
        ("active", tally.active),
        ("succeeded", tally.succeeded),
        ("failed", tally.failed),
    ]);
    status.insert("ready".to_owned(), json!(tally.ready));
    status.insert("terminating".to_owned(), json!(0));
    status.insert("uncountedTerminatedPods".to_owned(), json!({}));
    let started = job["status"].get("startTime").cloned();
    if let Some(started) = started.or_else(|| (!suspended).then(|| json!(now))) {
        status.insert("startTime".to_owned(), started);
    }
    let mut list = conditions(job);
    say_suspended(job, suspended, now, &mut list);
    if tally.has_failed(job) {
        let (reason, message) = (
            "BackoffLimitExceeded",
            "Job has reached the specified backoff limit",
        );
        say(&mut list, "FailureTarget", reason, message, now);
        say(&mut list, "Failed", reason, message, now);
    } else if tally.has_succeeded(job) {
        let message = "Reached expected number of succeeded pods";
        say(
            &mut list,
            "SuccessCriteriaMet",
            "CompletionsReached",
            message,
            now,
        );
        say(&mut list, "Complete", "CompletionsReached", message, now);
        status.insert("completionTime".to_owned(), json!(now));
    }
    if !list.is_empty() {
        status.insert("conditions".to_owned(), json!(list));
    }
    let mut new = job.clone();
    new["status"] = Value::Object(status);
    plan.set_status(Key::of(Kind::Job, job).path(), job, new);
}

fn say_suspended(job: &Value, suspended: bool, now: &str, list: &mut Vec<Value>) {
    let (status, reason, message) = if suspended {
        ("True", "JobSuspended", "Job suspended")
    } else if is_true(job, "Suspended") {
        ("False", "JobResumed", "Job resumed")
    } else {
        return;
    };
    let condition = Condition {
        kind: "Suspended",
        status,
        reason,
        message,
    };
    condition.set(list, now);
}

fn say(list: &mut Vec<Value>, kind: &str, reason: &str, message: &str, now: &str) {
    let condition = Condition {
        kind,
        status: "True",
        reason,
        message,
    };
    condition.set(list, now);
    for one in list.iter_mut().filter(|one| one["type"] == kind) {
        one["lastProbeTime"] = json!(now);
    }
}

/// Plans the end of a finished job that is to be removed some time after.
fn expire(job: &Value, now: &str, plan: &mut Plan) {
    let Some(keep) = job["spec"]["ttlSecondsAfterFinished"].as_i64() else {
        return;
    };
    let finished = conditions(job);
    let finished = finished
        .iter()
        .filter(|one| one["type"] == "Complete" || one["type"] == "Failed");
    let since = finished
        .filter_map(|one| seconds(one["lastTransitionTime"].as_str()?))
        .max();
    let (Some(since), Some(now)) = (since, seconds(now)) else {
        return;
    };
    match u64::try_from(since + keep - now) {
        Ok(left) if left > 0 => plan.look_again(Duration::from_secs(left)),
        _ if job.is_deleting() => {}
        _ => plan.push(Step::Delete {
            path: Key::of(Kind::Job, job).path(),
            uid: job.uid().to_owned(),
            grace: None,
        }),
    }
}
