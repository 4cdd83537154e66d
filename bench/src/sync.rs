//! Many objects, each synced and reconciled once.

use std::path::PathBuf;

use serde::Serialize;
use tokio::time::Instant;

use crate::Result;
use crate::process::{Part, Usage};

/// Sync and reconcile many objects once.
#[derive(clap::Args)]
pub(crate) struct Sync {
    /// How many objects of 2 KB
    #[arg(long, default_value_t = 10_000)]
    objects: usize,
    /// How often; medians are printed
    #[arg(long, default_value_t = 5)]
    runs: usize,
    /// Where the raw numbers go
    #[arg(long)]
    json: Option<PathBuf>,
}

/// One run.
#[derive(Clone, Debug, Serialize)]
struct Sample {
    wall_s: f64,
    cpu_s: f64,
    rss_empty_kib: u64,
    rss_settled_kib: u64,
    rss_peak_kib: u64,
    bytes_per_object: f64,
    reconciles: u64,
}

impl Sync {
    /// Runs the measurement and prints it.
    pub(crate) async fn run(&self) -> Result<()> {
        let mut samples = Vec::new();
        for run in 0..self.runs {
            let sample = self.sample()?;
            eprintln!("run {}: {sample:?}", run + 1);
            samples.push(sample);
        }
        self.print(&samples);
        if let Some(file) = &self.json {
            std::fs::write(file, serde_json::to_vec_pretty(&samples)?)?;
        }
        let wrong = samples
            .iter()
            .find(|sample| sample.reconciles != self.objects as u64);
        match wrong {
            Some(sample) => {
                Err(format!("{} reconciles of {} objects", sample.reconciles, self.objects).into())
            }
            None => Ok(()),
        }
    }

    fn sample(&self) -> Result<Sample> {
        let (empty, ..) = measure(0)?;
        let (full, wall_s, reconciles) = measure(self.objects)?;
        let grown = full.settled.saturating_sub(empty.settled) * 1024;
        Ok(Sample {
            wall_s,
            cpu_s: full.cpu,
            rss_empty_kib: empty.settled,
            rss_settled_kib: full.settled,
            rss_peak_kib: full.peak,
            bytes_per_object: grown as f64 / self.objects as f64,
            reconciles,
        })
    }

    fn print(&self, samples: &[Sample]) {
        let row = |name: &str, unit: &str, of: &dyn Fn(&Sample) -> f64| {
            let mut values: Vec<f64> = samples.iter().map(of).collect();
            values.sort_by(f64::total_cmp);
            let (min, median, max) = (values[0], values[values.len() / 2], values[values.len() - 1]);
            println!("{name:<34} {median:>10.2} {unit:<6} ({min:.2} to {max:.2})");
        };
        println!(
            "{} objects of 2 KB, medians of {} (least to greatest)\n",
            self.objects,
            samples.len()
        );
        row("start → all reconciled once", "s", &|sample| sample.wall_s);
        row("CPU until settled", "s", &|sample| sample.cpu_s);
        row("RSS with no objects", "MiB", &|sample| mib(sample.rss_empty_kib));
        row("RSS settled", "MiB", &|sample| mib(sample.rss_settled_kib));
        row("RSS peak", "MiB", &|sample| mib(sample.rss_peak_kib));
        row("peak / settled", "", &|sample| {
            sample.rss_peak_kib as f64 / sample.rss_settled_kib as f64
        });
        row("bytes per object", "B", &|sample| sample.bytes_per_object);
        row("reconciles", "", &|sample| sample.reconciles as f64);
    }
}

/// Measures an operator with `objects` objects: its usage, the time to the last reconcile, and their number.
fn measure(objects: usize) -> Result<(Usage, f64, u64)> {
    let kubeconfig = std::env::temp_dir().join(format!("krate-bench-{}.kubeconfig", std::process::id()));
    let file = kubeconfig.to_string_lossy().into_owned();
    let count = objects.to_string();
    let mut server = Part::start(
        &["serve", "--objects", &count, "--kubeconfig", &file],
        &kubeconfig,
    )?;
    server.line()?;
    let began = Instant::now();
    let mut operator = Part::start(&["operate", "--objects", &count], &kubeconfig)?;
    operator.line()?;
    let wall = began.elapsed().as_secs_f64();
    let reconciles = operator.line()?.parse()?;
    let usage = operator.usage()?;
    operator.end()?;
    server.end()?;
    std::fs::remove_file(&kubeconfig)?;
    Ok((usage, wall, reconciles))
}

fn mib(kib: u64) -> f64 {
    kib as f64 / 1024.0
}
