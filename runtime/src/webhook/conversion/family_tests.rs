use serde_json::{Value, json};

use super::super::{KEPT, RoundTrips, round_trips};
use super::Converts;
use crate::crd::{Conversion, merge};
use crate::error::Result;
use crate::prelude::*;
use crate::webhook::{Hub, Spoke, Webhook};

mod v1 {
    use std::collections::BTreeMap;

    use crate::prelude::*;

    #[derive(CustomResource, Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
    #[kube(
        group = "x.io",
        version = "v1",
        kind = "Foo",
        namespaced,
        status = "FooStatus"
    )]
    #[kube(crate = "crate")]
    #[serde(rename_all = "camelCase")]
    pub(super) struct FooSpec {
        pub(super) replicas: i32,
        pub(super) ports: Vec<Port>,
        pub(super) by_name: BTreeMap<String, Port>,
        pub(super) mode: Mode,
        #[serde(default)]
        pub(super) seconds: u64,
        #[serde(default)]
        pub(super) tls: Option<String>,
    }

    #[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
    pub(super) struct Port {
        pub(super) name: String,
        pub(super) number: u16,
    }

    #[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
    pub(super) enum Mode {
        Off,
        Fixed { size: i32 },
        Named(String),
    }

    #[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, Default, PartialEq)]
    pub(super) struct FooStatus {
        pub(super) ready: i32,
    }
}

impl Hub for v1::Foo {}

/// Says the same in other words.
mod v1beta1 {
    use std::collections::BTreeMap;

    use super::v1;
    use crate::prelude::*;
    use crate::webhook::Spoke;

    #[derive(CustomResource, Spoke, Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
    #[kube(
        group = "x.io",
        version = "v1beta1",
        kind = "Foo",
        namespaced,
        status = "v1::FooStatus",
        storage = false
    )]
    #[kube(crate = "crate")]
    #[spoke(hub = v1::Foo, crate = crate)]
    #[serde(rename_all = "camelCase")]
    pub(super) struct FooSpec {
        #[spoke(rename = replicas)]
        pub(super) size: i32,
        pub(super) ports: Vec<Port>,
        pub(super) by_name: BTreeMap<String, Port>,
        pub(super) mode: Mode,
        #[spoke(rename = seconds, with = super::text)]
        pub(super) timeout: String,
        #[serde(default)]
        pub(super) tls: Option<String>,
    }

    #[derive(Spoke, Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
    #[spoke(hub = v1::Port, crate = crate)]
    pub(super) struct Port {
        #[spoke(rename = name)]
        pub(super) id: String,
        pub(super) number: u16,
    }

    #[derive(Spoke, Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
    #[spoke(hub = v1::Mode, crate = crate)]
    pub(super) enum Mode {
        #[spoke(rename = Off)]
        Disabled,
        Fixed {
            #[spoke(rename = size)]
            count: i32,
        },
        Named(String),
    }
}

/// Has no room for TLS, and has a note nobody else has.
mod v1alpha1 {
    use super::v1;
    use crate::prelude::*;
    use crate::webhook::Spoke;

    #[derive(CustomResource, Spoke, Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
    #[kube(
        group = "x.io",
        version = "v1alpha1",
        kind = "Foo",
        namespaced,
        status = "v1::FooStatus",
        storage = false
    )]
    #[kube(crate = "crate")]
    #[spoke(hub = v1::Foo, hub_only(tls, by_name, mode = v1::Mode::Off, seconds), keep, crate = crate)]
    pub(super) struct FooSpec {
        pub(super) replicas: i32,
        pub(super) ports: Vec<v1::Port>,
        #[spoke(spoke_only)]
        #[serde(default)]
        pub(super) note: String,
    }
}

/// As `v1alpha1`, but careless.
mod v1alpha2 {
    use super::v1;
    use crate::prelude::*;
    use crate::webhook::Spoke;

    #[derive(CustomResource, Spoke, Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
    #[kube(
        group = "x.io",
        version = "v1alpha2",
        kind = "Foo",
        namespaced,
        status = "v1::FooStatus",
        storage = false
    )]
    #[kube(crate = "crate")]
    #[spoke(hub = v1::Foo, hub_only(tls, by_name, mode = v1::Mode::Off, seconds), crate = crate)]
    pub(super) struct FooSpec {
        pub(super) replicas: i32,
        pub(super) ports: Vec<v1::Port>,
    }
}

/// Nobody asks for it any more.
mod v1alpha3 {
    use super::v1;
    use crate::prelude::*;
    use crate::webhook::Spoke;

