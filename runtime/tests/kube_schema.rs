//! What `#[x_kube(...)]` says is in the schema, and nothing of the type is lost.
#![allow(dead_code, reason = "the types are only described")]

use std::collections::BTreeMap;

use krate::KubeSchema;
use krate::crd::structural_schema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

fn schema<T: JsonSchema>() -> Value {
    let schema = structural_schema::<T>().expect("every type here has a structural schema");
    serde_json::to_value(schema).expect("a schema is JSON")
}

/// How it listens.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug)]
#[x_kube(validation = "self.number != 22", struct_type = "atomic")]
struct Port {
    name: String,
    #[x_kube(minimum = 1, maximum = 65535)]
    number: i32,
}

#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug)]
#[serde(rename_all = "camelCase")]
#[x_kube(exactly_one_of("bucketName", "image"))]
struct Source {
    bucket_name: Option<String>,
    image: Option<String>,
}

#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug)]
#[serde(rename_all = "camelCase", default)]
struct Spec {
    /// How many.
    #[x_kube(minimum = 1, maximum = 9, immutable)]
    size: i32,
    #[x_kube(pattern = "^[a-z]+$", max_length = 63, example = "web")]
    class_name: Option<String>,
    #[x_kube(list_type = "map", list_map_keys("name"), max_items = 8)]
    ports: Vec<Port>,
    #[x_kube(items(min_length = 1), merge_strategy = ListMerge::Set)]
    names: Vec<String>,
    #[x_kube(values(one_of("on", "off")))]
    switches: BTreeMap<String, String>,
    #[x_kube(validation = Rule::new("self.size() > 0").message("not empty"))]
    text: String,
    #[x_kube(
        title = "Raw",
        external_docs(url = "https://example.com", description = "more"),
        preserve_unknown_fields
    )]
    raw: BTreeMap<String, Value>,
    children: BTreeMap<String, Spec>,
    source: Option<Source>,
}

impl Default for Spec {
    fn default() -> Self {
        Self {
            size: 3,
            class_name: None,
            ports: Vec::new(),
            names: Vec::new(),
            switches: BTreeMap::new(),
            text: "a".to_owned(),
            raw: BTreeMap::new(),
            children: BTreeMap::new(),
            source: None,
        }
    }
}

#[test]
fn rules_of_fields_are_in_the_schema() {
    let schema = schema::<Spec>();
    let fields = &schema["properties"];
    let check = |field: &str, expected: Value| assert_eq!(fields[field], expected, "{field}");
    check(
        "size",
        json!({
            "description": "How many.", "type": "integer", "format": "int32", "minimum": 1.0, "maximum": 9.0, "default": 3,
            "x-kubernetes-validations": [{"rule": "self == oldSelf", "message": "the field is immutable"}],
        }),
    );
    check(
        "className",
        json!({"type": "string", "nullable": true, "pattern": "^[a-z]+$", "maxLength": 63, "example": "web"}),
    );
    check(
        "names",
        json!({"type": "array", "default": [], "items": {"type": "string", "minLength": 1}, "x-kubernetes-list-type": "set"}),
    );
    check(
        "switches",
        json!({"type": "object", "default": {}, "additionalProperties": {"type": "string", "enum": ["on", "off"]}}),
    );
    check(
        "text",
        json!({"type": "string", "default": "a", "x-kubernetes-validations": [
            {"rule": "self.size() > 0", "message": "not empty"},
        ]}),
    );
    assert_eq!(fields["ports"]["x-kubernetes-list-map-keys"], json!(["name"]));
    assert_eq!(fields["ports"]["maxItems"], json!(8));
    assert_eq!(fields["raw"]["title"], json!("Raw"));
    assert_eq!(
        fields["raw"]["externalDocs"],
        json!({"url": "https://example.com", "description": "more"})
    );
}

#[test]
fn rules_of_types_come_with_the_type() {
    let schema = schema::<Spec>();
    let port = &schema["properties"]["ports"]["items"];
    assert_eq!(port["description"], json!("How it listens."));
    assert_eq!(
        port["x-kubernetes-validations"],
        json!([{"rule": "self.number != 22"}])
    );
    assert_eq!(port["x-kubernetes-map-type"], json!("atomic"));
    let union = &schema["properties"]["source"]["x-kubernetes-validations"];
    assert_eq!(
        union,
        &json!([{
            "rule": "[has(self.bucketName),has(self.image)].filter(x,x==true).size() == 1",
            "message": "exactly one of the fields in [bucketName image] must be set",
        }])
    );
}

