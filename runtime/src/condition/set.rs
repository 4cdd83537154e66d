//! All conditions of an object, one per type.

use serde::{Deserialize, Serialize};

use super::Condition;

/// The conditions of an object, one per type, in the order they were first set.
///
/// Its schema is a list with the map key `type`, as API conventions ask for.
///
/// ```
/// use krate::condition::{Condition, Conditions};
///
/// let mut conditions = Conditions::default();
/// conditions.set(Condition::not_ready("Starting", "waiting for replicas"));
/// conditions.set(Condition::ready("Available", "all replicas are up"));
/// assert!(conditions.is_true("Ready"));
/// assert_eq!(conditions.len(), 1);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Conditions(Vec<Condition>);

impl Conditions {
    /// Adds a condition, or replaces the one of its type.
    ///
    /// The time of the last transition is kept if the status is the same. A time or generation that is given is
    /// taken; what is missing is filled in when the status is written.
    pub fn set(&mut self, condition: Condition) {
        match self.0.iter_mut().find(|known| known.type_ == condition.type_) {
            Some(known) => replace(known, condition),
            None => self.0.push(condition),
        }
    }

    /// Returns the condition of a type.
    #[must_use]
    pub fn get(&self, type_: &str) -> Option<&Condition> {
        self.0.iter().find(|condition| condition.type_ == type_)
    }

    /// Returns whether the condition of a type is there and holds.
    #[must_use]
    pub fn is_true(&self, type_: &str) -> bool {
        self.get(type_).is_some_and(Condition::is_true)
    }

    /// Removes the condition of a type and returns it.
    ///
    /// Prefer to set it to false: who waits for a condition does not see that it went.
    pub fn remove(&mut self, type_: &str) -> Option<Condition> {
        let position = self.0.iter().position(|condition| condition.type_ == type_)?;
        Some(self.0.remove(position))
    }

    /// Returns all conditions.
    pub fn iter(&self) -> std::slice::Iter<'_, Condition> {
        self.0.iter()
    }

    /// Returns the number of conditions.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns whether there is none; for `skip_serializing_if`.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn replace(known: &mut Condition, new: Condition) {
    let kept = match new.status == known.status {
        true => known.last_transition_time.take(),
        false => None,
    };
    *known = Condition {
        last_transition_time: new.last_transition_time.clone().or(kept),
        ..new
    };
}

impl<'a> IntoIterator for &'a Conditions {
    type Item = &'a Condition;
    type IntoIter = std::slice::Iter<'a, Condition>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl FromIterator<Condition> for Conditions {
    fn from_iter<I: IntoIterator<Item = Condition>>(conditions: I) -> Self {
        let mut all = Self::default();
        conditions.into_iter().for_each(|condition| all.set(condition));
        all
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
    use k8s_openapi::jiff::Timestamp;

    use super::*;

    fn stamped(condition: Condition) -> Condition {
        Condition {
            last_transition_time: Some(Time(Timestamp::UNIX_EPOCH)),
            observed_generation: Some(1),
            ..condition
        }
    }

    fn after(new: Condition) -> Condition {
        let mut conditions: Conditions = [stamped(Condition::ready("Up", "all up"))].into_iter().collect();
        conditions.set(new);
        assert_eq!(conditions.len(), 1);
        conditions.get("Ready").cloned().unwrap()
    }

    #[test]
    fn the_transition_time_is_kept_until_the_status_flips() {
        let same = after(Condition::ready("Up", "still up"));
        assert_eq!(same.last_transition_time, Some(Time(Timestamp::UNIX_EPOCH)));
        assert_eq!(same.message, "still up");
        let flipped = after(Condition::not_ready("Down", "gone"));
        assert_eq!(flipped.last_transition_time, None);
    }

    #[test]
    fn a_condition_that_is_set_is_about_the_newest_generation() {
        assert_eq!(after(Condition::ready("Up", "all up")).observed_generation, None);
    }

    #[test]
    fn a_given_time_is_taken() {
        let given = Time(Timestamp::from_second(5).unwrap());
        let new = Condition {
            last_transition_time: Some(given.clone()),
            ..Condition::ready("Up", "")
        };
        assert_eq!(after(new).last_transition_time, Some(given));
    }

    #[test]
    fn other_types_stay() {
        let mut conditions: Conditions = [
            Condition::ready("A", ""),
            Condition::new("Degraded", false, "B", ""),
        ]
        .into_iter()
        .collect();
        conditions.set(Condition::not_ready("C", ""));
        let types: Vec<&str> = conditions
            .iter()
            .map(|condition| condition.type_.as_str())
            .collect();
        assert_eq!(types, ["Ready", "Degraded"]);
        assert!(conditions.remove("Degraded").is_some());
        assert!(conditions.remove("Degraded").is_none());
    }

    #[test]
    fn the_wire_form_is_that_of_kubernetes() {
        let conditions: Conditions = [stamped(Condition::ready("Up", "all up"))].into_iter().collect();
        let expected = serde_json::json!([{
            "type": "Ready", "status": "True", "reason": "Up", "message": "all up",
            "observedGeneration": 1, "lastTransitionTime": "1970-01-01T00:00:00Z",
        }]);
        assert_eq!(serde_json::to_value(&conditions).unwrap(), expected);
        assert_eq!(
            serde_json::from_value::<Conditions>(expected).unwrap(),
            conditions
        );
    }
}
