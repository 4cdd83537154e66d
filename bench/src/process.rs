//! Child processes that talk by lines, and what the kernel says of their memory and CPU.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use crate::Result;

/// How long a part may be silent while something is expected of it.
const PATIENCE: Duration = Duration::from_secs(180);

/// A part of a measurement; ended by closing its standard input, and killed where it is dropped before.
pub(crate) struct Part {
    child: Child,
    lines: Receiver<String>,
}

/// What a process holds, in KiB.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Memory {
    pub(crate) now: u64,
    pub(crate) peak: u64,
}

impl Part {
    /// Starts a command.
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let said = BufReader::new(child.stdout.take().ok_or("a child without standard output")?);
        let (sender, lines) = channel();
        // Reads on its own, so that nobody waits for a silent part for ever; ends with the part.
        std::thread::spawn(move || {
            said.lines()
                .map_while(std::io::Result::ok)
                .all(|line| sender.send(line).is_ok());
        });
        Ok(Self { child, lines })
    }

    /// Returns the next line it says.
    pub(crate) fn line(&mut self) -> Result<String> {
        match self.lines.recv_timeout(PATIENCE) {
            Ok(line) => Ok(line.trim().to_owned()),
            Err(RecvTimeoutError::Timeout) => Err(format!("a part was silent for {PATIENCE:?}").into()),
            Err(RecvTimeoutError::Disconnected) => {
                Err(format!("a part ended early: {}", self.child.wait()?).into())
            }
        }
    }

    /// Waits for a line of two words, and returns the number that is the second.
    pub(crate) fn wait_for(&mut self, word: &str) -> Result<u64> {
        loop {
            if let Some(number) = self.line()?.strip_prefix(word) {
                return Ok(number.trim().parse()?);
            }
        }
    }

    /// Returns what it holds.
    pub(crate) fn memory(&self) -> Result<Memory> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        Ok(Memory {
            now: kib(&status, "VmRSS:")?,
            peak: kib(&status, "VmHWM:")?,
        })
    }

    /// Returns the seconds of CPU it has used.
    ///
    /// The scheduler counts nanoseconds, but forgets threads that ended; the total counts hundredths of a second.
    pub(crate) fn cpu(&self) -> Result<f64> {
        let id = self.child.id();
        let mut nanoseconds = 0;
        for task in std::fs::read_dir(format!("/proc/{id}/task"))? {
            // A thread may end while this looks.
            let counted = std::fs::read_to_string(task?.path().join("schedstat")).unwrap_or_default();
            nanoseconds += counted
                .split(' ')
                .next()
                .and_then(|word| word.parse().ok())
                .unwrap_or(0_u64);
        }
        let total = ticks(&std::fs::read_to_string(format!("/proc/{id}/stat"))?)?;
        Ok(total.max(nanoseconds as f64 / 1e9))
    }

    /// Asks it to end, as a kubelet would; [`end`](Self::end) waits for it.
    pub(crate) fn terminate(&self) -> Result<()> {
        let id = self.child.id().to_string();
        match Command::new("kill").args(["-TERM", &id]).status()?.success() {
            true => Ok(()),
            false => Err("a part had ended before it was told to".into()),
        }
    }

    /// Ends it, and returns the lines it says on its way.
    pub(crate) fn end(mut self) -> Result<Vec<String>> {
        drop(self.child.stdin.take());
        let mut said = Vec::new();
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => said.push(line),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => return Err("a part does not end".into()),
            }
        }
        let ended = self.child.wait()?;
        match ended.success() {
            true => Ok(said),
            false => Err(format!("a part failed: {ended}").into()),
        }
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // One that has ended cannot be killed, which is as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
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
fn ticks(stat: &str) -> Result<f64> {
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
        assert!((ticks(stat).unwrap() - 2.0).abs() < 1e-9);
    }
}
