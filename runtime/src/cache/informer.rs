//! The task that fills one partition of a store: list, then watch, for as long as the operator lives.
//!
//! It shares nothing with other informers but the store: a kind that is forbidden, missing or failing waits by
//! itself. What it does about trouble is in [`Trouble`], how fast in [`Pace`].

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use kube::Client;
use tokio::time::{Instant, sleep};
use tracing::{debug, info, warn};

use super::decode::{Arrived, Unreadable, decode, version_of};
use super::form::Keep;
use super::pace::Pace;
use super::selection::Partition;
use super::table::Round;
use super::trouble::Trouble;
use super::wire::{Event, Wire};
use super::{Cached, Change, ObjectKey, Phase, ResourceVersion, Store};
use crate::Environment;

/// Objects per page of a list.
const PAGE: u32 = 500;

/// A watch that lived this long was of use, even if nothing happened.
const USEFUL: Duration = Duration::from_secs(5);

/// This many lists in a row that are older than what was seen mean that the server's history was set back.
const STALE_LISTS: u32 = 5;

/// What the informers of a store have met, for metrics.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    /// Objects that did not decode.
    pub(crate) unreadable: AtomicU64,
    /// Lists started.
    pub(crate) lists: AtomicU64,
    /// Watches started.
    pub(crate) watches: AtomicU64,
    /// Lists and watches that failed.
    pub(crate) failures: AtomicU64,
    /// Handlers that panicked.
    pub(crate) panics: AtomicU64,
    /// Reads that went to the server, because the store could not know.
    pub(crate) live_reads: AtomicU64,
    /// Objects that were decoded because somebody read them.
    pub(crate) decoded: AtomicU64,
}

impl Counters {
    pub(super) fn count_decoded(&self, objects: usize) {
        self.decoded.fetch_add(objects as u64, Ordering::Relaxed);
    }
}

/// Everything an informer needs to know.
pub(super) struct Informer<K> {
    store: Store<K>,
    partition: Partition,
    wire: Wire,
    pace: Pace,
    keep: Keep,
    counters: Arc<Counters>,
    /// The version to watch from; none if a list comes first.
    position: Option<String>,
    stale_lists: u32,
    /// Keys that were warned about.
    warned: BTreeSet<ObjectKey>,
}

impl<K: Cached> Informer<K> {
    pub(super) fn new(
        store: Store<K>,
        partition: Partition,
        client: Client,
        environment: Environment,
        keep: Keep,
    ) -> Self {
        let wire = Wire::new(client, &store, &partition);
        let counters = store.counters();
        Self {
            store,
            partition,
            wire,
            pace: Pace::new(environment),
            keep,
            counters,
            position: None,
            stale_lists: 0,
            warned: BTreeSet::new(),
        }
    }

    /// Fills the store until the task is dropped.
    pub(super) async fn run(mut self) {
        loop {
            let step = match self.position.clone() {
                None => self.list().await,
                Some(version) => self.watch(version).await,
            };
            if let Err(trouble) = step {
                let wait = self.give_way(&trouble);
                sleep(wait).await;
            }
        }
    }

    /// Lists everything into the store, page by page, and sweeps out what is gone.
    async fn list(&mut self) -> Result<(), Trouble> {
        self.counters.lists.fetch_add(1, Ordering::Relaxed);
        match self.list_pages(Some(PAGE)).await {
            // The server forgot the state the pages were cut from; what fits into one answer cannot expire.
            Err(trouble) if trouble.is_expired() => self.list_pages(None).await,
            done => done,
        }
    }

    async fn list_pages(&mut self, limit: Option<u32>) -> Result<(), Trouble> {
        let mut round = None;
        let mut continue_token = None;
        let mut buffer = Vec::new();
        loop {
            let list = self.wire.page(limit, continue_token.take(), &mut buffer).await?;
            let version = list
                .metadata
                .resource_version
                .filter(|version| !version.is_empty());
            let round = match round {
                Some(round) => round,
                None => *round.insert(self.begin(version.as_deref())?),
            };
            for raw in list.items.iter().flatten() {
                self.take_listed(round, raw.get().as_bytes());
            }
            continue_token = list.metadata.continue_.filter(|token| !token.is_empty());
            if continue_token.is_none() {
                return self.end(round, version.ok_or(Trouble::NoVersion)?);
            }
            tokio::task::yield_now().await;
        }
    }