    #[derive(CustomResource, Spoke, Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
    #[kube(
        group = "x.io",
        version = "v1alpha3",
        kind = "Foo",
        namespaced,
        status = "v1::FooStatus",
        storage = false,
        skip
    )]
    #[kube(crate = "crate")]
    #[spoke(hub = v1::Foo, hub_only(tls, by_name, ports, mode = v1::Mode::Off, seconds), keep, crate = crate)]
    pub(super) struct FooSpec {
        pub(super) replicas: i32,
    }
}

/// Converts seconds in a text.
mod text {
    use crate::error::Result;
    use crate::webhook::field;

    pub(super) fn to_hub(text: String) -> Result<u64> {
        let seconds = text.strip_suffix('s').and_then(|seconds| seconds.parse().ok());
        Ok(seconds
            .ok_or_else(|| field("spec.timeout").invalid(&text, "must be a number of seconds, as in `5s`"))?)
    }

    #[expect(clippy::unnecessary_wraps, reason = "what the derive calls")]
    pub(super) fn from_hub(seconds: u64) -> Result<String> {
        Ok(format!("{seconds}s"))
    }
}

fn family() -> impl Converts {
    Webhook::conversion::<v1::Foo>()
        .spoke::<v1beta1::Foo>()
        .spoke::<v1alpha1::Foo>()
}

fn metadata() -> Value {
    json!({
        "name": "a", "namespace": "b", "uid": "c", "resourceVersion": "7", "labels": {"d": "e"},
        "managedFields": [{"manager": "f", "operation": "Update"}],
    })
}

fn hub() -> Value {
    json!({
        "apiVersion": "x.io/v1", "kind": "Foo", "metadata": metadata(),
        "spec": {
            "replicas": 3, "ports": [{"name": "http", "number": 80}], "byName": {"x": {"name": "y", "number": 1}},
            "mode": {"Fixed": {"size": 5}}, "seconds": 30, "tls": "secret",
        },
        "status": {"ready": 2},
    })
}

fn v1beta1() -> Value {
    json!({
        "apiVersion": "x.io/v1beta1", "kind": "Foo", "metadata": metadata(),
        "spec": {
            "size": 3, "ports": [{"id": "http", "number": 80}], "byName": {"x": {"id": "y", "number": 1}},
            "mode": {"Fixed": {"count": 5}}, "timeout": "30s", "tls": "secret",
        },
        "status": {"ready": 2},
    })
}

#[test]
fn fields_find_their_names_and_types() {
    assert_eq!(family().convert(hub(), "v1", "v1beta1").unwrap(), v1beta1());
    assert_eq!(family().convert(v1beta1(), "v1beta1", "v1").unwrap(), hub());
}

#[test]
fn the_way_between_two_spokes_leads_through_the_hub() {
    let old = family().convert(v1beta1(), "v1beta1", "v1alpha1").unwrap();
    assert_eq!(
        old["spec"],
        json!({"replicas": 3, "ports": [{"name": "http", "number": 80}], "note": ""})
    );
    assert_eq!(family().convert(old, "v1alpha1", "v1beta1").unwrap(), v1beta1());
}

#[test]
fn what_a_version_has_no_room_for_is_kept() {
    let mut old = family().convert(hub(), "v1", "v1alpha1").unwrap();
    assert!(old["metadata"]["annotations"][KEPT].is_string(), "{old}");
    // A user of the old version changes what it knows.
    old["spec"]["replicas"] = 9.into();
    old["spec"]["note"] = "mine".into();
    let new = family().convert(old, "v1alpha1", "v1").unwrap();
    let mut expected = hub();
    expected["spec"]["replicas"] = 9.into();
    assert_eq!(
        (&new["spec"], &new["status"]),
        (&expected["spec"], &expected["status"])
    );
    // And finds what only the old version knows.
    let old = family().convert(new, "v1", "v1alpha1").unwrap();
    assert_eq!(old["spec"]["note"], "mine");
}

#[test]
fn nothing_of_the_metadata_changes_but_labels_and_annotations() {
    let new = family().convert(hub(), "v1", "v1alpha1").unwrap();
    let mut found = new["metadata"].clone();
    found.as_object_mut().unwrap().remove("annotations");
    assert_eq!(found, metadata());
}

#[test]
fn a_failure_says_which_field() {
    let mut object = v1beta1();
    object["spec"]["timeout"] = "soon".into();
    let error = family().convert(object, "v1beta1", "v1").unwrap_err().to_string();
    assert_eq!(
        error,
        "failed to convert `spec`: failed to convert `timeout`: spec.timeout: Invalid value: \"soon\": must be a number of seconds, as in `5s`"
    );
    let mut object = v1beta1();
    object["spec"]["size"] = "many".into();
    let error = family().convert(object, "v1beta1", "v1").unwrap_err().to_string();
    assert!(
        error.starts_with("the object is no Foo of version v1beta1: spec.size: invalid type"),
        "{error}"
    );
    let error = family().convert(hub(), "v1", "v2").unwrap_err().to_string();
    assert_eq!(
        error,
        "this operator knows no version `v2` of Foo: add it with `spoke::<..>()`"
    );
}

