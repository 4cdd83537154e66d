//! How the certificate of an operator stands: for readiness, metrics and people.

use std::time::Duration;

use jiff::Timestamp;

use crate::{Error, Result};

/// Where a certificate comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// The operator's own authority, in a Secret.
    SelfManaged,
    /// Files somebody else keeps fresh.
    Mounted,
    /// Made by the process for itself.
    InMemory,
}

/// How a certificate stands right now; counters are since the start of the process.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// Its name in readiness and metrics: the source, and a number if there are several of one source. Empty before
    /// the operator has started it.
    pub name: String,
    /// Where it comes from.
    pub source: Source,
    /// When the certificate that is served began to be valid; `None` while there is none.
    pub not_before: Option<Timestamp>,
    /// When it ends.
    pub not_after: Option<Timestamp>,
    /// Whether everybody who is to trust it was told so; `None` where that is not the operator's business.
    pub injected: Option<bool>,
    /// How often it was read or looked after; `certwatcher_read_certificate_total`.
    pub reads: u64,
    /// How often that failed; `certwatcher_read_certificate_errors_total`.
    pub errors: u64,
    /// How often another certificate was put in its place.
    pub changes: u64,
    /// How often a `caBundle` was written, at first or because somebody had overwritten it.
    pub injections: u64,
    /// What went wrong last, until it has gone well.
    pub error: Option<String>,
}

impl Source {
    /// Returns the name used in logs, metrics and readiness.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SelfManaged => "self-managed",
            Self::Mounted => "mounted",
            Self::InMemory => "in-memory",
        }
    }
}

impl Report {
    pub(super) fn new(source: Source) -> Self {
        Self {
            name: String::new(),
            source,
            not_before: None,
            not_after: None,
            injected: None,
            reads: 0,
            errors: 0,
            changes: 0,
            injections: 0,
            error: None,
        }
    }

    /// Returns whether a server can serve with it: it is there, and has not ended.
    #[must_use]
    pub fn is_valid(&self, now: Timestamp) -> bool {
        self.not_after.is_some_and(|ends| now < ends)
    }

    /// Says how it stands, for readiness: an error if nothing can be served with it.
    pub(super) fn told(&self, now: Timestamp) -> Result<String> {
        let Some(ends) = self.not_after else {
            let reason = self.error.as_deref().unwrap_or("it is being made");
            return Err(Error::new(format!("there is none yet: {reason}")));
        };
        if !self.is_valid(now) {
            return Err(Error::new(format!("it ended at {ends}")));
        }
        Ok(match &self.error {
            None => format!("ends at {ends}"),
            Some(error) => format!("ends at {ends}; {error}"),
        })
    }

    /// Returns how long it has been valid.
    #[must_use]
    pub fn age(&self, now: Timestamp) -> Option<Duration> {
        let age = self.not_before?.duration_until(now);
        Some(Duration::try_from(age).unwrap_or_default())
    }

    /// Returns how long it has left; zero once it has ended.
    #[must_use]
    pub fn remaining(&self, now: Timestamp) -> Option<Duration> {
        let left = now.duration_until(self.not_after?);
        Some(Duration::try_from(left).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readiness_tells_when_it_ends_and_what_is_wrong() {
        let now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let later = now + Duration::from_secs(60);
        let mut report = Report::new(Source::Mounted);
        let told = |report: &Report, now| report.told(now).map_err(|error| error.to_string());
        assert_eq!(
            told(&report, now),
            Err("there is none yet: it is being made".to_owned())
        );
        report.error = Some("no access".to_owned());
        assert_eq!(told(&report, now), Err("there is none yet: no access".to_owned()));
        (report.not_before, report.not_after) = (Some(now), Some(later));
        assert_eq!(
            told(&report, now),
            Ok("ends at 2026-01-01T00:01:00Z; no access".to_owned())
        );
        report.error = None;
        assert_eq!(told(&report, now), Ok("ends at 2026-01-01T00:01:00Z".to_owned()));
        assert_eq!(
            told(&report, later),
            Err("it ended at 2026-01-01T00:01:00Z".to_owned())
        );
        assert_eq!(report.age(later), Some(Duration::from_secs(60)));
        assert_eq!(report.remaining(now), Some(Duration::from_secs(60)));
        assert_eq!(report.remaining(later), Some(Duration::ZERO));
    }
}
