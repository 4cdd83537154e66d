//! What this process applied last, so that an apply that would change nothing is not sent.
//!
//! An apply is skipped only if both hold: the reconciler says the same as last time, and the fields it speaks
//! about still have the values the API server answered then. Defaults, normalized quantities and other people's
//! fields therefore never cause a request, and any change to a field of ours does. After a restart the memory is
//! empty, and each child is applied once, which the API server finds to be no change.

use std::any::TypeId;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use serde_json::Value;

use super::desired::{covered, digest};
use crate::cache::ObjectKey;
use crate::reconcile::Object;

/// The last apply to each object, by one controller, under the key of what was reconciled.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    runs: Mutex<Runs>,
}

type Runs = BTreeMap<ObjectKey, BTreeMap<(TypeId, ObjectKey), Applied>>;

/// One apply: what was sent, and what it came to.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Applied {
    uid: String,
    body: u64,
    outcome: u64,
}

impl Applied {
    fn new(uid: &str, body: &Value, stored: &Value) -> Self {
        Self {
            uid: uid.to_owned(),
            body: digest(body),
            outcome: digest(&covered(stored, body)),
        }
    }
}

impl Memory {
    /// Returns whether applying `body` to `stored` would change nothing.
    pub(super) fn is_settled<K: Object>(&self, run: &ObjectKey, stored: &K, body: &Value) -> bool {
        let key = (TypeId::of::<K>(), ObjectKey::of(stored));
        let last = self
            .locked()
            .get(run)
            .and_then(|applied| applied.get(&key))
            .cloned();
        last.is_some() && last == applied(stored, body)
    }

    /// Remembers that applying `body` came to `stored`.
    pub(super) fn remember<K: Object>(&self, run: &ObjectKey, stored: &K, body: &Value) {
        if let Some(now) = applied(stored, body) {
            let key = (TypeId::of::<K>(), ObjectKey::of(stored));
            self.locked().entry(run.clone()).or_default().insert(key, now);
        }
    }

    /// Forgets an object, so that the next apply to it is sent.
    pub(super) fn forget<K: Object>(&self, run: &ObjectKey, key: &ObjectKey) {
        if let Some(applied) = self.locked().get_mut(run) {
            applied.remove(&(TypeId::of::<K>(), key.clone()));
        }
    }

    /// Forgets everything applied for an object that is gone.
    pub(crate) fn forget_run(&self, run: &ObjectKey) {
        self.locked().remove(run);
    }

    fn locked(&self) -> MutexGuard<'_, Runs> {
        self.runs.lock().expect("nothing panics while holding the memory")
    }
}

fn applied<K: Object>(stored: &K, body: &Value) -> Option<Applied> {
    let uid = stored.meta().uid.as_deref()?;
    let stored = serde_json::to_value(stored).ok()?;
    Some(Applied::new(uid, body, &stored))
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::apps::v1::Deployment;
    use serde_json::json;

    use super::*;

    fn deployment(spec: &Value, metadata: Value) -> Deployment {
        let mut all = json!({ "name": "web", "namespace": "default", "uid": "u1" });
        json_merge(&mut all, metadata);
        let mut full = json!({ "selector": {}, "template": {} });
        json_merge(&mut full, spec.clone());
        serde_json::from_value(json!({ "metadata": all, "spec": full })).unwrap()
    }

    fn run() -> ObjectKey {
        ObjectKey::namespaced("default", "owner")
    }

    fn json_merge(into: &mut Value, from: Value) {
        if let (Value::Object(into), Value::Object(from)) = (into, from) {
            into.extend(from);
        }
    }

    /// Applies a body that comes to a stored object, then asks whether the next apply is settled.
    fn check(next_stored: &Deployment, next_body: &Value, expected: bool) {
        let body = json!({ "spec": { "replicas": 2 } });
        let memory = Memory::default();
        memory.remember(
            &run(),
            &deployment(&json!({ "replicas": 2 }), json!({ "resourceVersion": "5" })),
            &body,
        );
        assert_eq!(memory.is_settled(&run(), next_stored, next_body), expected);
    }

    #[test]
    fn the_same_again_is_settled() {
        let body = json!({ "spec": { "replicas": 2 } });
        check(&deployment(&json!({ "replicas": 2 }), json!({})), &body, true);
    }

    #[test]
    fn what_others_change_outside_our_fields_is_none_of_our_business() {
        let body = json!({ "spec": { "replicas": 2 } });
        let metadata = json!({ "annotations": { "theirs": "1" }, "resourceVersion": "9" });
        check(
            &deployment(&json!({ "replicas": 2, "paused": true }), metadata),
            &body,
            true,
        );
    }

    #[test]
    fn a_field_of_ours_that_someone_changed_is_applied_again() {
        let body = json!({ "spec": { "replicas": 2 } });
        check(&deployment(&json!({ "replicas": 3 }), json!({})), &body, false);
        check(&deployment(&json!({}), json!({})), &body, false);
    }

    #[test]
    fn a_field_no_longer_set_is_applied_so_that_it_goes() {
        check(
            &deployment(&json!({ "replicas": 2 }), json!({})),
            &json!({ "spec": {} }),
            false,
        );
    }

    #[test]
    fn a_namesake_with_another_uid_is_applied_to() {
        let body = json!({ "spec": { "replicas": 2 } });
        check(
            &deployment(&json!({ "replicas": 2 }), json!({ "uid": "u2" })),
            &body,
            false,
        );
    }

    #[test]
    fn a_fresh_process_applies_once() {
        let body = json!({ "spec": { "replicas": 2 } });
        let stored = deployment(&json!({ "replicas": 2 }), json!({}));
        assert!(!Memory::default().is_settled(&run(), &stored, &body));
    }

    #[test]
    fn what_is_forgotten_is_applied_again() {
        let body = json!({});
        let stored = deployment(&json!({}), json!({}));
        let memory = Memory::default();
        memory.remember(&run(), &stored, &body);
        assert!(memory.is_settled(&run(), &stored, &body));
        memory.forget::<Deployment>(&run(), &ObjectKey::of(&stored));
        assert!(!memory.is_settled(&run(), &stored, &body));
    }

    #[test]
    fn nothing_is_kept_for_what_is_gone() {
        let memory = Memory::default();
        memory.remember(&run(), &deployment(&json!({}), json!({})), &json!({}));
        memory.forget_run(&run());
        assert!(memory.locked().is_empty());
    }
}
