//! Conditions: what an object's status says of itself, one entry per type, in the form Kubernetes gives them.
//!
//! Put [`Conditions`] into a status struct and set entries with [`Conditions::set`]; the context fills in what
//! needs a clock or a generation when it writes the status. Neither a client nor a cluster is needed here, so types
//! with conditions build without the runtime.

mod schema;
mod set;

pub use set::Conditions;

use std::fmt;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use serde::{Deserialize, Serialize};

/// One condition of an object, as `metav1.Condition`.
///
/// ```
/// use krate::condition::{Condition, ConditionStatus};
///
/// let condition = Condition::new("Available", ConditionStatus::True, "MinimumReplicas", "2 of 2 replicas are up");
/// assert!(condition.is_true());
/// assert_eq!(Condition::ready("Available", "all replicas are up").type_, "Ready");
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Condition {
    /// What is said to hold or not: a name in CamelCase, such as `Ready`.
    #[serde(rename = "type")]
    pub type_: String,
    /// Whether it holds.
    pub status: ConditionStatus,
    /// Why, for programs: a word in CamelCase.
    pub reason: String,
    /// Why, for people.
    #[serde(default)]
    pub message: String,
    /// The generation of the object this was found for; filled in when the status is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// When the status last flipped; filled in when the status is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_transition_time: Option<Time>,
}

/// Whether a condition holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ConditionStatus {
    /// It holds.
    True,
    /// It does not hold.
    False,
    /// Nobody can tell.
    Unknown,
}

impl Condition {
    /// Makes a condition.
    #[must_use]
    pub fn new(
        type_: impl Into<String>,
        status: impl Into<ConditionStatus>,
        reason: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            type_: type_.into(),
            status: status.into(),
            reason: reason.into(),
            message: message.into(),
            observed_generation: None,
            last_transition_time: None,
        }
    }

    /// Makes the condition `Ready` that holds.
    #[must_use]
    pub fn ready(reason: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new("Ready", ConditionStatus::True, reason, message)
    }

    /// Makes the condition `Ready` that does not hold.
    #[must_use]
    pub fn not_ready(reason: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new("Ready", ConditionStatus::False, reason, message)
    }

    /// Returns whether it is known to hold.
    #[must_use]
    pub fn is_true(&self) -> bool {
        self.status == ConditionStatus::True
    }
}

impl ConditionStatus {
    /// Returns the status as Kubernetes spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::True => "True",
            Self::False => "False",
            Self::Unknown => "Unknown",
        }
    }
}

impl From<bool> for ConditionStatus {
    fn from(holds: bool) -> Self {
        if holds { Self::True } else { Self::False }
    }
}

impl fmt::Display for ConditionStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
