//! What this process applied last, so that an apply that would change nothing is not sent.
//!
//! An apply is skipped only if both hold: the reconciler says the same as last time, and the fields it speaks
//! about still have the values the API server answered then. Defaults, normalized quantities and other people's
//! fields therefore never cause a request, and any change to a field of ours does. After a restart the memory is
//! empty, and each child is applied once, which the API server finds to be no change.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard};

use kube::core::ObjectMeta;
use serde_json::Value;

use super::desired::{covered, digest};
use crate::Kind;
use crate::cache::ObjectKey;
use crate::reconcile::Subject;

/// The last apply to each object, by one controller, under the key of what was reconciled.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    runs: Mutex<Runs>,
    /// The kinds of children that are known at run time only, under the key of what was reconciled.
    dynamic: Mutex<BTreeMap<ObjectKey, BTreeSet<Kind>>>,
}

type Runs = BTreeMap<ObjectKey, BTreeMap<(Kind, ObjectKey), Applied>>;

/// One apply: what was sent, and what it came to.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Applied {
    uid: String,
    body: u64,
    outcome: u64,
    bare: Bare,
}

/// What an apply came to as far as the metadata tells.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Bare {
    /// The fields of the metadata that the apply speaks about.
    metadata: u64,
    /// Changes with everything but the status and the metadata; a kind without generations has its version here.
    revision: Option<String>,
}

impl Bare {
    fn new(meta: &ObjectMeta, body: &Value) -> Option<Self> {
        let stored = serde_json::to_value(meta).ok()?;
        let generation = meta.generation.map(|generation| generation.to_string());
        Some(Self {
            metadata: digest(&covered(&stored, &body["metadata"])),
            revision: generation.or_else(|| meta.resource_version.clone()),
        })
    }
}

impl Memory {
    /// Returns whether applying `body` to `stored` would change nothing.
    pub(super) fn is_settled<K: Subject>(
        &self,
        run: &ObjectKey,
        kind: &Kind,
        stored: &K,
        body: &Value,
    ) -> bool {
        let last = self.last(run, kind, &ObjectKey::of(stored));
        match (last, applied(stored, body)) {
            // The revision moves with what is none of our business, too.
            (Some(last), Some(now)) => {
                (last.uid, last.body, last.outcome) == (now.uid, now.body, now.outcome)
            }
            _ => false,
        }
    }

    /// Returns whether applying `body` would change nothing, as far as the metadata of the stored object tells.
    pub(super) fn is_untouched(&self, run: &ObjectKey, kind: &Kind, meta: &ObjectMeta, body: &Value) -> bool {
        let name = meta.name.as_deref().unwrap_or_default();
        let key = ObjectKey::new(meta.namespace.as_deref(), name);
        self.last(run, kind, &key).is_some_and(|last| {
            meta.uid.as_deref() == Some(&last.uid)
                && last.body == digest(body)
                && Bare::new(meta, body).is_some_and(|now| now == last.bare)
        })
    }

    /// Remembers that applying `body` came to `stored`.
    pub(super) fn remember<K: Subject>(&self, run: &ObjectKey, kind: &Kind, stored: &K, body: &Value) {
        if let Some(now) = applied(stored, body) {
            let key = (kind.clone(), ObjectKey::of(stored));
            self.locked().entry(run.clone()).or_default().insert(key, now);
        }
    }

    /// Remembers the kinds of children that only a look at them can tell, and returns all since the start.
    pub(super) fn add_kinds(&self, run: &ObjectKey, kinds: BTreeSet<Kind>) -> BTreeSet<Kind> {
        let mut all = self
            .dynamic
            .lock()
            .expect("nothing panics while holding the memory");
        if kinds.is_empty() && !all.contains_key(run) {
            return kinds;
        }
        let known = all.entry(run.clone()).or_default();
        known.extend(kinds);
        known.clone()
    }

