//! Finds keys that keep running because of their own writes, and slows them down.
//!
//! A write of a run comes back as a change. That is as it should be, and is over after a run or two: then the run finds
//! nothing left to do. A reconciler that undoes what it did, or writes the time into a status, never gets there: each
//! run is the echo of the one before. Such a key is recognized by the versions of its own writes, and its echoes – and
//! nothing else – are held back for longer and longer. What anybody else changes runs the key at once, and starts the
//! count over.
//!
//! Pure: told what happens and what time it is. What it costs is a few versions per key that writes.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use crate::cache::ObjectKey;

/// This many echoes in a row are a loop.
const MANY: u32 = 10;
/// From this many on, what is written is compared.
const SUSPICIOUS: u32 = 6;
/// Two echoes that are further apart are not of one row.
const WINDOW: Duration = Duration::from_secs(60);
/// How long the first echo of a loop is held back, and how long at most.
const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(300);
/// How many versions are kept per key, and how many fields are told.
const VERSIONS: usize = 32;
const FIELDS: usize = 8;

/// A version of an object of a kind, as a number: what a change and a write have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Version(u64);

impl Version {
    pub(crate) fn new(kind: &str, resource_version: &str) -> Self {
        let mut hasher = DefaultHasher::new();
        (kind, resource_version).hash(&mut hasher);
        Self(hasher.finish())
    }
}

/// What every key wrote of late, and what came of it.
#[derive(Debug, Default)]
pub(crate) struct Echoes {
    keys: BTreeMap<ObjectKey, Key>,
}

#[derive(Debug, Default)]
struct Key {
    /// The versions of its own writes, the latest last.
    wrote: VecDeque<Version>,
    /// What asked for the next run so far.
    asked: Asked,
    /// How many runs in a row were echoes.
    row: u32,
    /// When the last of them started.
    last: Option<Instant>,
    told: bool,
    /// What was written last, by kind and object, once it is of interest.
    written: BTreeMap<(String, ObjectKey), Value>,
    flips: BTreeSet<String>,
}

/// What asked for a run.
#[derive(Debug, Default)]
struct Asked {
    versions: Vec<Version>,
    /// Something that is certainly no echo.
    other: bool,
}

/// The echoes of a controller, shared between its queue and its runs.
#[derive(Clone, Debug, Default)]
pub(crate) struct SharedEchoes {
    shared: Arc<Mutex<Echoes>>,
}

impl SharedEchoes {
    pub(crate) fn lock(&self) -> MutexGuard<'_, Echoes> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A loop, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Loop {
    pub(crate) runs: u32,
    /// The fields that its writes change to and fro.
    pub(crate) fields: Vec<String>,
}

impl Echoes {
    /// Takes a change that asks for a run, or something else that does; returns how long to hold it back.
    pub(crate) fn asked(&mut self, key: &ObjectKey, version: Option<Version>) -> Option<Duration> {
        let state = self.keys.get_mut(key)?;
        match version {
            Some(version) if state.asked.versions.len() < VERSIONS => state.asked.versions.push(version),
            // What cannot be kept cannot be judged either.
            Some(_) | None => state.asked.other = true,
        }
        state.hold()
    }

    /// A run starts; returns true if it is the one that makes its row a loop.
    pub(crate) fn started(&mut self, key: &ObjectKey, now: Instant) -> bool {
        let Some(state) = self.keys.get_mut(key) else {
            return false;
        };
        let is_echo = state.is_echo();
        let is_other = state.asked.other || !state.asked.versions.is_empty();
        state.asked = Asked::default();
        let slack = WINDOW + state.delay().unwrap_or_default();
        let is_recent = state.last.is_some_and(|last| now <= last + slack);
        if is_echo {
            if !is_recent {
                state.start_over();
            }
            state.row += 1;
            state.last = Some(now);
            return state.row == MANY;
        }
        // A timer or a retry says nothing about who changed what.
        if is_other {
            state.start_over();
        }
        false
    }

    /// Returns true if what a run writes is to be shown to [`compare`](Self::compare).
    pub(crate) fn is_suspicious(&self, key: &ObjectKey) -> bool {
        self.keys.get(key).is_some_and(|state| state.row >= SUSPICIOUS)
    }

