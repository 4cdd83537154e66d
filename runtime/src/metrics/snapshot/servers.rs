//! What the operator serves: webhooks, their certificates, and the servers themselves.

use super::super::{Meters, WebhookMeter};
use super::{Snapshot, alone};
use crate::{certificate, serve};

pub(super) fn webhooks(snapshot: &mut Snapshot, meters: &Meters) {
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
    let panics: u64 = webhooks.values().map(WebhookMeter::panics).sum();
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

pub(super) fn certificates(snapshot: &mut Snapshot, meters: &Meters, reports: &[certificate::Report]) {
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
    let expirations = reports.iter().filter_map(|report| {
        let labels = vec![("certificate", report.name.clone())];
        Some((labels, report.not_after?.as_second() as f64))
    });
    snapshot.gauges(
        "krate_certificate_expiration_timestamp_seconds",
        "When a serving certificate ends, in seconds of Unix time",
        expirations,
    );
}

pub(super) fn servers(snapshot: &mut Snapshot, reports: &[serve::Report]) {
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
