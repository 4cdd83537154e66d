//! What people and machines see of an operator: metrics, probes, `/debug`.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use krate::certificate::{Certificates, InMemory};
use krate::controller::Controller;
use krate::debug::DebugPage;
use krate::health::HealthPage;
use krate::metrics::prometheus_client::metrics::counter::Counter;
use krate::metrics::{Format, MetricsPage};
use krate::queue::Backoff;
use krate::serve::{Body, Routes};
use krate::{Action, Error, Operator};
use serde_json::{Value, json};

use crate::exposition::{Family, read};
use crate::probe::{MOMENT, Probe, Running, pass, with};
use crate::script::{Fault, Server};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

/// Bounds of a histogram, as controller-runtime's client writes them.
const RECONCILE: &str = "0.005 0.01 0.025 0.05 0.1 0.15 0.2 0.25 0.3 0.35 0.4 0.45 0.5 0.6 0.7 0.8 0.9 1 1.25 1.5 1.75 2 \
     2.5 3 3.5 4 4.5 5 6 7 8 9 10 15 20 25 30 40 50 60 +Inf";
const FINE: &str =
    "1e-08 1e-07 1e-06 9.999999999999999e-06 9.999999999999999e-05 0.001 0.01 0.1 1 10 100 1000 +Inf";
const REQUEST: &str = "0.005 0.025 0.1 0.25 0.5 1 2 4 8 15 30 60 +Inf";
const SIZE: &str = "64 256 512 1024 4096 16384 65536 262144 1.048576e+06 4.194304e+06 1.6777216e+07 +Inf";

/// Every metric of controller-runtime, as it registers them: name, type, labels, bounds.
const CONTROLLER_RUNTIME: [(&str, &str, &str, &str); 33] = [
    (
        "controller_runtime_reconcile_total",
        "counter",
        "controller result",
        "",
    ),
    (
        "controller_runtime_reconcile_errors_total",
        "counter",
        "controller",
        "",
    ),
    (
        "controller_runtime_terminal_reconcile_errors_total",
        "counter",
        "controller",
        "",
    ),
    (
        "controller_runtime_reconcile_panics_total",
        "counter",
        "controller",
        "",
    ),
    (
        "controller_runtime_reconcile_timeouts_total",
        "counter",
        "controller",
        "",
    ),
    (
        "controller_runtime_reconcile_time_seconds",
        "histogram",
        "controller",
        RECONCILE,
    ),
    (
        "controller_runtime_max_concurrent_reconciles",
        "gauge",
        "controller",
        "",
    ),
    ("controller_runtime_active_workers", "gauge", "controller", ""),
    (
        "controller_runtime_webhook_latency_seconds",
        "histogram",
        "webhook",
        FINE,
    ),
    (
        "controller_runtime_webhook_requests_total",
        "counter",
        "code webhook",
        "",
    ),
    (
        "controller_runtime_webhook_requests_in_flight",
        "gauge",
        "webhook",
        "",
    ),
    ("controller_runtime_webhook_panics_total", "counter", "", ""),
    (
        "controller_runtime_conversion_webhook_panics_total",
        "counter",
        "",
        "",
    ),
    ("certwatcher_read_certificate_total", "counter", "", ""),
    ("certwatcher_read_certificate_errors_total", "counter", "", ""),
    ("workqueue_depth", "gauge", "controller name priority", ""),
    ("workqueue_adds_total", "counter", "controller name", ""),
    ("workqueue_retries_total", "counter", "controller name", ""),
    (
        "workqueue_queue_duration_seconds",
        "histogram",
        "controller name",
        FINE,
    ),
    (
        "workqueue_work_duration_seconds",
        "histogram",
        "controller name",
        FINE,
    ),
    (
        "workqueue_unfinished_work_seconds",
        "gauge",
        "controller name",
        "",
    ),
    (
        "workqueue_longest_running_processor_seconds",
        "gauge",
        "controller name",
        "",
    ),
    ("rest_client_requests_total", "counter", "code host method", ""),
    (
        "rest_client_request_duration_seconds",
        "histogram",
        "host verb",
        REQUEST,
    ),
    ("rest_client_request_size_bytes", "histogram", "host verb", SIZE),
    ("rest_client_response_size_bytes", "histogram", "host verb", SIZE),
    (
        "rest_client_rate_limiter_duration_seconds",
        "histogram",
        "host verb",
        REQUEST,
    ),
    // Those of every process.
    ("process_cpu_seconds_total", "counter", "", ""),
    ("process_open_fds", "gauge", "", ""),
    ("process_max_fds", "gauge", "", ""),
    ("process_virtual_memory_bytes", "gauge", "", ""),
    ("process_resident_memory_bytes", "gauge", "", ""),
    ("process_start_time_seconds", "gauge", "", ""),
];

