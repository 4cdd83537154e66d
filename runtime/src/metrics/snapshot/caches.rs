//! What caches and their informers show.

use super::{Labels, Snapshot};
use crate::cache::{self, Namespaces, Phase, Selection};

pub(super) fn caches(snapshot: &mut Snapshot, reports: &[cache::Report], whole: &Selection) {
    let stores: Vec<(Labels, &cache::Report)> = reports
        .iter()
        .map(|report| (store_labels(report, whole), report))
        .collect();
    let objects = stores
        .iter()
        .map(|(labels, report)| (labels.clone(), report.objects as f64));
    snapshot.gauges("krate_cache_objects", "Objects in the cache", objects);
    let bytes = stores
        .iter()
        .map(|(labels, report)| (labels.clone(), report.bytes as f64));
    snapshot.gauges(
        "krate_cache_bytes",
        "Bytes of text the objects in the cache have, decoded or not",
        bytes,
    );
    type Count = fn(&cache::Report) -> u64;
    let counters: [(&str, &str, Count); 8] = [
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
            "krate_cache_decoded_objects",
            "Objects that were decoded because somebody read them",
            |report| report.decoded,
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
