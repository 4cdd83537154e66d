//! All metrics krate keeps, as of one moment: the list, with types and labels, read from the reports of each room.
//!
//! Names, types and labels up to [`requests`] are controller-runtime's; those that begin with `krate_` are what it
//! lacks. A counter is named here without its `_total`, which its type adds.

use std::fmt;
use std::time::Duration;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::histogram::Histogram;

use super::meter::Route;
use super::process::Process;
use super::{ControllerMeter, Meters};
use crate::cache::{self, Namespaces, Phase, Selection};
use crate::certificate;
use crate::client::LimitReport;
use crate::controller;
use crate::election;
use crate::operator::Site;
use crate::queue::Level;
use crate::serve;

/// Everything, ready to be written.
#[derive(Debug, Default)]
pub(super) struct Snapshot {
    families: Vec<Family>,
}

#[derive(Debug)]
struct Family {
    name: &'static str,
    help: &'static str,
    kind: MetricType,
    samples: Vec<(Labels, Value)>,
}

type Labels = Vec<(&'static str, String)>;

#[derive(Clone, Debug)]
enum Value {
    Counter(f64),
    Gauge(f64),
    Histogram(Histogram),
}

impl Snapshot {
    /// Reads every report of an operator.
    pub(super) fn of(site: &Site) -> Self {
        let mut snapshot = Self::default();
        let meters = site.metrics().meters();
        let controllers: Vec<Controller> = site
            .controllers()
            .into_iter()
            .map(|report| Controller {
                meter: meters.controller(&report.name),
                report,
            })
            .collect();
        reconciles(&mut snapshot, &controllers);
        queues(&mut snapshot, &controllers);
        requests(&mut snapshot, meters);
        webhooks(&mut snapshot, meters);
        certificates(&mut snapshot, meters, &site.certificates());
        process(&mut snapshot, &Process::read());
        caches(&mut snapshot, &site.caches().reports(), &site.caches().whole());
        writes(&mut snapshot, &controllers, site.dropped_events());
        if let Some(report) = site.election() {
            election(&mut snapshot, &report);
        }
        servers(&mut snapshot, &site.servers());
        if let Some(report) = site.limit() {
            limit(&mut snapshot, report);
        }
        snapshot
    }

    fn counters(
        &mut self,
        name: &'static str,
        help: &'static str,
        samples: impl IntoIterator<Item = (Labels, u64)>,
    ) {
        let samples = samples
            .into_iter()
            .map(|(labels, count)| (labels, Value::Counter(count as f64)));
        self.add(name, help, MetricType::Counter, samples);
    }

    fn gauges(
        &mut self,
        name: &'static str,
        help: &'static str,
        samples: impl IntoIterator<Item = (Labels, f64)>,
    ) {
        let samples = samples
            .into_iter()
            .map(|(labels, value)| (labels, Value::Gauge(value)));
        self.add(name, help, MetricType::Gauge, samples);
    }

    fn histograms(
        &mut self,
        name: &'static str,
        help: &'static str,
        samples: impl IntoIterator<Item = (Labels, Histogram)>,
    ) {
        let samples = samples
            .into_iter()
            .map(|(labels, histogram)| (labels, Value::Histogram(histogram)));
        self.add(name, help, MetricType::Histogram, samples);
    }

    fn add(
        &mut self,
        name: &'static str,
        help: &'static str,
        kind: MetricType,
        samples: impl Iterator<Item = (Labels, Value)>,
    ) {
        self.families.push(Family {
            name,
            help,
            kind,
            samples: samples.collect(),
        });
    }
}

/// A controller: what it reports, and what was noted of it.
struct Controller {
    report: controller::Report,
    meter: ControllerMeter,
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

fn reconciles(snapshot: &mut Snapshot, controllers: &[Controller]) {
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

fn queues(snapshot: &mut Snapshot, controllers: &[Controller]) {
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

fn requests(snapshot: &mut Snapshot, meters: &Meters) {
    let by_route = |route: &Route| vec![("verb", route.verb.clone()), ("host", route.host.clone())];
    meters.client().read(|requests| {
        let counted = requests.codes.iter().map(|((code, route), count)| {
            let labels = vec![
                ("code", code.clone()),
                ("method", route.verb.clone()),
                ("host", route.host.clone()),
            ];
            (labels, *count)
        });
        snapshot.counters("rest_client_requests", "Requests to the API server", counted);
        let routes = || requests.routes.iter();
        snapshot.histograms(
            "rest_client_request_duration_seconds",
            "How long the API server took to begin its answer",
            routes().map(|(route, sizes)| (by_route(route), sizes.duration.clone())),
        );
        snapshot.histograms(
            "rest_client_request_size_bytes",
            "How large requests to the API server were",
            routes().map(|(route, sizes)| (by_route(route), sizes.request.clone())),
        );
        snapshot.histograms(
            "rest_client_response_size_bytes",
            "How large answers of the API server were, where they said so",
            routes().map(|(route, sizes)| (by_route(route), sizes.response.clone())),
        );
        snapshot.histograms(
            "rest_client_rate_limiter_duration_seconds",
            "How long requests were held back by the operator's own limit",
            routes().map(|(route, sizes)| (by_route(route), sizes.limiter.clone())),
        );
    });
}

fn webhooks(snapshot: &mut Snapshot, meters: &Meters) {
    let webhooks = meters.webhooks();
    let labels = |path: &String| vec![("webhook", path.clone())];
    let latencies = webhooks
        .iter()
        .map(|(path, webhook)| (labels(path), webhook.latency.clone()));
    snapshot.histograms(
        "controller_runtime_webhook_latency_seconds",
        "How long webhooks took",
        latencies,
    );
    let answers = webhooks.iter().flat_map(|(path, webhook)| {
        webhook.answers().into_iter().map(|(code, count)| {
            let mut labels = labels(path);
            labels.push(("code", code.to_string()));
            (labels, count)
        })
    });
    snapshot.counters(
        "controller_runtime_webhook_requests",
        "Requests to webhooks",
        answers,
    );
    let in_flight = webhooks
        .iter()
        .map(|(path, webhook)| (labels(path), webhook.in_flight() as f64));
    snapshot.gauges(
        "controller_runtime_webhook_requests_in_flight",
        "Requests webhooks are working on",
        in_flight,
    );
    let panics: u64 = webhooks.values().map(super::WebhookMeter::panics).sum();
    snapshot.counters(
        "controller_runtime_webhook_panics",
        "Admission webhooks that panicked",
        alone(panics),
    );
    snapshot.counters(
        "controller_runtime_conversion_webhook_panics",
        "Conversions that panicked",
        alone(meters.conversion_panics()),
    );
}

fn certificates(snapshot: &mut Snapshot, meters: &Meters, reports: &[certificate::Report]) {
    let (mut reads, mut errors) = meters.certificate_reads();
    for report in reports {
        reads += report.reads;
        errors += report.errors;
    }
    snapshot.counters(
        "certwatcher_read_certificate",
        "How often a serving certificate was read",
        alone(reads),
    );
    snapshot.counters(
        "certwatcher_read_certificate_errors",
        "How often a serving certificate could not be read",
        alone(errors),
    );
}

fn process(snapshot: &mut Snapshot, process: &Process) {
    let cpu = process
        .cpu_seconds
        .map(|seconds| (Labels::new(), Value::Counter(seconds)));
    snapshot.add(
        "process_cpu_seconds",
        "Processor time spent, user and system",
        MetricType::Counter,
        cpu.into_iter(),
    );
    let gauges = [
        ("process_open_fds", "Open file descriptors", process.open_files),
        (
            "process_max_fds",
            "How many file descriptors may be open",
            process.open_files_limit,
        ),
        (
            "process_virtual_memory_bytes",
            "Virtual memory in use",
            process.virtual_bytes,
        ),
        (
            "process_virtual_memory_max_bytes",
            "How much virtual memory may be in use",
            process.virtual_limit_bytes,
        ),
        (
            "process_resident_memory_bytes",
            "Resident memory in use",
            process.resident_bytes,
        ),
        (
            "process_start_time_seconds",
            "When the process started, in seconds of Unix time",
            process.start_time_seconds,
        ),
    ];
    for (name, help, value) in gauges {
        snapshot.gauges(name, help, value.map(|value| (Labels::new(), value)));
    }
}

fn caches(snapshot: &mut Snapshot, reports: &[cache::Report], whole: &Selection) {
    let stores: Vec<(Labels, &cache::Report)> = reports
        .iter()
        .map(|report| (store_labels(report, whole), report))
        .collect();
    let objects = stores
        .iter()
        .map(|(labels, report)| (labels.clone(), report.objects as f64));
    snapshot.gauges("krate_cache_objects", "Objects in the cache", objects);
    type Count = fn(&cache::Report) -> u64;
    let counters: [(&str, &str, Count); 7] = [
        ("krate_cache_lists", "Lists started", |report| report.lists),
        (
            "krate_cache_watches",
            "Watches started, again after each that ended",
            |report| report.watches,
        ),
        (
            "krate_cache_failures",
            "Lists and watches that failed",
            |report| report.failures,
        ),
        (
            "krate_cache_undecodable_objects",
            "How often an object could not be read as its kind, and was skipped",
            |report| report.unreadable,
        ),
        (
            "krate_cache_handler_panics",
            "Mappers and predicates that panicked",
            |report| report.panics,
        ),
        (
            "krate_cache_live_reads",
            "Reads that asked the API server, because the operator's own writes had not come back yet",
            |report| report.live_reads,
        ),
        (
            "krate_cache_unconfirmed_writes",
            "Writes of the operator the watch did not show in time",
            |report| report.unconfirmed_writes,
        ),
    ];
    for (name, help, count) in counters {
        let samples = stores
            .iter()
            .map(|(labels, report)| (labels.clone(), count(report)));
        snapshot.counters(name, help, samples);
    }
    informers(snapshot, &stores);
}

fn informers(snapshot: &mut Snapshot, stores: &[(Labels, &cache::Report)]) {
    let each = || {
        stores.iter().flat_map(|(labels, report)| {
            report.informers.iter().map(move |informer| {
                let mut labels = labels.clone();
                labels.push(("namespace", informer.namespace.clone().unwrap_or_default()));
                (labels, informer)
            })
        })
    };
    let synced = each().map(|(labels, informer)| (labels, f64::from(u8::from(informer.status.synced))));
    snapshot.gauges(
        "krate_informer_synced",
        "Whether an informer has had a complete list",
        synced,
    );
    let phases = each().flat_map(|(labels, informer)| {
        PHASES.map(|phase| {
            let mut labels = labels.clone();
            labels.push(("phase", phase.name().to_owned()));
            (labels, f64::from(u8::from(informer.status.phase == phase)))
        })
    });
    snapshot.gauges(
        "krate_informer_phase",
        "The state of an informer: 1 for the one it is in",
        phases,
    );
    let lags = each().filter_map(|(labels, informer)| Some((labels, informer.lag?.as_secs_f64())));
    snapshot.gauges(
        "krate_informer_lag_seconds",
        "How long ago the API server last told an informer something; about a minute where nothing happens",
        lags,
    );
}

const PHASES: [Phase; 5] = [
    Phase::Syncing,
    Phase::Live,
    Phase::Forbidden,
    Phase::Missing,
    Phase::Failing,
];

fn store_labels(report: &cache::Report, whole: &Selection) -> Labels {
    vec![
        ("group", report.group.clone()),
        ("kind", report.kind.clone()),
        ("selection", selection(report, whole)),
    ]
}

/// Tells stores of one kind apart; empty for the store of all the operator looks at.
fn selection(report: &cache::Report, whole: &Selection) -> String {
    let selection = &report.selection;
    let mut parts = Vec::new();
    if !report.form.is_empty() {
        parts.push(report.form.clone());
    }
    if selection.namespaces != whole.namespaces {
        parts.push(match &selection.namespaces {
            Namespaces::All => "all namespaces".to_owned(),
            Namespaces::Only(names) => format!(
                "namespaces {}",
                names.iter().map(String::as_str).collect::<Vec<_>>().join(",")
            ),
            Namespaces::Labelled(labels) => format!("namespaces labelled {labels}"),
        });
    }
    parts.extend(selection.labels.iter().map(|labels| format!("labels {labels}")));
    parts.extend(selection.fields.iter().map(|fields| format!("fields {fields}")));
    parts.join(" ")
}

fn election(snapshot: &mut Snapshot, report: &election::Report) {
    let labels = || vec![("name", report.name.clone())];
    snapshot.gauges(
        "leader_election_master_status",
        "1 where this process leads, 0 where it stands by",
        [(labels(), f64::from(u8::from(report.leading)))],
    );
    let counters: [(&str, &str, u64); 4] = [
        (
            "leader_election_slowpath",
            "Renewals for which the lease had to be read first",
            report.slow_paths,
        ),
        (
            "krate_leader_election_terms",
            "How often this process was elected",
            report.terms,
        ),
        (
            "krate_leader_election_losses",
            "How often this process lost the lease without having released it",
            report.losses,
        ),
        (
            "krate_leader_election_failures",
            "Requests for the lease that failed",
            report.failures,
        ),
    ];
    for (name, help, count) in counters {
        snapshot.counters(name, help, [(labels(), count)]);
    }
}

fn writes(snapshot: &mut Snapshot, controllers: &[Controller], dropped_events: u64) {
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

fn servers(snapshot: &mut Snapshot, reports: &[serve::Report]) {
    let labels = |report: &serve::Report| vec![("server", report.name.clone())];
    let connections = reports
        .iter()
        .map(|report| (labels(report), report.connections as f64));
    snapshot.gauges(
        "krate_server_connections",
        "Connections that are open, to each of the operator's servers",
        connections,
    );
    type Count = fn(&serve::Report) -> u64;
    let counters: [(&str, &str, Count); 4] = [
        ("krate_server_requests", "Requests that arrived", |report| {
            report.requests
        }),
        (
            "krate_server_accept_errors",
            "Connections that could not be accepted",
            |report| report.accept_errors,
        ),
        (
            "krate_server_handshake_errors",
            "TLS handshakes that failed",
            |report| report.handshake_errors,
        ),
        ("krate_server_panics", "Handlers that panicked", |report| {
            report.panics
        }),
    ];
    for (name, help, count) in counters {
        let samples = reports.iter().map(|report| (labels(report), count(report)));
        snapshot.counters(name, help, samples);
    }
}

fn limit(snapshot: &mut Snapshot, report: LimitReport) {
    snapshot.counters(
        "krate_client_limit_delayed_requests",
        "Requests to the API server that waited for the operator's own limit",
        alone(report.delayed),
    );
    let waited = Value::Counter(report.waited.as_secs_f64());
    snapshot.add(
        "krate_client_limit_waited_seconds",
        "How long requests waited for the operator's own limit, all together",
        MetricType::Counter,
        std::iter::once((Labels::new(), waited)),
    );
    snapshot.gauges(
        "krate_client_limit_waiting_requests",
        "Requests that wait for the operator's own limit",
        alone(report.waiting as f64),
    );
}

/// A family of one number.
fn alone<T>(value: T) -> [(Labels, T); 1] {
    [(Labels::new(), value)]
}

impl Collector for Snapshot {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        for family in &self.families {
            let mut metric = encoder.encode_descriptor(family.name, family.help, None, family.kind)?;
            for (labels, value) in &family.samples {
                let sample = metric.encode_family(labels)?;
                match value {
                    Value::Counter(count) => ConstCounter::new(*count).encode(sample)?,
                    Value::Gauge(value) => ConstGauge::new(*value).encode(sample)?,
                    Value::Histogram(histogram) => histogram.encode(sample)?,
                }
            }
        }
        Ok(())
    }
}
