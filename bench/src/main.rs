//! Measurements of krate beside its peers, controller-runtime and kube-rs, and what a machine can do at all.
//!
//! Server, contestants and measurer are processes of their own, so that memory and CPU are a contestant's alone.
//! `cargo run --release -p krate-bench -- compare` is where to start; the method is in the README beside this crate.

mod compare;
mod derive;
mod item;
mod process;
mod queue;
mod serve;

use std::error::Error;
use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// What a measurement may fail with; it is read by a person.
type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// Measure krate.
#[derive(Parser)]
struct Args {
    #[command(subcommand)]
    measure: Measure,
}

#[derive(Subcommand)]
enum Measure {
    /// Measure krate beside controller-runtime and kube-rs
    Compare(compare::Compare),
    /// Compile ten kinds with the derives of krate, and of kube
    Derive(derive::Derive),
    /// Add, take and finish keys
    Queue(queue::Queue),
    /// Serve an API; started by `compare`
    #[command(hide = true)]
    Serve {
        /// Where the kubeconfig goes
        #[arg(long)]
        kubeconfig: PathBuf,
    },
}

#[tokio::main]
async fn main() -> Result<()> {
    if let Some(ended) = derive::wrap() {
        std::process::exit(ended?);
    }
    match Args::parse().measure {
        Measure::Compare(compare) => compare.run().await,
        Measure::Derive(derive) => derive.run(),
        Measure::Queue(queue) => queue.run(),
        Measure::Serve { kubeconfig } => serve::serve(&kubeconfig).await,
    }
}