    /// Starts taking a list, unless it is older than what this process has already seen.
    fn begin(&mut self, version: Option<&str>) -> Result<Round, Trouble> {
        let version = version.map_or(ResourceVersion::UNKNOWN, ResourceVersion::parse);
        let mut state = self.store.state_mut();
        let stale = version.is_before(state.reached(&self.partition));
        self.stale_lists = if stale { self.stale_lists + 1 } else { 0 };
        if !stale {
            return Ok(state.table.begin());
        }
        if self.stale_lists < STALE_LISTS {
            return Err(Trouble::Stale);
        }
        warn!(kind = %self.store.kind(), "the server's history was set back, taking it as it is");
        state.set_back(&self.partition);
        Ok(state.table.begin_again())
    }

    fn decode(&self, raw: &[u8]) -> Result<Arrived<K>, Unreadable> {
        decode(raw, self.store.kind(), self.keep)
    }

    fn take_listed(&mut self, round: Round, raw: &[u8]) {
        match self.decode(raw) {
            Ok(arrived) => {
                self.readable(&arrived.object);
                let initial = !self.store.is_synced(&self.partition);
                let changes = {
                    let mut state = self.store.state_mut();
                    state.overlay.saw(&arrived.object);
                    state.table.list_item(round, arrived, initial)
                };
                self.dispatch(&changes);
            }
            Err(unreadable) => {
                if let Some(key) = &unreadable.key {
                    self.store.state_mut().table.list_unreadable(round, key);
                }
                self.warn_unreadable(&unreadable);
            }
        }
    }

    fn end(&mut self, round: Round, version: String) -> Result<(), Trouble> {
        let changes = {
            let mut state = self.store.state_mut();
            let changes = state.table.end(round, &self.partition);
            for change in &changes {
                state
                    .overlay
                    .saw_delete(&change.key(), change.latest().meta().uid.as_deref());
            }
            state.reach(&self.partition, ResourceVersion::parse(&version));
            changes
        };
        self.position = Some(version);
        self.store.set_status(&self.partition, |status| {
            !std::mem::replace(&mut status.synced, true)
        });
        self.dispatch(&changes);
        Ok(())
    }

    /// Follows the server from a version until the watch ends.
    async fn watch(&mut self, version: String) -> Result<(), Trouble> {
        self.counters.watches.fetch_add(1, Ordering::Relaxed);
        // Not all at the same time: a server that restarted would get all watches of all operators back at once.
        let lifetime = Duration::from_secs(240 + self.pace.draw(60));
        let started = Instant::now();
        let mut lines = self.wire.watch(&version, lifetime).await?;
        self.live();
        let mut useful = false;
        let ended = loop {
            match lines.next().await {
                Ok(Some(event)) => match self.take_event(&event) {
                    Ok(is_news) => useful |= is_news,
                    Err(trouble) => break Err(trouble),
                },
                Ok(None) => break Ok(()),
                Err(trouble) => break Err(trouble),
            }
        };
        useful |= started.elapsed() >= USEFUL;
        if useful {
            self.pace.succeeded();
        }
        match ended {
            Ok(()) if !useful => Err(Trouble::Useless),
            ended => ended,
        }
    }

    /// Takes one line of the watch; returns true if it was about an object.
    fn take_event(&mut self, event: &Event<'_>) -> Result<bool, Trouble> {
        match event.kind.as_ref() {
            "ADDED" | "MODIFIED" => self.take_state(event)?,
            "DELETED" => self.take_delete(event)?,
            "BOOKMARK" => {
                self.advance(version_of(event.object));
                return Ok(false);
            }
            "ERROR" => {
                let status = serde_json::from_slice(event.object).map_err(Trouble::Malformed)?;
                return Err(Trouble::Ended(Box::new(status)));
            }
            other => debug!(kind = %self.store.kind(), "skipped a watch event of type {other}"),
        }
        Ok(true)
    }

