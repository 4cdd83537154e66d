//! Whether a schema is structural: of every field it says, outside any alternative, what type it is.

use serde_json::{Map, Value, json};

use super::{defaulting, path};
use crate::registry::strategy::Rules;
use crate::schema::Pattern;

/// Checks the schemas of all versions.
pub(super) fn validate(rules: &mut Rules, crd: &Value) {
    for (index, version) in path::distinct(crd, "schema") {
        let schema = &version["schema"]["openAPIV3Schema"];
        if !schema.is_object() {
            rules.required(format!("spec.versions[{index}].schema.openAPIV3Schema"), "");
            continue;
        }
        let place = format!("{}.openAPIV3Schema", path::of(crd, index, "schema", "validation"));
        root(rules, &place, schema);
        let mut walk = Walk { rules };
        walk.schema(&place, schema, Place::Root);
        defaulting::validate(rules, &place, schema);
    }
}

fn root(rules: &mut Rules, place: &str, schema: &Value) {
    match schema["type"].as_str().unwrap_or_default() {
        "" => rules.required(format!("{place}.type"), "must not be empty at the root"),
        "object" => {}
        _ => rules.invalid(
            format!("{place}.type"),
            &schema["type"],
            "must be object at the root",
        ),
    }
    if names_a_dialect(schema) {
        rules.invalid(place, &json!(""), "OpenAPIV3Schema 'schema' is not supported");
    }
    if !schema["additionalProperties"].is_null() {
        rules.forbidden(
            format!("{place}.additionalProperties"),
            "must not be used at the root",
        );
    }
    if schema["nullable"] == true {
        rules.forbidden(format!("{place}.nullable"), "nullable cannot be true at the root");
    }
    for name in ["apiVersion", "kind"] {
        let kind = &schema["properties"][name]["type"];
        if kind.as_str().is_some_and(|kind| kind != "string") {
            rules.invalid(format!("{place}.properties[{name}].type"), kind, "must be string");
        }
    }
    metadata(
        rules,
        &format!("{place}.properties[metadata]"),
        &schema["properties"]["metadata"],
    );
}

/// Whether the schema or one inside it says `$schema`.
fn names_a_dialect(schema: &Value) -> bool {
    let inner = ["items", "additionalProperties", "not"].map(|field| &schema[field]);
    let properties = schema["properties"].as_object().into_iter().flat_map(Map::values);
    let mut children = inner.into_iter().chain(properties);
    !schema["$schema"].is_null() || children.any(|one| one.is_object() && names_a_dialect(one))
}

/// The metadata may only be restricted in its name.
fn metadata(rules: &mut Rules, place: &str, schema: &Value) {
    let Some(fields) = schema.as_object() else { return };
    if schema["type"].as_str().is_some_and(|kind| kind != "object") {
        return rules.invalid(format!("{place}.type"), &schema["type"], "must be object");
    }
    if fields.contains_key("default") {
        return rules.forbidden(
            format!("{place}.default"),
            "must not be set in top-level metadata",
        );
    }
    let known = ["type", "description", "properties"];
    let named = |name: &String| name == "name" || name == "generateName";
    let properties = schema["properties"].as_object();
    let only_names = properties.is_none_or(|fields| fields.keys().all(named));
    if !only_names || !fields.keys().all(|key| known.contains(&key.as_str())) {
        let detail = "must not specify anything other than name and generateName, but metadata is implicitly specified";
        rules.forbidden(place, detail);
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Root,
    Field,
    Item,
    /// Inside `allOf`, `anyOf`, `oneOf` or `not`: values are restricted, nothing is specified.
    Alternative,
}

struct Walk<'r> {
    rules: &'r mut Rules,
}

const UNSUPPORTED: [&str; 6] = [
    "$ref",
    "definitions",
    "dependencies",
    "id",
    "patternProperties",
    "additionalItems",
];
const TYPES: [&str; 6] = ["array", "boolean", "integer", "number", "object", "string"];