/// What controller-runtime lacks.
const OWN: [(&str, &str, &str); 17] = [
    ("krate_cache_objects", "gauge", "group kind selection"),
    ("krate_cache_bytes", "gauge", "group kind selection"),
    ("krate_cache_lists_total", "counter", "group kind selection"),
    ("krate_cache_watches_total", "counter", "group kind selection"),
    ("krate_cache_failures_total", "counter", "group kind selection"),
    (
        "krate_cache_undecodable_objects_total",
        "counter",
        "group kind selection",
    ),
    (
        "krate_cache_handler_panics_total",
        "counter",
        "group kind selection",
    ),
    ("krate_cache_live_reads_total", "counter", "group kind selection"),
    (
        "krate_cache_decoded_objects_total",
        "counter",
        "group kind selection",
    ),
    (
        "krate_cache_unconfirmed_writes_total",
        "counter",
        "group kind selection",
    ),
    ("krate_informer_synced", "gauge", "group kind namespace selection"),
    (
        "krate_informer_phase",
        "gauge",
        "group kind namespace phase selection",
    ),
    (
        "krate_informer_lag_seconds",
        "gauge",
        "group kind namespace selection",
    ),
    ("krate_applies_total", "counter", "controller result"),
    ("krate_reconcile_hot_loops_total", "counter", "controller"),
    (
        "krate_certificate_expiration_timestamp_seconds",
        "gauge",
        "certificate",
    ),
    ("krate_events_dropped_total", "counter", ""),
];

/// Metrics, as a scraper reads them.
struct Scrape(BTreeMap<String, Family>);

impl Scrape {
    fn of(running: &Running) -> Self {
        let families = read(&running.site.metrics_text(Format::Text), Format::Text).unwrap();
        Self(
            families
                .into_iter()
                .map(|family| (family.name.clone(), family))
                .collect(),
        )
    }

    /// The value of one series; labels as `name=value`, in any order, those left out do not matter.
    fn value(&self, name: &str, labels: &[&str]) -> f64 {
        let family = name.trim_end_matches("_count").trim_end_matches("_sum");
        let wanted: Vec<(&str, &str)> = labels.iter().filter_map(|label| label.split_once('=')).collect();
        let found: Vec<f64> = self.0[family]
            .samples
            .iter()
            .filter(|sample| sample.name == name)
            .filter(|sample| {
                wanted
                    .iter()
                    .all(|(label, value)| sample.labels[*label] == *value)
            })
            .map(|sample| sample.value)
            .collect();
        assert_eq!(found.len(), 1, "{name} {labels:?}");
        found[0]
    }
}

/// An operator whose ConfigMap `a/bad` fails at first, `a/hopeless` for good, and `a/later` comes again.
async fn busy(server: &Server) -> Running {
    for name in ["good", "bad", "hopeless", "later"] {
        server.put("configmaps", &format!("a/{name}"), json!({}));
    }
    let (probe, _) = Probe::<ConfigMap>::behaving("pages", |object, attempt| async move {
        tokio::time::sleep(SECOND).await;
        match object.metadata.name.as_deref() {
            Some("bad") if attempt < 2 => Err(Error::new("told to fail")),
            Some("hopeless") => Err(Error::terminal(Error::new("told to fail for good"))),
            Some("later") => Ok(Action::requeue(MINUTE * 10)),
            _ => Ok(Action::done()),
        }
    });
    let controller = Controller::new(probe).workers(2).backoff(Backoff {
        base: SECOND,
        max: SECOND,
    });
    let certificate = Certificates::from(InMemory::new(["metrics.shop.svc"]));
    Running::start(with(controller).certificates(&certificate), server).await
}

