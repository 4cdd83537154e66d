//! The flags of the leader election, in kubebuilder's spelling, and what they change.

use clap::{Arg, ArgAction, ArgMatches};

use crate::election::LeaderElection;
use crate::error::{Error, Result};
use crate::operator::Operator;

/// What the command line says about the election.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ElectArguments {
    elect: Option<bool>,
    id: Option<String>,
    namespace: Option<String>,
}

/// Returns the flags.
pub(super) fn flags() -> [Arg; 3] {
    let text = |name: &'static str, value: &'static str| Arg::new(name).long(name).value_name(value);
    [
        Arg::new("leader-elect")
            .long("leader-elect")
            .value_name("BOOL")
            .help("Elect a leader, so that of several replicas one acts; `=false` turns off what the program asks for")
            .value_parser(clap::value_parser!(bool))
            .action(ArgAction::Set)
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value("true"),
        text("leader-election-id", "NAME").help("The name of the lease; the same for all replicas, and for nobody else"),
        text("leader-election-namespace", "NAMESPACE").help("The namespace of the lease; in a pod, by default, the pod's own"),
    ]
}

/// Returns what the command line says.
pub(super) fn read(matches: &ArgMatches) -> ElectArguments {
    ElectArguments {
        elect: matches.get_one("leader-elect").copied(),
        id: matches.get_one("leader-election-id").cloned(),
        namespace: matches.get_one("leader-election-namespace").cloned(),
    }
}

/// Applies the flags to an operator: what they leave open stays as the program has it.
///
/// # Errors
///
/// If a leader is to be elected and nobody said on which lease.
pub(super) fn apply(operator: Operator, arguments: ElectArguments) -> Result<Operator> {
    let ElectArguments { elect, id, namespace } = arguments;
    let declared = operator.election().cloned();
    if !elect.unwrap_or(declared.is_some()) {
        return Ok(operator.leader_election(None));
    }
    let election = match (declared, id) {
        (Some(declared), Some(id)) => declared.rename(id),
        (Some(declared), None) => declared,
        (None, Some(id)) => LeaderElection::new(id),
        (None, None) => {
            return Err(Error::new(
                "`--leader-elect` does not say on which lease; help: add `--leader-election-id=NAME`, the same name for all replicas",
            ));
        }
    };
    Ok(operator.leader_election(match namespace {
        Some(namespace) => election.namespace(namespace),
        None => election,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Applies a command line to an operator that declares this election, and compares the one it then holds.
    fn check(line: &str, declared: Option<&str>, expected: Result<Option<LeaderElection>, ()>) {
        let words = std::iter::once("operator").chain(line.split_whitespace());
        let matches = clap::Command::new("operator")
            .args(flags())
            .try_get_matches_from(words)
            .unwrap();
        let operator = Operator::new().leader_election(declared.map(LeaderElection::new));
        let held = apply(operator, read(&matches)).map(|operator| operator.election().cloned());
        assert_eq!(held.map_err(drop), expected, "{line} {declared:?}");
    }

    #[test]
    fn the_command_line_has_the_last_word() {
        let on = |name: &str| Ok(Some(LeaderElection::new(name)));
        check("", None, Ok(None));
        check("", Some("a"), on("a"));
        check("--leader-elect", Some("a"), on("a"));
        check("--leader-elect=true", Some("a"), on("a"));
        check("--leader-elect=false", Some("a"), Ok(None));
        check("--leader-elect --leader-election-id=b", None, on("b"));
        check("--leader-elect --leader-election-id b", Some("a"), on("b"));
        check("--leader-election-id=b", Some("a"), on("b"));
    }

    #[test]
    fn a_name_alone_elects_nobody() {
        check("--leader-election-id=b", None, Ok(None));
    }

    #[test]
    fn an_election_without_a_lease_is_refused() {
        check("--leader-elect", None, Err(()));
    }

    #[test]
    fn the_namespace_can_be_chosen() {
        let expected = LeaderElection::new("a").namespace("ns");
        check("--leader-election-namespace=ns", Some("a"), Ok(Some(expected)));
    }
}
