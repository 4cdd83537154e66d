//! How many replicas each replica set of a deployment gets next.

use serde_json::Value;

use super::deployment::revision_of;
use super::template;
use crate::controllers::plan::{number, replicas, share, string};
use crate::object::Meta;

/// The replica sets of a deployment.
#[derive(Debug)]
pub(super) struct Sets<'a> {
    /// That of the current template, if there is one.
    pub(super) new: Option<&'a Value>,
    /// All others, by name.
    pub(super) old: Vec<&'a Value>,
}

impl<'a> Sets<'a> {
    pub(super) fn of(deployment: &Value, sets: Vec<&'a Value>) -> Self {
        let template = &deployment["spec"]["template"];
        let is_new = |set: &&Value| template::same(&set["spec"]["template"], template) && !set.is_deleting();
        let new = sets.iter().copied().find(is_new);
        let old = sets
            .into_iter()
            .filter(|set| new.is_none_or(|new| new.uid() != set.uid()));
        Self {
            new,
            old: old.collect(),
        }
    }

    /// Yields all sets, the new one first.
    pub(super) fn all(&self) -> impl Iterator<Item = &'a Value> {
        self.new.into_iter().chain(self.old.iter().copied())
    }

    /// Returns the highest revision of an old set.
    pub(super) fn last_revision(&self) -> i64 {
        self.old
            .iter()
            .map(|set| revision_of(set))
            .max()
            .unwrap_or_default()
    }

    /// Returns the revision of the current template: always the highest.
    pub(super) fn new_revision(&self) -> i64 {
        let own = self.new.map(revision_of).unwrap_or_default();
        own.max(self.last_revision() + 1)
    }

    fn total(&self) -> i64 {
        self.all().map(replicas).sum()
    }

    /// Returns how many pods there may be: those of a set that was just shrunk are still there.
    fn occupied(&self) -> i64 {
        let pods = |set: &Value| replicas(set).max(number(set, &["status", "replicas"]));
        self.all().map(pods).sum()
    }
}

/// How far a rollout may stray from the wanted number of pods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Limits {
    /// Pods above it.
    pub(super) surge: i64,
    /// Unavailable pods below it.
    pub(super) unavailable: i64,
}

impl Limits {
    pub(super) fn of(deployment: &Value) -> Self {
        let wanted = replicas(deployment);
        if recreates(deployment) {
            return Self {
                surge: 0,
                unavailable: 0,
            };
        }
        let rolling = &deployment["spec"]["strategy"]["rollingUpdate"];
        let surge = share(&rolling["maxSurge"], wanted, true);
        let unavailable = share(&rolling["maxUnavailable"], wanted, false).min(wanted);
        // With neither room above nor below nothing could ever move.
        let unavailable = if surge == 0 && unavailable == 0 {
            1
        } else {
            unavailable
        };
        Self { surge, unavailable }
    }
}

/// Returns whether a deployment ends all old pods before it starts new ones.
pub(super) fn recreates(deployment: &Value) -> bool {
    string(deployment, &["spec", "strategy", "type"]) == "Recreate"
}

/// Returns the size a new set starts with.
pub(super) fn first_size(deployment: &Value, sets: &Sets<'_>) -> i64 {
    grown(deployment, sets, 0)
}

/// Returns the next size of each set, in the order of [`Sets::all`].
pub(super) fn sizes(deployment: &Value, sets: &Sets<'_>, paused: bool) -> Vec<i64> {
    let wanted = replicas(deployment);
    let mut active: Vec<&Value> = sets.all().filter(|set| replicas(set) > 0).collect();
    if active.is_empty() {
        active.extend(sets.new);
    }
    if paused || sets.new.is_none() {
        // No rollout, but the only set in use still follows the wanted number.
        let follows = |set: &Value| {
            active.len() == 1 && active[0].uid() == set.uid() && !recreates_away(deployment, sets)
        };
        return sets
            .all()
            .map(|set| {
                if follows(set) {
                    wanted
                } else {
                    stay(deployment, sets, set, paused)
                }
            })
            .collect();
    }
    let new = sets.new.map(|set| next_new(deployment, sets, replicas(set)));
    new.into_iter().chain(next_old(deployment, sets)).collect()
}

/// A deployment that recreates and has no set for its template yet ends the old ones.
fn recreates_away(deployment: &Value, sets: &Sets<'_>) -> bool {
    recreates(deployment) && sets.new.is_none()
}

fn stay(deployment: &Value, sets: &Sets<'_>, set: &Value, paused: bool) -> i64 {
    if recreates_away(deployment, sets) && !paused {
        0
    } else {
        replicas(set)
    }
}

fn next_new(deployment: &Value, sets: &Sets<'_>, current: i64) -> i64 {
    let wanted = replicas(deployment);
    if current > wanted {
        wanted
    } else {
        grown(deployment, sets, current)
    }
}