    fn take_state(&mut self, event: &Event<'_>) -> Result<(), Trouble> {
        match self.decode(event.object) {
            Ok(arrived) => {
                self.readable(&arrived.object);
                let version = arrived.object.meta().resource_version.clone();
                let changes = {
                    let mut state = self.store.state_mut();
                    state.overlay.saw(&arrived.object);
                    state.table.apply(arrived)
                };
                self.advance(version);
                self.dispatch(&changes);
            }
            Err(unreadable) => {
                event.check()?;
                self.warn_unreadable(&unreadable);
                self.advance(unreadable.version);
            }
        }
        Ok(())
    }

    fn take_delete(&mut self, event: &Event<'_>) -> Result<(), Trouble> {
        let last = self.decode(event.object);
        if last.is_err() {
            event.check()?;
        }
        let (version, changes) = {
            let mut state = self.store.state_mut();
            match last {
                Ok(arrived) => {
                    let last = arrived.object.as_ref();
                    let version = last.meta().resource_version.clone();
                    state
                        .overlay
                        .saw_delete(&ObjectKey::of(last), last.meta().uid.as_deref());
                    (version, state.table.delete(arrived))
                }
                // What is known of it goes all the same; its last readable state stands in for the unreadable one.
                Err(unreadable) => {
                    let changes = unreadable.key.and_then(|key| {
                        self.warned.remove(&key);
                        state.overlay.saw_delete(&key, None);
                        state.table.delete_key(&key)
                    });
                    (unreadable.version, changes)
                }
            }
        };
        if let Some(change) = &changes {
            self.warned.remove(&change.key());
        }
        self.advance(version);
        self.dispatch(changes.as_slice());
        Ok(())
    }

    /// Everything up to this version has been shown.
    fn advance(&mut self, version: Option<String>) {
        let Some(version) = version.filter(|version| !version.is_empty()) else {
            return;
        };
        self.store
            .state_mut()
            .reach(&self.partition, ResourceVersion::parse(&version));
        self.position = Some(version);
    }

    /// Tells everyone who subscribed; one that panics keeps nobody else from being told.
    fn dispatch(&self, changes: &[Change<K>]) {
        if changes.is_empty() {
            return;
        }
        let handlers = self.store.handlers();
        for change in changes {
            handlers
                .iter()
                .for_each(|handler| self.store.tell(handler, change));
        }
    }

    fn live(&self) {
        let turned = self.store.set_status(&self.partition, |status| {
            status.error = None;
            std::mem::replace(&mut status.phase, Phase::Live) != Phase::Live
        });
        if turned {
            info!(kind = %self.store.kind(), namespace = self.partition.namespace(), "watching");
        }
    }

    /// Shows the trouble and returns how long to wait.
    fn give_way(&mut self, trouble: &Trouble) -> Duration {
        self.counters.failures.fetch_add(1, Ordering::Relaxed);
        let was_failing = self.pace.is_failing();
        let wait = self.pace.failed();
        if trouble.is_expired() {
            self.position = None;
            // A gap in the watch is part of life, and the list that closes it should not wait; a second one should.
            if !was_failing {
                return Duration::ZERO;
            }
        }
        self.show(trouble);
        trouble.retry_after().map_or(wait, |asked| wait.max(asked))
    }

    fn show(&self, trouble: &Trouble) {
        let (phase, error) = (trouble.phase(), trouble.to_string());
        let message = error.clone();
        let turned = self.store.set_status(&self.partition, |status| {
            let turned = status.phase != phase;
            status.phase = phase;
            status.error = Some(error);
            turned
        });
        if turned {
            let namespace = self.partition.namespace();
            warn!(kind = %self.store.kind(), namespace, phase = phase.name(), "failed to watch: {message}");
        }
    }

    fn readable(&mut self, object: &K) {
        if !self.warned.is_empty() {
            self.warned.remove(&ObjectKey::of(object));
        }
    }

    fn warn_unreadable(&mut self, unreadable: &Unreadable) {
        self.counters.unreadable.fetch_add(1, Ordering::Relaxed);
        let key = unreadable.key.clone().unwrap_or_else(|| ObjectKey::cluster(""));
        if self.warned.insert(key.clone()) {
            warn!(kind = %self.store.kind(), object = %key, "skipped an object that cannot be read: {}", unreadable.error);
        }
    }
}
