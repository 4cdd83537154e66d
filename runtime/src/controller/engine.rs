//! The loop of a controller: its workers, each a task that takes one key after the other from the queue and runs it.

use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::task::AbortOnDropHandle;
use tracing::{Instrument, Span, debug, error, info_span, warn};

use super::echo::{SharedEchoes, Version};
use super::history::{History, RunReport};
use super::options::Options;
use super::stats::{Counts, Report, count};
use super::tenure::Tenure;
use crate::Kind;
use crate::cache::ObjectKey;
use crate::context::{Cause, Causes};
use crate::debug::{Ended, Journal, Running};
use crate::environment::Environment;
use crate::metrics::ControllerMeter;
use crate::queue::{Finish, Level, Outcome, Queue, Reason, Run, Snapshot, WorkQueue};
use crate::trigger::{Asked, Outside, Request, Sink, Trigger};
use crate::{Action, Error, Result};

/// A run that takes longer than this is worth a warning.
const SLOW: Duration = Duration::from_secs(60);

/// After this time a worker lets others have its thread.
const TURN: Duration = Duration::from_millis(1);

/// One run of one key.
#[derive(Clone, Debug)]
pub(crate) struct Ticket {
    pub(crate) key: ObjectKey,
    /// Why it runs, the first thing first; never empty.
    pub(crate) causes: Causes,
    /// Failed runs just before this one.
    pub(crate) attempt: u32,
}

/// What is run for a key.
pub(crate) type RunKey = Arc<dyn Fn(Ticket) -> BoxFuture<'static, Result<Action>> + Send + Sync>;

/// What is told that an object is gone.
pub(crate) type Gone = Arc<dyn Fn(&ObjectKey) + Send + Sync>;

/// A controller whose reconciler is forgotten; clones share it.
#[derive(Clone)]
pub(crate) struct Engine {
    shared: Arc<Shared>,
}

struct Shared {
    name: String,
    kind: Kind,
    queue: WorkQueue<ObjectKey, Cause>,
    environment: Environment,
    options: Options,
    counts: Counts,
    meter: ControllerMeter,
    journal: Journal,
    history: Mutex<History>,
    echoes: SharedEchoes,
    gone: Gone,
}

