//! Standing for election, leading, and handing over: the I/O around [`Machine`].

use std::time::Duration;

use k8s_openapi::api::coordination::v1::Lease;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep, sleep_until, timeout, timeout_at};
use tracing::{debug, info, warn};

use super::machine::{Machine, Step};
use super::options::Settled;
use super::record::holder;
use super::status::Status;
use super::term::{Started, Term};
use super::wire::{News, Wire};
use crate::Kind;
use crate::client::Fence;
use crate::environment::Environment;
use crate::error::{Error, ErrorKind, Result};
use crate::operator::{Scope, Site};
use crate::write::Event;

/// How long to wait for the work of a lost term to end before saying so.
const SLOW_END: Duration = Duration::from_secs(10);

/// How long writes in flight have to be answered before a lease is not released but left to expire.
const LAST_WRITES: Duration = Duration::from_secs(5);

/// One replica in an election.
pub(crate) struct Elector {
    settled: Settled,
    machine: Machine,
    wire: Wire,
    environment: Environment,
    status: Status,
    /// To whoever works while this process leads.
    terms: mpsc::Sender<Started>,
}

/// How a term ended.
enum End {
    /// The operator stops.
    Stopped,
    /// The operator stops, and writes are still in flight: nobody may take over before they have arrived or failed.
    Busy,
    /// The lease is not ours any more, or cannot be renewed in time.
    Lost(String),
}

/// Why a renewal did not succeed.
enum Trouble {
    /// Another replica holds the lease, or held it in between.
    Taken(String),
    Failed(Error),
}

impl Elector {
    /// Returns a replica that has not stood for election yet; who takes its terms works while it leads.
    pub(crate) fn new(settled: Settled, site: &Site, terms: mpsc::Sender<Started>) -> Self {
        Self {
            machine: Machine::new(settled.clone()),
            // Neither a limit nor a fence may hold up a renewal.
            wire: Wire::new(site.clients().bare().clone(), &settled),
            environment: site.environment().clone(),
            status: site.election_status(&settled),
            settled,
            terms,
        }
    }

    /// Stands for election, leads, and stands again, until the operator stops.
    ///
    /// # Errors
    ///
    /// If the lease is lost and that is to end the operator.
    pub(crate) async fn run(mut self, scope: Scope) -> Result<()> {
        scope.ready();
        info!(lease = %self.lease_name(), identity = %self.settled.identity, "standing for election");
        while let Some(sent) = self.campaign(&scope).await {
            match self.lead(sent, &scope).await {
                End::Stopped => {
                    self.hand_over().await;
                    return Ok(());
                }
                End::Lost(why) if self.settled.exit_on_loss => {
                    self.hand_over().await;
                    let error = Error::new(format!("{why}; the election is set to exit on loss"));
                    return Err(error
                        .with_kind(ErrorKind::NotLeader)
                        .context(format!("keep the lease `{}`", self.lease_name())));
                }
                End::Busy => {
                    warn!(lease = %self.lease_name(), "writes are still in flight, so the lease is left to expire");
                    return Ok(());
                }
                End::Lost(_) => {}
            }
        }
        Ok(())
    }

    /// Waits until the lease is ours; returns when the request that made it so was sent, `None` if the operator stops.
    async fn campaign(&mut self, scope: &Scope) -> Option<Instant> {
        self.machine.doubt();
        // Who lost a race looks again at once, and from then on with everybody else's patience.
        let mut hurry = true;
        loop {
            if self.terms.is_closed() {
                return None;
            }
            match self.machine.step(Instant::now(), self.environment.now()) {
                Step::Put(lease) => {
                    // Not raced with the stop: a lease that was taken has to be given back.
                    let sent = Instant::now();
                    match self.wire.put(&lease).await {
                        Ok(lease) => {
                            self.saw(Some(lease), sent);
                            return Some(sent);
                        }
                        Err(error) if is_race(&error) && std::mem::take(&mut hurry) => self.machine.doubt(),
                        Err(error) => {
                            self.machine.doubt();
                            self.failed(&error);
                            self.unless_stopped(scope, sleep(self.pause())).await?;
                        }
                    }
                }
                Step::Look => {
                    let (wire, asked) = (self.wire.clone(), Instant::now());
                    match self.unless_stopped(scope, wire.get()).await? {
                        Ok(lease) => self.saw(lease, asked),
                        Err(error) => {
                            self.failed(&error);
                            self.unless_stopped(scope, sleep(self.pause())).await?;
                        }
                    }
                }
                Step::Wait(until) => {
                    let terms = self.terms.clone();
                    tokio::select! {
                        biased;
                        () = scope.stopped() => return None,
                        () = terms.closed() => return None,
                        () = self.follow(until) => hurry = true,
                    }
                }
            }
        }
    }