#[tokio::test(start_paused = true)]
async fn every_metric_of_controller_runtime_is_there_as_its_dashboards_expect_it() {
    let server = Server::new();
    let running = busy(&server).await;
    let meters = running.site.metrics().meters();
    meters.webhook("/validate-v1-configmap").begun();
    pass(MINUTE).await;
    let scrape = Scrape::of(&running);
    let own = OWN.map(|(name, kind, labels)| (name, kind, labels, ""));
    for (name, kind, labels, bounds) in CONTROLLER_RUNTIME.into_iter().chain(own) {
        let family = scrape.0.get(name).unwrap_or_else(|| panic!("{name} is missing"));
        assert_eq!(family.kind, kind, "{name}");
        for sample in &family.samples {
            let mut names: Vec<&str> = sample.labels.keys().map(String::as_str).collect();
            names.retain(|label| *label != "le");
            assert_eq!(names.join(" "), labels, "{name}");
        }
        let buckets: Vec<&str> = family
            .samples
            .iter()
            .filter_map(|sample| sample.labels.get("le").map(String::as_str))
            .collect();
        for found in buckets.chunks(bounds.split(' ').count()) {
            assert_eq!(found.join(" "), bounds, "{name}");
        }
    }
    let known: BTreeSet<&str> = CONTROLLER_RUNTIME
        .iter()
        .map(|(name, ..)| *name)
        .chain(OWN.iter().map(|(name, ..)| *name))
        .chain(["process_virtual_memory_max_bytes"])
        .collect();
    let others: Vec<&String> = scrape
        .0
        .keys()
        .filter(|name| !known.contains(name.as_str()))
        .collect();
    assert!(others.is_empty(), "not in the list: {others:?}");
}

#[tokio::test(start_paused = true)]
async fn the_numbers_are_those_of_what_happened() {
    let server = Server::new();
    let running = busy(&server).await;
    pass(SECOND / 2).await;
    let early = Scrape::of(&running);
    let pages = ["controller=pages"];
    assert_eq!(early.value("controller_runtime_active_workers", &pages), 2.0);
    assert_eq!(
        early.value("controller_runtime_max_concurrent_reconciles", &pages),
        2.0
    );
    assert_eq!(
        early.value("workqueue_depth", &["name=pages", "priority=-100"]),
        2.0
    );
    assert!((early.value("workqueue_unfinished_work_seconds", &pages) - 1.0).abs() < 0.1);
    assert!((early.value("workqueue_longest_running_processor_seconds", &pages) - 0.5).abs() < 0.1);
    pass(MINUTE).await;
    let scrape = Scrape::of(&running);
    let total = |result: &str| {
        let result = format!("result={result}");
        scrape.value(
            "controller_runtime_reconcile_total",
            &["controller=pages", &result],
        )
    };
    // `bad` fails twice and then succeeds, `hopeless` fails once.
    assert_eq!(
        ["success", "error", "requeue", "requeue_after"].map(total),
        [2.0, 3.0, 0.0, 1.0]
    );
    assert_eq!(
        scrape.value("controller_runtime_reconcile_errors_total", &pages),
        3.0
    );
    assert_eq!(
        scrape.value("controller_runtime_terminal_reconcile_errors_total", &pages),
        1.0
    );
    assert_eq!(
        scrape.value("controller_runtime_reconcile_time_seconds_count", &pages),
        6.0
    );
    assert_eq!(scrape.value("workqueue_work_duration_seconds_count", &pages), 6.0);
    assert_eq!(
        scrape.value("workqueue_queue_duration_seconds_count", &pages),
        6.0
    );
    assert_eq!(scrape.value("workqueue_adds_total", &pages), 6.0);
    // Two back-offs, and the timer that is still running.
    assert_eq!(scrape.value("workqueue_retries_total", &pages), 3.0);
    assert_eq!(
        scrape.value("krate_cache_objects", &["kind=ConfigMap", "group="]),
        4.0
    );
    assert_eq!(scrape.value("krate_informer_synced", &["kind=ConfigMap"]), 1.0);
    assert_eq!(scrape.value("krate_informer_phase", &["phase=live"]), 1.0);
    assert!(scrape.value("krate_informer_lag_seconds", &[]) > 50.0);
    let ends = running.site.certificates()[0].not_after.unwrap().as_second();
    let certificate = ["certificate=in-memory"];
    assert_eq!(
        scrape.value("krate_certificate_expiration_timestamp_seconds", &certificate),
        ends as f64
    );
    // A list and a watch.
    assert_eq!(
        scrape.value("rest_client_requests_total", &["code=200", "method=GET"]),
        2.0
    );
}

