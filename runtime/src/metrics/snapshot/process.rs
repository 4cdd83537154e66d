//! What the process itself shows.

use prometheus_client::metrics::MetricType;

use super::super::process::Process;
use super::{Labels, Snapshot, Value};

pub(super) fn process(snapshot: &mut Snapshot, process: &Process) {
    let cpu = process
        .cpu_seconds
        .map(|seconds| (Labels::new(), Value::Counter(seconds)));
    snapshot.add(
        "process_cpu_seconds",
        "Processor time spent, user and system",
        MetricType::Counter,
        cpu.into_iter(),
    );
    let gauges = [
        ("process_open_fds", "Open file descriptors", process.open_files),
        (
            "process_max_fds",
            "How many file descriptors may be open",
            process.open_files_limit,
        ),
        (
            "process_virtual_memory_bytes",
            "Virtual memory in use",
            process.virtual_bytes,
        ),
        (
            "process_virtual_memory_max_bytes",
            "How much virtual memory may be in use",
            process.virtual_limit_bytes,
        ),
        (
            "process_resident_memory_bytes",
            "Resident memory in use",
            process.resident_bytes,
        ),
        (
            "process_start_time_seconds",
            "When the process started, in seconds of Unix time",
            process.start_time_seconds,
        ),
    ];
    for (name, help, value) in gauges {
        snapshot.gauges(name, help, value.map(|value| (Labels::new(), value)));
    }
}
