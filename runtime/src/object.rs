//! What makes a type a kind.

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;

/// A Kubernetes kind known at compile time; implemented for every type that fits.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a kind that krate can work with",
    label = "not a Kubernetes object known at compile time",
    note = "a kind has `#[derive(CustomResource, Serialize, Deserialize, JsonSchema, Clone, Debug)]` on its spec, or \
            comes from `k8s_openapi`; one that is known at run time only is reached with `cx.of_kind(&kind)`"
)]
pub trait Object:
    kube::Resource<DynamicType = (), Scope: 'static>
    + Clone
    + Debug
    + DeserializeOwned
    + Serialize
    + Send
    + Sync
    + 'static
{
}

impl<K> Object for K where
    K: kube::Resource<DynamicType = (), Scope: 'static>
        + Clone
        + Debug
        + DeserializeOwned
        + Serialize
        + Send
        + Sync
        + 'static
{
}
