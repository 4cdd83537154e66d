//! Values of CRDs as the real server prints them in errors: with the names and in the order of its own types.

use serde_json::{Value, json};

use crate::status::FieldError;

/// Returns the error of an invalid value that is printed already.
pub(super) fn invalid(field: impl Into<String>, value: &str, detail: &str) -> FieldError {
    FieldError::new(
        "FieldValueInvalid",
        field,
        format!("Invalid value: {value}: {detail}"),
    )
}

/// How a keyword is printed.
#[derive(Clone, Copy)]
enum Form {
    /// An empty text if it is not there.
    Text,
    /// False if it is not there.
    Flag,
    /// Null if it is not there.
    Any,
    Schema,
    Schemas,
    Named,
    Items,
    Values,
    Documents,
    Rules,
}

/// The keywords of a schema.
const KEYWORDS: [(&str, &str, Form); 43] = [
    ("ID", "id", Form::Text),
    ("Schema", "$schema", Form::Text),
    ("Ref", "$ref", Form::Any),
    ("Description", "description", Form::Text),
    ("Type", "type", Form::Text),
    ("Nullable", "nullable", Form::Flag),
    ("Format", "format", Form::Text),
    ("Title", "title", Form::Text),
    ("Default", "default", Form::Any),
    ("Maximum", "maximum", Form::Any),
    ("ExclusiveMaximum", "exclusiveMaximum", Form::Flag),
    ("Minimum", "minimum", Form::Any),
    ("ExclusiveMinimum", "exclusiveMinimum", Form::Flag),
    ("MaxLength", "maxLength", Form::Any),
    ("MinLength", "minLength", Form::Any),
    ("Pattern", "pattern", Form::Text),
    ("MaxItems", "maxItems", Form::Any),
    ("MinItems", "minItems", Form::Any),
    ("UniqueItems", "uniqueItems", Form::Flag),
    ("MultipleOf", "multipleOf", Form::Any),
    ("Enum", "enum", Form::Any),
    ("MaxProperties", "maxProperties", Form::Any),
    ("MinProperties", "minProperties", Form::Any),
    ("Required", "required", Form::Any),
    ("Items", "items", Form::Items),
    ("AllOf", "allOf", Form::Schemas),
    ("OneOf", "oneOf", Form::Schemas),
    ("AnyOf", "anyOf", Form::Schemas),
    ("Not", "not", Form::Schema),
    ("Properties", "properties", Form::Named),
    ("AdditionalProperties", "additionalProperties", Form::Values),
    ("PatternProperties", "patternProperties", Form::Named),
    ("Dependencies", "dependencies", Form::Any),
    ("AdditionalItems", "additionalItems", Form::Values),
    ("Definitions", "definitions", Form::Named),
    ("ExternalDocs", "externalDocs", Form::Documents),
    ("Example", "example", Form::Any),
    (
        "XPreserveUnknownFields",
        "x-kubernetes-preserve-unknown-fields",
        Form::Any,
    ),
    ("XEmbeddedResource", "x-kubernetes-embedded-resource", Form::Flag),
    ("XIntOrString", "x-kubernetes-int-or-string", Form::Flag),
    ("XListMapKeys", "x-kubernetes-list-map-keys", Form::Any),
    ("XListType", "x-kubernetes-list-type", Form::Any),
    ("XMapType", "x-kubernetes-map-type", Form::Any),
];

/// Prints a schema.
pub(super) fn schema(schema: &Value) -> String {
    let keywords = KEYWORDS
        .into_iter()
        .chain([("XValidations", "x-kubernetes-validations", Form::Rules)]);
    object(keywords.map(|(name, keyword, form)| (name, keyword_text(&schema[keyword], form))))
}

fn object<'n>(fields: impl Iterator<Item = (&'n str, String)>) -> String {
    let fields: Vec<String> = fields
        .map(|(name, value)| format!("{}:{value}", json!(name)))
        .collect();
    format!("{{{}}}", fields.join(","))
}

fn list(values: &Value, print: fn(&Value) -> String) -> String {
    let values: Vec<String> = values.as_array().into_iter().flatten().map(print).collect();
    format!("[{}]", values.join(","))
}

fn keyword_text(value: &Value, form: Form) -> String {
    match (value, form) {
        (Value::Null, Form::Text) => "\"\"".to_owned(),
        (Value::Null, Form::Flag) => "false".to_owned(),
        (Value::Null, _) => "null".to_owned(),
        (_, Form::Text | Form::Flag | Form::Any) => escaped(value),
        (_, Form::Schema) => schema(value),
        (_, Form::Schemas) => list(value, schema),
        (_, Form::Named) => {
            let fields = value.as_object().into_iter().flatten();
            object(fields.map(|(name, one)| (name.as_str(), schema(one))))
        }
        (_, Form::Items) => items(value),
        (Value::Bool(allowed), Form::Values) => format!("{{\"Allows\":{allowed},\"Schema\":null}}"),
        (_, Form::Values) => format!("{{\"Allows\":true,\"Schema\":{}}}", schema(value)),
        (_, Form::Documents) => {
            let text = |field: &str| escaped(&json!(value[field].as_str().unwrap_or_default()));
            object([("Description", text("description")), ("URL", text("url"))].into_iter())
        }
        (_, Form::Rules) => list(value, rule),
    }
}

/// Prints the items of a list: of one schema, or one per item.
pub(super) fn items(value: &Value) -> String {
    match value {
        Value::Array(_) => format!("{{\"Schema\":null,\"JSONSchemas\":{}}}", list(value, schema)),
        _ => format!("{{\"Schema\":{},\"JSONSchemas\":null}}", schema(value)),
    }
}

/// Prints a validation rule.
pub(super) fn rule(rule: &Value) -> String {
    let text = |field: &str| escaped(&json!(rule[field].as_str().unwrap_or_default()));
    object(
        [
            ("Rule", text("rule")),
            ("Message", text("message")),
            ("MessageExpression", text("messageExpression")),
            ("Reason", escaped(&rule["reason"])),
            ("FieldPath", text("fieldPath")),
            ("OptionalOldSelf", escaped(&rule["optionalOldSelf"])),
        ]
        .into_iter(),
    )
}

/// Prints versions; what is in them is not shown, as all of it is above them or wrong by itself.
pub(super) fn versions(versions: &Value) -> String {
    match versions {
        Value::Array(_) => list(versions, version),
        _ => "null".to_owned(),
    }
}

fn version(version: &Value) -> String {
    let flag = |field: &str| (version[field] == true).to_string();
    object(
        [
            (
                "Name",
                escaped(&json!(version["name"].as_str().unwrap_or_default())),
            ),
            ("Served", flag("served")),
            ("Storage", flag("storage")),
            ("Deprecated", flag("deprecated")),
            ("DeprecationWarning", escaped(&version["deprecationWarning"])),
            ("Schema", "null".to_owned()),
            ("Subresources", "null".to_owned()),
            ("AdditionalPrinterColumns", "null".to_owned()),
            ("SelectableFields", "null".to_owned()),
        ]
        .into_iter(),
    )
}

/// JSON as Go writes it: fit for a page of HTML.
fn escaped(value: &Value) -> String {
    let text = value.to_string();
    text.replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
}