#[tokio::test(start_paused = true)]
async fn how_long_the_limit_holds_requests_back_is_shown_where_there_is_a_limit() {
    for (limit, observed, seconds) in [(None, 0.0, 0.0), (Some((0.5, 1)), 2.0, 2.0)] {
        let server = Server::new();
        let (probe, _) = Probe::<ConfigMap>::new("pages");
        let operator = match limit {
            Some((qps, burst)) => with(probe).limit(qps, burst),
            None => with(probe),
        };
        let running = Running::start(operator, &server).await;
        // The list goes at once; the watch has to wait.
        pass(MINUTE).await;
        let scrape = Scrape::of(&running);
        let value = |of: &str| scrape.value(&format!("rest_client_rate_limiter_duration_seconds_{of}"), &[]);
        assert_eq!((value("count"), value("sum").round()), (observed, seconds));
    }
}

#[tokio::test(start_paused = true)]
async fn webhooks_are_counted_and_timed() {
    let server = Server::new();
    let running = busy(&server).await;
    let webhook = running.site.metrics().meters().webhook("/mutate");
    webhook.begun();
    webhook.begun();
    webhook.ended(Some(500), SECOND);
    webhook.panicked();
    assert_eq!(
        Scrape::of(&running).value("controller_runtime_webhook_requests_in_flight", &[]),
        1.0
    );
    webhook.ended(None, SECOND);
    let scrape = Scrape::of(&running);
    assert_eq!(
        scrape.value("controller_runtime_webhook_requests_in_flight", &[]),
        0.0
    );
    assert_eq!(
        scrape.value(
            "controller_runtime_webhook_latency_seconds_count",
            &["webhook=/mutate"]
        ),
        2.0
    );
    assert_eq!(
        scrape.value("controller_runtime_webhook_requests_total", &["code=500"]),
        1.0
    );
    assert_eq!(scrape.value("controller_runtime_webhook_panics_total", &[]), 1.0);
}

#[tokio::test(start_paused = true)]
async fn both_formats_are_clean_and_say_the_same() {
    let server = Server::new();
    let running = busy(&server).await;
    pass(MINUTE).await;
    let text = read(&running.site.metrics_text(Format::Text), Format::Text).unwrap();
    let open = read(
        &running.site.metrics_text(Format::OpenMetrics),
        Format::OpenMetrics,
    )
    .unwrap();
    let series = |families: &[Family]| -> BTreeSet<String> {
        let samples = families.iter().flat_map(|family| &family.samples);
        let without_bounds = samples.filter(|sample| !sample.labels.contains_key("le"));
        without_bounds
            .map(|sample| format!("{} {:?}", sample.name, sample.labels))
            .collect()
    };
    assert_eq!(series(&text), series(&open));
    assert!(text.len() > 30);
}

