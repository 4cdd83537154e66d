//! Rust types and the schemas they become.
#![allow(dead_code, reason = "the types are only looked at")]

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::{Container, PodTemplateSpec};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use k8s_openapi::apimachinery::pkg::runtime::RawExtension;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{convert_schema, structural_schema};

fn schema<T: JsonSchema>() -> Value {
    serde_json::to_value(structural_schema::<T>().unwrap()).unwrap()
}

/// Compares a type's schema.
#[track_caller]
fn check<T: JsonSchema>(expected: &Value) {
    assert_eq!(&schema::<T>(), expected, "{}", T::schema_name());
}

/// Compares the schema of a struct's only field.
#[track_caller]
fn check_field<T: JsonSchema>(expected: &Value) {
    let schema = schema::<Holder<T>>();
    assert_eq!(&schema["properties"]["field"], expected, "{}", T::schema_name());
}

#[derive(JsonSchema)]
struct Holder<T> {
    field: T,
}

fn anything() -> Value {
    json!({"x-kubernetes-preserve-unknown-fields": true})
}

/// What only values of a type keep, and what else is demanded of them.
fn only(kind: &str, demands: &Value) -> Value {
    let mut all = demands.clone();
    let others = [
        ("array", json!({"minItems": 1, "maxItems": 0})),
        ("boolean", json!({"not": {"enum": [false, true]}})),
        ("number", json!({"minimum": 1.0, "maximum": 0.0})),
        ("object", json!({"minProperties": 1, "maxProperties": 0})),
        ("string", json!({"minLength": 1, "maxLength": 0})),
    ];
    for (_, none) in others.iter().filter(|(other, _)| *other != kind) {
        let none = none.as_object().unwrap().clone();
        all.as_object_mut().unwrap().extend(none);
    }
    all
}

#[test]
fn scalars_keep_their_type_and_lose_formats_kubernetes_does_not_know() {
    check_field::<bool>(&json!({"type": "boolean"}));
    check_field::<String>(&json!({"type": "string"}));
    check_field::<char>(&json!({"type": "string", "minLength": 1, "maxLength": 1}));
    check_field::<f32>(&json!({"type": "number", "format": "float"}));
    check_field::<i8>(&json!({"type": "integer", "minimum": -128.0, "maximum": 127.0}));
    check_field::<i32>(&json!({"type": "integer", "format": "int32"}));
    check_field::<i64>(&json!({"type": "integer", "format": "int64"}));
    check_field::<u8>(&json!({"type": "integer", "minimum": 0.0, "maximum": 255.0}));
    check_field::<u16>(&json!({"type": "integer", "minimum": 0.0, "maximum": 65535.0}));
    check_field::<u32>(&json!({"type": "integer", "minimum": 0.0, "maximum": 4_294_967_295.0}));
    check_field::<u64>(&json!({"type": "integer", "format": "int64", "minimum": 0.0}));
    check_field::<usize>(&json!({"type": "integer", "format": "int64", "minimum": 0.0}));
    check_field::<i128>(&json!({"type": "integer", "format": "int64"}));
    check_field::<std::net::IpAddr>(
        &json!({"type": "string", "anyOf": [{"format": "ipv4"}, {"format": "ipv6"}]}),
    );
    check_field::<std::net::Ipv4Addr>(
        &json!({"type": "string", "format": "ipv4", "minItems": 1, "maxItems": 0}),
    );
}

#[test]
fn optional_values_are_nullable_and_not_required() {
    let optional = schema::<Holder<Option<i32>>>();
    assert_eq!(optional.get("required"), None);
    check_field::<Option<i32>>(&json!({"type": "integer", "format": "int32", "nullable": true}));
    check_field::<Option<Quantity>>(&json!({
        "description": "Quantity is a fixed-point representation of a number.",
        "x-kubernetes-int-or-string": true,
        "nullable": true,
    }));
    check_field::<Option<Value>>(&anything());
}

