//! Builds the project's binary with cargo and asks it for its manifests.
//!
//! What a new definition breaks for users of the old one is the binary's to know, too: see [`changes_of`].

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use cargo_metadata::Message;
use serde::Deserialize;

use crate::error::{Error, Result};
use crate::shell::{Format, Shell, Verbosity};

/// The text of each manifest, by its path below `config/`.
pub(crate) type Manifests = BTreeMap<String, String>;

/// A difference between definitions, as the operator tells it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Change {
    pub(crate) definition: String,
    pub(crate) impact: String,
    pub(crate) version: Option<String>,
    pub(crate) path: String,
    pub(crate) message: String,
}

/// Returns the files that the built operator writes; `prefix` is what kustomize puts before names.
pub(crate) fn manifests_of(
    root: &Path,
    bin: &str,
    program: &Path,
    prefix: Option<&str>,
    shell: &mut Shell,
) -> Result<Manifests> {
    let folder = temporary()?;
    shell.detail(
        "Running",
        format!(
            "`{} manifests all --dir {}`",
            program.display(),
            folder.path().display()
        ),
    );
    let mut command = Command::new(program);
    command
        .args(["manifests", "all", "--format", "yaml", "--dir"])
        .arg(folder.path())
        .args(prefix.map(|prefix| format!("--name-prefix={prefix}")))
        .current_dir(root);
    let output = run(&mut command)?;
    if !output.status.success() {
        return Err(failed(bin, &output));
    }
    let mut manifests = Manifests::new();
    let collected = collect(folder.path(), "", &mut manifests);
    collected.map_err(|error| {
        Error::machine(format!("failed to read what `{bin} manifests` wrote")).because(error)
    })?;
    Ok(manifests)
}

/// Returns what the built operator's definitions change for those who use the ones given, by file name.
pub(crate) fn changes_of(
    root: &Path,
    bin: &str,
    program: &Path,
    old: &BTreeMap<String, String>,
) -> Result<Vec<Change>> {
    if old.is_empty() {
        return Ok(Vec::new());
    }
    let folder = temporary()?;
    for (name, text) in old {
        let written = fs_err::write(folder.path().join(name), text);
        written.map_err(|error| Error::machine("failed to write what is to be compared").because(error))?;
    }
    let mut command = Command::new(program);
    command
        .args(["manifests", "crds", "--format", "json", "--evolve-from"])
        .arg(folder.path())
        .current_dir(root);
    let output = run(&mut command)?;
    if !matches!(output.status.code(), Some(0 | BREAKS)) {
        return Err(failed(bin, &output));
    }
    serde_json::from_slice(&output.stdout).map_err(|error| {
        Error::machine(format!(
            "failed to read what `{bin} manifests --evolve-from` says"
        ))
        .because(error)
        .help("use the cargo-krate of the same version as the operator's krate")
    })
}

/// How an operator ends that found a change which breaks users.
const BREAKS: i32 = 4;

fn temporary() -> Result<tempfile::TempDir> {
    tempfile::tempdir()
        .map_err(|error| Error::machine("failed to make a folder for manifests").because(error))
}

fn failed(bin: &str, output: &Output) -> Error {
    let words = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Error::machine(format!("`{bin} manifests` failed ({})", output.status))
        .because(words)
        .help(format!(
            "run `cargo run --bin {bin} -- manifests` to see it for yourself"
        ))
}

fn collect(folder: &Path, prefix: &str, manifests: &mut Manifests) -> std::io::Result<()> {
    for entry in fs_err::read_dir(folder)? {
        let entry = entry?;
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{path}/"), manifests)?;
        } else {
            manifests.insert(path, fs_err::read_to_string(entry.path())?);
        }
    }
    Ok(())
}

/// Builds the binary and returns where cargo put it; what cargo says goes to the user.
pub(crate) fn build(root: &Path, bin: &str, shell: &mut Shell) -> Result<PathBuf> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
    cargo
        .args([
            "build",
            "--bin",
            bin,
            "--message-format",
            "json-render-diagnostics",
        ])
        .current_dir(root);
    cargo.stderr(Stdio::inherit());
    if shell.format() == Format::Json || shell.verbosity() == Verbosity::Quiet {
        cargo.arg("--quiet");
    }
    shell.detail("Running", format!("`cargo build --bin {bin}`"));
    let output = run(&mut cargo)?;
    if !output.status.success() {
        let error = Error::machine(format!("failed to build `{bin}`"));
        return Err(error.help("mend what cargo says above and run the command again"));
    }
    executable(&output.stdout, bin).ok_or_else(|| {
        Error::project(format!("cargo built no binary `{bin}`"))
            .at("Cargo.toml", None)
            .help("the package must have the name that `krate.toml` says")
    })
}

fn run(command: &mut Command) -> Result<Output> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).stdout(Stdio::piped()).output();
    output.map_err(|error| Error::machine(format!("failed to start `{program}`")).because(error))
}

fn executable(messages: &[u8], bin: &str) -> Option<PathBuf> {
    let messages = Message::parse_stream(messages).filter_map(std::io::Result::ok);
    let executables = messages.filter_map(|message| match message {
        Message::CompilerArtifact(artifact) if artifact.target.name == bin => artifact.executable,
        _ => None,
    });
    executables
        .last()
        .map(cargo_metadata::camino::Utf8PathBuf::into_std_path_buf)
}
