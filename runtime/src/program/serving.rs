//! The arguments about what an operator serves to people and machines: metrics, health, debug.

use clap::{Arg, ArgMatches, value_parser};

use super::certificate;
use crate::certificate::{Certificates, InMemory, Mounted};
use crate::operator::{Access, Operator, Stage};
use crate::serve::{Address, Server, Tls};

/// What is served, and where; the names and defaults are those of a kubebuilder project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Serving {
    metrics: Address,
    metrics_secure: bool,
    metrics_certificate: Option<Mounted>,
    health: Address,
    debug: Address,
}

/// Returns the grammar.
pub(super) fn arguments() -> Vec<Arg> {
    let address = |name: &'static str, variable: &'static str, default: &'static str| {
        Arg::new(name)
            .long(name)
            .env(variable)
            .value_name("ADDRESS")
            .value_parser(|text: &str| text.parse::<Address>().map_err(|error| error.to_string()))
            .default_value(default)
    };
    let mut arguments = vec![
        address("metrics-bind-address", "KRATE_METRICS_BIND_ADDRESS", "0")
            .help("Where to serve /metrics, as `:8443`; `0` for nowhere"),
        Arg::new("metrics-secure")
            .long("metrics-secure")
            .env("KRATE_METRICS_SECURE")
            .help("Serve metrics over HTTPS, to those whom the API server lets get /metrics; `=false` for anyone, over HTTP")
            .value_name("BOOL")
            .value_parser(value_parser!(bool))
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value("true")
            .default_value("true"),
        address("health-probe-bind-address", "KRATE_HEALTH_PROBE_BIND_ADDRESS", ":8081")
            .help("Where to serve /healthz and /readyz; `0` for nowhere"),
        address("debug-bind-address", "KRATE_DEBUG_BIND_ADDRESS", "0")
            .help("Where to serve /debug, best as `127.0.0.1:6060`: it shows names of objects and errors; `0` for nowhere"),
    ];
    arguments.extend(certificate::METRICS.arguments());
    arguments
}

impl Serving {
    /// Reads what was asked for.
    pub(super) fn of(matches: &ArgMatches) -> Self {
        // The grammar gives each a default.
        let address = |name: &str| matches.get_one(name).cloned().unwrap_or(Address::OFF);
        Self {
            metrics: address("metrics-bind-address"),
            metrics_secure: matches.get_one("metrics-secure").copied().unwrap_or(true),
            metrics_certificate: certificate::METRICS.mounted(matches),
            health: address("health-probe-bind-address"),
            debug: address("debug-bind-address"),
        }
    }

    /// Gives an operator its servers, in place of those the program has set up, unless an address is `0`.
    pub(super) fn apply(self, operator: Operator) -> Operator {
        let mut operator = operator;
        if self.metrics != Address::OFF {
            let server = Server::new("metrics", self.metrics.clone());
            operator = match self.metrics_secure {
                true => {
                    let certificates = match self.metrics_certificate {
                        Some(mounted) => Certificates::from(mounted),
                        // Who connects has to take it on trust, as with controller-runtime.
                        None => InMemory::new::<String>([]).into(),
                    };
                    let server = server.tls(Tls::new(certificates.slot()));
                    operator
                        .part(Stage::Servers, certificates.part())
                        .serve_metrics(server, Access::Authorized)
                }
                false => operator.serve_metrics(server, Access::Anyone),
            };
        }
        if self.health != Address::OFF {
            operator = operator.serve_health(Server::new("health", self.health));
        }
        if self.debug != Address::OFF {
            operator = operator.serve_debug(Server::new("debug", self.debug));
        }
        operator
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> std::result::Result<Serving, String> {
        let command = clap::Command::new("operator").args(arguments());
        let words = std::iter::once("operator").chain(line.split_whitespace());
        let matches = command
            .try_get_matches_from(words)
            .map_err(|error| error.to_string())?;
        Ok(Serving::of(&matches))
    }

    #[test]
    fn health_is_served_and_nothing_else_unless_asked_for() {
        let serving = parse("").unwrap();
        assert_eq!(serving.health.to_string(), ":8081");
        assert_eq!((serving.metrics, serving.debug), (Address::OFF, Address::OFF));
        assert!(serving.metrics_secure);
    }

    #[test]
    fn everything_can_be_said_as_in_a_kubebuilder_project() {
        let serving = parse(
            "--metrics-bind-address=:8443 --metrics-secure=false --health-probe-bind-address 0 \
             --debug-bind-address 127.0.0.1:6060",
        );
        let serving = serving.unwrap();
        assert_eq!(serving.metrics.to_string(), ":8443");
        assert!(!serving.metrics_secure);
        assert_eq!(serving.health, Address::OFF);
        assert_eq!(serving.debug.to_string(), "127.0.0.1:6060");
        assert!(parse("--metrics-secure").unwrap().metrics_secure);
        let mounted = parse("--metrics-cert-path a --metrics-cert-name b --metrics-cert-key c").unwrap();
        assert_eq!(
            mounted.metrics_certificate,
            Some(Mounted::new("a").files("b", "c"))
        );
    }

    #[test]
    fn what_is_no_address_is_refused_with_what_to_write() {
        let error = parse("--metrics-bind-address 8443").unwrap_err();
        assert!(error.contains("write `:8443`"), "{error}");
    }
}
