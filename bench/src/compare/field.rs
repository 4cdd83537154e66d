//! The contestants: how each is built and started.

use std::collections::hash_map::DefaultHasher;
use std::hash::Hasher;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::access::Access;
use super::results::Results;
use crate::Result;
use crate::process::Part;

/// The profile of everybody who is built by cargo: that of a scaffolded operator's release.
const PROFILE: &str = "operator";

/// What the linker is told for everybody in Rust, as in the Dockerfile of a scaffold.
const LINKER: (&str, &str) = (
    "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS",
    "-Clink-arg=-Wl,-z,pack-relative-relocs",
);

/// Who takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Who {
    Krate,
    ControllerRuntime,
    KubeRs,
    /// What no framework could go below.
    Floor,
}

impl Who {
    /// As the records name it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Krate => "krate",
            Self::ControllerRuntime => "controller_runtime",
            Self::KubeRs => "kube_rs",
            Self::Floor => "floor",
        }
    }
}

/// The programs that were built.
pub(super) struct Field {
    programs: Vec<(Who, PathBuf)>,
    bare: PathBuf,
}

impl Field {
    /// Builds every contestant, those in Rust unless they are in a folder already; the one in Go is left out where
    /// there is no Go, and says so in one line.
    pub(super) fn build(alone: bool, built: Option<&Path>) -> Result<Self> {
        let folder = match built {
            Some(folder) => folder.to_owned(),
            None => build_rust()?,
        };
        let mut programs = vec![(Who::Krate, folder.join("bench-krate"))];
        if !alone {
            match build_go() {
                Ok(program) => programs.push((Who::ControllerRuntime, program)),
                Err(reason) => eprintln!("skipped controller-runtime: {reason}"),
            }
            programs.push((Who::KubeRs, folder.join("bench-kube-rs")));
        }
        Ok(Self {
            programs,
            bare: folder.join("bench-bare"),
        })
    }

    /// Returns who takes part; who starts differs from round to round, so that drift of the machine hurts all alike.
    pub(super) fn order(&self, round: usize) -> Vec<Who> {
        let mut order: Vec<Who> = self.programs.iter().map(|(who, _)| *who).collect();
        let first = round % order.len();
        order.rotate_left(first);
        order
    }

    /// Starts a contestant that says so once it has reconciled as often as `expect` says.
    pub(super) fn start(&self, who: Who, access: &Access, expect: usize) -> Result<Part> {
        let program = self.program(who).ok_or("a contestant that was not built")?;
        Part::start(&mut command(program, who, access, expect)?)
    }

    /// Starts a contestant that lists the whole kind a few times once it has reconciled everything.
    pub(super) fn start_listing(&self, who: Who, access: &Access, expect: usize) -> Result<Part> {
        let program = self.program(who).ok_or("a contestant that was not built")?;
        Part::start(command(program, who, access, expect)?.env("BENCH_LISTS", "yes"))
    }

    /// Starts a contestant that acts only while it leads, by the lease of this name.
    pub(super) fn start_electing(&self, who: Who, access: &Access, lease: &str) -> Result<Part> {
        let program = self.program(who).ok_or("a contestant that was not built")?;
        Part::start(command(program, who, access, 0)?.env("BENCH_ELECT", lease))
    }

    /// Starts the bare watch.
    pub(super) fn start_bare(&self, access: &Access) -> Result<Part> {
        Part::start(&mut command(&self.bare, Who::Floor, access, 0)?)
    }

    /// Returns the program of a contestant.
    pub(super) fn program(&self, who: Who) -> Option<&Path> {
        let found = self.programs.iter().find(|(known, _)| *known == who);
        found.map(|(_, program)| program.as_path())
    }

    /// Notes how large the programs are.
    pub(super) fn sizes(&self, results: &mut Results) -> Result<()> {
        for (who, program) in &self.programs {
            let bytes = std::fs::metadata(program)?.len();
            results.add("binary", *who, bytes as f64 / 1e6);
        }
        Ok(())
    }
}