impl Engine {
    /// Returns an engine that stands still: it takes keys in while it runs.
    ///
    /// `gone` is told of objects that go meanwhile.
    pub(crate) fn new(
        (name, kind): (String, Kind),
        options: Options,
        environment: Environment,
        meter: ControllerMeter,
        journal: Journal,
        gone: Gone,
    ) -> Self {
        let mut queue =
            Queue::new(options.backoff, environment.random()).with_min_interval(options.min_interval);
        if let Some(limit) = options.run_limit {
            queue = queue.with_run_limit(limit);
        }
        if let Some(limit) = options.retry_limit {
            queue = queue.with_retry_limit(limit);
        }
        let queue = WorkQueue::new(queue);
        queue.close();
        Self {
            shared: Arc::new(Shared {
                name,
                kind,
                queue,
                environment,
                options,
                counts: Counts::default(),
                meter,
                journal,
                history: Mutex::default(),
                echoes: SharedEchoes::default(),
                gone,
            }),
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.shared.name
    }

    /// Returns how the controller is doing.
    pub(crate) fn report(&self) -> Report {
        let stats = self.shared.counts.read();
        let (unfinished, longest) = self.shared.journal.unfinished();
        self.shared.queue.inspect(|queue| Report {
            name: self.shared.name.clone(),
            stats,
            workers: self.shared.options.workers,
            traffic: queue.traffic(),
            unfinished,
            longest,
            ready: Level::ALL.map(|level| (level, queue.ready(level))),
            waiting: queue.waiting(),
            running: queue.running(),
        })
    }

    /// Returns what is in the queue, at most `limit` keys.
    pub(crate) fn queued(&self, limit: usize) -> Snapshot<ObjectKey, Cause> {
        self.shared.queue.inspect(|queue| queue.snapshot(limit))
    }

    /// Returns what runs and what ran.
    pub(crate) fn journal(&self) -> &Journal {
        &self.shared.journal
    }

    /// Returns the last runs, the latest last.
    pub(crate) fn history(&self) -> Vec<RunReport> {
        self.shared.history().all()
    }

    /// Returns what tells which runs are echoes of their own writes.
    pub(crate) fn echoes(&self) -> SharedEchoes {
        SharedEchoes::clone(&self.shared.echoes)
    }

    /// Returns the way into the queue.
    pub(crate) fn sink(&self) -> Arc<dyn Sink> {
        Arc::clone(&self.shared) as Arc<dyn Sink>
    }

    /// Starts over with an empty queue, has it filled, and runs keys until the tenure is over; returns when nothing
    /// runs any more.
    ///
    /// The first key runs while others are still put in. Whoever drops the future cuts off what is still running.
    pub(crate) async fn run(
        &self,
        run: RunKey,
        tenure: &Tenure,
        outside: &Outside,
        fill: impl FnOnce() + Send,
    ) {
        self.shared.queue.reopen();
        let (shared, outside) = (Arc::clone(&self.shared), outside.clone());
        let outside = AbortOnDropHandle::new(tokio::spawn(async move {
            outside.pass_on(|asked| shared.ask(asked)).await;
        }));
        let mut workers = JoinSet::new();
        for _ in 0..self.shared.options.workers {
            workers.spawn(self.clone().work(Arc::clone(&run), tenure.clone()));
        }
        fill();
        loop {
            tokio::select! {
                biased;
                () = tenure.over() => break,
                ended = workers.join_next() => match ended {
                    // Not even a bug of this engine ends a controller.
                    Some(Err(_)) => {
                        workers.spawn(self.clone().work(Arc::clone(&run), tenure.clone()));
                    }
                    Some(Ok(())) => {}
                    None => break,
                },
            }
        }
        drop(outside);
        self.shared.queue.close();
        let running = self.shared.queue.inspect(Queue::running);
        if running > 0 {
            debug!(controller = self.name(), running, "waiting for runs to finish");
        }
        let finished = async { while workers.join_next().await.is_some() {} };
        tokio::select! {
            biased;
            () = tenure.cut.cancelled() => {}
            () = finished => return,
        }
        // Waits for each to be gone: the next tenure may run the same keys.
        workers.shutdown().await;
        self.shared.journal.cut_off();
    }

    /// Runs one key after the other until there are no more.
    ///
    /// All in one task: a key that comes while nothing else happens is run by the thread that heard of it, and the
    /// end of a run wakes nobody.
    async fn work(self, run: RunKey, tenure: Tenure) {
        let mut began = Instant::now();
        while let Some(due) = self.shared.queue.next().await {
            if tenure.is_over() {
                self.shared.queue.finish(&due.key, Outcome::Done);
                break;
            }
            self.run_one(&run, due).await;
            // Runs that never wait would keep everybody else from this thread for as long as keys are in line.
            if self.shared.queue.inspect(Queue::has_ready) && began.elapsed() >= TURN {
                tokio::task::yield_now().await;
                began = Instant::now();
            }
        }
    }

    async fn run_one(&self, run: &RunKey, due: Run<ObjectKey, Cause>) {
        let key = due.key.clone();
        let Shared { meter, journal, .. } = self.shared.as_ref();
        meter.queued(due.waited);
        let ticket = ticket(due);
        let since = Instant::now();
        if self.shared.echoes.lock().started(&key, since) {
            count(&self.shared.counts.looped);
        }
        let id = self.shared.environment.uid();
        let span = self.span(&ticket, &id);
        journal.started(&key, since, || Running {
            cause: ticket.causes.first().clone(),
            attempt: ticket.attempt,
            id,
        });
        let mut report = RunReport::new(&ticket, self.shared.environment.now());
        let (outcome, level) = self.guard(run, ticket).instrument(span).await;
        report.took = since.elapsed();
        report.outcome = outcome;
        meter.ran(report.took);
        journal.ended(&key, self.shared.environment.now());
        self.shared.history().add(report);
        let hold = self.shared.echoes.lock().finished(&key);
        let finish = Finish { outcome, level, hold };
        self.shared.queue.finish(&key, finish);
    }

    /// Runs one key so that whatever happens stays with that key.
    async fn guard(&self, run: &RunKey, ticket: Ticket) -> (Outcome, Option<Level>) {
        let Shared { counts, journal, .. } = self.shared.as_ref();
        let key = ticket.key.clone();
        count(&counts.started);
        // Inside the guard also while the future is made: that is the reconciler's code, too.
        let running = AssertUnwindSafe(async move { run(ticket).await }).catch_unwind();
        match timeout(self.deadline(), watch_slowness(running)).await {
            Ok(Ok(Ok(action))) => {
                count(&counts.succeeded);
                debug!(requeue_after = ?action.requeue_after(), "reconciled");
                journal.came_to(&key, || Ended::Done {
                    requeue_after: action.requeue_after(),
                });
                let Some(after) = action.requeue_after() else {
                    return (Outcome::Done, None);
                };
                count(&counts.requeued);
                (Outcome::Requeue(after), action.level())
            }
            Ok(Ok(Err(error))) => {
                journal.came_to(&key, || Ended::Failed {
                    error: error.to_string(),
                    retried: !error.is_terminal(),
                });
                (self.failed(&error), None)
            }
            Ok(Err(panic)) => {
                count(&counts.panicked);
                count(&counts.failed);
                let message = panic_message(panic.as_ref());
                error!("failed to reconcile: panicked: {message}");
                journal.came_to(&key, || Ended::Panicked {
                    message: message.to_owned(),
                });
                (Outcome::Retry, None)
            }
            Err(_) => {
                count(&counts.timed_out);
                count(&counts.failed);
                warn!("failed to reconcile: not done after {:?}", self.deadline());
                journal.came_to(&key, || Ended::TimedOut {
                    deadline: self.deadline(),
                });
                (Outcome::Retry, None)
            }
        }
    }

    fn failed(&self, error: &Error) -> Outcome {
        let counts = &self.shared.counts;
        if error.is_terminal() {
            count(&counts.terminal);
            error!("failed to reconcile, not trying again until it changes: {error}");
            return Outcome::Done;
        }
        count(&counts.failed);
        warn!("failed to reconcile: {error}");
        error.delay().map_or(Outcome::Retry, Outcome::RetryAfter)
    }

    fn deadline(&self) -> Duration {
        self.shared.options.deadline.unwrap_or(Duration::MAX)
    }

    fn span(&self, ticket: &Ticket, id: &str) -> Span {
        info_span!(
            "reconcile",
            controller = self.name(),
            namespace = ticket.key.namespace(),
            name = ticket.key.name(),
            reconcile_id = id,
            attempt = ticket.attempt,
            cause = %ticket.causes.first(),
        )
    }
}

impl Sink for Shared {
    fn put(&self, trigger: Trigger) {
        let Trigger {
            key,
            level,
            cause,
            gone,
        } = trigger;
        if gone {
            self.queue.forget(&key);
            self.echoes.lock().forget(&key);
        }
        let hold = self.echoes.lock().asked(&key, self.version(&cause));
        match hold {
            Some(hold) => self.queue.add_after(key, level, cause, hold),
            None => self.queue.add(key, level, cause),
        }
    }

