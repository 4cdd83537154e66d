//! What almost every operator uses: `use krate::prelude::*;`.

pub use std::sync::Arc;

pub use crate::condition::{Condition, ConditionStatus, Conditions};
pub use crate::crd::CustomResource;
pub use crate::error::{Error, Result};
pub use krate_macros::{CustomResource, KubeSchema};
pub use kube::{Resource, ResourceExt};
pub use kube_derive::Resource;
pub use schemars::JsonSchema;
pub use serde::{Deserialize, Serialize};

#[cfg(feature = "runtime")]
pub use crate::action::Action;
#[cfg(feature = "runtime")]
pub use crate::context::Context;
#[cfg(feature = "runtime")]
pub use crate::operator::Operator;
#[cfg(feature = "runtime")]
pub use crate::reconcile::{Reconcile, Reconciler};
#[cfg(feature = "runtime")]
pub use crate::write::Event;
#[cfg(feature = "runtime")]
pub use krate_macros::Reconciler;
