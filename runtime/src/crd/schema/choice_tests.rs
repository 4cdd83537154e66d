//! What authors choose, and what becomes of defaults and rules that cannot stay as they are.
#![allow(dead_code, reason = "the types are only looked at")]

use k8s_openapi::api::core::v1::PodTemplateSpec;
use schemars::JsonSchema;
use serde_json::{Value, json};

use super::{Descriptions, SchemaOptions, convert_schema, structural_schema, structural_schema_with};

/// What all annotations of an object may have together, and so a definition that is applied by a client.
const ANNOTATION_LIMIT: usize = 262_144;

#[derive(JsonSchema)]
struct Templates {
    one: PodTemplateSpec,
    #[schemars(extend("x-krate-descriptions" = "full"))]
    other: Option<PodTemplateSpec>,
}

fn size(schema: &impl serde::Serialize) -> usize {
    serde_json::to_string(schema).unwrap().len()
}

#[test]
fn descriptions_of_kubernetes_types_are_switched_for_all_or_for_a_field() {
    let with = |descriptions| {
        let options = SchemaOptions::default().descriptions(descriptions);
        structural_schema_with::<PodTemplateSpec>(options).unwrap()
    };
    let [full, short, none] =
        [Descriptions::Full, Descriptions::Short, Descriptions::None].map(|choice| size(&with(choice)));
    assert!(full > ANNOTATION_LIMIT, "{full} bytes");
    assert!(short < ANNOTATION_LIMIT / 2, "{short} bytes");
    assert!(none <= short, "{none} bytes");
    let fields = structural_schema::<Templates>().unwrap().properties.unwrap();
    assert!(size(&fields["one"]) < ANNOTATION_LIMIT / 2);
    assert!(size(&fields["other"]) > ANNOTATION_LIMIT);
}

#[derive(JsonSchema)]
#[schemars(extend("x-krate-recursion-depth" = 3))]
struct Deep {
    below: Option<Box<Deep>>,
}

#[test]
fn a_type_that_contains_itself_is_as_deep_as_it_asks_for() {
    let mut schema = serde_json::to_value(structural_schema::<Deep>().unwrap()).unwrap();
    let mut depth = 0;
    while schema["x-kubernetes-preserve-unknown-fields"] != true {
        schema = schema["properties"]["below"].clone();
        depth += 1;
    }
    // The root is no reference, so it is written out once more.
    assert_eq!(depth, 4);
}

fn field(schema: &Value) -> Value {
    let whole = json!({"type": "object", "properties": {"field": schema}});
    let schema = convert_schema("Kind", &whole).unwrap();
    serde_json::to_value(schema).unwrap()["properties"]["field"].clone()
}

#[test]
fn a_default_the_server_would_refuse_is_left_out() {
    let cases = [
        (json!({"type": "string", "minLength": 1, "default": ""}), None),
        (
            json!({"type": "string", "minLength": 1, "default": "a"}),
            Some(json!("a")),
        ),
        (
            json!({"type": "string", "pattern": "^[a-z]+$", "default": ""}),
            None,
        ),
        (
            json!({"type": "string", "pattern": "^[a-z]+$", "default": "a"}),
            Some(json!("a")),
        ),
        (json!({"type": "integer", "minimum": 1, "default": 0}), None),
        (
            json!({"type": "array", "items": {"type": "integer"}, "minItems": 1, "default": []}),
            None,
        ),
        (json!({"type": "string", "enum": ["a"], "default": "b"}), None),
        (
            json!({"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "integer"}},
                   "default": {"a": null, "b": 1}}),
            Some(json!({"b": 1})),
        ),
    ];
    for (schema, expected) in cases {
        assert_eq!(field(&schema).get("default"), expected.as_ref(), "{schema}");
    }
}

#[test]
fn a_rule_of_one_variant_holds_for_that_variant() {
    let variant = |tag: &str, rules: Value| {
        json!({
            "type": "object",
            "properties": {"type": {"const": tag}, "size": {"type": "integer"}},
            "required": ["type"],
            "x-kubernetes-validations": rules,
        })
    };
    let rule = json!([{"rule": "self.size > 0", "message": "too small"}]);
    let schema = field(&json!({"oneOf": [variant("Disk", rule.clone()), variant("None", json!([]))]}));
    assert_eq!(
        schema["x-kubernetes-validations"],
        json!([{"rule": "self.type != \"Disk\" || (self.size > 0)", "message": "too small"}]),
    );
    let both = field(&json!({"oneOf": [variant("Disk", rule.clone()), variant("None", rule.clone())]}));
    assert_eq!(both["x-kubernetes-validations"], rule);
}

#[test]
fn a_rule_that_cannot_be_kept_is_an_error() {
    let whole = json!({"type": "object", "properties": {"field": {"anyOf": [
        {"type": "object", "properties": {"a": {"type": "integer"}},
         "x-kubernetes-validations": [{"rule": "self.a > 0"}]},
        {"type": "object", "properties": {"b": {"type": "integer"}}},
    ]}}});
    let error = convert_schema("Kind", &whole).unwrap_err().to_string();
    assert!(
        error.contains("`field`: the rule `self.a > 0` holds for one variant only"),
        "{error}"
    );
}