    fn is_open(&self) -> bool {
        self.queue.is_open()
    }

    fn gone(&self, key: &ObjectKey) {
        (self.gone)(key);
    }
}

impl Shared {
    /// Takes a request from outside the cluster.
    fn ask(&self, Asked { request, cause }: Asked) {
        let Request {
            key, level, after, ..
        } = request;
        self.echoes.lock().asked(&key, None);
        if after.is_zero() {
            self.queue.add(key, level, cause);
        } else {
            self.queue.add_after(key, level, cause, after);
        }
    }

    /// Returns the version a cause is about, if it is about one.
    fn version(&self, cause: &Cause) -> Option<Version> {
        match cause {
            Cause::Changed { resource_version } => Some(Version::new(self.kind.kind(), resource_version)),
            Cause::Related {
                kind,
                resource_version,
                ..
            } => Some(Version::new(kind, resource_version)),
            _ => None,
        }
    }

    fn history(&self) -> MutexGuard<'_, History> {
        self.history.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn ticket(due: Run<ObjectKey, Cause>) -> Ticket {
    let first = match due.reason {
        Reason::Added(cause) => cause,
        Reason::Timer => Cause::Timer,
        Reason::Retry => Cause::Retry,
    };
    Ticket {
        key: due.key,
        causes: Causes::new(first, due.also, due.omitted),
        attempt: due.failures,
    }
}

/// Warns once if a run takes long: a run without a deadline that hangs would otherwise hang in silence.
async fn watch_slowness<T>(running: impl Future<Output = T>) -> T {
    let mut running = pin!(running);
    tokio::select! {
        biased;
        done = &mut running => return done,
        () = sleep(SLOW) => warn!("still reconciling after {SLOW:?}"),
    }
    running.await
}

fn panic_message(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}

#[cfg(test)]
#[path = "engine_tests.rs"]
mod tests;
