//! The flags of a certificate in files, in kubebuilder's spelling: the same for webhooks and for metrics.

use std::path::PathBuf;

use clap::{Arg, ArgMatches, value_parser};

use crate::certificate::Mounted;

/// The flags of one server.
pub(super) struct Flags {
    server: &'static str,
    path: &'static str,
    name: &'static str,
    key: &'static str,
    /// What is served with unless there is a folder.
    otherwise: &'static str,
}

/// Those of webhooks.
pub(super) const WEBHOOK: Flags = Flags {
    server: "webhooks",
    path: "webhook-cert-path",
    name: "webhook-cert-name",
    key: "webhook-cert-key",
    otherwise: "the one the operator manages itself, or what it was made with",
};

/// Those of the metrics.
pub(super) const METRICS: Flags = Flags {
    server: "metrics",
    path: "metrics-cert-path",
    name: "metrics-cert-name",
    key: "metrics-cert-key",
    otherwise: "one nobody can verify",
};

impl Flags {
    /// Returns the grammar.
    pub(super) fn arguments(&self) -> [Arg; 3] {
        let text = |id: &'static str, value: &'static str| Arg::new(id).long(id).value_name(value);
        let Self {
            server, otherwise, ..
        } = self;
        [
            text(self.path, "DIR")
                .help(format!(
                    "The folder where a certificate for {server} is mounted; without it, {otherwise}"
                ))
                .value_parser(value_parser!(PathBuf)),
            text(self.name, "FILE")
                .help("The file of the certificate in that folder; tls.crt unless given")
                .requires(self.path),
            text(self.key, "FILE")
                .help("The file of the key in that folder; tls.key unless given")
                .requires(self.path),
        ]
    }

    /// Returns the certificate the command line names, if it names one.
    pub(super) fn mounted(&self, matches: &ArgMatches) -> Option<Mounted> {
        let folder = matches.get_one::<PathBuf>(self.path)?;
        let file = |flag: &str, default: &str| {
            let given = matches.get_one::<String>(flag);
            given.cloned().unwrap_or_else(|| default.to_owned())
        };
        let (certificate, key) = (file(self.name, "tls.crt"), file(self.key, "tls.key"));
        Some(Mounted::new(folder).files(certificate, key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mounted(line: &str) -> Result<Option<Mounted>, clap::error::ErrorKind> {
        let words = std::iter::once("operator").chain(line.split_whitespace());
        let command = clap::Command::new("operator").args(WEBHOOK.arguments());
        let matches = command
            .try_get_matches_from(words)
            .map_err(|error| error.kind())?;
        Ok(WEBHOOK.mounted(&matches))
    }

    #[test]
    fn a_folder_is_enough_and_files_can_have_other_names() {
        assert_eq!(mounted(""), Ok(None));
        assert_eq!(mounted("--webhook-cert-path a"), Ok(Some(Mounted::new("a"))));
        assert_eq!(
            mounted("--webhook-cert-path=a --webhook-cert-name=b --webhook-cert-key=c"),
            Ok(Some(Mounted::new("a").files("b", "c")))
        );
    }

    #[test]
    fn a_file_in_no_folder_is_refused() {
        let missing = Err(clap::error::ErrorKind::MissingRequiredArgument);
        assert_eq!(mounted("--webhook-cert-name=b"), missing);
        assert_eq!(mounted("--webhook-cert-key=c"), missing);
    }
}
