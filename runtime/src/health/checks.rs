//! The checks of one operator, by name.

use std::collections::BTreeMap;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::FutureExt;
use futures::future::{BoxFuture, join_all};
use tokio::time::timeout;

use super::report::{Line, Outcome};
use crate::{Error, Result};

/// How long a check may take; the kubelet itself gives up after a second unless told otherwise.
const PATIENCE: Duration = Duration::from_secs(5);

/// What a check is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Probe {
    /// Whether the process has to be started anew.
    Live,
    /// Whether others may rely on it.
    Ready,
}

impl Probe {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Live => "healthz",
            Self::Ready => "readyz",
        }
    }
}

/// The checks behind `/healthz` and `/readyz`; clones share them.
///
/// ```
/// use krate::health::Checks;
///
/// let checks = Checks::default();
/// checks.ready("database", || async { Ok(()) });
/// ```
#[derive(Clone, Default)]
pub struct Checks {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    checks: Mutex<BTreeMap<(Probe, String), Check>>,
    serves_webhooks: AtomicBool,
}

type Check = Arc<dyn Fn() -> BoxFuture<'static, Result<Option<String>>> + Send + Sync>;

impl Checks {
    /// Adds a check of whether others may rely on this process; one of the same name is replaced.
    pub fn ready<F>(&self, name: impl Into<String>, check: impl Fn() -> F + Send + Sync + 'static)
    where
        F: Future<Output = Result<()>> + Send + 'static,
    {
        self.add(Probe::Ready, name.into(), silent(check));
    }

    /// Adds a check of whether this process can go on at all; where it fails for long, the kubelet starts it anew.
    ///
    /// Do not check with it what a restart cannot mend, such as other servers.
    pub fn live<F>(&self, name: impl Into<String>, check: impl Fn() -> F + Send + Sync + 'static)
    where
        F: Future<Output = Result<()>> + Send + 'static,
    {
        self.add(Probe::Live, name.into(), silent(check));
    }

    /// Adds a readiness check that is answered at once, with a word on how it stands, as `leading`.
    pub fn told(&self, name: impl Into<String>, check: impl Fn() -> Result<String> + Send + Sync + 'static) {
        let check: Check = Arc::new(move || {
            let told = check().map(Some);
            std::future::ready(told).boxed()
        });
        self.add(Probe::Ready, name.into(), check);
    }

    /// Says that others wait for the webhooks of this process, so it is ready without its caches.
    pub(crate) fn serves_webhooks(&self) {
        self.shared.serves_webhooks.store(true, Ordering::Relaxed);
    }

    pub(super) fn needs_caches(&self) -> bool {
        !self.shared.serves_webhooks.load(Ordering::Relaxed)
    }

    /// Drops every check; what they hold may hold this.
    pub(crate) fn close(&self) {
        self.checks().clear();
    }

    /// Asks every check of a probe but those left out, all at once.
    pub(super) async fn ask(&self, probe: Probe, leave_out: impl Fn(&str) -> bool) -> Vec<Line> {
        let asked: Vec<(String, Option<Check>)> = {
            let checks = self.checks();
            let of_probe = checks.iter().filter(|((of, _), _)| *of == probe);
            of_probe
                .map(|((_, name), check)| (name.clone(), (!leave_out(name)).then(|| Arc::clone(check))))
                .collect()
        };
        join_all(asked.into_iter().map(|(name, check)| async {
            let outcome = match check {
                None => Outcome::Excluded,
                Some(check) => match answer(check).await {
                    Ok(note) => Outcome::Ok { note },
                    Err(error) => Outcome::Failed {
                        reason: error.to_string(),
                    },
                },
            };
            Line { name, outcome }
        }))
        .await
    }

    fn add(&self, probe: Probe, name: String, check: Check) {
        self.checks().insert((probe, name), check);
    }

    fn checks(&self) -> MutexGuard<'_, BTreeMap<(Probe, String), Check>> {
        self.shared.checks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn silent<F>(check: impl Fn() -> F + Send + Sync + 'static) -> Check
where
    F: Future<Output = Result<()>> + Send + 'static,
{
    Arc::new(move || check().map(|answer| answer.map(|()| None)).boxed())
}

/// A check that panics or hangs has failed, and keeps nobody else from being asked.
async fn answer(check: Check) -> Result<Option<String>> {
    let asked = AssertUnwindSafe(async move { check().await }).catch_unwind();
    match timeout(PATIENCE, asked).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(_)) => Err(Error::new("it panicked")),
        Err(_) => Err(Error::new(format!("no answer after {PATIENCE:?}"))),
    }
}

impl fmt::Debug for Checks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.checks().keys()).finish()
    }
}