impl Walk<'_> {
    fn schema(&mut self, place: &str, schema: &Value, role: Place) {
        let Some(fields) = schema.as_object() else { return };
        for field in UNSUPPORTED
            .into_iter()
            .filter(|field| fields.contains_key(*field))
        {
            self.rules
                .forbidden(format!("{place}.{field}"), &format!("{field} is not supported"));
        }
        if schema["uniqueItems"] == true {
            let detail = "uniqueItems cannot be set to true since the runtime complexity becomes quadratic";
            self.rules.forbidden(format!("{place}.uniqueItems"), detail);
        }
        if role == Place::Alternative {
            self.restriction_only(place, fields);
        } else {
            self.kind(place, schema, role);
        }
        self.pattern(place, schema);
        self.embedded(place, schema);
        self.lists(place, schema);
        self.children(place, schema, role);
    }

    fn kind(&mut self, place: &str, schema: &Value, role: Place) {
        let field = format!("{place}.type");
        let untyped = [
            "x-kubernetes-int-or-string",
            "x-kubernetes-preserve-unknown-fields",
        ];
        let may_be_untyped = untyped.iter().any(|extension| schema[*extension] == true);
        match schema["type"].as_str().unwrap_or_default() {
            "" if role == Place::Root || may_be_untyped => {}
            "" if role == Place::Item => self
                .rules
                .required(field, "must not be empty for specified array items"),
            "" => self
                .rules
                .required(field, "must not be empty for specified object fields"),
            kind => self.rules.one_of(field, kind, &TYPES),
        }
        if schema["type"] == "array" && schema["items"].is_null() {
            self.rules.required(format!("{place}.items"), "must be specified");
        }
        if schema["properties"].is_object() && schema["additionalProperties"].is_object() {
            let detail = "additionalProperties and properties are mutual exclusive";
            self.rules
                .forbidden(format!("{place}.additionalProperties"), detail);
        }
        if schema["x-kubernetes-preserve-unknown-fields"] == false {
            let field = format!("{place}.x-kubernetes-preserve-unknown-fields");
            self.rules
                .invalid(field, &json!(false), "must be true or undefined");
        }
    }

    /// What specifies belongs outside of alternatives.
    fn restriction_only(&mut self, place: &str, fields: &Map<String, Value>) {
        const BANNED: [(&str, &str); 11] = [
            ("additionalProperties", "must be undefined to be structural"),
            ("default", "must be undefined to be structural"),
            ("description", "must be empty to be structural"),
            ("nullable", "must be false to be structural"),
            ("title", "must be empty to be structural"),
            ("type", "must be empty to be structural"),
            ("x-kubernetes-embedded-resource", "must be false to be structural"),
            ("x-kubernetes-int-or-string", "must be false to be structural"),
            ("x-kubernetes-list-type", "must be undefined to be structural"),
            ("x-kubernetes-map-type", "must be undefined to be structural"),
            (
                "x-kubernetes-preserve-unknown-fields",
                "must be false to be structural",
            ),
        ];
        for (field, detail) in BANNED {
            let value = fields.get(field).unwrap_or(&Value::Null);
            if !value.is_null() && *value != false && *value != "" {
                self.rules.forbidden(format!("{place}.{field}"), detail);
            }
        }
    }

    fn pattern(&mut self, place: &str, schema: &Value) {
        let Some(source) = schema["pattern"].as_str() else {
            return;
        };
        if let Some(error) = Pattern::new(source).error() {
            let detail = format!("must be a valid regular expression, but isn't: {error}");
            self.rules
                .invalid(format!("{place}.pattern"), &json!(source), &detail);
        }
    }

    fn embedded(&mut self, place: &str, schema: &Value) {
        if schema["x-kubernetes-embedded-resource"] != true {
            return;
        }
        if schema["properties"].is_null() && schema["x-kubernetes-preserve-unknown-fields"] != true {
            let detail = "must not be empty if x-kubernetes-embedded-resource is true without \
                x-kubernetes-preserve-unknown-fields";
            self.rules.required(format!("{place}.properties"), detail);
        }
        let kind = &schema["type"];
        if kind.as_str().is_some_and(|kind| kind != "object") {
            let detail = "must be object if x-kubernetes-embedded-resource is true";
            self.rules.invalid(format!("{place}.type"), kind, detail);
        }
    }

    fn lists(&mut self, place: &str, schema: &Value) {
        let list = &schema["x-kubernetes-list-type"];
        if let Some(kind) = list.as_str() {
            self.rules.one_of(
                format!("{place}.x-kubernetes-list-type"),
                kind,
                &["atomic", "set", "map"],
            );
            self.extension_type(place, schema, "array", "x-kubernetes-list-type");
        }
        if let Some(kind) = schema["x-kubernetes-map-type"].as_str() {
            self.rules.one_of(
                format!("{place}.x-kubernetes-map-type"),
                kind,
                &["atomic", "granular"],
            );
            self.extension_type(place, schema, "object", "x-kubernetes-map-type");
        }
        let keys = schema["x-kubernetes-list-map-keys"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        match list.as_str() {
            Some("map") => self.map_list(place, schema, keys),
            Some("set") => self.set(place, schema),
            _ => {}
        }
        if !keys.is_empty() && list != "map" {
            let detail = "must be map if x-kubernetes-list-map-keys is non-empty";
            self.rules
                .required(format!("{place}.x-kubernetes-list-type"), detail);
        }
    }

    fn extension_type(&mut self, place: &str, schema: &Value, kind: &str, extension: &str) {
        let field = format!("{place}.type");
        let detail = format!("must be {kind} if {extension} is specified");
        match schema["type"].as_str().unwrap_or_default() {
            "" => self.rules.required(field, &detail),
            found if found != kind => self.rules.invalid(field, &json!(found), &detail),
            _ => {}
        }
    }

    fn set(&mut self, place: &str, schema: &Value) {
        let items = &schema["items"];
        if items["nullable"] == true {
            let detail = "cannot be nullable when x-kubernetes-list-type is set";
            self.rules.forbidden(format!("{place}.items.nullable"), detail);
        }
        let (field, known) = match items["type"].as_str() {
            Some("object") => ("x-kubernetes-map-type", &items["x-kubernetes-map-type"]),
            Some("array") => ("x-kubernetes-list-type", &items["x-kubernetes-list-type"]),
            _ => return,
        };
        let atomic = known == "atomic" || (field == "x-kubernetes-list-type" && known.is_null());
        if !atomic {
            let detail = "must be atomic as item of a list with x-kubernetes-list-type=set";
            self.rules
                .invalid(format!("{place}.items.{field}"), known, detail);
        }
    }

    fn map_list(&mut self, place: &str, schema: &Value, keys: &[Value]) {
        let field = format!("{place}.x-kubernetes-list-map-keys");
        let items = &schema["items"];
        if keys.is_empty() {
            self.rules
                .required(&field, "must not be empty if x-kubernetes-list-type is map");
        }
        if items["nullable"] == true {
            let detail = "cannot be nullable when x-kubernetes-list-type is map";
            self.rules.forbidden(format!("{place}.items.nullable"), detail);
        }
        if items["type"].as_str().is_some_and(|kind| kind != "object") {
            let detail = "must be object if parent array's x-kubernetes-list-type is map";
            return self
                .rules
                .invalid(format!("{place}.items.type"), &items["type"], detail);
        }
        let keys: Vec<&str> = keys.iter().filter_map(Value::as_str).collect();
        if keys.iter().any(|key| items["properties"][*key].is_null()) {
            self.rules.invalid(
                &field,
                &json!(keys),
                "entries must all be names of item properties",
            );
        }
        if (1..keys.len()).any(|index| keys[..index].contains(&keys[index])) {
            self.rules
                .invalid(&field, &json!(keys), "must not contain duplicate entries");
        }
        for key in keys {
            self.map_key(&format!("{place}.items.properties[{key}]"), items, key);
        }
    }

    fn map_key(&mut self, place: &str, items: &Value, key: &str) {
        let property = &items["properties"][key];
        if property.is_null() {
            return;
        }
        if matches!(property["type"].as_str(), Some("object" | "array")) {
            let detail = "must be a scalar type if parent array's x-kubernetes-list-type is map";
            self.rules
                .invalid(format!("{place}.type"), &property["type"], detail);
        }
        let listed = items["required"]
            .as_array()
            .is_some_and(|names| names.iter().any(|name| name == key));
        if !listed && property["default"].is_null() {
            let detail = "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property";
            self.rules.required(format!("{place}.default"), detail);
        }
        if property["nullable"] == true {
            let detail = "this property is in x-kubernetes-list-map-keys, so it cannot be nullable";
            self.rules.forbidden(format!("{place}.nullable"), detail);
        }
    }

    fn children(&mut self, place: &str, schema: &Value, role: Place) {
        let inner = |role: Place| {
            if role == Place::Alternative {
                Place::Alternative
            } else {
                Place::Field
            }
        };
        for (name, child) in schema["properties"].as_object().into_iter().flatten() {
            if role == Place::Root && name == "metadata" {
                continue;
            }
            self.schema(&format!("{place}.properties[{name}]"), child, inner(role));
        }
        if role != Place::Root {
            self.schema(
                &format!("{place}.additionalProperties"),
                &schema["additionalProperties"],
                inner(role),
            );
        }
        match &schema["items"] {
            Value::Array(_) => {
                let detail = "items must be a schema object and not an array";
                self.rules.forbidden(format!("{place}.items"), detail);
            }
            items => {
                let role = if role == Place::Alternative {
                    role
                } else {
                    Place::Item
                };
                self.schema(&format!("{place}.items"), items, role);
            }
        }
        self.alternatives(place, schema);
    }

    fn alternatives(&mut self, place: &str, schema: &Value) {
        let int_or_string = schema["x-kubernetes-int-or-string"] == true;
        for key in ["allOf", "anyOf", "oneOf"] {
            for (index, one) in schema[key].as_array().into_iter().flatten().enumerate() {
                let repeats_type = int_or_string
                    && match key {
                        "anyOf" => is_int_or_string(&schema["anyOf"]),
                        "allOf" => index == 0 && is_int_or_string(&one["anyOf"]),
                        _ => false,
                    };
                if !repeats_type {
                    self.schema(&format!("{place}.{key}[{index}]"), one, Place::Alternative);
                }
            }
        }
        self.schema(&format!("{place}.not"), &schema["not"], Place::Alternative);
    }
}

/// The one pair of alternatives that may name types.
fn is_int_or_string(any_of: &Value) -> bool {
    *any_of == json!([{"type": "integer"}, {"type": "string"}])
}
