//! Measurements of krate: what a cache of many objects costs, how fast it fills, how fast the queue is.
//!
//! Server, operator and measurer are processes of their own, so that memory and CPU are the operator's alone.
//! `cargo run --release -p krate-bench -- sync` is where to start.

mod item;
mod operate;
mod process;
mod queue;
mod serve;
mod sync;

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
    /// Sync and reconcile many objects once: time, CPU, memory
    Sync(sync::Sync),
    /// Add, take and finish keys
    Queue(queue::Queue),
    /// Serve an API with objects in it; started by `sync`
    #[command(hide = true)]
    Serve {
        /// How many objects there are
        #[arg(long)]
        objects: usize,
        /// Where the kubeconfig goes
        #[arg(long)]
        kubeconfig: PathBuf,
    },
    /// Reconcile every object and say when all are done; started by `sync`
    #[command(hide = true)]
    Operate {
        /// How many objects there are
        #[arg(long)]
        objects: usize,
    },
}

#[tokio::main]
async fn main() -> Result<()> {
    match Args::parse().measure {
        Measure::Sync(sync) => sync.run().await,
        Measure::Queue(queue) => queue.run(),
        Measure::Serve { objects, kubeconfig } => serve::serve(objects, &kubeconfig).await,
        Measure::Operate { objects } => operate::operate(objects).await,
    }
}
