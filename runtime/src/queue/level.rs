//! Levels of urgency, and who is next among them.

use std::collections::BTreeMap;

/// How urgent an addition is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Nothing need have happened: the first list, a resync.
    Low,
    /// Something happened.
    #[default]
    Normal,
    /// Somebody is waiting for it.
    High,
}

impl Level {
    /// Every level, the least urgent first.
    pub const ALL: [Self; 3] = [Self::Low, Self::Normal, Self::High];

    /// Returns the name used in metrics.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Normal => "normal",
            Self::High => "high",
        }
    }
}

/// A level that was passed over this often goes next, so a lower level gets at least this share of a busy queue.
const PATIENCE: u32 = 8;

/// The keys that may run now: one line per level.
pub(super) struct Ready<K> {
    lines: [Line<K>; 3],
}

struct Line<K> {
    /// In order of their tickets.
    keys: BTreeMap<u64, K>,
    passed_over: u32,
}

impl<K> Ready<K> {
    pub(super) fn new() -> Self {
        Self {
            lines: std::array::from_fn(|_| Line {
                keys: BTreeMap::new(),
                passed_over: 0,
            }),
        }
    }

    pub(super) fn insert(&mut self, level: Level, ticket: u64, key: K) {
        self.lines[level as usize].keys.insert(ticket, key);
    }

    pub(super) fn remove(&mut self, level: Level, ticket: u64) {
        self.lines[level as usize].keys.remove(&ticket);
    }

    pub(super) fn len(&self, level: Level) -> usize {
        self.lines[level as usize].keys.len()
    }

    /// Returns the keys of a level in their order.
    pub(super) fn keys(&self, level: Level) -> impl Iterator<Item = &K> {
        self.lines[level as usize].keys.values()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lines.iter().all(|line| line.keys.is_empty())
    }

    pub(super) fn clear(&mut self) {
        *self = Self::new();
    }

    /// Takes the key that is next: the first of the highest level, unless a lower one has waited long enough.
    pub(super) fn pop(&mut self) -> Option<(Level, K)> {
        let level = self.next_level()?;
        for (lower, line) in self.lines.iter_mut().enumerate() {
            line.passed_over = match line.keys.is_empty() {
                true => 0,
                false => line.passed_over + u32::from(lower < level as usize),
            };
        }
        let line = &mut self.lines[level as usize];
        line.passed_over = 0;
        let (_, key) = line.keys.pop_first()?;
        Some((level, key))
    }

    fn next_level(&self) -> Option<Level> {
        let waiting = |level: &Level| !self.lines[*level as usize].keys.is_empty();
        let overdue = |level: &Level| waiting(level) && self.lines[*level as usize].passed_over >= PATIENCE;
        let mut levels = Level::ALL.into_iter();
        levels
            .find(overdue)
            .or_else(|| Level::ALL.into_iter().rev().find(waiting))
    }
}
