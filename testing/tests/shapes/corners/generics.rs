//! Parameters of all sorts, and types that contain themselves.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::marker::PhantomData;

use krate::KubeSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::row::{Row, row};

#[derive(KubeSchema, Serialize, Deserialize)]
#[x_kube(validation = "self.min <= self.max && self.name != '' && size(self.rows) > 0")]
struct Range<T: PartialOrd = i32, const N: usize = 2>
where
    T: Clone,
{
    #[x_kube(immutable)]
    min: T,
    max: T,
    name: String,
    rows: Vec<i32>,
    inner: Option<Box<Range<T, N>>>,
    list: Vec<T>,
}

#[derive(KubeSchema, Serialize, Deserialize)]
#[x_kube(validation = "self.whole.min > 0 && self.part.min == 1.0 && self.whole.rows[0] > 0")]
struct Ranges {
    whole: Range,
    part: Range<f64, 3>,
}

#[derive(KubeSchema, Serialize, Deserialize)]
#[serde(bound(serialize = "T: Serialize", deserialize = "T: DeserializeOwned"))]
struct Bound<T> {
    value: T,
    #[serde(skip)]
    marker: PhantomData<fn() -> T>,
}

#[derive(KubeSchema, Serialize, Deserialize)]
#[x_kube(validation = "self.name != '' && self.list.size() < 4")]
struct Borrowed<'a, 'b: 'a> {
    name: Cow<'a, str>,
    list: Cow<'b, [i32]>,
}

trait Named {
    type Out;
}

impl Named for Port {
    type Out = Port;
}

#[derive(KubeSchema, Serialize, Deserialize, Clone)]
struct Port {
    name: String,
    number: u16,
}

type Ports = Vec<Port>;
type Maybe<T> = Option<T>;

/// Aliases and associated types say nothing by their names.
#[derive(KubeSchema, Serialize, Deserialize)]
#[x_kube(
    validation = "self.ports.all(port, port.number > 0) && (!has(self.maybe) || self.maybe > 0)",
    validation = "self.projected.name != ''"
)]
struct Aliased {
    #[x_kube(list_type = "map", list_map_keys("name"))]
    ports: Ports,
    maybe: Maybe<i32>,
    projected: <Port as Named>::Out,
    path: self::Port,
    absolute: crate::corners::generics::Port,
}

#[derive(KubeSchema, Serialize, Deserialize)]
enum Either<L, R> {
    Left(L),
    Right { value: R },
}

/// Itself, in all ways there are.
#[derive(KubeSchema, Serialize, Deserialize)]
#[x_kube(validation = "!has(self.parent) || self.parent.name != self.name")]
struct Tree {
    name: String,
    parent: Option<Box<Self>>,
    #[x_kube(list_type = "map", list_map_keys("name"))]
    children: Vec<Tree>,
    #[serde(default)]
    by_name: BTreeMap<String, Tree>,
    either: Option<Box<Either<Tree, i32>>>,
}

#[derive(KubeSchema, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "camelCase")]
enum Filter {
    And { all: Vec<Filter> },
    Not { inner: Box<Filter> },
    Equals { field: String, value: String },
}

#[derive(KubeSchema, Serialize, Deserialize)]
#[serde(untagged)]
enum Json {
    Bool(bool),
    Number(i64),
    Text(String),
    List(Vec<Json>),
    Map(BTreeMap<String, Json>),
}

macro_rules! chain {
    ($($name:ident -> $next:ident),*) => {$(
        #[derive(KubeSchema, Serialize, Deserialize)]
        struct $name {
            next: Option<Box<$next>>,
            value: i32,
        }
    )*};
}

chain!(C0 -> C1, C1 -> C2, C2 -> C3, C3 -> C4, C4 -> C5, C5 -> C6, C6 -> C7, C7 -> C8, C8 -> C9, C9 -> End);

#[derive(KubeSchema, Serialize, Deserialize)]
struct End {
    value: i32,
}

/// Deeper than anything is described to the compiler.
#[derive(KubeSchema, Serialize, Deserialize)]
#[x_kube(validation = "!has(self.c.next) || self.c.next.value > 0")]
struct Deep {
    c: C0,
}

pub(crate) fn rows() -> Vec<Row> {
    let range = json!({"min": 1, "max": 2, "name": "a", "rows": [1], "list": []});
    let tree = json!({"name": "a", "children": [{"name": "b", "children": []}],
        "either": {"Right": {"value": 1}}});
    vec![
        row::<Ranges>("defaults of parameters, and constants")
            .takes([json!({"whole": range, "part": {"min": 1.0, "max": 1.5, "name": "a", "rows": [1], "list": [0.5]}})])
            .forbids([json!({"whole": {"min": 3, "max": 2, "name": "a", "rows": [1], "list": []},
                "part": {"min": 1.0, "max": 1.5, "name": "a", "rows": [1], "list": [0.5]}})]),
        row::<Bound<Port>>("bounds of one's own").takes([json!({"value": {"name": "a", "number": 1}})]),
        row::<Borrowed<'static, 'static>>("lifetimes").takes([json!({"name": "a", "list": [1]})]),
        row::<Aliased>("aliases").takes([json!({
            "ports": [{"name": "a", "number": 1}], "projected": {"name": "a", "number": 1},
            "path": {"name": "a", "number": 1}, "absolute": {"name": "a", "number": 1},
        })]),
        row::<Either<Either<i32, String>, Vec<bool>>>("a generic enum in itself")
            .takes([json!({"Left": {"Right": {"value": "a"}}}), json!({"Right": {"value": [true]}})])
            .refuses([json!({"Left": {"Right": {"value": 1}}})]),
        row::<Tree>("a type that contains itself in all ways")
            .takes([tree])
            .forbids([json!({"name": "a", "children": [], "parent": {"name": "a", "children": []}})]),
        row::<Filter>("a tagged enum that contains itself")
            .takes([json!({"op": "and", "all": [{"op": "not", "inner": {"op": "equals", "field": "a", "value": "b"}}]})])
            .refuses([json!({"op": "and"}), json!({"op": "or", "all": []})]),
        row::<Json>("an untagged enum that contains itself").takes([json!({"a": [1, "b", {"c": true}]})]),
        row::<Deep>("ten types deep").takes([json!({"c": {"value": 1, "next": {"value": 1}}})]),
    ]
}