    /// A run wrote something.
    pub(crate) fn wrote(&mut self, key: &ObjectKey, version: Version) {
        let state = self.keys.entry(key.clone()).or_default();
        if state.wrote.len() == VERSIONS {
            state.wrote.pop_front();
        }
        state.wrote.push_back(version);
    }

    /// Compares what a run wrote with what was written to that object before.
    pub(crate) fn compare(&mut self, key: &ObjectKey, kind: &str, object: &ObjectKey, value: Value) {
        let Some(state) = self.keys.get_mut(key) else {
            return;
        };
        let place = (kind.to_owned(), object.clone());
        if let Some(before) = state.written.get(&place) {
            let room = FIELDS.saturating_sub(state.flips.len());
            let changed = changes(before, &value);
            let named = changed.into_iter().map(|path| format!("{kind} {object} {path}"));
            state.flips.extend(named.take(room));
        }
        state.written.insert(place, value);
    }

    /// A run has ended; returns how long to hold back what asked for the next one meanwhile.
    pub(crate) fn finished(&self, key: &ObjectKey) -> Option<Duration> {
        self.keys.get(key)?.hold()
    }

    /// Returns the loop a key is in, once.
    pub(crate) fn tell(&mut self, key: &ObjectKey) -> Option<Loop> {
        let state = self.keys.get_mut(key)?;
        if state.row < MANY || state.told {
            return None;
        }
        state.told = true;
        Some(Loop {
            runs: state.row,
            fields: state.flips.iter().cloned().collect(),
        })
    }

    /// Forgets a key whose object is gone.
    pub(crate) fn forget(&mut self, key: &ObjectKey) {
        self.keys.remove(key);
    }
}

impl Key {
    /// Everything that asked for the next run is a write of an earlier one.
    fn is_echo(&self) -> bool {
        let Asked { versions, other } = &self.asked;
        !other && !versions.is_empty() && versions.iter().all(|version| self.wrote.contains(version))
    }

    fn hold(&self) -> Option<Duration> {
        self.delay().filter(|_| self.is_echo())
    }

    /// How long echoes are held back; `None` if the row is not long enough.
    fn delay(&self) -> Option<Duration> {
        let beyond = self.row.checked_sub(MANY)?;
        let factor = 1u32.checked_shl(beyond).unwrap_or(u32::MAX);
        Some(FIRST.saturating_mul(factor).min(LONGEST))
    }

    fn start_over(&mut self) {
        self.row = 0;
        self.last = None;
        self.told = false;
        self.written.clear();
        self.flips.clear();
    }
}

impl fmt::Display for Loop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "ran {} times in a row because of its own writes, now backing off; ",
            self.runs
        )?;
        match self.fields.as_slice() {
            [] => f.write_str("its writes do not differ in a field"),
            fields => write!(f, "what flips: {}", fields.join(", ")),
        }
    }
}

/// Returns the paths of the fields in which two states of an object differ, as far as the object is a reconciler's.
fn changes(before: &Value, after: &Value) -> Vec<String> {
    let mut all = Vec::new();
    walk("", before, after, &mut all);
    all
}

/// Fields that the server moves with every write.
const SERVER_FIELDS: &[&str] = &[
    ".metadata.resourceVersion",
    ".metadata.generation",
    ".metadata.managedFields",
    ".status.observedGeneration",
];

fn walk(path: &str, before: &Value, after: &Value, all: &mut Vec<String>) {
    if before == after || SERVER_FIELDS.contains(&path) {
        return;
    }
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
            for name in names {
                let field = |fields: &serde_json::Map<String, Value>| {
                    fields.get(name).cloned().unwrap_or(Value::Null)
                };
                walk(&format!("{path}.{name}"), &field(before), &field(after), all);
            }
        }
        (Value::Array(before), Value::Array(after)) if before.len() == after.len() => {
            for (position, (before, after)) in before.iter().zip(after).enumerate() {
                walk(&format!("{path}[{position}]"), before, after, all);
            }
        }
        _ => all.push(path.to_owned()),
    }
}

#[cfg(test)]
#[path = "echo_tests.rs"]
mod tests;