/// Grows the new set as far as the surge allows.
fn grown(deployment: &Value, sets: &Sets<'_>, current: i64) -> i64 {
    let wanted = replicas(deployment);
    if recreates(deployment) {
        return wanted;
    }
    let room = (wanted + Limits::of(deployment).surge - sets.occupied()).max(0);
    current + room.min(wanted - current)
}

/// Shrinks old sets: first what is broken anyway, then as far as enough pods stay available.
fn next_old(deployment: &Value, sets: &Sets<'_>) -> Vec<i64> {
    if recreates(deployment) {
        return vec![0; sets.old.len()];
    }
    let minimum = replicas(deployment) - Limits::of(deployment).unavailable;
    let new_unavailable = sets.new.map_or(0, |set| replicas(set) - available(set));
    let mut spare = (sets.total() - minimum - new_unavailable).max(0);
    let mut sizes = Vec::with_capacity(sets.old.len());
    for set in &sets.old {
        let broken = (replicas(set) - available(set)).clamp(0, spare);
        spare -= broken;
        sizes.push(replicas(set) - broken);
    }
    let total_available: i64 = sets.all().map(available).sum();
    let mut surplus = (total_available - minimum).max(0);
    for size in &mut sizes {
        let less = (*size).min(surplus);
        *size -= less;
        surplus -= less;
    }
    sizes
}

/// Pods of a set that was just shrunk may still be counted though they are as good as gone.
fn available(set: &Value) -> i64 {
    number(set, &["status", "availableReplicas"]).min(replicas(set))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn template(image: &str) -> Value {
        json!({"metadata": {"labels": {"a": "b"}}, "spec": {"image": image}})
    }

    fn deployment(wanted: i64, strategy: &Value) -> Value {
        json!({"spec": {"replicas": wanted, "template": template("new"), "strategy": strategy}})
    }

    fn rolling(surge: &str, unavailable: &str) -> Value {
        json!({"type": "RollingUpdate", "rollingUpdate": {"maxSurge": surge, "maxUnavailable": unavailable}})
    }

    fn set(image: &str, size: i64, available: i64) -> Value {
        json!({
            "metadata": {"uid": image}, "spec": {"replicas": size, "template": template(image)},
            "status": {"availableReplicas": available},
        })
    }

    fn check(deployment: &Value, sets: &[(&str, i64, i64)], expected: &[i64]) {
        let values: Vec<Value> = sets
            .iter()
            .map(|(image, size, up)| set(image, *size, *up))
            .collect();
        let sets = Sets::of(deployment, values.iter().collect());
        assert_eq!(sizes(deployment, &sets, false), expected, "{sets:?}");
    }

    #[test]
    fn a_rolling_update_keeps_enough_pods_available() {
        let four = deployment(4, &rolling("25%", "25%"));
        check(&four, &[("new", 0, 0), ("old", 4, 4)], &[1, 3]);
        check(&four, &[("new", 1, 0), ("old", 3, 3)], &[2, 3]);
        check(&four, &[("new", 2, 2), ("old", 3, 3)], &[2, 1]);
        check(&four, &[("new", 4, 3), ("old", 1, 1)], &[4, 0]);
        check(&four, &[("new", 4, 4), ("old", 0, 0)], &[4, 0]);
    }

    #[test]
    fn broken_old_pods_go_first() {
        let four = deployment(4, &rolling("0%", "1%"));
        check(
            &four,
            &[("new", 0, 0), ("old1", 2, 2), ("old2", 2, 1)],
            &[0, 2, 1],
        );
    }

    #[test]
    fn one_pod_is_replaced_by_surge_alone() {
        let one = deployment(1, &rolling("25%", "25%"));
        check(&one, &[("new", 0, 0), ("old", 1, 1)], &[1, 1]);
        check(&one, &[("new", 1, 1), ("old", 1, 1)], &[1, 0]);
    }

    #[test]
    fn without_room_one_may_be_missing() {
        let two = deployment(2, &rolling("0%", "0%"));
        assert_eq!(Limits::of(&two).unavailable, 1);
        check(&two, &[("new", 0, 0), ("old", 2, 2)], &[0, 1]);
        check(&two, &[("new", 0, 0), ("old", 1, 1)], &[1, 1]);
    }

    #[test]
    fn recreation_ends_the_old_ones_first() {
        let two = deployment(2, &json!({"type": "Recreate"}));
        check(&two, &[("old", 2, 2)], &[0]);
        check(&two, &[("new", 0, 0), ("old", 0, 0)], &[2, 0]);
    }

    #[test]
    fn scaling_follows_the_wanted_number() {
        check(&deployment(5, &rolling("25%", "25%")), &[("new", 2, 2)], &[5]);
        check(
            &deployment(0, &rolling("25%", "25%")),
            &[("new", 2, 2), ("old", 0, 0)],
            &[0, 0],
        );
    }

    #[test]
    fn a_paused_deployment_scales_its_only_set() {
        let three = deployment(3, &rolling("25%", "25%"));
        let old = set("old", 1, 1);
        let sets = Sets::of(&three, vec![&old]);
        assert_eq!(sizes(&three, &sets, true), [3]);
    }
}
