//! What almost every operator uses: `use krate::prelude::*;`.

pub use std::sync::Arc;

pub use crate::condition::{Condition, ConditionStatus, Conditions};
pub use crate::crd::CustomResource;
pub use crate::error::{Error, Result};
pub use krate_macros::{CustomResource, KubeSchema};
pub use kube::{Resource, ResourceExt};
pub use schemars::JsonSchema;
pub use serde::{Deserialize, Serialize};

#[allow(unused_imports, unreachable_pub)] // where kube has it
pub use self::derive::*;

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

/// The derive beside the trait of the same name. kube may export it, too, if somebody asks for that; then this one, which
/// comes in by `*`, gives way.
#[allow(unused_imports, unreachable_pub)]
mod derive {
    pub use kube_derive::Resource;
}
