//! A child process that does not outlive its owner.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use crate::{Error, Result};

const LOG_LINES: usize = 20;

/// A running program; dropping it kills it.
#[derive(Debug)]
pub(super) struct Child {
    process: std::process::Child,
}

impl Child {
    /// Starts a program of the assets folder; what it says goes to a log in `folder`.
    pub(super) fn start(assets: &Path, name: &str, flags: &[String], folder: &Path) -> Result<Self> {
        let program = assets.join(name);
        let log = log_path(folder, name);
        let act = format!("write `{}`", log.display());
        let out = File::create(&log).map_err(Error::in_the_act(act.clone()))?;
        let err = out.try_clone().map_err(Error::in_the_act(act))?;
        let process = Command::new(&program)
            .args(flags)
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(err)
            .spawn()
            .map_err(Error::in_the_act(format!("start `{}`", program.display())))?;
        Ok(Self { process })
    }

    /// Returns how the program ended, if it did.
    pub(super) fn ended(&mut self) -> Result<Option<ExitStatus>> {
        let ended = self.process.try_wait();
        ended.map_err(Error::in_the_act("look after a child process"))
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // An error means that it ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Returns the last lines a program said.
pub(super) fn log_end(folder: &Path, name: &str) -> String {
    let text = fs::read_to_string(log_path(folder, name)).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(LOG_LINES)..].join("\n")
}

fn log_path(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.log"))
}
