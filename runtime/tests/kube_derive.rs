//! The same spec under this derive and kube's: what users of kube rely on is the same.

use kube::core::object::{HasSpec, HasStatus};
use kube::{CustomResourceExt, Resource};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

macro_rules! memcached {
    ($room:ident, $derive:path) => {
        mod $room {
            use super::*;

            /// Memcached runs a memcached cluster.
            #[derive($derive, Serialize, Deserialize, JsonSchema, Clone, Debug, Default, PartialEq)]
            #[kube(
                group = "cache.example.com",
                version = "v1alpha1",
                kind = "Memcached",
                namespaced,
                status = "MemcachedStatus",
                derive = "PartialEq",
                derive = "Default",
                shortname = "mc",
                category = "all",
                selectable = ".spec.image",
                deprecated = "use v1",
                served = true,
                storage = true,
                schema = "disabled",
                scale(
                    spec_replicas_path = ".spec.size",
                    status_replicas_path = ".status.ready"
                )
            )]
            #[kube(printcolumn(
                name = "Ready",
                type_ = "integer",
                json_path = ".status.ready",
                priority = 1
            ))]
            #[serde(rename_all = "camelCase")]
            pub(super) struct MemcachedSpec {
                /// Number of memcached pods.
                pub(super) size: i32,
                pub(super) image: String,
                pub(super) extra_arguments: Option<Vec<String>>,
            }
        }
    };
}

#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, Default, PartialEq)]
struct MemcachedStatus {
    ready: i32,
}

memcached!(ours, krate::CustomResource);
memcached!(theirs, kube_derive::CustomResource);

fn object<K>(mut object: K) -> Value
where
    K: Resource<DynamicType = ()> + HasSpec + HasStatus<Status = MemcachedStatus> + Serialize,
{
    object.meta_mut().namespace = Some("shop".to_owned());
    *object.status_mut() = Some(MemcachedStatus { ready: 1 });
    serde_json::to_value(object).expect("an object is JSON")
}

/// The definition as the API server completes it: a list kind that is not named follows from the kind.
fn definition<K: CustomResourceExt>() -> Value {
    let mut crd = serde_json::to_value(K::crd()).expect("a definition is JSON");
    crd["spec"]["names"]["listKind"] = json!("MemcachedList");
    crd["spec"]["versions"][0]["schema"] = json!(null);
    crd
}

#[test]
fn objects_are_written_and_read_the_same() {
    let ours = object(ours::Memcached::new(
        "a",
        ours::MemcachedSpec {
            size: 3,
            ..Default::default()
        },
    ));
    let theirs = object(theirs::Memcached::new(
        "a",
        theirs::MemcachedSpec {
            size: 3,
            ..Default::default()
        },
    ));
    assert_eq!(ours, theirs);
    let read: ours::Memcached = serde_json::from_value(theirs).unwrap();
    assert_eq!(
        (read.spec.size, read.status),
        (3, Some(MemcachedStatus { ready: 1 }))
    );
}

#[test]
fn names_and_versions_are_the_same() {
    assert_eq!(definition::<ours::Memcached>(), definition::<theirs::Memcached>());
    assert_eq!(ours::Memcached::api_resource(), theirs::Memcached::api_resource());
    assert_eq!(ours::Memcached::crd_name(), theirs::Memcached::crd_name());
    assert_eq!(ours::Memcached::shortnames(), theirs::Memcached::shortnames());
}