#[test]
fn an_optional_enum_accepts_null() {
    check_field::<Option<Color>>(&json!({"type": "string", "enum": ["Red", "Green"]}));
    check_field::<Vec<Option<Color>>>(&json!({
        "type": "array",
        "items": {"type": "string", "nullable": true, "pattern": "^(Red|Green)$"},
    }));
}

#[test]
fn lists_sets_maps_and_tuples_describe_their_items() {
    let string = json!({"type": "string"});
    check_field::<Vec<String>>(&json!({"type": "array", "items": string}));
    check_field::<BTreeSet<String>>(&json!({
        "type": "array",
        "items": string,
        "x-kubernetes-list-type": "set",
    }));
    check_field::<BTreeSet<(i32, i32)>>(&json!({"type": "array", "items": {
        "type": "array",
        "items": {"type": "integer", "format": "int32"},
        "minItems": 2,
        "maxItems": 2,
    }}));
    check_field::<BTreeMap<String, String>>(&json!({"type": "object", "additionalProperties": string}));
    check_field::<BTreeMap<u32, String>>(&json!({"type": "object", "additionalProperties": string}));
    check_field::<BTreeMap<Color, bool>>(&json!({"type": "object", "properties": {
        "Red": {"type": "boolean"},
        "Green": {"type": "boolean"},
    }}));
    check_field::<[u8; 2]>(&json!({
        "type": "array",
        "items": {"type": "integer", "minimum": 0.0, "maximum": 255.0},
        "minItems": 2,
        "maxItems": 2,
    }));
    check_field::<(i32, String)>(&json!({
        "type": "array",
        "items": {"x-kubernetes-int-or-string": true, "minimum": -2_147_483_648.0, "maximum": 2_147_483_647.0},
        "minItems": 2,
        "maxItems": 2,
    }));
    check_field::<(bool, String)>(&json!({
        "type": "array",
        "items": {
            "x-kubernetes-preserve-unknown-fields": true,
            "anyOf": [only("boolean", &json!({})), only("string", &json!({}))],
        },
        "minItems": 2,
        "maxItems": 2,
    }));
}

#[test]
fn free_json_is_kept_as_it_is() {
    check_field::<Value>(&json!({"x-kubernetes-preserve-unknown-fields": true, "nullable": true}));
    check_field::<Vec<Value>>(&json!({"type": "array", "items": anything()}));
    let object = json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true});
    check_field::<BTreeMap<String, Value>>(&object);
    check_field::<serde_json::Map<String, Value>>(&object);
    check_field::<()>(&json!({"type": "object", "nullable": true, "minProperties": 1}));
}

#[derive(JsonSchema, Serialize, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
enum Color {
    Red,
    Green,
}

/// How loud it is.
#[derive(JsonSchema)]
enum Level {
    /// Nothing at all.
    Quiet,
    /// Everything,
    /// even this.
    Loud,
}

#[test]
fn documented_values_are_listed_in_the_description() {
    check_field::<Level>(&json!({
        "description": "How loud it is.\n\n- `Quiet`: Nothing at all.\n- `Loud`: Everything, even this.",
        "type": "string",
        "enum": ["Quiet", "Loud"],
    }));
}

#[derive(JsonSchema)]
struct Chain {
    next: Option<Box<Chain>>,
    links: Vec<Chain>,
}

#[test]
fn a_root_that_contains_itself_is_cut_like_any_other() {
    let schema = schema::<Chain>();
    let below = &schema["properties"]["next"];
    assert_eq!(below["type"], json!("object"));
    assert_eq!(below.get("title"), None);
    let end = &below["properties"]["links"]["items"]["properties"]["next"];
    assert_eq!(
        end,
        &json!({"type": "object", "nullable": true, "x-kubernetes-preserve-unknown-fields": true})
    );
}

/// A place to keep things.
#[derive(JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Storage {
    /// How much.
    #[schemars(range(min = 1, max = 9))]
    size: i32,
    #[schemars(length(min = 2), regex(pattern = "^[a-z]+$"))]
    class_name: Option<String>,
    #[serde(default)]
    fast: bool,
    #[schemars(extend("minimum" = null, "exclusiveMinimum" = 0))]
    ratio: f64,
}

