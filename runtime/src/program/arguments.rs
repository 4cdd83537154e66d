//! The command line.

use std::path::PathBuf;

use clap::builder::EnumValueParser;
use clap::builder::PossibleValue;
use clap::{Arg, ArgAction, ArgMatches, Command, ValueEnum};

use super::log::{self, LogArguments, LogFormat};
use super::{certificate, elect, serving};
use crate::manifest::Format;
use crate::webhook::Serving;

/// What is logged unless something else is asked for.
const LEVEL: &str = "info";

/// Which manifests are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    All,
    Crds,
    Rbac,
    Webhooks,
}

/// What `manifests` is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ManifestArguments {
    pub(super) which: Which,
    pub(super) format: Format,
    pub(super) dir: Option<PathBuf>,
    pub(super) check: bool,
    /// Where the definitions are that users have.
    pub(super) evolve_from: Option<PathBuf>,
}

/// Returns the grammar of the command line.
pub(super) fn command() -> Command {
    Command::new("operator")
        .about("A Kubernetes operator")
        .after_help("Exit codes: 0 done, 1 failed, 2 the command line is not understood, 3 `manifests --check` found a difference, 4 `manifests --evolve-from` found what breaks users")
        .args(run_arguments())
        .subcommand(
            Command::new("run")
                .about("Run the operator; the default")
                .args(run_arguments()),
        )
        .subcommand(manifests_command())
}

fn manifests_command() -> Command {
    Command::new("manifests")
        .about(
            "Print what has to be installed: custom resource definitions, roles and webhook configurations",
        )
        .arg(
            Arg::new("which")
                .help("What to print")
                .value_parser(EnumValueParser::<Which>::new())
                .default_value("all"),
        )
        .arg(
            Arg::new("format")
                .long("format")
                .help("How to write it")
                .value_parser(EnumValueParser::<Format>::new())
                .default_value("yaml"),
        )
        .arg(
            Arg::new("dir")
                .long("dir")
                .value_name("DIR")
                .help("Write files below this folder instead of printing")
                .value_parser(clap::value_parser!(PathBuf)),
        )
        .arg(
            Arg::new("check")
                .long("check")
                .help("Write nothing, and fail if a file below --dir is not as it should be")
                .action(ArgAction::SetTrue)
                .requires("dir"),
        )
        .arg(
            Arg::new("evolve-from")
                .long("evolve-from")
                .value_name("PATH")
                .help("Tell what changes for those who use the definitions in this file or folder, and print nothing else")
                .value_parser(clap::value_parser!(PathBuf))
                .conflicts_with_all(["dir", "check"]),
        )
        .arg(name_prefix_argument())
}

/// What `run` takes, with or without its name.
fn run_arguments() -> Vec<Arg> {
    let mut arguments = vec![log_format_argument(), log_level_argument()];
    arguments.extend(serving::arguments());
    arguments.extend(elect::flags());
    arguments.extend(webhook_arguments());
    arguments.push(name_prefix_argument());
    arguments
}

fn log_level_argument() -> Arg {
    Arg::new("log-level")
        .long("log-level")
        .env("RUST_LOG")
        .help("What to log: `debug`, or a filter as `info,krate::cache=debug`")
        .value_name("FILTER")
        .value_parser(|level: &str| {
            let known = log::filter(level).map_err(|error| error.to_string());
            known.map(|_| level.to_owned())
        })
        .default_value(LEVEL)
}

/// Where webhooks are served, in kubebuilder's spelling.
fn webhook_arguments() -> Vec<Arg> {
    let port = Arg::new("webhook-port")
        .long("webhook-port")
        .value_name("PORT")
        .help("Where webhooks are served; 9443 unless the operator says otherwise")
        .value_parser(clap::value_parser!(u16));
    let mut arguments = vec![port];
    arguments.extend(certificate::WEBHOOK.arguments());
    arguments
}

fn name_prefix_argument() -> Arg {
    Arg::new("name-prefix")
        .long("name-prefix")
        .env("KRATE_NAME_PREFIX")
        .value_name("PREFIX")
        .help(
            "What kustomize's `namePrefix` puts before names: those of webhook configurations and their service, and of roles in the namespaces of an operator that works in some",
        )
}

/// Sets where webhooks are served as far as the command line says.
pub(super) fn webhook_serving(matches: &ArgMatches, serving: &mut Serving) {
    if let Some(port) = matches.get_one("webhook-port") {
        serving.port = *port;
    }
    if let Some(mounted) = certificate::WEBHOOK.mounted(matches) {
        serving.certificate = Some(mounted.into());
    }
    name_prefix(matches, serving);
}

/// Sets under which names things are installed as far as the command line says.
pub(super) fn name_prefix(matches: &ArgMatches, serving: &mut Serving) {
    if let Some(prefix) = matches.get_one::<String>("name-prefix") {
        serving.prefix.clone_from(prefix);
    }
}

