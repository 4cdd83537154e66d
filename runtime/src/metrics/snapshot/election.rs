//! What the leader election shows.

use super::Snapshot;
use crate::election;

pub(super) fn election(snapshot: &mut Snapshot, report: &election::Report) {
    let labels = || vec![("name", report.name.clone())];
    snapshot.gauges(
        "leader_election_master_status",
        "1 where this process leads, 0 where it stands by",
        [(labels(), f64::from(u8::from(report.leading)))],
    );
    let counters: [(&str, &str, u64); 4] = [
        (
            "leader_election_slowpath",
            "Renewals for which the lease had to be read first",
            report.slow_paths,
        ),
        (
            "krate_leader_election_terms",
            "How often this process was elected",
            report.terms,
        ),
        (
            "krate_leader_election_losses",
            "How often this process lost the lease without having released it",
            report.losses,
        ),
        (
            "krate_leader_election_failures",
            "Requests for the lease that failed",
            report.failures,
        ),
    ];
    for (name, help, count) in counters {
        snapshot.counters(name, help, [(labels(), count)]);
    }
}
