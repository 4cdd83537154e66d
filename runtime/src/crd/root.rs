//! How a custom resource is written, with the `apiVersion` and `kind` its type knows, and read.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use kube::Resource;
use serde::{Deserialize, Serialize, Serializer};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Root<'a, S, T> {
    api_version: &'a str,
    kind: &'a str,
    metadata: &'a ObjectMeta,
    spec: &'a S,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'a T>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Flat<'a, S, T> {
    api_version: &'a str,
    kind: &'a str,
    metadata: &'a ObjectMeta,
    #[serde(flatten)]
    spec: &'a S,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'a T>,
}

/// Serializes a custom resource with its spec under `spec`.
///
/// # Errors
///
/// Fails when the serializer or one of the parts does.
pub fn serialize<K, S, T, Z>(
    object: &K,
    spec: &S,
    status: Option<&T>,
    serializer: Z,
) -> Result<Z::Ok, Z::Error>
where
    K: Resource<DynamicType = ()>,
    S: Serialize,
    T: Serialize,
    Z: Serializer,
{
    let root = Root {
        api_version: &K::api_version(&()),
        kind: &K::kind(&()),
        metadata: object.meta(),
        spec,
        status,
    };
    root.serialize(serializer)
}

/// Serializes a custom resource with the fields of its spec at the root.
///
/// # Errors
///
/// Fails when the serializer or one of the parts does, or when the spec is no map.
pub fn serialize_flat<K, S, T, Z>(
    object: &K,
    spec: &S,
    status: Option<&T>,
    serializer: Z,
) -> Result<Z::Ok, Z::Error>
where
    K: Resource<DynamicType = ()>,
    S: Serialize,
    T: Serialize,
    Z: Serializer,
{
    let root = Flat {
        api_version: &K::api_version(&()),
        kind: &K::kind(&()),
        metadata: object.meta(),
        spec,
        status,
    };
    root.serialize(serializer)
}

/// What is read of a custom resource; what it says of its kind is not looked at.
#[derive(Debug, Deserialize)]
#[serde(expecting = "a custom resource")]
pub struct Parts<S, T> {
    /// Its name and all that every object has.
    pub metadata: ObjectMeta,
    /// What is wanted.
    pub spec: S,
    /// What was observed.
    pub status: Option<T>,
}

/// What is read of a custom resource without a status.
#[derive(Debug, Deserialize)]
#[serde(expecting = "a custom resource")]
pub struct BareParts<S> {
    /// Its name and all that every object has.
    pub metadata: ObjectMeta,
    /// What is wanted.
    pub spec: S,
}
