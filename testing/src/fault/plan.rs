//! The handle: what shall go wrong, and what did.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use fastrand::Rng;
use http::Request;
use kube::Client;
use kube::client::Body;
use tokio::sync::oneshot;
use tokio::time::Instant;
use tower::Layer;

use super::memory::Memory;
use super::service::FaultService;
use super::{Asked, Fault, Injection, Target, Verb};

/// A request that came by.
#[derive(Clone, Debug)]
pub struct Record {
    /// How long after the first look at the handle it came.
    pub at: Duration,
    /// What it asked for.
    pub asked: Asked,
    /// What struck it.
    pub fault: Option<Fault>,
    /// The status the server answered, also if the answer was lost; `None` if it was not asked.
    pub status: Option<u16>,
}

/// A handle on faults: a `tower` layer, and what tells it what to do. Clones are the same.
///
/// ```
/// # use krate_testing::fault::{Fault, Faults, Injection, Target};
/// # async fn example(client: kube::Client) {
/// let faults = Faults::seeded(7);
/// let client = faults.around(client);
/// faults.inject(Injection::new(Fault::Refused { code: 503, retry_after: Some(1) }).on(Target::writes()));
/// // ... run an operator with the client ...
/// faults.heal();
/// # }
/// ```
#[derive(Clone)]
pub struct Faults {
    shared: Arc<Shared>,
}

struct Shared {
    started: Instant,
    state: Mutex<State>,
}

struct State {
    rng: Rng,
    injections: Vec<Injection>,
    rival: Option<Client>,
    down_until: Option<Instant>,
    memory: Memory,
    record: Vec<Record>,
    /// What breaks each request under way, by its place in the record: they break in the order they were made.
    open: BTreeMap<usize, (Asked, oneshot::Sender<()>)>,
}

/// What is to happen to a request.
pub(super) struct Verdict {
    /// Its place in the record.
    pub(super) number: usize,
    pub(super) fault: Option<Fault>,
    pub(super) rival: Option<Client>,
}