fn command(program: &Path, who: Who, access: &Access, expect: usize) -> Result<Command> {
    let mut command = Command::new(program);
    let log = std::env::temp_dir().join("krate-bench-contestant.log");
    access.tell(who, &mut command);
    command
        .env("BENCH_EXPECT", expect.to_string())
        // controller-runtime serves it only when told to, and two replicas on one machine would want one port.
        .env("KRATE_HEALTH_PROBE_BIND_ADDRESS", "0")
        .stderr(std::fs::File::create(log)?);
    Ok(command)
}

/// Builds the contestants in Rust as an operator would be released, and returns the folder they are in.
fn build_rust() -> Result<PathBuf> {
    let program = std::env::current_exe()?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/contestants/Cargo.toml");
    let built = Command::new(cargo)
        .args([
            "build",
            "--quiet",
            "--profile",
            PROFILE,
            "--bin=bench-krate",
            "--bin=bench-kube-rs",
            "--bin=bench-bare",
            "--manifest-path",
            manifest,
        ])
        .env(LINKER.0, LINKER.1)
        .status()?;
    if !built.success() {
        return Err("failed to build the contestants in Rust".into());
    }
    // A measurement started without `--release` still measures what is released.
    let target = program
        .ancestors()
        .nth(2)
        .ok_or("a program outside of a target folder")?;
    Ok(target.join(PROFILE))
}

/// Builds the peer in Go into a cache outside the checkout, keyed by its sources.
fn build_go() -> Result<PathBuf> {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/controller-runtime");
    if Command::new("go").arg("version").output().is_err() {
        return Err("Go is not installed".into());
    }
    let program = cache()?.join(format!("controller-runtime-{:016x}", fingerprint(&sources)?));
    if program.exists() {
        return Ok(program);
    }
    eprintln!("building the peer on controller-runtime, once; this takes minutes");
    let part = program.with_extension("part");
    let built = Command::new("go")
        .current_dir(&sources)
        .env("CGO_ENABLED", "0")
        .args(["build", "-trimpath", "-ldflags", "-s -w", "-o"])
        .arg(&part)
        .arg(".")
        .status()?;
    if !built.success() {
        return Err("its build failed, see above".into());
    }
    std::fs::rename(&part, &program)?;
    Ok(program)
}

fn cache() -> Result<PathBuf> {
    let base = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = || std::env::var_os("HOME").map(|home| Path::new(&home).join(".cache"));
    let folder = base
        .or_else(home)
        .ok_or("neither XDG_CACHE_HOME nor HOME is set")?;
    let folder = folder.join("krate/bench");
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

fn fingerprint(sources: &Path) -> Result<u64> {
    let mut hasher = DefaultHasher::new();
    for file in ["go.mod", "go.sum", "item.go", "main.go", "queue.go"] {
        hasher.write(&std::fs::read(sources.join(file))?);
    }
    Ok(hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = include_str!("../../../Cargo.toml");
    const SCAFFOLD: &str = include_str!("../../../templates/files/project/Cargo.toml.hbs");
    const DOCKERFILE: &str = include_str!("../../../templates/files/project/Dockerfile.hbs");

    fn profile<'a>(manifest: &'a str, name: &str) -> Vec<&'a str> {
        let (_, rest) = manifest.split_once(&format!("[profile.{name}]\n")).unwrap();
        let keys = rest.lines().take_while(|line| !line.is_empty());
        keys.filter(|line| !line.starts_with("inherits")).collect()
    }

    #[test]
    fn contestants_are_built_as_a_scaffold_is_released() {
        assert_eq!(profile(ROOT, PROFILE), profile(SCAFFOLD, "release"));
        let (name, flags) = LINKER;
        assert!(DOCKERFILE.contains(&format!("ENV {name}=\"{flags}\"\n")));
        assert!(DOCKERFILE.contains(" --no-default-features "));
        assert!(SCAFFOLD.contains("default-features = false, features = [\"runtime\"]"));
        let ours = include_str!("../../contestants/Cargo.toml");
        assert!(ours.contains("default-features = false, features = [\"runtime\"]"));
    }
}
