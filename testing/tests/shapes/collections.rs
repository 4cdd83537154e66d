//! Lists, sets, maps, tuples, and pointers to them.
#![expect(
    clippy::disallowed_types,
    reason = "users have them; nobody looks at their order here"
)]

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, LinkedList, VecDeque};
use std::sync::Arc;

use krate::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::row::{Row, row};

#[derive(JsonSchema, Serialize, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "kebab-case")]
enum Zone {
    NorthEast,
    South,
}

/// Keys with words about them.
#[derive(KubeSchema, Serialize, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
enum Told {
    /// Up there.
    North,
    /// Down there.
    South,
}

/// To the API server, the first map is an object.
#[derive(KubeSchema, Serialize, Deserialize)]
#[x_kube(validation = "!has(self.by_zone.North) || !has(self.by_zone.South)")]
struct Ruled {
    #[x_kube(values(maximum = 3, validation = "self > 0"))]
    by_zone: BTreeMap<Told, i32>,
    #[x_kube(values(maximum = 3))]
    by_number: BTreeMap<u16, i32>,
}

#[derive(JsonSchema, Serialize, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(transparent)]
struct Label(String);

#[derive(JsonSchema, Serialize, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
struct Port {
    name: String,
    number: u16,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct Point(i32, i32, i32);

#[derive(JsonSchema, Serialize, Deserialize)]
struct Borrowed<'a> {
    text: Cow<'a, str>,
    list: Cow<'a, [i32]>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct Shared {
    #[serde(with = "shared")]
    #[schemars(with = "Arc<Port>")]
    port: Arc<Port>,
    #[serde(with = "shared")]
    #[schemars(with = "Arc<Vec<String>>")]
    names: Arc<Vec<String>>,
}

/// Serde writes what several own only with a feature of its own.
mod shared {
    use std::sync::Arc;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<T: Serialize, S: Serializer>(
        value: &Arc<T>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        T::serialize(value, serializer)
    }

    pub(super) fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Arc<T>, D::Error> {
        T::deserialize(deserializer).map(Arc::new)
    }
}

pub(crate) fn rows() -> Vec<Row> {
    let mut rows = lists();
    rows.extend(maps());
    rows.extend(tuples());
    rows.extend(pointers());
    rows
}

fn lists() -> Vec<Row> {
    vec![
        row::<Vec<i32>>("Vec")
            .takes([json!([]), json!([1, 2])])
            .refuses([json!([1, "2"]), json!([null])]),
        row::<Vec<Port>>("Vec of structs")
            .takes([json!([{"name": "a", "number": 1}])])
            .refuses([json!([{"name": "a"}]), json!([{"name": "a", "number": 70000}])]),
        row::<Vec<Vec<i32>>>("Vec of Vec")
            .takes([json!([[1], []])])
            .refuses([json!([[1], 2])]),
        row::<Vec<Option<i32>>>("Vec of Option").takes([json!([1, null])]),
        row::<Vec<Option<Zone>>>("Vec of optional enums")
            .takes([json!([null, "south"])])
            .refuses([json!(["West"])]),
        row::<VecDeque<String>>("VecDeque").takes([json!(["a"])]),
        row::<LinkedList<String>>("LinkedList").takes([json!(["a"])]),
        row::<[u8; 3]>("an array")
            .takes([json!([1, 2, 3])])
            .refuses([json!([1, 2]), json!([1, 2, 3, 4])]),
        row::<[Port; 1]>("an array of structs").takes([json!([{"name": "a", "number": 1}])]),
        row::<[String; 0]>("an empty array")
            .takes([json!([])])
            .refuses([json!(["a"])]),
        row::<HashSet<String>>("HashSet")
            .takes([json!(["a"])])
            .reads([json!(["a", "a"])]),
        row::<BTreeSet<i32>>("BTreeSet")
            .takes([json!([1, 2])])
            .reads([json!([1, 1])]),
        row::<BTreeSet<Zone>>("a set of enums")
            .takes([json!(["north-east", "south"])])
            .refuses([json!(["west"])]),
        row::<BTreeSet<Port>>("a set of structs").takes([json!([{"name": "a", "number": 1}])]),
        row::<BTreeSet<(i32, i32)>>("a set of tuples").takes([json!([[1, 2], [3, 4]])]),
        row::<Vec<u8>>("bytes")
            .takes([json!([0, 255])])
            .refuses([json!([256])]),
        row::<Vec<()>>("a list of units")
            .takes([json!([null, null])])
            .refuses([json!([{}])]),
    ]
}

