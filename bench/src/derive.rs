//! What derives cost whoever compiles: time to expand them, and how many lines they become.
//!
//! rustc itself says both, with flags that are not stable; `RUSTC_BOOTSTRAP` asks a stable compiler for them. Cargo
//! must not see it, or all dependencies would be built anew, so this program stands between cargo and rustc, which
//! cargo calls a workspace wrapper.

use std::ffi::OsString;
use std::fmt;
use std::process::{Command, Output};

use crate::Result;

/// The crates that are compiled, examples of this package.
const CRATES: [&str; 2] = ["derive-krate", "derive-kube"];
/// Says whether this program is called by cargo, in place of rustc.
const WRAPS: &str = "KRATE_BENCH_WRAPS";

/// Compile ten kinds with the derives of krate, and of kube
#[derive(clap::Args)]
pub(crate) struct Derive {
    /// How often each is compiled; medians are printed
    #[arg(long, default_value_t = 7)]
    runs: usize,
}

/// What rustc said of one crate.
#[derive(Default)]
struct Said {
    /// Seconds in which macros were expanded, of all kinds.
    expand: f64,
    /// Seconds until the crate was checked.
    total: f64,
    /// What all macros became, those of the language and of serde too.
    lines: u64,
    bytes: u64,
}

impl Derive {
    /// Runs the measurement and prints it.
    pub(crate) fn run(&self) -> Result<()> {
        let mut all = [const { Vec::new() }; CRATES.len()];
        // The first round only builds what they depend on.
        for run in 0..=self.runs {
            for (name, said) in CRATES.iter().zip(&mut all) {
                let one = compile(name, run)?;
                if run > 0 {
                    said.push(one);
                }
            }
        }
        println!(
            "| | macros expanded, ms | checked, ms | generated lines | bytes |\n| --- | --- | --- | --- | --- |"
        );
        for (name, said) in CRATES.iter().zip(all) {
            println!("| {name} {}", Said::median(said));
        }
        Ok(())
    }
}

impl Said {
    /// Returns the medians of times; the rest is the same each time.
    fn median(mut all: Vec<Self>) -> Self {
        let middle = all.len() / 2;
        let mut of = |time: fn(&Self) -> f64| {
            all.sort_by(|one, other| time(one).total_cmp(&time(other)));
            all.get(middle).map(time).unwrap_or_default()
        };
        let (expand, total) = (of(|said| said.expand), of(|said| said.total));
        Self {
            expand,
            total,
            ..all.pop().unwrap_or_default()
        }
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (expand, total) = (self.expand * 1e3, self.total * 1e3);
        write!(
            f,
            "| {expand:.1} | {total:.0} | {} | {} |",
            self.lines, self.bytes
        )
    }
}

/// Has cargo check one of the crates, and returns what rustc said of it.
fn compile(name: &str, run: usize) -> Result<Said> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args([
        "rustc",
        "--profile",
        "check",
        "-p",
        "krate-bench",
        "--example",
        name,
    ]);
    // Another flag each time, or cargo would find nothing to do.
    cargo.args(["--", "--cfg", &format!("run=\"{}-{run}\"", std::process::id())]);
    cargo
        .env("RUSTC_WORKSPACE_WRAPPER", std::env::current_exe()?)
        .env(WRAPS, name.replace('-', "_"));
    let Output { status, stderr, .. } = cargo.output()?;
    let text = String::from_utf8_lossy(&stderr);
    if !status.success() {
        return Err(format!("cargo failed to check `{name}`: {text}").into());
    }
    read(&text).ok_or_else(|| format!("rustc said nothing of `{name}`: {text}").into())
}

/// Reads times, and the statistics of macros.
fn read(text: &str) -> Option<Said> {
    let mut said = Said::default();
    for line in text.lines() {
        if let Some(time) = line.strip_prefix("time:") {
            let seconds = time.split(';').next()?.trim().parse().ok()?;
            match time.split_whitespace().last()? {
                "macro_expand_crate" => said.expand = seconds,
                "total" => said.total = seconds,
                _ => {}
            }
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        if let ["macro-stats", .., lines, _, bytes, _] = words[..]
            && let (Some(lines), Some(bytes)) = (number(lines), number(bytes))
        {
            said.lines += lines;
            said.bytes += bytes;
        }
    }
    (said.total > 0.0 && said.lines > 0).then_some(said)
}

/// Returns a whole number, written as rustc does: `5_251`.
fn number(text: &str) -> Option<u64> {
    text.replace('_', "").parse().ok()
}

/// Calls rustc in place of cargo, if cargo called this program: with more flags for the crate that is measured.
///
/// Returns how it ended.
pub(crate) fn wrap() -> Option<Result<i32>> {
    let measured = std::env::var(WRAPS).ok()?;
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let (rustc, arguments) = arguments.split_first()?;
    let mut rustc = Command::new(rustc);
    rustc.args(arguments).env_remove(WRAPS);
    let is_measured = arguments
        .windows(2)
        .any(|pair| matches!(pair, [flag, name] if flag == "--crate-name" && *name == *measured));
    if is_measured {
        rustc
            .env("RUSTC_BOOTSTRAP", "1")
            .args(["-Zmacro-stats", "-Ztime-passes"]);
    }
    let status = rustc.status().map_err(Into::into);
    Some(status.map(|status| status.code().unwrap_or(1)))
}
