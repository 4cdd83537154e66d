//! Builds the project's binary with cargo and asks it for its manifests.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use cargo_metadata::Message;

use crate::error::{Error, Result};
use crate::shell::{Format, Shell, Verbosity};

/// Returns the YAML the operator prints, built if need be.
pub(crate) fn print_manifests(root: &Path, bin: &str, shell: &mut Shell) -> Result<String> {
    let program = build(root, bin, shell)?;
    shell.detail(
        "Running",
        format!("`{} manifests all --format yaml`", program.display()),
    );
    let output = run(Command::new(&program)
        .args(["manifests", "all", "--format", "yaml"])
        .current_dir(root))?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(
            Error::machine(format!("`{bin} manifests` failed ({})", output.status))
                .because(words)
                .help(format!(
                    "run `cargo run --bin {bin} -- manifests` to see it for yourself"
                )),
        );
    }
    String::from_utf8(output.stdout)
        .map_err(|error| Error::machine(format!("`{bin} manifests` printed no text")).because(error))
}

/// Builds the binary and returns where cargo put it; what cargo says goes to the user.
fn build(root: &Path, bin: &str, shell: &mut Shell) -> Result<PathBuf> {
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
