//! The certificate of a server, wherever it comes from.

use std::fmt;
use std::sync::Arc;

use tokio::sync::watch;

use super::{InMemory, Mounted, Pair, Report, SelfManaged, Slot, Target};
use crate::operator::Part;
use crate::permission::Permission;

/// The certificate of a server: what keeps it fresh, and what shows how it stands.
///
/// ```no_run
/// use krate::Operator;
/// use krate::certificate::{Certificates, SelfManaged, Target};
/// use krate::operator::Stage;
/// use krate::serve::{Routes, Server, Tls};
///
/// # fn example(routes: Routes) -> krate::Result<Operator> {
/// let managed = SelfManaged::new("webhook-service")
///     .target(Target::Validating("validating-webhook-configuration".into()));
/// let certificates = Certificates::from(managed);
/// let server = Server::new("webhook", ":9443".parse()?).tls(Tls::new(certificates.slot()));
/// // The certificate first: a server without one refuses every handshake.
/// let operator = Operator::new()
///     .part(Stage::Webhooks, certificates.part())
///     .part(Stage::Webhooks, server.part(|_| Ok(routes)));
/// # Ok(operator)
/// # }
/// ```
#[derive(Clone)]
pub struct Certificates {
    source: Arc<Source>,
    keep: Keep,
}

pub(super) enum Source {
    SelfManaged(SelfManaged),
    Mounted(Mounted),
    InMemory(InMemory),
}

/// Where what keeps a certificate fresh puts it, and says how it went; clones are the same place.
#[derive(Clone)]
pub(super) struct Keep {
    pub(super) slot: Slot,
    report: Arc<watch::Sender<Report>>,
}

impl Certificates {
    fn new(source: Source, kind: super::Source) -> Self {
        Self {
            source: Arc::new(source),
            keep: Keep {
                slot: Slot::empty(),
                report: Arc::new(watch::Sender::new(Report::new(kind))),
            },
        }
    }

    /// Returns where the certificate is put, for [`Tls::new`](crate::serve::Tls::new).
    #[must_use]
    pub fn slot(&self) -> Slot {
        self.keep.slot.clone()
    }

    /// Returns how it stands.
    #[must_use]
    pub fn report(&self) -> Report {
        self.keep.report.borrow().clone()
    }

    /// Waits until it stands as wanted, and returns how.
    pub async fn wait_for(&self, wanted: impl FnMut(&Report) -> bool) -> Report {
        let mut report = self.keep.report.subscribe();
        // The sender lives in `self`, so the channel cannot close while this waits.
        let _ = report.wait_for(wanted).await;
        self.report()
    }

    /// Returns what a role has to permit for it.
    #[must_use]
    pub fn permissions(&self) -> Vec<Permission> {
        match &*self.source {
            Source::SelfManaged(managed) => managed.permissions(),
            Source::Mounted(_) | Source::InMemory(_) => Vec::new(),
        }
    }

    /// Tells these too, if telling is the operator's business; the names are as they are before the prefix.
    pub(crate) fn told_to(self, prefix: &str, targets: &[Target]) -> Self {
        let Source::SelfManaged(managed) = &*self.source else {
            return self;
        };
        let source = Source::SelfManaged(managed.clone().told_to(prefix, targets));
        Self {
            source: Arc::new(source),
            keep: self.keep,
        }
    }

    /// Returns what keeps it fresh as a part of an operator: up once there is a certificate, on every replica.
    ///
    /// It fails at the start if files are missing or the Secret is somebody else's. Everything else it waits out.
    #[must_use]
    pub fn part(&self) -> Part {
        let (certificates, keep) = (self.clone(), self.keep.clone());
        Part::new("the certificate of the server", |scope| async move {
            let site = scope.site();
            let (told, environment) = (certificates.clone(), site.environment().clone());
            let source = told.report().source;
            // Of one source there can be two, as where both webhooks and metrics have files of their own.
            let before = site
                .certificates()
                .iter()
                .filter(|report| report.source == source)
                .count();
            let name = match before {
                0 => source.name().to_owned(),
                _ => format!("{}-{}", source.name(), before + 1),
            };
            keep.note(|report| report.name.clone_from(&name));
            site.add_certificate(certificates.clone());
            site.checks().told(format!("certificate/{name}"), move || {
                told.report().told(environment.now())
            });
            match &*certificates.source {
                Source::SelfManaged(managed) => managed.keep(&scope, keep).await,
                Source::Mounted(mounted) => mounted.keep(&scope, keep).await,
                Source::InMemory(memory) => memory.keep(&scope, keep).await,
            }
        })
    }
}

impl Keep {
    /// Serves with a certificate from now on; nothing changes if it is served already.
    pub(super) fn serve(&self, pair: &Pair) {
        if self.slot.get().is_some_and(|old| old.der() == pair.der()) {
            return;
        }
        self.slot.set(pair.clone());
        self.report.send_modify(|report| {
            report.not_before = Some(pair.not_before());
            report.not_after = Some(pair.not_after());
            report.changes += 1;
        });
    }

    pub(super) fn note(&self, change: impl FnOnce(&mut Report)) {
        self.report.send_modify(change);
    }

    /// Notes how looking after the certificate went; returns true if it is news.
    pub(super) fn looked(&self, outcome: Result<(), String>) -> bool {
        let error = outcome.err();
        let mut news = false;
        self.report.send_modify(|report| {
            report.reads += 1;
            report.errors += u64::from(error.is_some());
            news = report.error != error;
            report.error = error;
        });
        news
    }
}

impl From<SelfManaged> for Certificates {
    fn from(managed: SelfManaged) -> Self {
        Self::new(Source::SelfManaged(managed), super::Source::SelfManaged)
    }
}

impl From<Mounted> for Certificates {
    fn from(mounted: Mounted) -> Self {
        Self::new(Source::Mounted(mounted), super::Source::Mounted)
    }
}

impl From<InMemory> for Certificates {
    fn from(memory: InMemory) -> Self {
        Self::new(Source::InMemory(memory), super::Source::InMemory)
    }
}

impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Certificates").field(&self.report()).finish()
    }
}
