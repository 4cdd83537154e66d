//! What the kernel says about this process, under the names every Prometheus client uses; on Linux alone.

use std::fs;

/// Ticks per second in `/proc`: 100 on every machine Rust runs on, whatever the kernel's own clock.
const TICKS: f64 = 100.0;

/// The figures of this process; what cannot be read is left out.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Process {
    /// Time spent, user and system.
    pub(super) cpu_seconds: Option<f64>,
    /// When it started, seconds of Unix time.
    pub(super) start_time_seconds: Option<f64>,
    pub(super) resident_bytes: Option<f64>,
    pub(super) virtual_bytes: Option<f64>,
    pub(super) virtual_limit_bytes: Option<f64>,
    pub(super) open_files: Option<f64>,
    pub(super) open_files_limit: Option<f64>,
}

/// The texts the figures are read from.
#[derive(Clone, Debug, Default)]
struct Texts {
    /// `/proc/self/stat`.
    stat: String,
    /// `/proc/self/status`.
    status: String,
    /// `/proc/self/limits`.
    limits: String,
    /// `/proc/stat`.
    machine: String,
}

impl Process {
    /// Reads the figures of now.
    pub(super) fn read() -> Self {
        let text = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let texts = Texts {
            stat: text("/proc/self/stat"),
            status: text("/proc/self/status"),
            limits: text("/proc/self/limits"),
            machine: text("/proc/stat"),
        };
        let open_files = fs::read_dir("/proc/self/fd").ok();
        Self {
            // One of them is this very look.
            open_files: open_files.map(|files| files.count().saturating_sub(1) as f64),
            ..Self::parse(&texts)
        }
    }

    fn parse(texts: &Texts) -> Self {
        // The name of the program comes second, in parentheses, and may hold spaces and parentheses itself.
        let fields: Vec<&str> = texts
            .stat
            .rsplit_once(") ")
            .map(|(_, rest)| rest.split(' ').collect())
            .unwrap_or_default();
        // As `proc_pid_stat(5)` counts them, from 1.
        let ticks = |field: usize| fields.get(field - 3)?.trim().parse::<f64>().ok();
        let boot = number_after(&texts.machine, "btime ");
        let kilobytes = |name| number_after(&texts.status, name).map(|kilobytes| kilobytes * 1024.0);
        Self {
            cpu_seconds: ticks(14)
                .zip(ticks(15))
                .map(|(user, system)| (user + system) / TICKS),
            start_time_seconds: boot.zip(ticks(22)).map(|(boot, start)| boot + start / TICKS),
            resident_bytes: kilobytes("VmRSS:"),
            virtual_bytes: kilobytes("VmSize:"),
            virtual_limit_bytes: limit(&texts.limits, "Max address space"),
            open_files: None,
            open_files_limit: limit(&texts.limits, "Max open files"),
        }
    }
}

fn number_after(text: &str, name: &str) -> Option<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

/// The soft limit; none is the largest number, as Go's clients have it.
fn limit(text: &str, name: &str) -> Option<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    match line.split_whitespace().next()? {
        "unlimited" => Some(u64::MAX as f64),
        number => number.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read_as_the_kernel_writes_them() {
        let texts = Texts {
            stat: "42 (an (odd) name) S 1 42 42 0 -1 4194560 1 0 0 0 150 50 0 0 20 0 9 0 2000 1 1 1".into(),
            status: "Name:\toperator\nVmSize:\t    2048 kB\nVmRSS:\t     512 kB\n".into(),
            limits: "Limit                     Soft Limit           Hard Limit           Units     \n\
                     Max open files            1024                 524288               files     \n\
                     Max address space         unlimited            unlimited            bytes     \n"
                .into(),
            machine: "cpu  1 2 3\nbtime 1700000000\nprocesses 5\n".into(),
        };
        let expected = Process {
            cpu_seconds: Some(2.0),
            start_time_seconds: Some(1_700_000_020.0),
            resident_bytes: Some(512.0 * 1024.0),
            virtual_bytes: Some(2048.0 * 1024.0),
            virtual_limit_bytes: Some(u64::MAX as f64),
            open_files: None,
            open_files_limit: Some(1024.0),
        };
        assert_eq!(Process::parse(&texts), expected);
    }

    #[test]
    fn what_cannot_be_read_is_left_out() {
        assert_eq!(Process::parse(&Texts::default()), Process::default());
        let garbled = Texts {
            stat: "1 (x) S".into(),
            status: "VmRSS: many kB".into(),
            limits: "Max open files".into(),
            machine: "btime".into(),
        };
        assert_eq!(Process::parse(&garbled), Process::default());
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn this_process_has_figures() {
        let process = Process::read();
        assert!(
            process.resident_bytes.is_some_and(|bytes| bytes > 1e5),
            "{process:?}"
        );
        assert!(
            process.open_files.is_some_and(|files| files >= 3.0),
            "{process:?}"
        );
        assert!(process.cpu_seconds.is_some() && process.start_time_seconds.is_some());
    }
}
