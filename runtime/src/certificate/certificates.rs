//! The certificate of a server, wherever it comes from.

use std::fmt;
use std::sync::Arc;

use futures::future::BoxFuture;
use tokio::sync::watch;

use super::{InMemory, Mounted, Pair, Report, SelfManaged, Slot, Source, Target};
use crate::Result;
use crate::operator::{Part, Scope};
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
    keeper: Arc<dyn Keeper>,
    keep: Keep,
}

/// What keeps a certificate fresh.
///
/// Known at run time only, so that a program has no more of them than it names: one that manages a certificate is
/// large, and most operators have files or no webhooks at all.
trait Keeper: Send + Sync {
    /// Keeps it until the operator stops.
    fn keep<'a>(&'a self, scope: &'a Scope, keep: Keep) -> BoxFuture<'a, Result<()>>;

    fn permissions(&self) -> Vec<Permission> {
        Vec::new()
    }

    /// Returns what tells these too; none if telling is not its business.
    fn told_to(&self, _prefix: &str, _targets: &[Target]) -> Option<Arc<dyn Keeper>> {
        None
    }
}

/// Where what keeps a certificate fresh puts it, and says how it went; clones are the same place.
#[derive(Clone)]
pub(super) struct Keep {
    pub(super) slot: Slot,
    report: Arc<watch::Sender<Report>>,
}

impl Certificates {
    fn new(keeper: impl Keeper + 'static, source: Source) -> Self {
        Self {
            keeper: Arc::new(keeper),
            keep: Keep {
                slot: Slot::empty(),
                report: Arc::new(watch::Sender::new(Report::new(source))),
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
        self.keeper.permissions()
    }

    /// Tells these too, if telling is the operator's business; the names are as they are before the prefix.
    pub(crate) fn told_to(self, prefix: &str, targets: &[Target]) -> Self {
        let keeper = self.keeper.told_to(prefix, targets).unwrap_or(self.keeper);
        Self { keeper, ..self }
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
            certificates.keeper.keep(&scope, keep).await
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

impl Keeper for SelfManaged {
    fn keep<'a>(&'a self, scope: &'a Scope, keep: Keep) -> BoxFuture<'a, Result<()>> {
        Box::pin(self.keep(scope, keep))
    }

    fn permissions(&self) -> Vec<Permission> {
        self.permissions()
    }

    fn told_to(&self, prefix: &str, targets: &[Target]) -> Option<Arc<dyn Keeper>> {
        Some(Arc::new(self.clone().told_to(prefix, targets)))
    }
}

impl Keeper for Mounted {
    fn keep<'a>(&'a self, scope: &'a Scope, keep: Keep) -> BoxFuture<'a, Result<()>> {
        Box::pin(self.keep(scope, keep))
    }
}

impl Keeper for InMemory {
    fn keep<'a>(&'a self, scope: &'a Scope, keep: Keep) -> BoxFuture<'a, Result<()>> {
        Box::pin(self.keep(scope, keep))
    }
}

impl From<SelfManaged> for Certificates {
    fn from(managed: SelfManaged) -> Self {
        Self::new(managed, Source::SelfManaged)
    }
}

impl From<Mounted> for Certificates {
    fn from(mounted: Mounted) -> Self {
        Self::new(mounted, Source::Mounted)
    }
}

impl From<InMemory> for Certificates {
    fn from(memory: InMemory) -> Self {
        Self::new(memory, Source::InMemory)
    }
}

impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Certificates").field(&self.report()).finish()
    }
}
