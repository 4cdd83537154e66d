//! Serde's rarer attributes, and their company.

use std::collections::BTreeMap;

use krate::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::row::{Row, row};

/// Names that differ by direction: what is written is what the schema is about.
#[derive(KubeSchema, Serialize, Deserialize)]
#[serde(rename_all(serialize = "camelCase", deserialize = "camelCase"))]
#[x_kube(validation = "self.maxSize > 0 && self.z > 0")]
struct Directed {
    max_size: i32,
    #[serde(rename(serialize = "z", deserialize = "z"))]
    a: i32,
    #[serde(alias = "old", alias = "older")]
    new: i32,
}

fn seven() -> i32 {
    7
}

fn name() -> String {
    "a".to_owned()
}

fn is_seven(value: &i32) -> bool {
    *value == 7
}

#[derive(KubeSchema, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Functions {
    #[serde(default = "seven", skip_serializing_if = "is_seven")]
    size: i32,
    #[serde(default = "name")]
    name: String,
    #[serde(default = "Vec::<i32>::new", skip_serializing_if = "Vec::is_empty")]
    list: Vec<i32>,
}

/// Nothing is flattened that could not be there.
#[derive(KubeSchema, Serialize, Deserialize)]
#[x_kube(
    validation = "!has(self.inner) || self.inner > 0",
    validation = "!has(self.a) || self.a > 0"
)]
struct Flattened {
    own: i32,
    #[serde(flatten)]
    part: Option<Part>,
    #[serde(flatten)]
    more: Outer,
    #[serde(flatten)]
    rest: BTreeMap<String, serde_json::Value>,
}

#[derive(KubeSchema, Serialize, Deserialize)]
struct Part {
    a: i32,
}

#[derive(KubeSchema, Serialize, Deserialize)]
struct Outer {
    #[serde(flatten)]
    inner: Inner,
    outer: Option<i32>,
}

#[derive(KubeSchema, Serialize, Deserialize)]
struct Inner {
    inner: Option<i32>,
}

#[derive(KubeSchema, Serialize, Deserialize)]
#[serde(tag = "type", deny_unknown_fields)]
#[x_kube(validation = "self.type == 'A' ? self.size > 0 : true")]
enum Tagged {
    A {
        size: i32,
    },
    #[serde(rename = "b-c")]
    B {
        #[serde(default)]
        name: Option<String>,
    },
    C,
}

/// The first that fits is taken.
#[derive(KubeSchema, Serialize, Deserialize)]
#[serde(untagged)]
enum Overlapping {
    Both { a: i32, b: i32 },
    One { a: i32 },
    Many(Vec<Overlapping>),
    Text(String),
}

/// Written by a type of one's own for a type of somebody else.
mod foreign {
    pub(super) struct Length {
        pub(super) meters: i32,
    }
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(remote = "foreign::Length")]
struct LengthDef {
    meters: i32,
}

#[derive(KubeSchema, Serialize, Deserialize)]
struct Remote {
    #[serde(with = "LengthDef")]
    length: foreign::Length,
}

mod text {
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(value: &i32, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&value.to_string())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i32, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(D::Error::custom)
    }
}

#[derive(KubeSchema, Serialize, Deserialize)]
#[x_kube(validation = "self.size == '3' || self.size == '4'")]
struct With {
    #[serde(with = "text")]
    #[schemars(with = "String")]
    #[x_kube(pattern = "^-?[0-9]{1,9}$", default = "3")]
    size: i32,
    #[schemars(schema_with = "even")]
    even: i32,
    #[schemars(range(min = 1), title = "A title", extend("x-kubernetes-map-type" = "atomic"))]
    map: BTreeMap<String, i32>,
}

fn even(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({"type": "integer", "multipleOf": 2})
}

/// Fields that come and go, are deprecated, or are never seen.
#[derive(KubeSchema, Serialize, Deserialize, Default)]
#[cfg_attr(all(), serde(rename_all = "camelCase", default))]
#[cfg_attr(all(), x_kube(validation = "self.maxSize >= 0"))]
struct Conditional {
    max_size: i32,
    #[cfg(any())]
    gone: NotThere,
    #[cfg_attr(all(), x_kube(minimum = 1))]
    #[serde(skip_serializing_if = "Option::is_none")]
    some: Option<i32>,
    #[deprecated(note = "write `max_size`")]
    old_size: i32,
    #[serde(skip)]
    hidden: Hidden,
}

#[derive(Default)]
struct Hidden;

/// A type nobody is to use any more.
#[deprecated]
#[derive(KubeSchema, Serialize, Deserialize)]
struct Old {
    size: i32,
}