#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug)]
#[serde(tag = "type")]
enum Backend {
    Disk {
        #[x_kube(pattern = "^/")]
        path: String,
    },
    Memory {
        #[x_kube(minimum = 1)]
        size: i64,
    },
}

#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug)]
struct Pair<T> {
    #[x_kube(items(minimum = 1))]
    sizes: Vec<i32>,
    value: T,
}

#[test]
fn enums_and_generic_types_have_rules_too() {
    let backend = schema::<Backend>();
    assert_eq!(backend["properties"]["path"]["pattern"], json!("^/"), "{backend}");
    assert_eq!(backend["properties"]["size"]["minimum"], json!(1.0), "{backend}");
    let pair = schema::<Pair<String>>();
    assert_eq!(pair["properties"]["sizes"]["items"]["minimum"], json!(1.0));
    assert_eq!(pair["properties"]["value"], json!({"type": "string"}));
    assert_eq!(Pair::<String>::schema_name(), "Pair_for_string");
    assert_eq!(Backend::schema_name(), "Backend");
}

#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
struct Window {
    #[x_kube(validation(
        rule = "self >= oldSelf.orValue(0)",
        message = "a window only grows",
        message_expression = "'%d is smaller than before'.format([self])",
        reason = "FieldValueForbidden",
        optional_old_self = true
    ))]
    length: i32,
    #[x_kube(default = Mode::Slow, example = Mode::Fast)]
    mode: Mode,
    /// A window may hold another.
    inner: Option<Box<Window>>,
    #[x_kube(list_type = "map", list_map_keys("name"))]
    frames: Vec<Frame>,
}

#[derive(KubeSchema, Serialize, Deserialize, Clone, Copy, Debug, PartialEq)]
enum Mode {
    Fast,
    Slow,
}

#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[x_kube(validation = "self.window.mode == 'Fast' || self.name == oldSelf.name")]
struct Frame {
    name: String,
    /// Types that contain each other are described too.
    window: Box<Window>,
}

#[test]
fn a_rule_has_all_its_parts() {
    let schema = schema::<Window>();
    assert_eq!(
        schema["properties"]["length"]["x-kubernetes-validations"],
        json!([{
            "rule": "self >= oldSelf.orValue(0)",
            "message": "a window only grows",
            "messageExpression": "'%d is smaller than before'.format([self])",
            "reason": "FieldValueForbidden",
            "optionalOldSelf": true,
        }])
    );
}

/// Called as the generated code might call its own.
#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
struct D {
    size: i64,
}

#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
struct NamedShadow {
    size: i64,
}

#[derive(KubeSchema, Serialize, Deserialize, Clone, Debug, PartialEq)]
#[x_kube(
    validation = "self.d.size > self.shadow.size",
    exactly_one_of("names", "pattern")
)]
struct Named {
    d: D,
    shadow: NamedShadow,
    /// More than fits into 32 bits.
    #[x_kube(minimum = -10_000_000_000, maximum = 10_000_000_000, default = 5_000_000_000)]
    bytes: i64,
    /// Left out when it is empty, so it may be absent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    names: Vec<String>,
    #[x_kube(pattern = r"^{[^][]+}$")]
    pattern: Option<String>,
}

#[test]
fn names_of_types_and_wide_numbers_are_the_authors() {
    let schema = schema::<Named>();
    let properties = &schema["properties"];
    assert_eq!(properties["d"]["properties"]["size"]["type"], "integer");
    assert_eq!(properties["shadow"]["properties"]["size"]["type"], "integer");
    assert_eq!(properties["bytes"]["default"], 5_000_000_000_i64);
    assert_eq!(properties["bytes"]["maximum"], 10_000_000_000.0);
    let rules = schema["x-kubernetes-validations"].as_array().unwrap();
    assert_eq!(rules.len(), 2);
}