    /// Watches another's lease until there is something to do, or it may be over.
    ///
    /// A watch shows a release at once, where polling would sleep over it for up to 4.4 seconds; and an expiry not
    /// later than polling would. Where it cannot be had, this polls.
    async fn follow(&mut self, mut until: Instant) {
        let started = Instant::now();
        let version = self
            .machine
            .lease()
            .and_then(|lease| lease.metadata.resource_version.clone());
        let watch = timeout_at(until, self.wire.watch(&version.unwrap_or_default())).await;
        let mut news = match watch {
            Ok(Ok(news)) => news,
            Ok(Err(error)) => return self.poll(&error, until).await,
            Err(_) => return,
        };
        loop {
            let next = tokio::select! {
                biased;
                next = news.next() => next,
                () = sleep_until(until) => return,
            };
            match next {
                Ok(Some(News::Lease(lease))) => self.saw(Some(*lease), Instant::now()),
                Ok(Some(News::Gone)) => self.saw(None, Instant::now()),
                Err(error) => return self.poll(&error, until).await,
                // Its time was up, unless it never had any.
                Ok(None) if started.elapsed() > self.settled.times.retry_period => {
                    return self.machine.doubt();
                }
                Ok(None) => return self.poll(&Error::new("the watch ended at once"), until).await,
            }
            match self.machine.step(Instant::now(), self.environment.now()) {
                Step::Wait(later) => until = later,
                _ => return,
            }
        }
    }

    /// Looks again after a pause, in place of a watch that failed.
    async fn poll(&mut self, error: &Error, until: Instant) {
        debug!(lease = %self.lease_name(), "polling, as the lease cannot be watched: {error}");
        let pause = Instant::now() + self.pause();
        sleep_until(pause.min(until)).await;
        self.machine.doubt();
    }

    /// Leads until the term ends, and returns when nobody works in it any more.
    async fn lead(&mut self, sent: Instant, scope: &Scope) -> End {
        let fence = Fence::until(sent + self.settled.times.renew_deadline);
        let (working, ended) = oneshot::channel();
        let term = Term::new(self.machine.transitions(), fence.clone());
        self.status.elected();
        info!(lease = %self.lease_name(), transitions = term.transitions(), "elected: this replica leads");
        self.tell(
            scope,
            Event::normal(
                "LeaderElection",
                format!("{} became leader", self.settled.identity),
            ),
        );
        // If nobody listens any more, the operator is about to stop.
        let _ = self.terms.send(Started { term, working }).await;
        let end = self.hold(&fence, sent, scope).await;
        match &end {
            End::Stopped | End::Busy => {
                fence.close();
                self.status.ended(false);
            }
            End::Lost(why) => {
                fence.shut();
                self.status.ended(true);
                warn!(lease = %self.lease_name(), "this replica no longer leads: {why}");
                self.tell(
                    scope,
                    Event::warning(
                        "LeaderElection",
                        format!("{} stopped leading: {why}", self.settled.identity),
                    ),
                );
            }
        }
        self.work_ended(ended).await;
        if matches!(end, End::Stopped) && timeout(LAST_WRITES, fence.idle()).await.is_err() {
            fence.shut();
            return End::Busy;
        }
        end
    }

    /// Renews until the operator stops or the lease is lost.
    async fn hold(&mut self, fence: &Fence, sent: Instant, scope: &Scope) -> End {
        let times = self.settled.times;
        let (mut deadline, mut next) = (sent + times.renew_deadline, sent + times.retry_period);
        loop {
            tokio::select! {
                // The deadline first: a process that slept through it must not go on as if nothing had been.
                biased;
                () = sleep_until(deadline) => {
                    return End::Lost(format!("not renewed within {:?}", times.renew_deadline));
                }
                () = scope.stopped() => return End::Stopped,
                () = sleep_until(next) => {}
            }
            match timeout_at(deadline, self.renew()).await {
                Ok(Ok(sent)) => {
                    deadline = sent + times.renew_deadline;
                    next = sent + times.retry_period;
                    fence.extend(deadline);
                }
                Ok(Err(Trouble::Taken(why))) => return End::Lost(why),
                Ok(Err(Trouble::Failed(error))) => {
                    self.failed(&error);
                    next = Instant::now() + times.retry_period;
                }
                // The deadline is next.
                Err(_) => {}
            }
        }
    }

