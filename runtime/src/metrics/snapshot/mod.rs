//! All metrics krate keeps, as of one moment: the list, with types and labels, read from the reports of each room.
//!
//! Names, types and labels up to [`requests`] are controller-runtime's; those that begin with `krate_` are what it
//! lacks. A counter is named here without its `_total`, which its type adds.

mod caches;
mod client;
mod controllers;
mod election;
mod process;
mod servers;

use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::histogram::Histogram;

use self::caches::caches;
use self::client::{limit, requests};
use self::controllers::{Controller, queues, reconciles, writes};
use self::election::election;
use self::process::process;
use self::servers::{certificates, servers, webhooks};
use super::process::Process;
use crate::operator::Site;

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
