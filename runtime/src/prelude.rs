//! What almost every operator uses: `use krate::prelude::*;`.

pub use std::sync::Arc;

pub use crate::action::Action;
pub use crate::context::Context;
pub use crate::crd::CustomResource;
pub use crate::error::{Error, Result};
pub use crate::operator::Operator;
pub use crate::reconcile::{Reconcile, Reconciler};
pub use crate::write::{Condition, ConditionStatus, Conditions, Event};
pub use krate_macros::{CustomResource, KubeSchema, Reconciler};
pub use kube::{Resource, ResourceExt};
pub use kube_derive::Resource;
pub use schemars::JsonSchema;
pub use serde::{Deserialize, Serialize};