#[test]
fn round_trips_lose_nothing() -> Result<()> {
    round_trips::<v1alpha1::Foo>()?;
    // Made-up texts are no durations, so the objects of this version are given.
    let error = round_trips::<v1beta1::Foo>().unwrap_err().to_string();
    assert!(error.contains("must be a number of seconds"), "{error}");
    RoundTrips::<v1beta1::Foo>::new()
        .objects(0)
        .object(v1beta1())
        .object(hub())
        .check()
}

#[test]
fn a_round_trip_that_loses_something_says_what() {
    let error = round_trips::<v1alpha2::Foo>().unwrap_err().to_string();
    assert!(
        error.contains(" is lost on a round trip from v1: it was "),
        "{error}"
    );
    assert!(
        error.contains("help: convert it, or keep it with `#[spoke(keep)]`"),
        "{error}"
    );
}

#[test]
fn the_definition_has_all_versions() {
    let definitions = family().definitions().unwrap();
    let definition = merge(&definitions, Conversion::ByWebhook).unwrap();
    let versions = definition.spec.versions.iter();
    let versions: Vec<(&str, bool)> = versions
        .map(|version| (version.name.as_str(), version.storage))
        .collect();
    assert_eq!(versions, [("v1", true), ("v1beta1", false), ("v1alpha1", false)]);
}

#[test]
fn a_version_that_is_skipped_is_converted_and_not_defined() {
    let family = Webhook::conversion::<v1::Foo>()
        .spoke::<v1beta1::Foo>()
        .spoke::<v1alpha3::Foo>();
    family.check().unwrap();
    let definitions = family.definitions().unwrap();
    let definition = merge(&definitions, Conversion::ByWebhook).unwrap();
    let versions = definition.spec.versions.iter();
    let versions: Vec<&str> = versions.map(|version| version.name.as_str()).collect();
    assert_eq!(versions, ["v1", "v1beta1"]);
    let old = family.convert(hub(), "v1", "v1alpha3").unwrap();
    assert_eq!(old["spec"], json!({"replicas": 3}));
}

#[test]
fn versions_that_cannot_be_together_are_refused() {
    #[derive(CustomResource, Serialize, Deserialize, JsonSchema, Clone, Debug)]
    #[kube(group = "x.io", version = "v2", kind = "Foo", namespaced, crate = "crate")]
    struct StoredSpec {}
    #[derive(CustomResource, Serialize, Deserialize, JsonSchema, Clone, Debug)]
    #[kube(
        group = "y.io",
        version = "v2",
        kind = "Foo",
        root = "Other",
        namespaced,
        storage = false,
        crate = "crate"
    )]
    struct OtherSpec {}
    macro_rules! spoke {
        ($spoke:ty) => {
            impl Spoke for $spoke {
                type Hub = v1::Foo;
                fn to_hub(self) -> Result<v1::Foo> {
                    Err(crate::Error::new("never called"))
                }
                fn from_hub(_: v1::Foo) -> Result<Self> {
                    Err(crate::Error::new("never called"))
                }
            }
        };
    }
    spoke!(Foo);
    spoke!(Other);
    let check = |family: &dyn Converts, expected: &str| {
        let error = family.check().unwrap_err().to_string();
        assert_eq!(error.replace(concat!(module_path!(), "::"), ""), expected);
    };
    let start = Webhook::conversion::<v1::Foo>;
    check(
        &start(),
        "the conversion of Foo has no version beside the stored one: add one with `spoke::<..>()`",
    );
    check(
        &start().spoke::<Foo>(),
        "versions v2 (`versions_that_cannot_be_together_are_refused::Foo`) and v1 (`v1::Foo`) of Foo are both stored: add `storage = false` to the `#[kube(..)]` of all but one",
    );
    check(
        &start().spoke::<Other>(),
        "versions v1 (`v1::Foo`) and v2 (`versions_that_cannot_be_together_are_refused::Other`) of Foo differ in group, `x.io` and `y.io`: write the same in the `#[kube(..)]` of both",
    );
    check(
        &start().spoke::<v1beta1::Foo>().spoke::<v1beta1::Foo>(),
        "`v1beta1::Foo` is added twice to the conversion of Foo: remove one `spoke::<..>()`",
    );
}
