//! Generics, recursion, free JSON, and types without fields.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use krate::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::row::{Row, row};

#[derive(JsonSchema, Serialize, Deserialize)]
struct Tree {
    name: String,
    #[serde(default)]
    children: Vec<Tree>,
    parent: Option<Box<Tree>>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Filter {
    And(Vec<Filter>),
    Not(Box<Filter>),
    Equals { field: String, value: String },
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct Ping {
    pong: Option<Box<Pong>>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct Pong {
    ping: Option<Box<Ping>>,
    by_name: BTreeMap<String, Ping>,
}

/// Written out four times.
#[derive(KubeSchema, Serialize, Deserialize)]
#[x_kube(recursion_depth = 4)]
struct Deep {
    level: i32,
    below: Option<Box<Deep>>,
}

/// Written out once.
#[derive(KubeSchema, Serialize, Deserialize)]
#[x_kube(recursion_depth = 1)]
struct Shallow {
    level: i32,
    below: Option<Box<Shallow>>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct Page<T, K = String> {
    items: Vec<T>,
    next: Option<K>,
}

#[derive(KubeSchema, Serialize, Deserialize)]
struct Bounded<T> {
    #[x_kube(max_items = 2)]
    items: Vec<T>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct Array<const N: usize>
where
    [i32; N]: JsonSchema + Serialize + for<'a> Deserialize<'a>,
{
    items: [i32; N],
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct Marked<T> {
    size: i32,
    marker: PhantomData<T>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct Unit;

#[derive(JsonSchema, Serialize, Deserialize)]
struct Units {
    unit: Unit,
    nothing: (),
    maybe: Option<Unit>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct Free {
    any: Value,
    maybe: Option<Value>,
    list: Vec<Value>,
    object: Map<String, Value>,
    map: Option<BTreeMap<String, Value>>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct Level<T> {
    name: String,
    inner: T,
    list: Vec<T>,
    map: BTreeMap<String, T>,
}

type Levels = Level<Level<Level<Level<Level<i32>>>>>;

fn levels(depth: usize) -> Value {
    let inner = if depth == 0 { json!(1) } else { levels(depth - 1) };
    json!({"name": "a", "inner": inner, "list": [], "map": {"a": inner}})
}

pub(crate) fn rows() -> Vec<Row> {
    let tree = json!({"name": "a", "children": [{"name": "b", "children": [{"name": "c", "children": [
        {"name": "d", "children": []},
    ]}]}]});
    let wrong_far_down = json!({"name": "a", "children": [{"name": "b", "children": [{"name": 1}]}]});
    let deep =
        |bottom: Value| json!({"level": 1, "below": {"level": 2, "below": {"level": 3, "below": bottom}}});
    vec![
        row::<Tree>("a type that contains itself")
            .takes([tree])
            .refuses([
                json!({"name": "a", "children": [{}]}),
                json!({"name": "a", "parent": {"name": 1}}),
            ])
            .lets_pass([wrong_far_down]),
        row::<Filter>("an enum that contains itself")
            .takes([
                json!({"and": [{"not": {"equals": {"field": "a", "value": "b"}}}, {"and": []}]}),
                json!({"equals": {"field": "a", "value": "b"}}),
            ])
            .refuses([json!({"not": {"and": 1}}), json!({"or": []})]),
        row::<Ping>("types that contain each other")
            .takes([json!({"pong": {"ping": {"pong": null}, "by_name": {"a": {}}}})])
            .refuses([json!({"pong": {"ping": 1, "by_name": {}}})]),
        row::<Deep>("a depth of four")
            .takes([deep(json!({"level": 4}))])
            .refuses([deep(json!({"level": "4"}))]),
        row::<Shallow>("a depth of one")
            .takes([json!({"level": 1, "below": {"level": 2}})])
            .lets_pass([json!({"level": 1, "below": {"level": "2"}})]),
        row::<Page<i32>>("a generic struct")
            .takes([json!({"items": [1], "next": "a"})])
            .refuses([json!({"items": ["a"]})]),
        row::<Page<Page<bool>, i64>>("a generic struct of itself")
            .takes([json!({"items": [{"items": [true]}], "next": 1})]),
        row::<Bounded<String>>("a generic struct with rules")
            .takes([json!({"items": ["a"]})])
            .forbids([json!({"items": ["a", "b", "c"]})]),
        row::<Array<3>>("const generics")
            .takes([json!({"items": [1, 2, 3]})])
            .refuses([json!({"items": [1]})]),
        row::<Marked<Tree>>("PhantomData")
            .takes([json!({"size": 1, "marker": null})])
            .refuses([json!({"size": 1, "marker": {}})]),
        row::<Unit>("a unit struct").takes([json!(null)]),
        row::<()>("a unit").takes([json!(null)]),
        row::<Units>("units in a struct")
            .takes([json!({"unit": null, "nothing": null})])
            .refuses([json!({"unit": null, "nothing": {}})]),
        row::<Value>("Value").takes([json!({"a": [1, null, {"b": "c"}]}), json!([[]])]),
        row::<Map<String, Value>>("Map").takes([json!({"a": {"b": [1]}})]),
        row::<Free>("free JSON")
            .takes([json!({"any": 1, "list": [1, "a", {"b": 1}], "object": {"a": 1}, "map": {"a": [1]}})])
            .refuses([json!({"any": 1, "list": 1, "object": {}})]),
        row::<Levels>("deep nesting")
            .takes([levels(4)])
            .refuses([json!({"name": "a", "inner": {}})]),
    ]
}
