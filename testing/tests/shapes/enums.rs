//! Enums in all of serde's representations.

use std::collections::BTreeMap;
use std::ops::{Bound, Range};

use krate::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::row::{Row, row};

#[derive(JsonSchema, Serialize, Deserialize)]
enum Color {
    Red,
    Green,
}

/// How loud it is.
#[derive(JsonSchema, Serialize, Deserialize)]
enum Level {
    /// Nothing.
    Quiet,
    /// Everything,
    /// even this.
    Loud,
}

#[derive(JsonSchema, Serialize, Deserialize)]
enum HalfDocumented {
    /// This one is.
    Yes,
    No,
}

#[derive(JsonSchema, Serialize, Deserialize)]
enum Protocol {
    #[serde(rename = "HTTP/1.1")]
    Http1,
    #[serde(rename = "2")]
    Two,
    #[serde(rename = "true")]
    True,
    #[serde(rename = "")]
    Empty,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Balancer {
    RoundRobin,
    #[serde(alias = "LEAST_CONN")]
    LeastRequest,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Source {
    /// From a bucket.
    Bucket {
        name: String,
        region: Option<String>,
    },
    Image(String),
    Pair(i32, i32),
    Empty {},
}

#[derive(JsonSchema, Serialize, Deserialize)]
enum Mixed {
    Nothing,
    /// Not much.
    Little,
    Some {
        size: i32,
    },
    Text(String),
    Pair(bool, String),
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct Disk {
    path: String,
    size: i32,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(tag = "type")]
enum Backend {
    Disk(Disk),
    Memory { size: i64 },
    Remote { size: String, url: String },
    None,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", rename_all_fields = "camelCase")]
enum Storage {
    PersistentClaim {
        storage_class: Option<String>,
        #[serde(default)]
        delete_claim: bool,
    },
    Ephemeral {
        size_limit: Option<String>,
    },
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(tag = "type", deny_unknown_fields)]
enum Strict {
    A { a: i32 },
    B { b: i32 },
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value")]
enum Setting {
    Flag(bool),
    Text(String),
    Limits { low: i32, high: i32 },
    Pair(i32, i32),
    Nothing,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(untagged)]
enum Port {
    Number(u16),
    Name(String),
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(untagged)]
enum Listed {
    Number(i32),
    Word(Color),
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(untagged)]
enum Parameter {
    Flag(bool),
    Text(String),
    List(Vec<String>),
    Map(BTreeMap<String, String>),
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(Disk),
    Many(Vec<Disk>),
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(untagged)]
enum Target {
    Named { name: String },
    Selected { labels: BTreeMap<String, String> },
    Numbered { name: i32, index: i32 },
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(untagged)]
enum Number {
    Whole(i64),
    Broken(f64),
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(tag = "type")]
enum Open {
    Known {
        size: i32,
    },
    #[serde(other)]
    Unknown,
}

#[derive(JsonSchema, Serialize, Deserialize)]
enum OpenWord {
    Known,
    #[serde(other)]
    Unknown,
}

#[derive(JsonSchema, Serialize, Deserialize)]
enum Partly {
    Known {
        size: i32,
    },
    #[serde(untagged)]
    Other(String),
}

#[derive(JsonSchema, Serialize, Deserialize)]
enum Skipping {
    Used,
    #[serde(skip)]
    Unused,
}

#[derive(JsonSchema, Serialize, Deserialize)]
enum Nested {
    Backend(Backend),
    Source(Source),
    Mixed(Mixed),
    Optional(Option<Color>),
    List(Vec<Setting>),
}

#[derive(JsonSchema, Serialize, Deserialize)]
enum Generic<T> {
    One(T),
    Many(Vec<T>),
}

#[derive(JsonSchema, Serialize, Deserialize)]
enum Single {
    Only { size: i32 },
}

#[derive(JsonSchema, Serialize, Deserialize)]
enum Any {
    Json(Value),
    Unit(()),
}

/// Rules of one variant hold for that variant only.
#[derive(KubeSchema, Serialize, Deserialize)]
#[x_kube(validation = "self.low <= self.high")]
struct Limits {
    low: i32,
    high: i32,
}

#[derive(KubeSchema, Serialize, Deserialize)]
#[serde(tag = "type")]
enum Ruled {
    Limited(Limits),
    Free,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct Optional {
    color: Option<Color>,
    level: Option<Level>,
    source: Option<Source>,
    mixed: Option<Mixed>,
    backend: Option<Backend>,
    setting: Option<Setting>,
    parameter: Option<Parameter>,
    nested: Option<Box<Nested>>,
}

pub(crate) fn rows() -> Vec<Row> {
    let mut rows = units();
    rows.extend(externally_tagged());
    rows.extend(tagged());
    rows.extend(untagged());
    rows
}

fn units() -> Vec<Row> {
    vec![
        row::<Color>("a unit enum")
            .takes([json!("Red")])
            .refuses([json!("red"), json!("")]),
        row::<Level>("a documented unit enum")
            .takes([json!("Loud")])
            .refuses([json!("loud")]),
        row::<HalfDocumented>("a half documented unit enum").takes([json!("Yes"), json!("No")]),
        row::<Protocol>("renamed variants")
            .takes([json!("HTTP/1.1"), json!("2"), json!("true"), json!("")])
            .refuses([json!("Two"), json!(2)]),
        row::<Balancer>("rename_all and alias")
            .takes([json!("ROUND_ROBIN")])
            .reads([json!("LEAST_CONN")])
            .refuses([json!("RoundRobin")]),
        row::<OpenWord>("other among words")
            .takes([json!("Known"), json!("Unknown")])
            .reads([json!("New")]),
        row::<Skipping>("a skipped variant")
            .takes([json!("Used")])
            .refuses([json!("Unused")]),
        row::<Option<Color>>("an optional enum")
            .takes([json!("Red"), json!(null)])
            .refuses([json!("Blue")]),
    ]
}

fn externally_tagged() -> Vec<Row> {
    vec![
        row::<Source>("externally tagged")
            .takes([
                json!({"bucket": {"name": "a"}}),
                json!({"image": "b"}),
                json!({"pair": [1, 2]}),
                json!({"empty": {}}),
            ])
            .refuses([
                json!({"bucket": {}}),
                json!({"bucket": {"name": "a"}, "image": "b"}),
                json!({"pair": [1]}),
                json!({"image": 1}),
            ]),
        row::<Mixed>("unit and data variants")
            .takes([
                json!("Nothing"),
                json!("Little"),
                json!({"Some": {"size": 1}}),
                json!({"Text": "a"}),
                json!({"Pair": [true, "a"]}),
            ])
            .refuses([
                json!("Some"),
                json!({"Some": {}}),
                json!({"Some": {"size": "a"}}),
                json!({"Text": "a", "Some": {"size": 1}}),
                json!({"Nothing": 1}),
            ]),
        row::<Vec<Mixed>>("a list of unit and data variants")
            .takes([json!(["Nothing", {"Some": {"size": 1}}])])
            .refuses([json!(["Much"]), json!([{"Some": 1}])]),
        row::<BTreeMap<String, Mixed>>("a map of unit and data variants")
            .takes([json!({"a": "Nothing", "b": {"Text": "c"}})])
            .refuses([json!({"a": "Much"})]),
        row::<Partly>("an untagged variant").takes([json!({"Known": {"size": 1}}), json!("a")]),
        row::<Single>("one data variant")
            .takes([json!({"Only": {"size": 1}})])
            .refuses([json!({"Only": {}})]),
        row::<Any>("variants of anything").takes([json!({"Json": {"a": 1}}), json!({"Unit": null})]),
        row::<Result<i32, String>>("Result")
            .takes([json!({"Ok": 1}), json!({"Err": "a"})])
            .refuses([json!({"Ok": "a"})]),
        row::<Bound<i32>>("Bound")
            .takes([json!("Unbounded"), json!({"Included": 1})])
            .refuses([json!("Bounded")]),
        row::<Range<u8>>("Range")
            .takes([json!({"start": 1, "end": 2})])
            .refuses([json!({"start": 1})]),
        row::<Generic<i32>>("a generic enum")
            .takes([json!({"One": 1}), json!({"Many": [1]})])
            .refuses([json!({"One": "a"})]),
        row::<Nested>("enums in enums")
            .takes([
                json!({"Backend": {"type": "Disk", "path": "a", "size": 1}}),
                json!({"Source": {"image": "a"}}),
                json!({"Mixed": "Nothing"}),
                json!({"Optional": null}),
                json!({"List": [{"kind": "Flag", "value": true}]}),
            ])
            .refuses([
                json!({"Backend": {"type": "Disk"}}),
                json!({"Mixed": "Much"}),
                json!({"Optional": "Blue"}),
                json!({"List": [{"kind": "Flag", "value": 1}]}),
            ]),
        row::<Optional>("optional enums")
            .takes([
                json!({}),
                json!({"color": null, "level": null, "source": null, "mixed": null}),
                json!({"backend": null, "setting": null, "parameter": null, "nested": null}),
                json!({"mixed": "Nothing", "parameter": ["a"]}),
            ])
            .refuses([json!({"mixed": 1}), json!({"color": 1}), json!({"parameter": 1})]),
    ]
}

fn tagged() -> Vec<Row> {
    vec![
        row::<Backend>("internally tagged")
            .takes([
                json!({"type": "Disk", "path": "a", "size": 1}),
                json!({"type": "Memory", "size": 3_000_000_000_u32}),
                json!({"type": "Remote", "size": "big", "url": "u"}),
                json!({"type": "None"}),
            ])
            .refuses([
                json!({"type": "Disk", "path": "a"}),
                json!({"type": "Disk", "path": "a", "size": 3_000_000_000_u32}),
                json!({"type": "Disk", "path": "a", "size": "big"}),
                json!({"type": "Memory", "size": "big"}),
                json!({"type": "Remote", "size": 1, "url": "u"}),
                json!({"type": "Tape"}),
                json!({"path": "a", "size": 1}),
            ]),
        row::<Storage>("internally tagged with defaults")
            .takes([
                json!({"type": "persistent-claim", "storageClass": "fast", "deleteClaim": true}),
                json!({"type": "persistent-claim"}),
                json!({"type": "ephemeral", "sizeLimit": "1Gi"}),
            ])
            .refuses([
                json!({"type": "PersistentClaim"}),
                json!({"type": "persistent-claim", "deleteClaim": 1}),
            ]),
        row::<Strict>("internally tagged without unknown fields")
            .takes([json!({"type": "A", "a": 1})])
            .refuses([json!({"type": "A", "b": 1}), json!({"type": "A", "a": 1, "c": 1})])
            .lets_pass([json!({"type": "A", "a": 1, "b": 1})]),
        row::<Setting>("adjacently tagged")
            .takes([
                json!({"kind": "Flag", "value": true}),
                json!({"kind": "Text", "value": "a"}),
                json!({"kind": "Limits", "value": {"low": 1, "high": 2}}),
                json!({"kind": "Pair", "value": [1, 2]}),
                json!({"kind": "Nothing"}),
            ])
            .refuses([
                json!({"kind": "Flag", "value": "a"}),
                json!({"kind": "Flag"}),
                json!({"kind": "Limits", "value": {"low": 1}}),
                json!({"kind": "Limits", "value": [1, 2, 3]}),
                json!({"kind": "Pair", "value": [1]}),
                json!({"kind": "Other", "value": 1}),
                json!({"value": true}),
            ]),
        row::<Open>("other among tags")
            .takes([json!({"type": "Known", "size": 1}), json!({"type": "Unknown"})])
            .reads([json!({"type": "New"})])
            .refuses([json!({"type": "Known"})]),
        row::<Ruled>("a rule of one variant")
            .takes([
                json!({"type": "Limited", "low": 1, "high": 2}),
                json!({"type": "Free"}),
            ])
            .refuses([json!({"type": "Limited", "low": 1})])
            .forbids([json!({"type": "Limited", "low": 2, "high": 1})])
            .alone(),
    ]
}

fn untagged() -> Vec<Row> {
    vec![
        row::<Port>("untagged integer or text")
            .takes([json!(80), json!("http")])
            .refuses([json!(70000), json!(true)]),
        row::<Listed>("untagged integer or word")
            .takes([json!(7), json!("Red")])
            .refuses([json!("Blue")]),
        row::<Parameter>("untagged scalars, list and map")
            .takes([json!(true), json!("a"), json!(["a"]), json!({"a": "b"})])
            .refuses([json!(1), json!([1])])
            .lets_pass([json!({"key": 1})]),
        row::<OneOrMany>("one or many")
            .takes([json!({"path": "a", "size": 1}), json!([{"path": "a", "size": 1}])])
            .refuses([json!({"path": "a"}), json!([{"path": "a"}]), json!("a")]),
        row::<Target>("untagged structs")
            .takes([
                json!({"name": "a"}),
                json!({"labels": {"a": "b"}}),
                json!({"name": 1, "index": 2}),
            ])
            .refuses([json!({"name": 1}), json!({}), json!({"labels": 1})]),
        row::<Number>("untagged numbers")
            .takes([json!(1), json!(1.5)])
            .refuses([json!("a")]),
        row::<Option<Parameter>>("optional untagged")
            .takes([json!(null), json!("a")])
            .refuses([json!(1)])
            .lets_pass([json!({"key": 1})]),
    ]
}