fn maps() -> Vec<Row> {
    vec![
        row::<BTreeMap<String, i32>>("a map")
            .takes([json!({"a": 1}), json!({})])
            .refuses([json!({"a": "b"})]),
        row::<HashMap<String, Vec<String>>>("a map of lists")
            .takes([json!({"a": ["b"]})])
            .refuses([json!({"a": [1]})]),
        row::<BTreeMap<String, BTreeMap<String, bool>>>("a map of maps").takes([json!({"a": {"b": true}})]),
        row::<BTreeMap<String, Option<i32>>>("a map with nulls").takes([json!({"a": null, "b": 1})]),
        row::<BTreeMap<String, Option<Zone>>>("a map with optional enums")
            .takes([json!({"a": null, "b": "south"})]),
        row::<BTreeMap<String, Port>>("a map of structs")
            .takes([json!({"a": {"name": "b", "number": 1}})])
            .refuses([json!({"a": {"name": "b"}})]),
        row::<BTreeMap<Label, i32>>("a map with newtype keys").takes([json!({"a": 1})]),
        row::<BTreeMap<Zone, i32>>("a map with enum keys")
            .takes([json!({"north-east": 1}), json!({})])
            .refuses([json!({"south": "x"})]),
        row::<BTreeMap<Told, i32>>("a map with keys of a documented enum")
            .takes([json!({"North": 1, "South": 2})])
            .refuses([json!({"North": "a"}), json!({"East": 1})]),
        row::<Ruled>("rules for the values of maps with other keys")
            .takes([json!({"by_zone": {"North": 1}, "by_number": {"7": 1}})])
            .forbids([
                json!({"by_zone": {"North": 4}, "by_number": {}}),
                json!({"by_zone": {"South": 0}, "by_number": {}}),
                json!({"by_zone": {}, "by_number": {"7": 4}}),
                json!({"by_zone": {"North": 1, "South": 1}, "by_number": {}}),
            ]),
        row::<BTreeMap<u32, String>>("a map with integer keys")
            .takes([json!({"1": "a"})])
            .lets_pass([json!({"key": "text"})]),
        row::<BTreeMap<i8, i32>>("a map with signed keys")
            .takes([json!({"-1": 2})])
            .lets_pass([json!({"key": 1})]),
        row::<BTreeMap<String, Value>>("a map of anything").takes([json!({"a": {"b": [1, null]}})]),
        row::<BTreeMap<String, ()>>("a map of units")
            .takes([json!({"a": null})])
            .refuses([json!({"a": {}})]),
    ]
}

fn tuples() -> Vec<Row> {
    vec![
        row::<(i32, i32)>("a tuple of one type")
            .takes([json!([1, 2])])
            .refuses([json!([1]), json!([1, 2, 3])]),
        row::<(i32, String)>("a tuple of integer and text")
            .takes([json!([1, "a"])])
            .refuses([json!([1]), json!([1, true])])
            .lets_pass([json!(["a", 1])]),
        row::<(bool, Port, Vec<String>)>("a tuple of anything")
            .takes([json!([true, {"name": "a", "number": 1}, ["b"]])])
            .refuses([json!([true, {"name": "a"}, ["b"]]), json!([true, 5, []])])
            .lets_pass([json!([true, true, true])]),
        row::<(f64,)>("a tuple of one").takes([json!([1.5])]),
        row::<Point>("a tuple struct")
            .takes([json!([1, 2, 3])])
            .refuses([json!([1, 2]), json!(["a", 2, 3])]),
    ]
}

fn pointers() -> Vec<Row> {
    vec![
        row::<Box<i32>>("Box").takes([json!(1)]),
        row::<Box<[Box<str>]>>("Box of Box").takes([json!(["a"])]),
        row::<Shared>("Arc")
            .takes([json!({"port": {"name": "a", "number": 1}, "names": ["b"]})])
            .refuses([json!({"port": 1, "names": []})]),
        row::<Cow<'static, str>>("Cow").takes([json!("a")]),
        row::<Borrowed<'static>>("a struct that may borrow").takes([json!({"text": "a", "list": [1]})]),
    ]
}
