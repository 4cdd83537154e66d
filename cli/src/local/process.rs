//! The operator as a child process: started with a kubeconfig, listened to, stopped with SIGTERM.

use std::collections::VecDeque;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::error::{Error, Result};

/// How many lines of its log are kept to explain a failure.
const KEPT_LINES: usize = 40;

/// A running operator. Dropping it kills it.
pub(crate) struct Operator {
    child: Child,
    log: Log,
}

/// The last lines an operator wrote.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<VecDeque<String>>>);

/// Says where an operator answers the probes of a kubelet.
const HEALTH_PROBES: &str = "KRATE_HEALTH_PROBE_BIND_ADDRESS";

impl Operator {
    /// Starts `binary` with `kubeconfig` as its only way to a cluster; each line it writes also goes to `tell`.
    ///
    /// # Errors
    ///
    /// If the binary cannot be run.
    pub(crate) fn start(
        binary: &Path,
        kubeconfig: &Path,
        tell: impl Fn(&str) + Clone + Send + 'static,
    ) -> Result<Self> {
        let mut command = Command::new(binary);
        command
            .arg("run")
            .env("KUBECONFIG", kubeconfig)
            .env_remove("KUBERNETES_SERVICE_HOST");
        // Nobody probes it here, and two operators on one machine would want the same port.
        if std::env::var_os(HEALTH_PROBES).is_none() {
            command.env(HEALTH_PROBES, "0");
        }
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let failed = |error| Error::machine(format!("failed to run `{}`", binary.display())).because(error);
        let mut child = command.spawn().map_err(failed)?;
        let log = Log::default();
        if let Some(out) = child.stdout.take() {
            log.follow(out, tell.clone());
        }
        if let Some(err) = child.stderr.take() {
            log.follow(err, tell);
        }
        Ok(Self { child, log })
    }

    /// The last lines of its log, oldest first.
    pub(crate) fn log(&self) -> Vec<String> {
        self.log.lines()
    }

    /// Returns how it ended, if it has.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Waits until it ends by itself.
    pub(crate) async fn wait(&mut self) -> Result<ExitStatus> {
        self.child
            .wait()
            .await
            .map_err(|error| Error::machine("failed to wait for the operator").because(error))
    }

    /// Asks it to stop with SIGTERM and waits for it; past `patience` it is killed, which is an error.
    pub(crate) async fn stop(&mut self, patience: Duration) -> Result<ExitStatus> {
        if let Some(pid) = self.child.id().and_then(|id| Pid::from_raw(id.cast_signed())) {
            // A process that is gone already has nothing to be told.
            let _ = kill_process(pid, Signal::TERM);
        }
        match timeout(patience, self.child.wait()).await {
            Ok(ended) => {
                ended.map_err(|error| Error::machine("failed to wait for the operator").because(error))
            }
            Err(_) => {
                // Killed below in any case; the error to report is that it had to be.
                let _ = self.child.kill().await;
                let seconds = patience.as_secs();
                Err(Error::machine(format!(
                    "the operator did not stop within {seconds} s of SIGTERM and was killed"
                )))
            }
        }
    }
}

impl Log {
    fn follow(&self, stream: impl AsyncRead + Unpin + Send + 'static, tell: impl Fn(&str) + Send + 'static) {
        let log = self.clone();
        tokio::spawn(async move {
            let mut lines = BufReader::new(stream).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                tell(&line);
                log.push(line);
            }
        });
    }

    fn push(&self, line: String) {
        let mut lines = self.0.lock().expect("no holder of the log panics");
        if lines.len() == KEPT_LINES {
            lines.pop_front();
        }
        lines.push_back(line);
    }

    fn lines(&self) -> Vec<String> {
        self.0
            .lock()
            .expect("no holder of the log panics")
            .iter()
            .cloned()
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_keeps_the_last_lines() {
        let log = Log::default();
        (0..KEPT_LINES + 2).for_each(|number| log.push(number.to_string()));
        assert_eq!(log.lines().first().map(String::as_str), Some("2"));
        assert_eq!(log.lines().len(), KEPT_LINES);
    }
}
