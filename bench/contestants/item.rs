//! The kind that is measured with, as a contestant sees it.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a status of an item holds.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, Default, PartialEq)]
pub(crate) struct ItemStatus {
    /// How it stands.
    #[serde(default)]
    pub(crate) conditions: Vec<Condition>,
}
