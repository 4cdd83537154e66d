//! Child processes that talk by lines, and what the kernel says of their memory and CPU.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::Result;

/// A part of a measurement; ended by closing its standard input.
pub(crate) struct Part {
    child: Child,
    lines: BufReader<ChildStdout>,
}

/// What a process has used, in KiB and seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    pub(crate) settled: u64,
    pub(crate) peak: u64,
    pub(crate) cpu: f64,
}

impl Part {
    /// Starts this program anew with other arguments.
    pub(crate) fn start(args: &[&str], kubeconfig: &Path) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command
            .args(args)
            .env("KUBECONFIG", kubeconfig)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let lines = BufReader::new(child.stdout.take().ok_or("a child without standard output")?);
        Ok(Self { child, lines })
    }

    /// Returns the next line it says.
    pub(crate) fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        if self.lines.read_line(&mut line)? == 0 {
            return Err(format!("a part ended early: {}", self.child.wait()?).into());
        }
        Ok(line.trim().to_owned())
    }

    /// Returns what it has used so far.
    pub(crate) fn usage(&self) -> Result<Usage> {
        let id = self.child.id();
        let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat"))?;
        Ok(Usage {
            settled: kib(&status, "VmRSS:")?,
            peak: kib(&status, "VmHWM:")?,
            cpu: cpu(&stat)?,
        })
    }

    /// Ends it.
    pub(crate) fn end(mut self) -> Result<()> {
        drop(self.child.stdin.take());
        let ended = self.child.wait()?;
        if ended.success() {
            Ok(())
        } else {
            Err(format!("a part failed: {ended}").into())
        }
    }
}

fn kib(status: &str, field: &str) -> Result<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(field))
        .ok_or("no such field in /proc")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}

/// User and system time; the kernel counts them in hundredths of a second.
fn cpu(stat: &str) -> Result<f64> {
    let after_name = stat.rsplit(") ").next().unwrap_or_default();
    let ticks: Vec<&str> = after_name.split(' ').collect();
    let tick = |place: usize| -> Result<f64> { Ok(ticks.get(place).ok_or("a short /proc/stat")?.parse()?) };
    Ok((tick(11)? + tick(12)?) / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_words_are_read() {
        assert_eq!(
            kib("Name:\tx\nVmHWM:\t   3456 kB\nVmRSS:\t 12 kB\n", "VmHWM:").unwrap(),
            3456
        );
        let stat = "7 (a name) S 1 2 3 4 5 6 7 8 9 10 150 50 0 0 20";
        assert!((cpu(stat).unwrap() - 2.0).abs() < 1e-9);
    }
}
