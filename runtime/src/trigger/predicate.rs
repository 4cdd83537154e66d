//! Does a change matter? Questions about the object before and after it.

use std::fmt;
use std::sync::Arc;

use crate::cache::{Cached, Change};

/// A question about a change; combine with [`and`](Self::and), [`or`](Self::or) and [`not`](Self::not).
///
/// A predicate only keeps changes from starting runs: the store holds every object all the same.
///
/// ```
/// use krate::k8s_openapi::api::apps::v1::Deployment;
/// use krate::trigger::{generation_changed, labels_changed};
///
/// let matters = generation_changed::<Deployment>().or(labels_changed());
/// # let _ = matters;
/// ```
pub struct Predicate<K> {
    test: Arc<Test<K>>,
}

type Test<K> = dyn Fn(&Change<K>) -> bool + Send + Sync;

/// Returns a predicate that asks a closure.
#[must_use]
pub fn predicate<K: Cached>(test: impl Fn(&Change<K>) -> bool + Send + Sync + 'static) -> Predicate<K> {
    Predicate { test: Arc::new(test) }
}

/// Returns a predicate that is true when the generation differs: the spec changed, or deletion began.
///
/// Also true when an object comes or goes, and for kinds without generations, whose changes cannot be told apart.
/// Changes of labels and annotations alone are not seen; add [`labels_changed`] or [`annotations_changed`].
#[must_use]
pub fn generation_changed<K: Cached>() -> Predicate<K> {
    differs(|object: &K| {
        let meta = object.meta();
        (meta.generation, meta.deletion_timestamp.is_some())
    })
    .or(predicate(|change: &Change<K>| {
        change.latest().meta().generation.is_none()
    }))
}

/// Returns a predicate that is true when a label differs, and when an object comes or goes.
#[must_use]
pub fn labels_changed<K: Cached>() -> Predicate<K> {
    differs(|object: &K| object.meta().labels.clone().unwrap_or_default())
}

/// Returns a predicate that is true when an annotation differs, and when an object comes or goes.
#[must_use]
pub fn annotations_changed<K: Cached>() -> Predicate<K> {
    differs(|object: &K| object.meta().annotations.clone().unwrap_or_default())
}

/// Returns a predicate that is true when the resource version differs, and when an object comes or goes.
#[must_use]
pub fn resource_version_changed<K: Cached>() -> Predicate<K> {
    differs(|object: &K| object.meta().resource_version.clone())
}

/// True when a part of the object differs; an object that comes or goes differs in every part.
fn differs<K: Cached, T: PartialEq>(part: impl Fn(&K) -> T + Send + Sync + 'static) -> Predicate<K> {
    predicate(move |change| match change {
        Change::Updated { old, new } => old.get().is_none_or(|old| part(old) != part(new)),
        Change::Added { .. } | Change::Deleted { .. } => true,
    })
}

impl<K: Cached> Predicate<K> {
    /// Returns the answer for a change.
    #[must_use]
    pub fn test(&self, change: &Change<K>) -> bool {
        (self.test)(change)
    }

    /// Returns a predicate that is true if both are.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        predicate(move |change| self.test(change) && other.test(change))
    }

    /// Returns a predicate that is true if one of both is.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        predicate(move |change| self.test(change) || other.test(change))
    }

    /// Returns a predicate that is true if this one is not, also for objects that come or go.
    #[must_use]
    #[expect(
        clippy::should_implement_trait,
        reason = "reads as the sibling of `and` and `or`"
    )]
    pub fn not(self) -> Self {
        predicate(move |change| !self.test(change))
    }
}

impl<K> Clone for Predicate<K> {
    fn clone(&self) -> Self {
        Self {
            test: Arc::clone(&self.test),
        }
    }
}

impl<K> fmt::Debug for Predicate<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Predicate(..)")
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::apps::v1::Deployment;
    use serde_json::{Value, json};

    use super::*;

    fn deployment(metadata: Value) -> Arc<Deployment> {
        let mut object = json!({});
        object["metadata"] = metadata;
        Arc::new(serde_json::from_value(object).unwrap())
    }

    fn update(old: Value, new: Value) -> Change<Deployment> {
        Change::Updated {
            old: deployment(old).into(),
            new: deployment(new),
        }
    }

    #[track_caller]
    fn check(predicate: &Predicate<Deployment>, old: Value, new: Value, expected: bool) {
        let shown = format!("{old} -> {new}");
        assert_eq!(predicate.test(&update(old, new)), expected, "{shown}");
    }

    #[test]
    fn a_generation_tells_spec_from_status() {
        let generation = generation_changed();
        check(
            &generation,
            json!({"generation": 1}),
            json!({"generation": 2}),
            true,
        );
        let (before, after) = (
            json!({"generation": 1, "resourceVersion": "1"}),
            json!({"generation": 1, "resourceVersion": "2"}),
        );
        check(&generation, before, after, false);
        let deleting = json!({"generation": 1, "deletionTimestamp": "2026-01-01T00:00:00Z"});
        check(&generation, json!({"generation": 1}), deleting, true);
    }

    #[test]
    fn a_kind_without_generations_always_passes() {
        check(
            &generation_changed(),
            json!({"resourceVersion": "1"}),
            json!({"resourceVersion": "2"}),
            true,
        );
    }

    #[test]
    fn labels_annotations_and_versions_are_seen_apart() {
        for (predicate, field) in [
            (labels_changed(), "labels"),
            (annotations_changed(), "annotations"),
        ] {
            check(
                &predicate,
                json!({field: {"a": "1"}}),
                json!({field: {"a": "2"}}),
                true,
            );
            check(
                &predicate,
                json!({field: {"a": "1"}}),
                json!({field: {"a": "1"}, "generation": 2}),
                false,
            );
            check(&predicate, json!({}), json!({field: {}}), false);
        }
        let version = resource_version_changed();
        check(
            &version,
            json!({"resourceVersion": "1"}),
            json!({"resourceVersion": "2"}),
            true,
        );
        check(
            &version,
            json!({"resourceVersion": "1"}),
            json!({"resourceVersion": "1"}),
            false,
        );
    }

    #[test]
    fn objects_that_come_and_go_pass() {
        let object = deployment(json!({"generation": 1}));
        for predicate in [generation_changed(), labels_changed(), annotations_changed()] {
            assert!(predicate.test(&Change::Added {
                new: Arc::clone(&object),
                initial: true
            }));
            assert!(predicate.test(&Change::Deleted {
                old: Arc::clone(&object)
            }));
        }
    }

    #[test]
    fn predicates_combine() {
        let no = || predicate(|_| false);
        let yes = || predicate(|_| true);
        let cases = [
            (yes().and(no()), false),
            (yes().and(yes()), true),
            (yes().or(no()), true),
            (no().or(no()), false),
            (no().not(), true),
            (yes().not(), false),
        ];
        for (position, (predicate, expected)) in cases.into_iter().enumerate() {
            assert_eq!(
                predicate.test(&update(json!({}), json!({}))),
                expected,
                "case {position}"
            );
        }
    }
}
