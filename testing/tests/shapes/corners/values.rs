//! Values at the edges: nothing at all, one of something, and types of the standard library few know to be written.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::ffi::OsString;
use std::marker::PhantomData;
use std::ops::RangeInclusive;
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use krate::KubeSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::row::{Row, row};

#[derive(KubeSchema, Serialize, Deserialize)]
struct Empty {}

#[derive(KubeSchema, Serialize, Deserialize)]
struct EmptyTuple();

#[derive(KubeSchema, Serialize, Deserialize)]
struct Nothing {
    empty: Empty,
    tuple: EmptyTuple,
    list: [Empty; 0],
}

#[derive(KubeSchema, Serialize, Deserialize)]
enum Only {
    One,
}

#[derive(KubeSchema, Serialize, Deserialize)]
#[serde(tag = "type")]
enum OnlyTagged {
    One { size: i32 },
}

/// Numbers of variants are nobody's business.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Copy)]
#[repr(u8)]
enum Numbered {
    One = 1,
    Seven = 7,
}

#[derive(KubeSchema, Serialize, Deserialize)]
#[x_kube(validation = "self.one == 'One' && self.numbered != 'Nine'")]
struct Ones {
    one: Only,
    tagged: OnlyTagged,
    numbered: Numbered,
    tuple: (i32,),
    list: [i32; 1],
    deep: (((bool,),),),
}

#[derive(KubeSchema, Serialize, Deserialize)]
struct Pair(i32, #[serde(default)] Option<String>);

#[derive(KubeSchema, Serialize, Deserialize)]
struct Wrapper(#[x_kube(minimum = 1)] Inner);

#[derive(KubeSchema, Serialize, Deserialize)]
#[serde(transparent)]
struct Inner {
    value: i32,
    #[serde(skip)]
    marker: PhantomData<i32>,
}

#[derive(KubeSchema, Serialize, Deserialize)]
struct Nested {
    twice: Option<Option<i32>>,
    list: Option<Vec<Option<Vec<Option<i32>>>>>,
    map: Option<BTreeMap<String, Option<BTreeMap<String, Option<Only>>>>>,
}

#[derive(KubeSchema, Serialize, Deserialize)]
struct Keys {
    by_bool: BTreeMap<bool, i32>,
    by_char: BTreeMap<char, i32>,
    by_number: BTreeMap<u64, i32>,
    by_big: BTreeMap<i128, i32>,
}

fn lists(depth: usize) -> Value {
    (0..depth).fold(json!([1]), |inner, _| json!([inner]))
}

type Lists = Vec<Vec<Vec<Vec<Vec<Vec<Vec<Vec<i32>>>>>>>>;

pub(crate) fn rows() -> Vec<Row> {
    vec![
        row::<Nothing>("nothing, in all ways")
            .takes([json!({"empty": {}, "tuple": [], "list": []})])
            .refuses([json!({"empty": 1, "tuple": [], "list": []})]),
        row::<Ones>("one of everything").takes([json!({
            "one": "One", "tagged": {"type": "One", "size": 1}, "numbered": "Seven", "tuple": [1], "list": [1],
            "deep": [[[true]]],
        })]),
        row::<Pair>("a tuple struct with a default").takes([json!([1, "a"])]),
        row::<Wrapper>("a newtype of a transparent struct")
            .takes([json!(1)])
            .refuses([json!("a")])
            .forbids([json!(0)])
            .alone(),
        row::<Nested>("options in options")
            .takes([
                json!({}),
                json!({"twice": 1, "list": [null, [1, null]], "map": {"a": null, "b": {"c": null, "d": "One"}}}),
            ])
            .refuses([json!({"list": [1]}), json!({"map": {"a": {"b": "Two"}}})]),
        row::<Keys>("keys that are no texts")
            .takes([json!({"by_bool": {"true": 1}, "by_char": {"a": 1}, "by_number": {"7": 1}, "by_big": {"-7": 1}})])
            .refuses([json!({"by_bool": {"true": "a"}, "by_char": {}, "by_number": {}, "by_big": {}})]),
        row::<Lists>("lists in lists").takes([lists(7)]).refuses([lists(6)]),
        row::<RangeInclusive<u8>>("an inclusive range").takes([json!({"start": 1, "end": 2})]),
        row::<Duration>("a duration").takes([json!({"secs": 1, "nanos": 5})]),
        row::<SystemTime>("a system time")
            .takes([json!({"secs_since_epoch": 1, "nanos_since_epoch": 5})]),
        row::<OsString>("a text of the system").takes([json!({"Unix": [97]})]),
        row::<Box<[String]>>("a boxed slice").takes([json!(["a"])]),
        row::<Cell<i32>>("a cell").takes([json!(1)]),
        row::<RefCell<Vec<bool>>>("a cell of references").takes([json!([true])]),
        row::<Mutex<i32>>("a mutex").takes([json!(1)]),
        row::<BinaryHeap<i32>>("a heap").takes([json!([1])]),
        row::<BTreeSet<(i32, String)>>("a set of mixed tuples").takes([json!([[1, "a"]])]),
        row::<Result<Only, Vec<Only>>>("a result").takes([json!({"Ok": "One"}), json!({"Err": ["One"]})]),
        row::<Option<Box<Option<i32>>>>("an option in a box in an option").takes([json!(1)]),
        row::<(i32, (String, Option<bool>), [u8; 2])>("tuples in tuples")
            .takes([json!([1, ["a", true], [1, 2]])])
            .refuses([json!([1, ["a"], [1, 2]])]),
        row::<PhantomData<fn() -> i32>>("a phantom").takes([json!(null)]),
    ]
}
