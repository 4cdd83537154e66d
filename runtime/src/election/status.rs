//! How an election stands: what metrics and readiness show.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use k8s_openapi::api::coordination::v1::Lease;

use super::options::Settled;
use super::record::{holder, transitions};
use crate::Error;

/// How an election stands, as far as this replica knows.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// The name of the lease.
    pub name: String,
    /// The namespace of the lease.
    pub namespace: String,
    /// Who this replica is.
    pub identity: String,
    /// True while this replica leads: `leader_election_master_status`.
    pub leading: bool,
    /// Who held the lease when it was seen last, `None` if nobody did or nobody looked yet.
    pub holder: Option<String>,
    /// Since when the holder has had it, as the holder says.
    pub since: Option<Timestamp>,
    /// When the holder renewed it last, as the holder says.
    pub renewed: Option<Timestamp>,
    /// How often the lease changed hands.
    pub transitions: i32,
    /// How often this replica was elected.
    pub terms: u64,
    /// How often this replica lost the lease without having released it.
    pub losses: u64,
    /// How often the lease had to be read before it could be renewed: `leader_election_slowpath_total`.
    pub slow_paths: u64,
    /// How many requests for the lease failed.
    pub failures: u64,
    /// The last failure, until a request succeeds.
    pub error: Option<String>,
}

/// A report that is being written; clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Status {
    report: Arc<Mutex<Report>>,
}

impl Status {
    pub(crate) fn new(settled: &Settled) -> Self {
        let report = Report {
            name: settled.name.clone(),
            namespace: settled.namespace.clone(),
            identity: settled.identity.clone(),
            leading: false,
            holder: None,
            since: None,
            renewed: None,
            transitions: 0,
            terms: 0,
            losses: 0,
            slow_paths: 0,
            failures: 0,
            error: None,
        };
        Self {
            report: Arc::new(Mutex::new(report)),
        }
    }

    pub(crate) fn report(&self) -> Report {
        self.locked().clone()
    }

    pub(super) fn saw(&self, lease: Option<&Lease>) {
        let spec = lease.and_then(|lease| lease.spec.as_ref());
        let mut report = self.locked();
        report.holder = lease.and_then(holder).map(str::to_owned);
        report.since = spec
            .and_then(|spec| spec.acquire_time.as_ref())
            .map(|time| time.0);
        report.renewed = spec.and_then(|spec| spec.renew_time.as_ref()).map(|time| time.0);
        report.transitions = lease.map(transitions).unwrap_or_default();
        report.error = None;
    }

    pub(super) fn elected(&self) {
        let mut report = self.locked();
        report.leading = true;
        report.terms += 1;
    }

    pub(super) fn ended(&self, lost: bool) {
        let mut report = self.locked();
        report.leading = false;
        report.losses += u64::from(lost);
    }

    pub(super) fn slow_path(&self) {
        self.locked().slow_paths += 1;
    }

    /// Notes a failure; returns true if it is another one than before.
    pub(super) fn failed(&self, error: &Error) -> bool {
        let text = error.to_string();
        let mut report = self.locked();
        report.failures += 1;
        let is_news = report.error.as_ref() != Some(&text);
        report.error = Some(text);
        is_news
    }

    fn locked(&self) -> MutexGuard<'_, Report> {
        self.report.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