#[derive(KubeSchema, Serialize, Deserialize)]
#[allow(deprecated)]
#[x_kube(validation = "self.old.size > 0")]
struct HasOld {
    old: Old,
}

/// No warning comes from what is generated, whatever is denied.
#[deny(
    warnings,
    missing_docs,
    missing_debug_implementations,
    unreachable_pub,
    unused_qualifications,
    unsafe_code,
    rust_2018_idioms,
    nonstandard_style,
    clippy::all,
    clippy::pedantic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::std_instead_of_core
)]
mod strict {
    use krate::KubeSchema;
    use serde::{Deserialize, Serialize};

    /// A type.
    #[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq)]
    #[x_kube(
        validation = "self.size > 0 && self.part.name != ''",
        at_most_one_of("some", "other")
    )]
    pub(crate) struct Strict {
        /// A field.
        #[x_kube(minimum = 1, maximum = 9, default = 3)]
        pub(crate) size: i32,
        /// A field.
        #[x_kube(immutable)]
        pub(crate) part: Part,
        /// A field.
        pub(crate) some: Option<i32>,
        /// A field.
        pub(crate) other: Option<String>,
    }

    /// A type.
    #[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq)]
    pub(crate) struct Part {
        /// A field.
        pub(crate) name: String,
        /// A field.
        pub(crate) word: Word,
    }

    /// A type.
    #[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, Copy, PartialEq, Eq)]
    pub(crate) enum Word {
        /// A variant.
        One,
        /// A variant.
        Two,
    }
}

/// Rules that come from elsewhere.
const RULE: &str = "self.a != 3";
const LEAST: i32 = 1;

#[derive(KubeSchema, Serialize, Deserialize)]
#[x_kube(validation = RULE, validation = ("self.a != 4", "not four"), validation = concat!("self.a", " != 5"))]
struct Elsewhere {
    #[x_kube(minimum = 1, maximum = 9, one_of(1, 2, LEAST + 5), default = LEAST)]
    a: i32,
}

pub(crate) fn rows() -> Vec<Row> {
    vec![
        row::<Directed>("names by direction")
            .takes([json!({"maxSize": 1, "z": 1, "new": 1})])
            .refuses([json!({"max_size": 1, "z": 1, "new": 1})]),
        row::<Functions>("functions that give defaults")
            .takes([json!({}), json!({"size": 1, "name": "b", "list": [1]})])
            .refuses([json!({"size": "a"}), json!({"nothing": 1})]),
        row::<Flattened>("options, structs and maps flattened into each other")
            .takes([
                json!({"own": 1}),
                json!({"own": 1, "a": 1, "inner": 1, "outer": 1, "more": {"b": 1}}),
            ])
            .forbids([json!({"own": 1, "inner": 0}), json!({"own": 1, "a": 0})]),
        row::<Tagged>("a tagged enum that is strict")
            .takes([
                json!({"type": "A", "size": 1}),
                json!({"type": "b-c"}),
                json!({"type": "C"}),
            ])
            .refuses([json!({"type": "A"}), json!({"type": "B"}), json!({})])
            .forbids([json!({"type": "A", "size": 0})]),
        row::<Overlapping>("untagged variants that overlap")
            .takes([
                json!({"a": 1}),
                json!({"a": 1, "b": 1}),
                json!([{"a": 1}, "x", []]),
                json!("x"),
            ])
            .refuses([json!({"b": 1}), json!(1)]),
        row::<Remote>("a remote type").takes([json!({"length": {"meters": 1}})]),
        row::<With>("texts in place of numbers")
            .takes([json!({"size": "4", "even": 2, "map": {"a": 1}})])
            .refuses([json!({"size": 4, "even": 2, "map": {}})])
            .forbids([
                json!({"size": "5", "even": 2, "map": {}}),
                json!({"size": "3", "even": 1, "map": {}}),
            ]),
        row::<Conditional>("fields that come and go").takes([json!({"maxSize": 1, "some": 1, "oldSize": 1})]),
        row::<HasOld>("a deprecated type").takes([json!({"old": {"size": 1}})]),
        row::<strict::Strict>("a strict house")
            .takes([json!({"size": 1, "part": {"name": "a", "word": "One"}})])
            .forbids([json!({"size": 10, "part": {"name": "a", "word": "One"}})]),
        row::<Elsewhere>("rules that come from elsewhere")
            .takes([json!({"a": 1}), json!({"a": 6})])
            .forbids([json!({"a": 3}), json!({"a": 7})]),
    ]
}
