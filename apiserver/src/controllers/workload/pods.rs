//! What the other workload controllers ask about pods.

use serde_json::Value;

use crate::controllers::condition::{find, is_true};
use crate::controllers::plan::{Step, string};
use crate::controllers::world::{Key, Kind};
use crate::object::Meta;

/// Counts of a controller's pods.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) total: i64,
    pub(super) ready: i64,
    pub(super) available: i64,
}

/// When a pod counts as available.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock<'a> {
    /// Now, as the API writes it.
    pub(super) now: &'a str,
    /// Seconds a pod must have been ready.
    pub(super) min_ready_seconds: i64,
}

impl Tally {
    /// Counts pods that are neither finished nor being deleted.
    pub(super) fn of(pods: &[&Value], clock: Clock<'_>) -> Self {
        let active = || pods.iter().filter(|pod| is_active(pod));
        let count = |wanted: &dyn Fn(&Value) -> bool| {
            i64::try_from(active().filter(|pod| wanted(pod)).count()).unwrap_or(i64::MAX)
        };
        Self {
            total: count(&|_| true),
            ready: count(&is_ready),
            available: count(&|pod| clock.wait(pod) == Some(0)),
        }
    }
}

impl Clock<'_> {
    /// Returns the seconds until a pod is available, if it is ready; 0 if it is.
    pub(super) fn wait(&self, pod: &Value) -> Option<i64> {
        if !is_ready(pod) {
            return None;
        }
        let since = seconds(find(pod, "Ready")?["lastTransitionTime"].as_str()?)?;
        let ready_for = seconds(self.now)? - since;
        Some((self.min_ready_seconds - ready_for).max(0))
    }

    /// Returns the shortest wait until one more of the pods is available.
    pub(super) fn next_available(&self, pods: &[&Value]) -> Option<u64> {
        let waits = pods.iter().filter_map(|pod| self.wait(pod));
        let shortest = waits.filter(|wait| *wait > 0).min()?;
        u64::try_from(shortest).ok()
    }
}

/// Reads a time as the API writes it.
pub(super) fn seconds(time: &str) -> Option<i64> {
    time.parse::<jiff::Timestamp>()
        .ok()
        .map(jiff::Timestamp::as_second)
}

pub(super) fn is_ready(pod: &Value) -> bool {
    is_true(pod, "Ready")
}

pub(super) fn is_finished(pod: &Value) -> bool {
    matches!(string(pod, &["status", "phase"]), "Succeeded" | "Failed")
}

pub(super) fn is_active(pod: &Value) -> bool {
    !is_finished(pod) && !pod.is_deleting()
}

/// Returns the pods that run or will, without those that are finished or being deleted.
pub(super) fn active<'a>(pods: &[&'a Value]) -> Vec<&'a Value> {
    pods.iter().copied().filter(|pod| is_active(pod)).collect()
}

/// Returns the step that deletes a pod, leaving it its grace period.
pub(super) fn delete(pod: &Value) -> Step {
    Step::Delete {
        path: Key::of(Kind::Pod, pod).path(),
        uid: pod.uid().to_owned(),
        grace: None,
    }
}

/// Orders pods by how little is lost with them: not placed, not ready, younger, then by name.
pub(super) fn by_loss(pods: &mut [&Value]) {
    pods.sort_by(|one, other| {
        let rank = |pod: &Value| (!string(pod, &["spec", "nodeName"]).is_empty(), is_ready(pod));
        rank(one)
            .cmp(&rank(other))
            .then_with(|| {
                other
                    .meta_str("creationTimestamp")
                    .cmp(one.meta_str("creationTimestamp"))
            })
            .then_with(|| one.name().cmp(other.name()))
    });
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pod(name: &str, ready_since: Option<&str>) -> Value {
        let conditions: Vec<Value> = ready_since
            .map(|since| json!({"type": "Ready", "status": "True", "lastTransitionTime": since}))
            .into_iter()
            .collect();
        json!({
            "metadata": {"name": name}, "spec": {"nodeName": "n"},
            "status": {"phase": "Running", "conditions": conditions},
        })
    }

    #[test]
    fn a_pod_is_available_once_it_was_ready_long_enough() {
        let check = |now: &str, expected: (i64, Option<u64>)| {
            let clock = Clock {
                now,
                min_ready_seconds: 10,
            };
            let pods = [&pod("a", Some("2026-01-01T00:00:00Z")), &pod("b", None)];
            let tally = Tally::of(&pods, clock);
            assert_eq!((tally.total, tally.ready), (2, 1));
            assert_eq!((tally.available, clock.next_available(&pods)), expected, "{now}");
        };
        check("2026-01-01T00:00:04Z", (0, Some(6)));
        check("2026-01-01T00:00:10Z", (1, None));
    }

    #[test]
    fn finished_and_leaving_pods_do_not_count() {
        let clock = Clock {
            now: "2026-01-01T00:00:04Z",
            min_ready_seconds: 0,
        };
        let mut finished = pod("a", None);
        finished["status"]["phase"] = json!("Succeeded");
        let mut leaving = pod("b", Some("2026-01-01T00:00:00Z"));
        leaving["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
        assert_eq!(Tally::of(&[&finished, &leaving], clock), Tally::default());
    }

    #[test]
    fn the_least_useful_pod_goes_first() {
        let ready = pod("a", Some("2026-01-01T00:00:00Z"));
        let starting = pod("b", None);
        let mut placeless = pod("c", None);
        placeless["spec"] = json!({});
        let mut all = [&ready, &starting, &placeless];
        by_loss(&mut all);
        let names: Vec<&str> = all.iter().map(|pod| pod.name()).collect();
        assert_eq!(names, ["c", "b", "a"]);
    }
}