#[tokio::test(start_paused = true)]
async fn metrics_of_the_program_are_beside_krates_and_do_not_replace_them() {
    let server = Server::new();
    let (scaled, shadow): (Counter, Counter) = (Counter::default(), Counter::default());
    shadow.inc_by(99);
    let (probe, _) = Probe::<ConfigMap>::new("pages");
    let shown = scaled.clone();
    let operator = with(probe).metrics(|registry| {
        registry.register("pages_scaled", "How often a size was changed", shown);
        registry.register("krate_events_dropped", "Mine", shadow);
    });
    let running = Running::start(operator, &server).await;
    scaled.inc();
    let scrape = Scrape::of(&running);
    assert_eq!(scrape.value("pages_scaled_total", &[]), 1.0);
    assert_eq!(scrape.value("krate_events_dropped_total", &[]), 0.0);
}

#[tokio::test(start_paused = true)]
async fn two_operators_do_not_share_numbers() {
    let (one, other) = (Server::new(), Server::new());
    let (first, second) = (busy(&one).await, {
        let (probe, _) = Probe::<ConfigMap>::new("pages");
        Running::start(with(probe), &other).await
    });
    pass(MINUTE).await;
    let runs = |running: &Running| {
        Scrape::of(running).value(
            "controller_runtime_reconcile_time_seconds_count",
            &["controller=pages"],
        )
    };
    assert_eq!((runs(&first), runs(&second)), (6.0, 0.0));
}