#[test]
fn a_struct_keeps_documentation_validation_and_defaults() {
    check::<Storage>(&json!({
        "description": "A place to keep things.",
        "type": "object",
        "properties": {
            "size": {"description": "How much.", "type": "integer", "format": "int32", "minimum": 1.0, "maximum": 9.0},
            "className": {"type": "string", "nullable": true, "minLength": 2, "pattern": "^[a-z]+$"},
            "fast": {"type": "boolean", "default": false},
            "ratio": {"type": "number", "format": "double", "minimum": 0.0, "exclusiveMinimum": true},
        },
        "required": ["size", "ratio"],
    }));
}

#[derive(JsonSchema)]
struct Outer {
    /// Where it is kept.
    storage: Storage,
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

#[test]
fn the_documentation_of_a_field_counts_over_that_of_its_type() {
    let schema = schema::<Outer>();
    assert_eq!(
        schema["properties"]["storage"]["description"],
        "Where it is kept."
    );
    assert_eq!(schema["x-kubernetes-preserve-unknown-fields"], true);
}

#[derive(JsonSchema)]
#[serde(rename_all = "camelCase")]
enum Source {
    /// From a bucket.
    Bucket {
        name: String,
    },
    Image(String),
}

#[test]
fn an_externally_tagged_enum_has_one_of_its_fields() {
    check::<Source>(&json!({
        "type": "object",
        "properties": {
            "bucket": {
                "description": "From a bucket.",
                "type": "object",
                "properties": {"name": {"type": "string"}},
                "required": ["name"],
            },
            "image": {"type": "string"},
        },
        "oneOf": [{"required": ["bucket"]}, {"required": ["image"]}],
    }));
}

#[derive(JsonSchema)]
#[serde(tag = "type")]
enum Backend {
    Disk { path: String, size: i32 },
    Memory { size: i64 },
    None,
}

#[test]
fn an_internally_tagged_enum_is_one_object_with_a_tag() {
    check::<Backend>(&json!({
        "type": "object",
        "properties": {
            "type": {"type": "string", "enum": ["Disk", "Memory", "None"]},
            "path": {"type": "string"},
            "size": {"type": "integer"},
        },
        "required": ["type"],
        "oneOf": [
            {
                "properties": {
                    "type": {"enum": ["Disk"]},
                    "size": {"minimum": -2_147_483_648.0, "maximum": 2_147_483_647.0},
                },
                "required": ["path", "size"],
            },
            {"properties": {"type": {"enum": ["Memory"]}}, "required": ["size"]},
            {"properties": {"type": {"enum": ["None"]}}},
        ],
    }));
}

#[derive(JsonSchema)]
#[serde(tag = "kind", content = "value")]
enum Setting {
    Flag(bool),
    Text(String),
}

#[test]
fn an_adjacently_tagged_enum_takes_any_content_of_mixed_type() {
    check::<Setting>(&json!({
        "type": "object",
        "properties": {
            "kind": {"type": "string", "enum": ["Flag", "Text"]},
            "value": anything(),
        },
        "required": ["kind", "value"],
        "oneOf": [
            {"properties": {"kind": {"enum": ["Flag"]}, "value": only("boolean", &json!({}))}},
            {"properties": {"kind": {"enum": ["Text"]}, "value": only("string", &json!({}))}},
        ],
    }));
}

#[derive(JsonSchema)]
#[serde(untagged)]
enum Port {
    Number(i32),
    Name(String),
}

#[derive(JsonSchema)]
#[serde(untagged)]
enum Target {
    Named {
        name: String,
    },
    Selected {
        name: i32,
        labels: Option<BTreeMap<String, String>>,
    },
    Everything {},
}

#[derive(JsonSchema)]
enum Mixed {
    Nothing,
    Some { size: i32 },
}

#[test]
fn untagged_and_mixed_enums_are_as_wide_as_they_must_be() {
    check_field::<Port>(&json!({
        "x-kubernetes-int-or-string": true,
        "minimum": -2_147_483_648.0,
        "maximum": 2_147_483_647.0,
    }));
    check_field::<Mixed>(&json!({
        "x-kubernetes-preserve-unknown-fields": true,
        "properties": {"Some": {
            "type": "object",
            "properties": {"size": {"type": "integer", "format": "int32"}},
            "required": ["size"],
        }},
        "anyOf": [{"enum": ["Nothing"]}, only("object", &json!({"required": ["Some"]}))],
    }));
    check::<Target>(&json!({
        "type": "object",
        "properties": {
            "name": {
                "x-kubernetes-int-or-string": true,
                "minimum": -2_147_483_648.0,
                "maximum": 2_147_483_647.0,
            },
            "labels": {"type": "object", "nullable": true, "additionalProperties": {"type": "string"}},
        },
    }));
}

#[derive(JsonSchema)]
struct Flattened {
    name: String,
    #[serde(flatten)]
    source: Source,
    #[serde(flatten)]
    backend: Option<Backend>,
}

#[test]
fn flattened_enums_stand_beside_the_other_fields() {
    let schema = schema::<Flattened>();
    let fields: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
    assert_eq!(fields, ["bucket", "image", "name", "path", "size", "type"]);
    assert_eq!(schema["required"], json!(["name"]));
    assert_eq!(
        schema["oneOf"],
        json!([{"required": ["bucket"]}, {"required": ["image"]}])
    );
}

#[derive(JsonSchema)]
struct Tree {
    name: String,
    children: Vec<Tree>,
    parent: Option<Box<Tree>>,
}

#[test]
fn a_recursive_type_is_cut_where_anything_goes() {
    let schema = schema::<Holder<Tree>>();
    let field = &schema["properties"]["field"];
    let below = &field["properties"]["children"]["items"];
    let end = &below["properties"]["children"]["items"];
    assert_eq!(below["properties"]["name"], json!({"type": "string"}));
    assert_eq!(
        end,
        &json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true})
    );
    assert!(!schema.to_string().contains("$ref"));
}