    /// Forgets an object, so that the next apply to it is sent.
    pub(super) fn forget(&self, run: &ObjectKey, kind: &Kind, key: &ObjectKey) {
        if let Some(applied) = self.locked().get_mut(run) {
            applied.remove(&(kind.clone(), key.clone()));
        }
    }

    /// Forgets everything applied for an object that is gone.
    pub(crate) fn forget_run(&self, run: &ObjectKey) {
        self.locked().remove(run);
        let mut dynamic = self
            .dynamic
            .lock()
            .expect("nothing panics while holding the memory");
        dynamic.remove(run);
    }

    fn last(&self, run: &ObjectKey, kind: &Kind, key: &ObjectKey) -> Option<Applied> {
        let runs = self.locked();
        runs.get(run)?.get(&(kind.clone(), key.clone())).cloned()
    }

    fn locked(&self) -> MutexGuard<'_, Runs> {
        self.runs.lock().expect("nothing panics while holding the memory")
    }
}

fn applied<K: Subject>(stored: &K, body: &Value) -> Option<Applied> {
    let meta = stored.meta();
    let whole = serde_json::to_value(stored).ok()?;
    Some(Applied {
        uid: meta.uid.clone()?,
        body: digest(body),
        outcome: digest(&covered(&whole, body)),
        bare: Bare::new(meta, body)?,
    })
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

    fn kind() -> Kind {
        Kind::of::<Deployment>()
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
            &kind(),
            &deployment(&json!({ "replicas": 2 }), json!({ "resourceVersion": "5" })),
            &body,
        );
        assert_eq!(
            memory.is_settled(&run(), &kind(), next_stored, next_body),
            expected
        );
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
        assert!(!Memory::default().is_settled(&run(), &kind(), &stored, &body));
    }

    #[test]
    fn what_is_forgotten_is_applied_again() {
        let body = json!({});
        let stored = deployment(&json!({}), json!({}));
        let memory = Memory::default();
        memory.remember(&run(), &kind(), &stored, &body);
        assert!(memory.is_settled(&run(), &kind(), &stored, &body));
        memory.forget(&run(), &kind(), &ObjectKey::of(&stored));
        assert!(!memory.is_settled(&run(), &kind(), &stored, &body));
    }

    /// Applies a body, then asks by the metadata alone whether the next apply is settled.
    fn check_bare(applied: Value, now: Value, expected: bool) {
        let body = json!({ "metadata": { "labels": { "ours": "1" } }, "spec": { "replicas": 2 } });
        let memory = Memory::default();
        memory.remember(&run(), &kind(), &deployment(&json!({}), applied), &body);
        let meta = deployment(&json!({}), now).metadata;
        assert_eq!(memory.is_untouched(&run(), &kind(), &meta, &body), expected);
    }

    #[test]
    fn by_metadata_alone_a_generation_tells_the_spec_from_the_status() {
        let at = |generation, version| json!({ "generation": generation, "resourceVersion": version, "labels": { "ours": "1" } });
        check_bare(at(1, "5"), at(1, "6"), true);
        check_bare(at(1, "5"), at(2, "6"), false);
        let relabelled = json!({ "generation": 1, "resourceVersion": "6", "labels": { "ours": "2" } });
        check_bare(at(1, "5"), relabelled, false);
    }

    #[test]
    fn by_metadata_alone_a_kind_without_generations_is_told_by_its_version() {
        check_bare(
            json!({ "resourceVersion": "5" }),
            json!({ "resourceVersion": "5" }),
            true,
        );
        check_bare(
            json!({ "resourceVersion": "5" }),
            json!({ "resourceVersion": "6" }),
            false,
        );
        check_bare(
            json!({ "resourceVersion": "5" }),
            json!({ "resourceVersion": "5", "uid": "u2" }),
            false,
        );
    }

    #[test]
    fn nothing_is_kept_for_what_is_gone() {
        let memory = Memory::default();
        memory.remember(&run(), &kind(), &deployment(&json!({}), json!({})), &json!({}));
        memory.forget_run(&run());
        assert!(memory.locked().is_empty());
    }
}
