//! What `/debug` shows, as it stands in its JSON.

use std::time::Duration;

use serde::Serialize;
use tokio::time::Instant;

use super::journal::{Ended, Recent, Running};
use crate::cache::{self, ObjectKey};
use crate::context::Cause;
use crate::controller::Engine;
use crate::queue::{QueuePlace, Queued, Reason, Snapshot};

/// One controller: what it works on, what is in its queue, what ran last.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ControllerView {
    /// Its name.
    pub controller: String,
    /// How many objects it reconciles at the same time.
    pub workers: usize,
    /// What it works on, the longest first.
    pub running: Vec<RunningView>,
    /// What is in its queue: in line, the next first, then what waits for a time.
    pub queued: Vec<QueuedView>,
    /// How many more are in its queue.
    pub omitted: usize,
    /// What ran last for each object: what failed before what succeeded, the latest first.
    pub recent: Vec<RecentView>,
}

/// A run that has not ended.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RunningView {
    /// The object.
    pub object: String,
    /// How long it has been running.
    pub seconds: f64,
    /// Why it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// How often it failed in a row before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
    /// The id that is in its log lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reconcile_id: Option<String>,
}

/// An object in the queue.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct QueuedView {
    /// The object.
    pub object: String,
    /// `ready` if only a worker is missing, `waiting` for a time, or `backing off` from a failure.
    pub state: &'static str,
    /// How long it has been in line, or how long it still waits.
    pub seconds: f64,
    /// How urgent it is.
    pub level: &'static str,
    /// Why it is to run.
    pub cause: String,
    /// How often it failed in a row.
    pub failures: u32,
}

/// The last run of an object.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RecentView {
    /// The object.
    pub object: String,
    /// `done`, `requeued`, `failed`, `failed for good`, `panicked` or `timed out`.
    pub result: &'static str,
    /// What went wrong, or when it runs again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// When it ended.
    pub at: String,
    /// How long it took.
    pub seconds: f64,
    /// Why it ran.
    pub cause: String,
    /// How often it had failed in a row before.
    pub attempt: u32,
    /// The id that is in its log lines.
    pub reconcile_id: String,
}

/// One informer.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct InformerView {
    /// The API group of its kind, empty for the core group.
    pub group: String,
    /// Its kind.
    pub kind: String,
    /// The namespace it watches, none for everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The label selector.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<String>,
    /// The field selector.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fields: Option<String>,
    /// Its state.
    pub phase: &'static str,
    /// Whether it has had a complete list.
    pub synced: bool,
    /// What went wrong, while something does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// How long ago the server last told it something.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lag_seconds: Option<f64>,
    /// How many objects its store holds, those of other namespaces among them.
    pub objects: usize,
    /// How many bytes of text these objects have.
    pub bytes: u64,
    /// How often an object could not be read.
    pub undecodable: u64,
}

/// Which objects are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Wish {
    pub(super) controller: Option<String>,
    pub(super) namespace: Option<String>,
    pub(super) name: Option<String>,
    /// How many of each are shown.
    pub(super) limit: usize,
}

impl Wish {
    fn takes(&self, key: &ObjectKey) -> bool {
        let namespace = self.namespace.as_deref();
        let name = self.name.as_deref();
        namespace.is_none_or(|namespace| key.namespace().unwrap_or_default() == namespace)
            && name.is_none_or(|name| key.name() == name)
    }

    /// One object is looked for in the whole queue, many are cut off.
    fn depth(&self) -> usize {
        match self.namespace.is_some() || self.name.is_some() {
            true => usize::MAX,
            false => self.limit,
        }
    }
}

/// Shows a controller, unless another one is asked for.
pub(super) fn controller(engine: &Engine, wish: &Wish) -> Option<ControllerView> {
    let asked = wish.controller.as_deref();
    if asked.is_some_and(|asked| asked != engine.name()) {
        return None;
    }
    let Snapshot { queued, omitted, .. } = engine.queued(wish.depth());
    let now = Instant::now();
    let queued = queued.into_iter().filter(|queued| wish.takes(&queued.key));
    let running = engine.journal().running().into_iter();
    let recent = engine.journal().recent(wish.limit, |key| wish.takes(key));
    Some(ControllerView {
        controller: engine.name().to_owned(),
        workers: engine.report().workers,
        running: running
            .filter(|(key, ..)| wish.takes(key))
            .map(|(key, since, run)| running_view(&key, since, run))
            .collect(),
        queued: queued
            .take(wish.limit)
            .map(|queued| queued_view(queued, now))
            .collect(),
        omitted,
        recent: recent
            .into_iter()
            .map(|(key, recent)| recent_view(&key, recent))
            .collect(),
    })
}

fn running_view(key: &ObjectKey, since: Duration, run: Option<Running>) -> RunningView {
    RunningView {
        object: key.to_string(),
        seconds: since.as_secs_f64(),
        cause: run.as_ref().map(|run| run.cause.to_string()),
        attempt: run.as_ref().map(|run| run.attempt),
        reconcile_id: run.map(|run| run.id),
    }
}

fn queued_view(queued: Queued<ObjectKey, Cause>, now: Instant) -> QueuedView {
    let (state, time) = match queued.place {
        QueuePlace::Ready(since) => ("ready", now.saturating_duration_since(since)),
        QueuePlace::Waiting(until) => {
            let state = match queued.reason {
                Reason::Retry => "backing off",
                Reason::Added(_) | Reason::Timer => "waiting",
            };
            (state, until.saturating_duration_since(now))
        }
    };
    let cause = match queued.reason {
        Reason::Added(cause) => cause,
        Reason::Timer => Cause::Timer,
        Reason::Retry => Cause::Retry,
    };
    QueuedView {
        object: queued.key.to_string(),
        state,
        seconds: time.as_secs_f64(),
        level: queued.level.name(),
        cause: cause.to_string(),
        failures: queued.failures,
    }
}

fn recent_view(key: &ObjectKey, recent: Recent) -> RecentView {
    let (result, detail) = match recent.ended {
        Ended::Done { requeue_after: None } => ("done", None),
        Ended::Done {
            requeue_after: Some(after),
        } => ("requeued", Some(format!("again after {after:?}"))),
        Ended::Failed { error, retried: true } => ("failed", Some(error)),
        Ended::Failed {
            error,
            retried: false,
        } => ("failed for good", Some(error)),
        Ended::Panicked { message } => ("panicked", Some(message)),
        Ended::TimedOut { deadline } => ("timed out", Some(format!("not done after {deadline:?}"))),
    };
    RecentView {
        object: key.to_string(),
        result,
        detail,
        at: recent.at.to_string(),
        seconds: recent.took.as_secs_f64(),
        cause: recent.run.cause.to_string(),
        attempt: recent.run.attempt,
        reconcile_id: recent.run.id,
    }
}

/// Shows every informer of a store.
pub(super) fn informers(report: &cache::Report) -> impl Iterator<Item = InformerView> + '_ {
    report.informers.iter().map(|informer| InformerView {
        group: report.group.clone(),
        kind: report.kind.clone(),
        namespace: informer.namespace.clone(),
        labels: report.selection.labels.clone(),
        fields: report.selection.fields.clone(),
        phase: informer.status.phase.name(),
        synced: informer.status.synced,
        error: informer.status.error.clone(),
        lag_seconds: informer.lag.map(|lag| lag.as_secs_f64()),
        objects: report.objects,
        bytes: report.bytes,
        undecodable: report.unreadable,
    })
}