fn log_format_argument() -> Arg {
    Arg::new("log-format")
        .long("log-format")
        .env("KRATE_LOG_FORMAT")
        .help("How to write logs")
        .value_parser(EnumValueParser::<LogFormat>::new())
        .default_value("human")
}

/// Returns what `manifests` is asked for.
pub(super) fn manifests(matches: &ArgMatches) -> ManifestArguments {
    ManifestArguments {
        which: matches.get_one("which").copied().unwrap_or(Which::All),
        format: matches.get_one("format").copied().unwrap_or_default(),
        dir: matches.get_one("dir").cloned(),
        check: matches.get_flag("check"),
        evolve_from: matches.get_one("evolve-from").cloned(),
    }
}

/// Returns what is to be logged, and how.
pub(super) fn log(matches: &ArgMatches) -> LogArguments {
    LogArguments {
        format: matches.get_one("log-format").copied().unwrap_or(LogFormat::Human),
        level: matches
            .get_one::<String>("log-level")
            .cloned()
            .unwrap_or_else(|| LEVEL.to_owned()),
    }
}

impl Which {
    /// Returns the word for it.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Crds => "crds",
            Self::Rbac => "rbac",
            Self::Webhooks => "webhooks",
        }
    }
}

impl ValueEnum for Which {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::All, Self::Crds, Self::Rbac, Self::Webhooks]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let value = PossibleValue::new(self.as_str());
        Some(match self {
            Self::All => value,
            Self::Crds => value.help("Custom resource definitions"),
            Self::Rbac => value.help("Roles"),
            Self::Webhooks => value.help("Webhook configurations and their service"),
        })
    }
}

impl ValueEnum for Format {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Yaml, Self::Json]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.extension()))
    }
}

impl ValueEnum for LogFormat {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Human, Self::Json]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self {
            Self::Human => PossibleValue::new("human"),
            Self::Json => PossibleValue::new("json"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificate::Source;

    fn parse(line: &str) -> Result<ManifestArguments, clap::error::ErrorKind> {
        let words = ["operator", "manifests"]
            .into_iter()
            .chain(line.split_whitespace());
        let matches = command()
            .try_get_matches_from(words)
            .map_err(|error| error.kind())?;
        let (_, matches) = matches.subcommand().expect("a subcommand is given");
        Ok(manifests(matches))
    }

    #[test]
    fn the_grammar_is_consistent() {
        command().debug_assert();
    }

    #[test]
    fn manifests_takes_what_format_and_folder() {
        let check = |line: &str, which, format, dir: Option<&str>, check| {
            let expected = ManifestArguments {
                which,
                format,
                dir: dir.map(PathBuf::from),
                check,
                evolve_from: None,
            };
            assert_eq!(parse(line), Ok(expected), "{line}");
        };
        check("", Which::All, Format::Yaml, None, false);
        check("crds", Which::Crds, Format::Yaml, None, false);
        check("webhooks", Which::Webhooks, Format::Yaml, None, false);
        check("rbac --format json", Which::Rbac, Format::Json, None, false);
        check(
            "all --dir config --check",
            Which::All,
            Format::Yaml,
            Some("config"),
            true,
        );
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        let check = |line: &str| assert!(parse(line).is_err(), "{line}");
        check("roles");
        check("--format xml");
        check("--check");
        check("--unknown");
        check("--evolve-from");
        check("--evolve-from old --dir config");
    }

    #[test]
    fn manifests_may_be_compared_with_older_ones() {
        let arguments = parse("crds --evolve-from old.yaml").unwrap();
        assert_eq!(arguments.evolve_from, Some(PathBuf::from("old.yaml")));
    }

    #[test]
    fn run_is_told_where_webhooks_are_served() {
        let line = "operator run --webhook-port 1 --webhook-cert-path a --name-prefix shop-";
        let matches = command().try_get_matches_from(line.split(' ')).unwrap();
        let (_, matches) = matches.subcommand().expect("a subcommand is given");
        let mut serving = Serving::default();
        webhook_serving(matches, &mut serving);
        assert_eq!((serving.port, serving.prefix.as_str()), (1, "shop-"));
        let certificate = serving.certificate.map(|certificate| certificate.report().source);
        assert_eq!(certificate, Some(Source::Mounted));
        // What the program has said stays unless the command line says otherwise.
        let matches = command().try_get_matches_from(["operator"]).unwrap();
        let mut serving = Serving {
            port: 2,
            prefix: "own-".to_owned(),
            certificate: None,
        };
        webhook_serving(&matches, &mut serving);
        assert_eq!((serving.port, serving.prefix.as_str()), (2, "own-"));
        assert!(serving.certificate.is_none());
    }

    #[test]
    fn run_is_the_default() {
        let matches = command()
            .try_get_matches_from(["operator", "--log-format", "json"])
            .unwrap();
        assert!(matches.subcommand().is_none());
        assert_eq!(log(&matches).format, LogFormat::Json);
    }
}