impl Faults {
    /// Returns a handle that does nothing yet; the seed decides all that is left to chance.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        let state = State {
            rng: Rng::with_seed(seed),
            injections: Vec::new(),
            rival: None,
            down_until: None,
            memory: Memory::default(),
            record: Vec::new(),
            open: BTreeMap::new(),
        };
        let shared = Shared {
            started: Instant::now(),
            state: Mutex::new(state),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Gives it somebody who writes for [`Fault::Raced`]: a client that may patch everything.
    #[must_use]
    pub fn with_rival(self, client: Client) -> Self {
        self.state().rival = Some(client);
        self
    }

    /// Puts the faults between a client and its server.
    ///
    /// Lower level: the handle is a `tower::Layer` for any service of `http` requests.
    #[must_use]
    pub fn around(&self, client: Client) -> Client {
        let namespace = client.default_namespace().to_owned();
        let service = tower::service_fn(move |request: Request<Body>| {
            let client = client.clone();
            async move { client.send(request).await }
        });
        Client::new(self.layer(service), namespace)
    }

    /// Lets something go wrong from now on; of several that could strike a request the first does.
    pub fn inject(&self, injection: Injection) {
        self.state().injections.push(injection);
    }

    /// Lets nothing go wrong any more; watches that were spoiled when they began stay so until they end.
    pub fn heal(&self) {
        let mut state = self.state();
        state.injections.clear();
        state.down_until = None;
    }

    /// Ends the running watches of a target, as a proxy does that has had enough of them.
    pub fn hang_up(&self, target: &Target) {
        self.state()
            .break_off(|asked| asked.verb == Verb::Watch && target.contains(asked));
    }

    /// Restarts the server: what is under way breaks off, for a time nothing is answered, and what was listed
    /// before cannot be watched from there.
    pub fn restart(&self, down: Duration) {
        let mut state = self.state();
        state.down_until = Some(Instant::now() + down);
        state.memory.restarted();
        state.break_off(|_| true);
    }

    /// Returns every request, in order.
    #[must_use]
    pub fn record(&self) -> Vec<Record> {
        self.state().record.clone()
    }

    /// Returns how many requests were struck.
    #[must_use]
    pub fn struck(&self) -> usize {
        self.state()
            .record
            .iter()
            .filter(|record| record.fault.is_some())
            .count()
    }

    /// Draws a number below a limit, from the seed.
    #[must_use]
    pub fn draw(&self, limit: usize) -> usize {
        self.state().rng.usize(..limit.max(1))
    }

    /// Decides about a request.
    pub(super) fn judge(&self, asked: &Asked) -> Verdict {
        let now = Instant::now();
        let mut state = self.state();
        let fault = state.fault(asked, now);
        let number = state.record.len();
        state.record.push(Record {
            at: now - self.shared.started,
            asked: asked.clone(),
            fault: fault.clone(),
            status: None,
        });
        Verdict {
            number,
            fault,
            rival: state.rival.clone(),
        }
    }

    pub(super) fn answered(&self, number: usize, status: u16) {
        if let Some(record) = self.state().record.get_mut(number) {
            record.status = Some(status);
        }
    }

    /// Runs with the memory of lists.
    pub(super) fn memory<T>(&self, work: impl FnOnce(&mut Memory) -> T) -> T {
        work(&mut self.state().memory)
    }

    /// Opens the connection of a request.
    pub(super) fn connect(&self, number: usize, asked: &Asked) -> Connection {
        let (hang_up, broken) = oneshot::channel();
        self.state().open.insert(number, (asked.clone(), hang_up));
        Connection {
            faults: self.clone(),
            number,
            broken,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn break_off(&mut self, which: impl Fn(&Asked) -> bool) {
        let hit = self.open.iter().filter(|(_, (asked, _))| which(asked));
        for number in hit.map(|(number, _)| *number).collect::<Vec<_>>() {
            if let Some((_, hang_up)) = self.open.remove(&number) {
                let _ = hang_up.send(());
            }
        }
    }

    fn fault(&mut self, asked: &Asked, now: Instant) -> Option<Fault> {
        if self.down_until.is_some_and(|until| now < until) {
            return Some(Fault::RequestLost);
        }
        if asked.verb == Verb::Watch && self.memory.predates(asked) {
            return Some(Fault::Expired);
        }
        let Self {
            rng,
            injections,
            memory,
            ..
        } = self;
        let mut candidates = injections.iter_mut();
        candidates.find_map(|injection| strike(injection, asked, rng, memory))
    }
}

/// Lets an injection strike, if it can, and counts that.
fn strike(injection: &mut Injection, asked: &Asked, rng: &mut Rng, memory: &Memory) -> Option<Fault> {
    let can = match &injection.fault {
        fault if fault.is_of_watches() => asked.verb == Verb::Watch,
        Fault::Stale => asked.verb == Verb::List && memory.first(asked).is_some(),
        Fault::Raced => asked.verb.is_write() && asked.name.is_some(),
        // The answer of a watch is the watch.
        Fault::ResponseLost | Fault::Unanswered => asked.verb != Verb::Watch,
        _ => true,
    };
    if !can || !injection.target.contains(asked) || injection.times == Some(0) {
        return None;
    }
    if injection.skip > 0 {
        injection.skip -= 1;
        return None;
    }
    if rng.u16(..1000) >= injection.per_mille {
        return None;
    }
    injection.times = injection.times.map(|times| times - 1);
    Some(injection.fault.clone())
}

/// A connection that may break.
pub(super) struct Connection {
    faults: Faults,
    number: usize,
    broken: oneshot::Receiver<()>,
}

impl Connection {
    /// Waits until the connection breaks.
    pub(super) async fn broken(&mut self) {
        if (&mut self.broken).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.faults.state().open.remove(&self.number);
    }
}

impl<S> Layer<S> for Faults {
    type Service = FaultService<S>;

    fn layer(&self, service: S) -> FaultService<S> {
        FaultService::new(self.clone(), service)
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Faults")
            .field("injections", &self.state().injections)
            .finish_non_exhaustive()
    }
}