    /// Renews the lease; returns when the request that did it was sent.
    async fn renew(&mut self) -> Result<Instant, Trouble> {
        let term = self.machine.transitions();
        if let Some(lease) = self.machine.renewal(self.environment.now()) {
            let sent = Instant::now();
            match self.wire.put(&lease).await {
                Ok(lease) => {
                    self.saw(Some(lease), sent);
                    return Ok(sent);
                }
                Err(error) if is_race(&error) => {}
                Err(error) => return Err(Trouble::Failed(error)),
            }
        }
        self.status.slow_path();
        let asked = Instant::now();
        let lease = self.wire.get().await.map_err(Trouble::Failed)?;
        self.saw(lease, asked);
        let lease = self.machine.lease();
        let holder = lease.and_then(holder).unwrap_or("nobody");
        if lease.is_some() && (holder != self.settled.identity || self.machine.transitions() != term) {
            return Err(Trouble::Taken(format!("{holder} holds the lease")));
        }
        let sent = Instant::now();
        match self.machine.step(sent, self.environment.now()) {
            Step::Put(lease) => {
                let lease = self.wire.put(&lease).await.map_err(Trouble::Failed)?;
                self.saw(Some(lease), sent);
                Ok(sent)
            }
            Step::Look | Step::Wait(_) => Err(Trouble::Taken(format!("{holder} holds the lease"))),
        }
    }

    /// Waits until nobody works in the term any more; the next one may run the same objects.
    async fn work_ended(&self, mut ended: oneshot::Receiver<()>) {
        if timeout(SLOW_END, &mut ended).await.is_err() {
            warn!(lease = %self.lease_name(), "runs of the last term do not end: they block without an `.await`");
            // An error is what is waited for: the sender is dropped.
            let _ = ended.await;
        }
    }

    /// Releases the lease, if it is ours and that is wanted.
    async fn hand_over(&mut self) {
        if !self.settled.release_on_stop {
            return;
        }
        if let Err(error) = self.release().await {
            warn!(lease = %self.lease_name(), "failed to release the lease, it will expire: {error}");
        }
    }

    async fn release(&mut self) -> Result<()> {
        // What was seen last, then what is: a renewal may be under way whose answer never came.
        for last_try in [false, true] {
            let Some(lease) = self.machine.release(self.environment.now()) else {
                return Ok(());
            };
            match self.wire.put(&lease).await {
                Ok(lease) => {
                    self.saw(Some(lease), Instant::now());
                    info!(lease = %self.lease_name(), "released the lease");
                    return Ok(());
                }
                Err(error) if last_try || !is_race(&error) => return Err(error),
                Err(_) => {
                    let lease = self.wire.get().await?;
                    self.saw(lease, Instant::now());
                }
            }
        }
        Ok(())
    }

    fn saw(&mut self, lease: Option<k8s_openapi::api::coordination::v1::Lease>, at: Instant) {
        self.machine.observe(lease, at);
        self.status.saw(self.machine.lease());
    }

    fn failed(&self, error: &Error) {
        if self.status.failed(error) {
            warn!(lease = %self.lease_name(), "{error}");
        }
    }

    /// Says it in the events of the lease; they are not fenced, as they say what was.
    fn tell(&self, scope: &Scope, event: Event) {
        if let Some(lease) = self.machine.lease() {
            scope.site().recorder().record(
                &self.settled.name,
                &Kind::of::<Lease>(),
                lease,
                event.with_action("Lead"),
            );
        }
    }

    /// Returns `None` if the operator stops first.
    async fn unless_stopped<T>(&self, scope: &Scope, what: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            () = scope.stopped() => None,
            done = what => Some(done),
        }
    }

    /// Returns how long to wait before trying again: up to 2.2 times the retry period, as in client-go.
    fn pause(&self) -> Duration {
        let period = self.settled.times.retry_period;
        let chance = u32::try_from(self.environment.random() % 1000).unwrap_or_default();
        period + period * 6 / 5 * chance / 1000
    }

    fn lease_name(&self) -> String {
        format!("{}/{}", self.settled.namespace, self.settled.name)
    }
}

/// Returns true if another request came first.
fn is_race(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Conflict | ErrorKind::AlreadyExists | ErrorKind::NotFound
    )
}
