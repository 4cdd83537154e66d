//! krate beside controller-runtime and kube-rs, against the same server in the same run.
//!
//! [`field`] builds and starts the contestants, [`access`] gets them to the server, [`load`] fills the server and
//! changes what is in it, [`rounds`] runs the measurements, [`floor`] says what no framework could go below,
//! [`results`] keeps and prints it all.

mod access;
mod field;
mod floor;
mod load;
mod results;
mod rounds;

use std::path::PathBuf;
use std::process::Command;

use crate::Result;
use crate::process::Part;
use access::Access;
use field::Field;
use results::Results;
use rounds::Rounds;

/// Measure krate beside controller-runtime and kube-rs.
#[derive(clap::Args)]
pub(crate) struct Compare {
    /// How many objects of 2.4 KB
    #[arg(long, default_value_t = 10_000)]
    objects: usize,
    /// How often; medians are printed
    #[arg(long, default_value_t = 5)]
    runs: usize,
    /// Seconds of updates, at a hundred a second
    #[arg(long, default_value_t = 6)]
    seconds: usize,
    /// Where the numbers go, raw ones too
    #[arg(long, default_value = "target/bench/compare.json")]
    json: PathBuf,
    /// Leave the peers out: to look at krate alone
    #[arg(long)]
    alone: bool,
    /// Measure the programs in this folder instead of building those in Rust: to compare ways to build them
    #[arg(long)]
    built: Option<PathBuf>,
}

impl Compare {
    /// Runs every measurement and prints the table.
    pub(crate) async fn run(&self) -> Result<()> {
        // Asked before the build, which may put a new file in the place of this one.
        let program = std::env::current_exe()?;
        let field = Field::build(self.alone, self.built.as_deref())?;
        let kubeconfig = std::env::temp_dir().join(format!("krate-bench-{}.kubeconfig", std::process::id()));
        let mut server = Part::start(
            Command::new(program)
                .args(["serve", "--kubeconfig"])
                .arg(&kubeconfig),
        )?;
        let kind = server.line()?;
        eprintln!("against {kind}, {} objects, {} runs", self.objects, self.runs);
        let (access, client) = Access::make(&kubeconfig).await?;

        let mut results = Results::new(self.runs);
        field.sizes(&mut results)?;
        floor::queue(&field, &mut results)?;
        let mut rounds = Rounds::new(&field, &client, &access, self);
        // What fails is told, and costs its own numbers only.
        let failed = |what: &str, done: Result<()>| {
            if let Err(error) = done {
                eprintln!("{what}: not measured: {error}");
            }
        };
        failed("empty", rounds.empty(&mut results).await);
        load::fill(&client, 1..self.objects).await?;
        failed("the floor", floor::objects(&client, &mut results).await);
        failed("full", rounds.full(&mut results).await);
        failed("idle", rounds.idle(&mut results).await);
        failed("takeover", rounds.takeover(&mut results).await);
        server.end()?;
        access.remove()?;
        results.finish(self.objects);
        results.write(&self.json)?;
        results.print(&format!("{kind}, {} objects of 2.4 KB", self.objects));
        eprintln!("\nraw numbers in {}", self.json.display());
        Ok(())
    }
}
