//! What controllers and their queues show.

use std::time::Duration;

use prometheus_client::metrics::histogram::Histogram;

use super::super::ControllerMeter;
use super::{Labels, Snapshot, alone};
use crate::controller;
use crate::queue::Level;

/// A controller: what it reports, and what was noted of it.
pub(super) struct Controller {
    pub(super) report: controller::Report,
    pub(super) meter: ControllerMeter,
}

impl Controller {
    fn labels(&self) -> Labels {
        vec![("controller", self.report.name.clone())]
    }

    /// Dashboards of older and newer versions ask for one or the other.
    fn queue_labels(&self) -> Labels {
        let name = &self.report.name;
        vec![("name", name.clone()), ("controller", name.clone())]
    }
}

pub(super) fn reconciles(snapshot: &mut Snapshot, controllers: &[Controller]) {
    let each = |value: fn(&controller::Report) -> u64| {
        controllers
            .iter()
            .map(move |controller| (controller.labels(), value(&controller.report)))
    };
    let by_result = controllers.iter().flat_map(|controller| {
        let stats = controller.report.stats;
        let results = [
            ("success", stats.succeeded.saturating_sub(stats.requeued)),
            ("error", stats.failed + stats.terminal),
            // Asking for a retry without an error is not possible here.
            ("requeue", 0),
            ("requeue_after", stats.requeued),
        ];
        results.map(|(result, count)| {
            let mut labels = controller.labels();
            labels.push(("result", result.to_owned()));
            (labels, count)
        })
    });
    snapshot.counters(
        "controller_runtime_reconcile",
        "Reconciles by how they ended",
        by_result,
    );
    snapshot.counters(
        "controller_runtime_reconcile_errors",
        "Reconciles that failed",
        each(|report| report.stats.failed + report.stats.terminal),
    );
    snapshot.counters(
        "controller_runtime_terminal_reconcile_errors",
        "Reconciles that failed in a way no retry can mend",
        each(|report| report.stats.terminal),
    );
    snapshot.counters(
        "controller_runtime_reconcile_panics",
        "Reconciles that panicked",
        each(|report| report.stats.panicked),
    );
    snapshot.counters(
        "controller_runtime_reconcile_timeouts",
        "Reconciles that were not done before their deadline",
        each(|report| report.stats.timed_out),
    );
    snapshot.counters(
        "krate_reconcile_hot_loops",
        "Objects found to keep running because of the operator's own writes, and slowed down",
        each(|report| report.stats.looped),
    );
    let times = controllers
        .iter()
        .map(|controller| (controller.labels(), controller.meter.reconciles.clone()));
    snapshot.histograms(
        "controller_runtime_reconcile_time_seconds",
        "How long reconciles took",
        times,
    );
    let gauge = |value: fn(&controller::Report) -> usize| {
        controllers
            .iter()
            .map(move |controller| (controller.labels(), value(&controller.report) as f64))
    };
    snapshot.gauges(
        "controller_runtime_max_concurrent_reconciles",
        "How many objects may be reconciled at the same time",
        gauge(|report| report.workers),
    );
    snapshot.gauges(
        "controller_runtime_active_workers",
        "How many objects are being reconciled",
        gauge(|report| report.running),
    );
}

pub(super) fn queues(snapshot: &mut Snapshot, controllers: &[Controller]) {
    let depths = controllers.iter().flat_map(|controller| {
        controller.report.ready.map(|(level, ready)| {
            let mut labels = controller.queue_labels();
            labels.push(("priority", priority(level).to_owned()));
            (labels, ready as f64)
        })
    });
    snapshot.gauges(
        "workqueue_depth",
        "How many keys are in line, by priority",
        depths,
    );
    let counter = |value: fn(&controller::Report) -> u64| {
        controllers
            .iter()
            .map(move |controller| (controller.queue_labels(), value(&controller.report)))
    };
    snapshot.counters(
        "workqueue_adds",
        "How often a key got in line",
        counter(|report| report.traffic.added),
    );
    snapshot.counters(
        "workqueue_retries",
        "How often a key was told to wait before it gets in line",
        counter(|report| report.traffic.delayed),
    );
    let histogram = |value: fn(&ControllerMeter) -> &Histogram| {
        controllers
            .iter()
            .map(move |controller| (controller.queue_labels(), value(&controller.meter).clone()))
    };
    snapshot.histograms(
        "workqueue_queue_duration_seconds",
        "How long keys were in line",
        histogram(|meter| &meter.queue),
    );
    snapshot.histograms(
        "workqueue_work_duration_seconds",
        "How long the work on a key took",
        histogram(|meter| &meter.work),
    );
    let seconds = |value: fn(&controller::Report) -> Duration| {
        controllers
            .iter()
            .map(move |controller| (controller.queue_labels(), value(&controller.report).as_secs_f64()))
    };
    snapshot.gauges(
        "workqueue_unfinished_work_seconds",
        "How long all keys at work have been so, together; it grows while one hangs",
        seconds(|report| report.unfinished),
    );
    snapshot.gauges(
        "workqueue_longest_running_processor_seconds",
        "How long the key that has been at work longest has been so",
        seconds(|report| report.longest),
    );
}

/// Levels as controller-runtime numbers them, where the first list has -100.
fn priority(level: Level) -> &'static str {
    match level {
        Level::Low => "-100",
        Level::Normal => "0",
        Level::High => "100",
    }
}

pub(super) fn writes(snapshot: &mut Snapshot, controllers: &[Controller], dropped_events: u64) {
    let applies = controllers.iter().flat_map(|controller| {
        let (sent, skipped) = controller.meter.applies();
        [("sent", sent), ("skipped", skipped)].map(|(result, count)| {
            let mut labels = controller.labels();
            labels.push(("result", result.to_owned()));
            (labels, count)
        })
    });
    snapshot.counters(
        "krate_applies",
        "Applies that were sent, and those skipped because they would have changed nothing",
        applies,
    );
    snapshot.counters(
        "krate_events_dropped",
        "Events dropped because the API server took them too slowly",
        alone(dropped_events),
    );
}
