//! What lists said, and since when the server has a history.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;

use super::Asked;

#[derive(Default)]
pub(super) struct Memory {
    /// The first answer to each list that came in one piece.
    first: BTreeMap<String, Bytes>,
    /// The lists that were answered since the server lost its history.
    listed: BTreeSet<String>,
    /// Whether the server ever lost it.
    restarted: bool,
}

impl Memory {
    /// Takes the answer of a list.
    pub(super) fn took(&mut self, asked: &Asked, answer: &Bytes) {
        let collection = asked.collection();
        let token = serde_json::from_slice::<serde_json::Value>(answer);
        let token = token.map(|list| {
            list["metadata"]["continue"]
                .as_str()
                .unwrap_or_default()
                .to_owned()
        });
        let is_last = token.is_ok_and(|token| token.is_empty());
        if is_last && !asked.has("continue") {
            self.first
                .entry(collection.clone())
                .or_insert_with(|| answer.clone());
        }
        if is_last {
            self.listed.insert(collection);
        }
    }

    pub(super) fn first(&self, asked: &Asked) -> Option<Bytes> {
        self.first.get(&asked.collection()).cloned()
    }

    /// Forgets history: what was listed before can no longer be watched from there.
    pub(super) fn restarted(&mut self) {
        self.restarted = true;
        self.listed.clear();
    }

    /// Returns whether a watch starts from before the history.
    pub(super) fn predates(&self, asked: &Asked) -> bool {
        self.restarted && !self.listed.contains(&asked.collection())
    }
}
