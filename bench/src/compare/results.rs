//! Every number that was measured, and what comes of them.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::field::Who;
use crate::Result;

/// A measure: its name in the records, its unit, what it is called in the table, and the ratio to
/// controller-runtime that krate is to reach.
struct Measure {
    name: &'static str,
    unit: &'static str,
    title: &'static str,
    target: Option<f64>,
}

const fn measure(
    name: &'static str,
    unit: &'static str,
    title: &'static str,
    target: Option<f64>,
) -> Measure {
    Measure {
        name,
        unit,
        title,
        target,
    }
}

/// In the order of the table; less is better in each.
const MEASURES: [Measure; 17] = [
    measure("memory_per_object", "B", "memory per object", Some(3.0)),
    measure("rss_empty", "MiB", "RSS with no objects", Some(4.0)),
    measure("rss_settled", "MiB", "RSS settled", None),
    measure("peak_over_settled", "", "peak / settled", None),
    measure("cpu_initial", "s", "CPU, start to all reconciled", Some(8.0)),
    measure("wall_initial", "s", "start to all reconciled", None),
    measure("start", "ms", "start to first reconcile", None),
    measure("start_one", "ms", "the same with one object", None),
    measure("cpu_per_event", "us", "CPU per event", Some(3.5)),
    measure("latency_added", "ms", "latency added, p50", Some(3.0)),
    measure("latency_added_p99", "ms", "latency added, p99", None),
    measure("idle_cpu", "ms/min", "idle CPU", None),
    measure("takeover", "ms", "leader told to stop to next run", None),
    measure("binary", "MB", "binary", Some(5.0)),
    measure("list", "ms", "list of the whole kind", None),
    measure("list_again", "ms", "the same again and again", None),
    measure("queue", "us", "1,000 keys through the queue", Some(3.0)),
];

/// Samples by measure and contestant.
pub(super) struct Results {
    runs: usize,
    samples: BTreeMap<(&'static str, Who), Vec<f64>>,
}

impl Results {
    pub(super) fn new(runs: usize) -> Self {
        Self {
            runs,
            samples: BTreeMap::new(),
        }
    }

    /// Returns how many runs there are.
    pub(super) fn runs(&self) -> usize {
        self.runs
    }

    /// Adds a sample.
    pub(super) fn add(&mut self, name: &'static str, who: Who, value: f64) {
        self.samples.entry((name, who)).or_default().push(value);
    }

    /// Works out what follows from other measures: what an object takes is what all take more than none.
    pub(super) fn finish(&mut self, objects: usize) {
        for who in [Who::Krate, Who::ControllerRuntime, Who::KubeRs] {
            let Some(empty) = self.median("rss_empty", who) else {
                continue;
            };
            let settled = self.samples.get(&("rss_settled", who)).cloned();
            for settled in settled.unwrap_or_default() {
                let bytes = (settled - empty) * 1024.0 * 1024.0;
                self.add("memory_per_object", who, bytes / objects as f64);
            }
        }
    }

    fn median(&self, name: &'static str, who: Who) -> Option<f64> {
        let mut samples = self.samples.get(&(name, who))?.clone();
        samples.sort_by(f64::total_cmp);
        Some(quantile(&samples, 0.5))
    }

    fn ratio(&self, name: &'static str) -> Option<f64> {
        Some(self.median(name, Who::ControllerRuntime)? / self.median(name, Who::Krate)?)
    }

    /// Writes a list with one record per measure.
    pub(super) fn write(&self, file: &Path) -> Result<()> {
        let records: Vec<Value> = MEASURES.iter().map(|measure| self.record(measure)).collect();
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(file, serde_json::to_vec_pretty(&records)?)?;
        Ok(())
    }

    fn record(&self, measure: &Measure) -> Value {
        let mut samples = Map::new();
        let mut record = json!({"name": measure.name, "unit": measure.unit, "runs": self.runs});
        for who in [Who::Krate, Who::ControllerRuntime, Who::KubeRs, Who::Floor] {
            record[who.name()] = json!(self.median(measure.name, who));
            let raw = self.samples.get(&(measure.name, who));
            samples.insert(who.name().to_owned(), json!(raw));
        }
        record["ratio"] = json!(self.ratio(measure.name));
        record["target"] = json!(measure.target);
        record["samples"] = Value::Object(samples);
        record
    }

    /// Prints a table for people.
    pub(super) fn print(&self, title: &str) {
        println!("against {title}, medians of {}\n", self.runs);
        println!(
            "{:<30} {:>6} {:>10} {:>10} {:>10} {:>10} {:>8} {:>8}",
            "", "", "krate", "c-runtime", "kube-rs", "floor", "ratio", "target"
        );
        for measure in &MEASURES {
            let cell = |who| {
                self.median(measure.name, who)
                    .map_or_else(|| "-".to_owned(), |value| format!("{value:.2}"))
            };
            let times = |ratio: Option<f64>| ratio.map_or_else(String::new, |ratio| format!("{ratio:.1}x"));
            println!(
                "{:<30} {:>6} {:>10} {:>10} {:>10} {:>10} {:>8} {:>8}",
                measure.title,
                measure.unit,
                cell(Who::Krate),
                cell(Who::ControllerRuntime),
                cell(Who::KubeRs),
                cell(Who::Floor),
                times(self.ratio(measure.name)),
                times(measure.target),
            );
        }
    }
}

/// Returns the sample below which a share of them lies; zero if there are none.
pub(super) fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = (sorted.len() as f64 * share) as usize;
    sorted
        .get(place.min(sorted.len().saturating_sub(1)))
        .copied()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_samples() {
        let sorted = [1.0, 2.0, 3.0, 4.0, 5.0];
        assert_eq!(quantile(&sorted, 0.5), 3.0);
        assert_eq!(quantile(&sorted, 0.99), 5.0);
        assert_eq!(quantile(&[], 0.5), 0.0);
    }

    #[test]
    fn a_record_has_medians_ratio_and_raw_numbers() {
        let mut results = Results::new(3);
        for (krate, peer) in [(1.0, 30.0), (2.0, 10.0), (3.0, 20.0)] {
            results.add("queue", Who::Krate, krate);
            results.add("queue", Who::ControllerRuntime, peer);
        }
        let queue = MEASURES.iter().find(|measure| measure.name == "queue").unwrap();
        let record = results.record(queue);
        assert_eq!(record["krate"], 2.0);
        assert_eq!(record["controller_runtime"], 20.0);
        assert_eq!(record["ratio"], 10.0);
        assert_eq!(record["kube_rs"], Value::Null);
        assert_eq!(record["samples"]["krate"], json!([1.0, 2.0, 3.0]));
    }

    #[test]
    fn an_object_takes_what_all_take_more_than_none() {
        let mut results = Results::new(1);
        results.add("rss_empty", Who::Krate, 10.0);
        results.add("rss_settled", Who::Krate, 30.0);
        results.finish(1024);
        assert_eq!(
            results.median("memory_per_object", Who::Krate),
            Some(20.0 * 1024.0)
        );
    }
}