#[derive(JsonSchema)]
struct Branch {
    name: String,
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"]))]
    children: Vec<Branch>,
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["kind"]))]
    leaves: Vec<Leaf>,
}

#[derive(JsonSchema)]
#[serde(tag = "kind")]
#[expect(dead_code, reason = "only its schema is wanted")]
enum Leaf {
    Green { branch: Box<Branch> },
    Dry,
}

#[test]
fn rules_do_not_look_into_what_is_cut() {
    #[derive(crate::KubeSchema, serde::Serialize, serde::Deserialize)]
    #[x_kube(crate = crate, recursion_depth = 2)]
    #[x_kube(
        validation = "!has(self.parent) || self.parent.name != self.name",
        validation = "self.name != ''"
    )]
    struct Node {
        name: String,
        parent: Option<Box<Node>>,
    }
    #[derive(JsonSchema)]
    struct Root {
        node: Node,
    }
    let schema = serde_json::to_value(structural_schema::<Root>().unwrap()).unwrap();
    let rules = |at: &str| {
        schema.pointer(at).unwrap()["x-kubernetes-validations"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!(rules("/properties/node"), 2);
    assert_eq!(rules("/properties/node/properties/parent"), 1);
}

#[test]
fn items_of_a_recursive_type_are_told_apart_where_it_is_cut() {
    let check = |schema: &Value, below: &str| {
        let end = schema.pointer(below).unwrap();
        assert_eq!(end["x-kubernetes-list-map-keys"], json!(["name"]), "{below}");
        assert_eq!(
            end["items"],
            json!({
                "type": "object",
                "properties": {"name": {"type": "string"}},
                "required": ["name"],
                "x-kubernetes-preserve-unknown-fields": true,
            }),
            "{below}"
        );
    };
    let children = "/properties/children/items";
    check(
        &schema::<Holder<Branch>>(),
        &format!("/properties/field{children}/properties/children"),
    );
    // The root is not counted.
    check(
        &schema::<Branch>(),
        &format!("{children}{children}/properties/children"),
    );
    // Where each alternative names its key by itself, nothing is left of them.
    let green = schema::<Holder<Leaf>>();
    let leaves = "/properties/branch/properties/leaves";
    let end = green
        .pointer(&format!("/properties/field{leaves}/items{leaves}"))
        .unwrap();
    assert_eq!(end.get("x-kubernetes-list-map-keys"), None, "{end}");
    assert_eq!(end.get("x-kubernetes-list-type"), None, "{end}");
}

#[test]
fn kubernetes_types_know_their_list_keys_and_free_fields() {
    let conditions = schema::<Holder<Vec<Condition>>>();
    let conditions = &conditions["properties"]["field"];
    assert_eq!(conditions["x-kubernetes-list-type"], "map");
    assert_eq!(conditions["x-kubernetes-list-map-keys"], json!(["type"]));

    let containers = schema::<Holder<Option<Vec<Container>>>>();
    let containers = &containers["properties"]["field"];
    assert_eq!(containers["nullable"], true);
    assert_eq!(containers["x-kubernetes-list-map-keys"], json!(["name"]));

    check_field::<RawExtension>(&json!({
        "description": schema::<Holder<RawExtension>>()["properties"]["field"]["description"],
        "type": "object",
        "x-kubernetes-preserve-unknown-fields": true,
    }));
    let int_or_string = schema::<Holder<IntOrString>>();
    assert_eq!(
        int_or_string["properties"]["field"]["x-kubernetes-int-or-string"],
        true
    );
    let time = schema::<Holder<Time>>();
    assert_eq!(time["properties"]["field"]["format"], "date-time");
}

#[test]
fn an_embedded_pod_template_fits_a_client_side_apply() {
    const ANNOTATION_LIMIT: usize = 262_144;
    let schema = schema::<Holder<PodTemplateSpec>>();
    let size = schema.to_string().len();
    assert!(size < ANNOTATION_LIMIT / 2, "{size} bytes");
    let containers = &schema["properties"]["field"]["properties"]["spec"]["properties"]["containers"];
    assert_eq!(containers["x-kubernetes-list-map-keys"], json!(["name"]));
    assert!(schema["properties"]["field"]["description"].is_string());
    assert_eq!(containers["description"], Value::Null);
}

/// Compares what is wrong with a JSON Schema.
#[track_caller]
fn check_refused(schema: &Value, expected: &str) {
    let error = convert_schema("Kind", schema).unwrap_err();
    assert_eq!(error.to_string(), expected);
}

#[test]
fn what_cannot_be_said_is_an_error_with_type_and_path() {
    let field =
        |schema: Value| json!({"type": "object", "properties": {"a": {"type": "array", "items": schema}}});
    check_refused(
        &field(json!(false)),
        "`Kind` has no structural schema: `a[]`: no value is allowed here: leave the field out with `#[serde(skip)]`",
    );
    check_refused(
        &field(json!({"$ref": "#/$defs/Gone"})),
        "`Kind` has no structural schema: `a[]`: `$ref` to `#/$defs/Gone` leads nowhere",
    );
    check_refused(
        &field(json!({"type": "string", "if": {}})),
        "`Kind` has no structural schema: `a[]`: `if` has no place in a structural schema: write a CEL rule instead",
    );
    check_refused(
        &field(json!({"type": "string", "pattern": "^(?!a)"})),
        "`Kind` has no structural schema: `a[]`: the pattern `^(?!a)` looks around, which RE2 does not know",
    );
    check_refused(
        &json!({"type": "object", "properties": {"a": {"type": "string", "default": 1}, "b": {"type": "text"}}}),
        "`Kind` has no structural schema: `a`: the default `1` is no string: give `#[schemars(default)]` or leave \
         the field required; `b`: `text` is no type",
    );
    check_refused(
        &json!({"type": "object", "properties": {"a": {
            "type": "array",
            "items": {"type": "object", "properties": {"k": {"type": "string"}}},
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["k", "l"],
        }}}),
        "`Kind` has no structural schema: `a`: the key `k` of the map list is neither required nor defaulted; \
         `a`: the key `l` of the map list is no field of its items",
    );
}
