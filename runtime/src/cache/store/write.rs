//! Own writes: what they answered, what they did not, and what the server says where that is unknown.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use kube::core::ObjectMeta;
use tokio::time::Instant;

use super::Store;
use crate::cache::blind::BlindSpot;
use crate::cache::{Cached, ObjectKey, ResourceVersion};

impl<K: Cached> Store<K> {
    /// Notes what a write answered: every later read sees it, until the watch has caught up.
    ///
    /// An object with a deletion timestamp is noted as gone if neither finalizers nor a time of grace keep it.
    pub fn wrote(&self, object: K) -> Arc<K> {
        let object = Arc::new(object);
        let key = ObjectKey::of(object.as_ref());
        let mut state = self.state_mut();
        let meta = object.meta();
        if is_gone(meta) {
            let version = ResourceVersion::of(object.as_ref());
            state.note_deleted(key, meta.uid.clone(), version);
        } else if state.is_ahead_of(&key, &object) {
            state.overlay.overtaken(&key, &object);
        } else {
            state.overlay.wrote(Arc::clone(&object), Instant::now());
        }
        object
    }

    /// Notes that a delete was answered: later reads do not see the object any more.
    ///
    /// With a uid, a newer object of the same name is seen as soon as the watch shows it.
    pub fn deleted(&self, key: ObjectKey, uid: Option<String>) {
        self.state_mut().note_deleted(key, uid, ResourceVersion::UNKNOWN);
    }

    /// Notes that a write of this key got no answer: the next read goes to the server.
    ///
    /// A key without a name stands for an object the server was to name: then the next list goes to the server.
    pub fn lost(&self, key: ObjectKey) {
        let mut state = self.state_mut();
        if key.name().is_empty() {
            let patience = state.overlay.patience();
            state.blind.lost(key.namespace(), patience, Instant::now());
        } else {
            state.overlay.lost(key, Instant::now());
        }
    }

    /// Returns where objects may be that only the server knows of, within a namespace or everywhere.
    pub(crate) fn blind_spots(&self, within: Option<&str>) -> Vec<BlindSpot> {
        self.state().blind.spots(within, Instant::now())
    }

    /// Takes what the server listed for a blind spot, and adds what was not known.
    pub(crate) fn listed(&self, spot: &BlindSpot, objects: Vec<Arc<K>>) {
        let now = Instant::now();
        let mut state = self.state_mut();
        for object in objects {
            let key = ObjectKey::of(object.as_ref());
            let is_known = state.overlay.has(&key) || state.table.uid(&key).is_some();
            if !is_known && !state.is_ahead_of(&key, &object) {
                state.overlay.wrote(object, now);
            }
        }
        state.blind.listed(spot, now);
    }

    /// Notes what the server itself answered for a key, which ends its uncertainty.
    pub fn observed(&self, key: &ObjectKey, answer: Option<K>) {
        self.shared.counters.live_reads.fetch_add(1, Ordering::Relaxed);
        self.state_mut().overlay.forget(key);
        match answer {
            Some(object) => {
                self.wrote(object);
            }
            None => {
                let uid = self.state().table.uid(key).flatten().map(str::to_owned);
                if uid.is_some() {
                    self.deleted(key.clone(), uid);
                }
            }
        }
    }

    /// Sets how long a write of this process is trusted over a watch that has not shown it; 30 seconds at first.
    pub fn set_patience(&self, patience: Duration) {
        self.state_mut().overlay.set_patience(patience);
    }
}

/// Returns true if nothing keeps a deleted object.
fn is_gone(meta: &ObjectMeta) -> bool {
    meta.deletion_timestamp.is_some()
        && meta.finalizers.iter().flatten().next().is_none()
        && meta
            .deletion_grace_period_seconds
            .is_none_or(|seconds| seconds == 0)
}
