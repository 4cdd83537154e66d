//! Fields with serde's attributes.

use std::collections::BTreeMap;

use krate::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::row::{Row, row};

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Names {
    two_words: i32,
    r#type: String,
    r#in: Option<String>,
    #[serde(rename = "clusterIP")]
    cluster_ip: Option<String>,
    #[serde(rename = "x.y/z-1")]
    odd: Option<bool>,
    #[serde(alias = "colour")]
    color: Option<String>,
    #[serde(rename = "$ref")]
    reference: Option<String>,
    #[serde(rename = "default")]
    default_: Option<i32>,
    #[serde(rename = "properties")]
    properties: Option<BTreeMap<String, String>>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all(serialize = "PascalCase", deserialize = "PascalCase"))]
struct Pascal {
    one_field: i32,
}

#[derive(JsonSchema, Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Default)]
enum Mode {
    #[default]
    Fast,
    Slow,
}

fn three() -> i32 {
    3
}

#[derive(JsonSchema, Serialize, Deserialize, Default)]
struct Inner {
    text: Option<String>,
    mode: Option<Mode>,
    list: Vec<String>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct Defaults {
    #[serde(default)]
    number: i32,
    #[serde(default = "three")]
    three: i32,
    #[serde(default)]
    text: String,
    #[serde(default)]
    list: Vec<i32>,
    #[serde(default)]
    map: BTreeMap<String, String>,
    #[serde(default)]
    mode: Mode,
    #[serde(default)]
    optional: Option<i32>,
    #[serde(default)]
    mode_or_none: Option<Mode>,
    #[serde(default)]
    inner: Inner,
    #[serde(default)]
    ratio: f32,
}

#[derive(JsonSchema, Serialize, Deserialize, Default)]
#[serde(default)]
struct AllDefault {
    number: i64,
    inner: Inner,
    nested: Option<Box<AllDefault>>,
}

/// Defaults their own rules refuse: the server must not be given them.
#[derive(KubeSchema, Serialize, Deserialize)]
struct UnfitDefaults {
    #[serde(default)]
    #[x_kube(min_length = 1)]
    text: String,
    #[serde(default)]
    #[x_kube(minimum = 1)]
    number: i32,
    #[serde(default)]
    #[x_kube(pattern = "^[a-z]+$")]
    word: String,
    #[serde(default)]
    #[x_kube(min_items = 1)]
    list: Vec<i32>,
}

#[derive(KubeSchema, Serialize, Deserialize)]
struct OwnDefaults {
    #[x_kube(default = "web", pattern = "^[a-z]+$")]
    #[serde(default = "web")]
    word: String,
    #[x_kube(default = 5, minimum = 1)]
    number: Option<i32>,
}

fn web() -> String {
    "web".to_owned()
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct Skipped {
    kept: i32,
    #[serde(skip)]
    gone: i32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    maybe: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    list: Vec<String>,
    #[serde(default, skip_serializing)]
    only_read: Option<i32>,
}

/// Numbers that are written as texts.
mod as_text {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(number: &i32, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(number)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i32, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(D::Error::custom)
    }
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct With {
    #[serde(with = "as_text")]
    #[schemars(with = "String", regex(pattern = r"^-?[0-9]{1,9}$"))]
    number: i32,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(transparent)]
struct Transparent {
    inner: BTreeMap<String, Mode>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct Newtype(Option<Vec<i32>>);

#[derive(JsonSchema, Serialize, Deserialize)]
struct Common {
    name: String,
    #[serde(default)]
    count: i32,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Place {
    Bucket { name: String },
    Folder(String),
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(tag = "type")]
enum Kind {
    Small { size: i32 },
    Large { area: i64 },
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct FlatStruct {
    own: bool,
    #[serde(flatten)]
    common: Common,
    #[serde(flatten)]
    more: Option<Pascal>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct FlatEnums {
    own: bool,
    #[serde(flatten)]
    place: Place,
    #[serde(flatten)]
    kind: Kind,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct FlatOptional {
    own: bool,
    #[serde(flatten)]
    kind: Option<Kind>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct FlatMap {
    own: bool,
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct OnlyMap {
    #[serde(flatten)]
    all: BTreeMap<String, i32>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct Double {
    value: Option<Option<i32>>,
    #[serde(default)]
    list: Option<Vec<Option<String>>>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Strict {
    size: i32,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct Empty {}

/// Rules of every kind.
#[derive(KubeSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[x_kube(validation = "self.low <= self.high", at_most_one_of("first", "second"))]
struct Ruled {
    #[x_kube(minimum = 0)]
    low: i32,
    #[x_kube(exclusive_maximum = 100)]
    high: i32,
    first: Option<String>,
    second: Option<String>,
    #[x_kube(list_type = "map", list_map_keys("name"), max_items = 4)]
    #[serde(default)]
    list: Vec<Common>,
    #[x_kube(items(pattern = "^[a-z]+$"), list_type = "set")]
    #[serde(default)]
    words: Vec<String>,
    #[x_kube(values(minimum = 1), max_properties = 2)]
    #[serde(default)]
    numbers: BTreeMap<String, i32>,
    #[x_kube(one_of("a", "b"))]
    letter: Option<String>,
    #[x_kube(immutable)]
    fixed: Option<String>,
}

pub(crate) fn rows() -> Vec<Row> {
    let mut rows = named();
    rows.extend(defaulted());
    rows.extend(flattened());
    rows
}

fn named() -> Vec<Row> {
    vec![
        row::<Names>("renamed fields and keywords")
            .takes([
                json!({"twoWords": 1, "type": "a", "in": "b", "clusterIP": "c", "x.y/z-1": true}),
                json!({"twoWords": 1, "type": "a", "$ref": "b", "default": 1, "properties": {"a": "b"}}),
            ])
            .reads([json!({"twoWords": 1, "type": "a", "colour": "red"})])
            .refuses([json!({"two_words": 1, "type": "a"}), json!({"twoWords": 1, "type": 1})]),
        row::<Pascal>("rename_all both ways").takes([json!({"OneField": 1})]).refuses([json!({"one_field": 1})]),
        row::<Skipped>("skipped fields")
            .takes([json!({"kept": 1}), json!({"kept": 1, "maybe": "a", "list": ["b"]})])
            .reads([json!({"kept": 1, "only_read": 2})])
            .refuses([json!({})]),
        row::<With>("with").takes([json!({"number": "12"})]).refuses([json!({"number": 12}), json!({"number": "x"})]),
        row::<Transparent>("transparent").takes([json!({"a": "Fast"})]).refuses([json!({"a": "fast"})]),
        row::<Newtype>("a newtype of an option").takes([json!(null), json!([1])]),
        row::<Double>("Option of Option").takes([json!({"value": null}), json!({"value": 1, "list": [null, "a"]}), json!({})]),
        row::<Option<Option<Mode>>>("Option of optional enum").takes([json!(null), json!("Slow")]),
        row::<Strict>("deny_unknown_fields").takes([json!({"size": 1})]).refuses([json!({"size": 1, "more": 2})]),
        row::<Empty>("an empty struct").takes([json!({})]),
        row::<Ruled>("rules")
            .takes([
                json!({"low": 1, "high": 2, "list": [{"name": "a"}], "words": ["a"], "numbers": {"a": 1}, "letter": "a"}),
                json!({"low": 0, "high": 99, "first": "a"}),
            ])
            .refuses([json!({"low": 1}), json!({"low": 1, "high": 2, "list": [{}]})])
            .forbids([
                json!({"low": 3, "high": 2}),
                json!({"low": -1, "high": 2}),
                json!({"low": 1, "high": 100}),
                json!({"low": 1, "high": 2, "first": "a", "second": "b"}),
                json!({"low": 1, "high": 2, "words": ["a", "a"]}),
                json!({"low": 1, "high": 2, "words": ["A"]}),
                json!({"low": 1, "high": 2, "list": [{"name": "a"}, {"name": "a"}]}),
                json!({"low": 1, "high": 2, "numbers": {"a": 0}}),
                json!({"low": 1, "high": 2, "letter": "c"}),
            ]),
    ]
}

fn defaulted() -> Vec<Row> {
    vec![
        row::<Defaults>("defaults of every type")
            .takes([
                json!({}),
                json!({"number": 1, "three": 1, "mode": "Slow", "inner": {"list": ["a"]}}),
            ])
            .refuses([json!({"number": "a"}), json!({"mode": "Medium"})]),
        row::<AllDefault>("a default struct").takes([json!({}), json!({"nested": {"number": 1}})]),
        row::<UnfitDefaults>("defaults that break rules")
            .takes([json!({"text": "a", "number": 1, "word": "a", "list": [1]})])
            .sends([json!({})])
            .alone(),
        row::<OwnDefaults>("defaults given to the server").takes([json!({"word": "a", "number": 1})]),
    ]
}

fn flattened() -> Vec<Row> {
    vec![
        row::<FlatStruct>("a flattened struct")
            .takes([
                json!({"own": true, "name": "a", "count": 1}),
                json!({"own": true, "name": "a", "OneField": 1}),
            ])
            .refuses([json!({"own": true}), json!({"own": true, "name": 1})]),
        row::<FlatEnums>("flattened enums")
            .takes([json!({"own": true, "folder": "a", "type": "Small", "size": 1})])
            .refuses([
                json!({"own": true, "type": "Small", "size": 1}),
                json!({"own": true, "folder": "a", "type": "Small"}),
                json!({"own": true, "folder": "a", "type": "Tiny"}),
            ]),
        row::<FlatOptional>("a flattened optional enum").takes([
            json!({"own": true}),
            json!({"own": true, "type": "Large", "area": 1}),
        ]),
        row::<FlatMap>("a flattened map")
            .takes([json!({"own": true, "a": {"b": 1}})])
            .refuses([json!({"a": 1})]),
        row::<OnlyMap>("nothing but a flattened map")
            .takes([json!({"a": 1})])
            .refuses([json!({"a": "b"})]),
    ]
}