async fn get(routes: Routes, path: &str, accept: &str) -> (u16, String, String) {
    let request = http::Request::get(path).header("accept", accept);
    let response = routes.answer(request.body(Body::empty()).unwrap()).await;
    let status = response.status().as_u16();
    let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
    let body = response.into_body().bytes(1 << 24).await.unwrap();
    (status, kind, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test(start_paused = true)]
async fn metrics_are_served_in_the_format_that_is_asked_for() {
    let server = Server::new();
    let running = busy(&server).await;
    let routes = || MetricsPage::open(&running.site).routes();
    let (status, kind, text) = get(routes(), "/metrics", "*/*").await;
    assert_eq!(
        (status, kind.as_str()),
        (200, "text/plain; version=0.0.4; charset=utf-8")
    );
    assert!(read(&text, Format::Text).is_ok());
    let (_, kind, text) = get(routes(), "/metrics", "application/openmetrics-text;version=1.0.0").await;
    assert_eq!(kind, "application/openmetrics-text; version=1.0.0; charset=utf-8");
    assert!(read(&text, Format::OpenMetrics).is_ok());
}

#[tokio::test(start_paused = true)]
async fn guarded_metrics_are_for_nobody_without_a_token() {
    let server = Server::new();
    let running = busy(&server).await;
    let (status, _, text) = get(MetricsPage::guarded(&running.site).routes(), "/metrics", "*/*").await;
    assert_eq!((status, text.as_str()), (401, "Unauthorized\n"));
}

#[tokio::test(start_paused = true)]
async fn a_replica_is_ready_when_its_caches_are_and_stays_so_and_alive() {
    let server = Server::new();
    server.fail("secrets", Fault::Refused(403));
    let (pages, _) = Probe::<ConfigMap>::new("pages");
    let (locks, _) = Probe::<Secret>::new("locks");
    let operator = Operator::new()
        .controller(pages)
        .controller(locks)
        .check("license", || async { Ok(()) });
    let running = Running::start(operator, &server).await;
    let ask = async |path: &str| get(HealthPage::new(&running.site).routes(), path, "*/*").await;
    pass(MINUTE).await;
    let (status, _, text) = ask("/readyz").await;
    assert_eq!(status, 500);
    assert!(text.contains("[+]cache/ConfigMap ok: live\n"), "{text}");
    assert!(text.contains("[-]cache/Secret failed: forbidden: "), "{text}");
    assert!(text.contains("[+]license ok\n"), "{text}");
    server.heal("secrets");
    pass(MINUTE * 5).await;
    assert_eq!(ask("/readyz").await.0, 200);
    server.fail("secrets", Fault::Refused(500));
    server.fail("configmaps", Fault::Refused(500));
    server.hang_up("secrets");
    server.hang_up("configmaps");
    pass(MINUTE).await;
    let (status, _, text) = ask("/readyz?verbose").await;
    assert_eq!(status, 200, "{text}");
    assert!(text.contains("[+]cache/Secret ok: failing: "), "{text}");
    assert_eq!(
        ask("/healthz").await.0,
        200,
        "a restart would not mend the server"
    );
}

#[tokio::test(start_paused = true)]
async fn debug_shows_what_is_queued_and_what_ran_and_why() {
    let server = Server::new();
    let (probe, _) = Probe::<ConfigMap>::behaving("pages", |object, _| async move {
        match object.metadata.name.as_deref() {
            Some("bad") => Err(Error::new("told to fail")),
            Some("slow") => std::future::pending().await,
            _ => Ok(Action::done()),
        }
    });
    for name in ["bad", "good", "slow"] {
        server.put("configmaps", &format!("a/{name}"), json!({}));
    }
    let backoff = Backoff {
        base: MINUTE * 600,
        max: MINUTE * 600,
    };
    let unserved = krate::serve::Server::new("debug", krate::serve::Address::OFF);
    let operator = with(Controller::new(probe).workers(2).backoff(backoff)).serve_debug(unserved);
    let running = Running::start(operator, &server).await;
    pass(MINUTE).await;
    server.put("configmaps", "a/good", json!({"data": {"a": "b"}}));
    pass(MOMENT).await;
    let ask = async |path: &str| get(DebugPage::new(&running.site).routes(), path, "*/*").await.2;
    let all: Value = serde_json::from_str(&ask("/debug/controllers?format=json").await).unwrap();
    let pages = &all[0];
    assert_eq!(
        (pages["controller"].as_str(), &pages["workers"]),
        (Some("pages"), &json!(2))
    );
    let run = &pages["running"][0];
    assert_eq!(
        (run["object"].as_str(), run["cause"].as_str()),
        (Some("a/slow"), Some("initial"))
    );
    assert!(run["seconds"].as_f64() >= Some(60.0), "{run}");
    let queued = &pages["queued"][0];
    assert_eq!(
        [
            &queued["object"],
            &queued["state"],
            &queued["level"],
            &queued["cause"]
        ],
        ["a/bad", "backing off", "low", "retry"]
    );
    assert_eq!(queued["failures"], 1);
    let recent = &pages["recent"];
    assert_eq!([&recent[0]["object"], &recent[0]["result"]], ["a/bad", "failed"]);
    assert_eq!(recent[0]["detail"], "told to fail");
    assert_eq!([&recent[1]["object"], &recent[1]["result"]], ["a/good", "done"]);
    assert!(
        recent[1]["cause"]
            .as_str()
            .is_some_and(|cause| cause.starts_with("changed@")),
        "{recent}"
    );
    assert!(
        recent[1]["at"]
            .as_str()
            .is_some_and(|at| at.starts_with("1970-01-01T00:01:00")),
        "{recent}"
    );
    let one: Value =
        serde_json::from_str(&ask("/debug/controllers?format=json&namespace=a&name=good").await).unwrap();
    assert_eq!(
        (one[0]["recent"].as_array().map(Vec::len), &one[0]["queued"]),
        (Some(1), &json!([]))
    );
    let plain = ask("/debug/controllers").await;
    assert!(plain.contains("a/bad failed: told to fail at "), "{plain}");
    assert!(plain.contains("a/bad backing off "), "{plain}");
    let informers = ask("/debug/informers").await;
    assert!(
        informers.starts_with("ConfigMap: live, 3 objects, heard of "),
        "{informers}"
    );
    assert_eq!(
        ask("/debug/controllers?controller=other").await,
        "no controller of that name\n"
    );
}
