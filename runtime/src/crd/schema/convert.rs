//! One pass from a JSON Schema with definitions to a structural schema without.
//!
//! A node is first read as it stands (`constraints`) and then, where it describes a value of its own, made
//! complete (`value`): the branches of an alternative stay incomplete until [`union`](super::union) merges them.

mod recursion;

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    JSON, JSONSchemaProps, JSONSchemaPropsOrArray, JSONSchemaPropsOrBool,
};
use serde_json::{Map, Value};

use self::recursion::cut;
use super::combine::combine;
use super::restrict::{restriction, type_only};
use super::{Descriptions, SchemaOptions, SchemaProblem, default, format, kubernetes, nullable, union};

/// Keywords that mean the same in a structural schema.
const KEPT: [&str; 15] = [
    "description",
    "example",
    "externalDocs",
    "title",
    "format",
    "pattern",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
    "minimum",
    "maximum",
    "multipleOf",
];

/// Keywords that restrict a value in ways a structural schema cannot.
const UNSUPPORTED: [&str; 8] = [
    "if",
    "then",
    "else",
    "contains",
    "dependentRequired",
    "dependentSchemas",
    "propertyNames",
    "$dynamicRef",
];

/// Returns the structural form of a root schema, with what could not be said.
pub(super) fn convert(root: &Value, options: SchemaOptions) -> (JSONSchemaProps, Vec<SchemaProblem>) {
    let mut converter = Converter {
        root,
        options,
        definitions: root.get("$defs").and_then(Value::as_object),
        unfolding: Vec::new(),
        path: Vec::new(),
        problems: Vec::new(),
    };
    let mut props = converter.value(root);
    // schemars gives the root the name of its type.
    props.title = None;
    (props, converter.problems)
}

/// Returns the schema that accepts and keeps anything.
pub(super) fn anything() -> JSONSchemaProps {
    JSONSchemaProps {
        x_kubernetes_preserve_unknown_fields: Some(true),
        ..JSONSchemaProps::default()
    }
}

/// Whether a schema accepts and keeps anything.
fn is_anything(props: &JSONSchemaProps) -> bool {
    *props == anything()
}

struct Converter<'a> {
    root: &'a Value,
    options: SchemaOptions,
    definitions: Option<&'a Map<String, Value>>,
    /// Definitions being written out, outermost first.
    unfolding: Vec<&'a str>,
    path: Vec<&'a str>,
    problems: Vec<SchemaProblem>,
}

impl<'a> Converter<'a> {
    /// The schema of a value in its own right.
    fn value(&mut self, schema: &'a Value) -> JSONSchemaProps {
        let mut props = self.constraints(schema);
        complete(&mut props);
        props
    }

    /// What a schema says, which may be nothing.
    fn constraints(&mut self, schema: &'a Value) -> JSONSchemaProps {
        match schema {
            Value::Bool(true) => anything(),
            Value::Object(keywords) => self.keywords(keywords),
            _ => {
                self.problem("no value is allowed here: leave the field out with `#[serde(skip)]`");
                anything()
            }
        }
    }

    fn keywords(&mut self, keywords: &'a Map<String, Value>) -> JSONSchemaProps {
        let options = self.options;
        self.options.descriptions = Descriptions::asked(keywords).unwrap_or(options.descriptions);
        let props = self.said(keywords);
        self.options = options;
        props
    }

    fn said(&mut self, keywords: &'a Map<String, Value>) -> JSONSchemaProps {
        self.refuse_unsupported(keywords);
        let mut props = self.plain(keywords);
        self.object(keywords, &mut props);
        self.array(keywords, &mut props);
        if let Some(Value::String(target)) = keywords.get("$ref") {
            // What is said at the place that refers, such as the field's documentation, counts.
            let mut target = self.reference(target);
            target.description = props.description.take().or(target.description);
            props = combine(props, target);
        }
        for branch in branches(keywords, "allOf") {
            let branch = self.constraints(branch);
            props = combine(props, branch);
        }
        for key in ["oneOf", "anyOf"] {
            let branches = branches(keywords, key);
            if !branches.is_empty() {
                let branches = branches.iter().map(|branch| self.branch(branch)).collect();
                props = combine(props, self.union(branches));
            }
        }
        self.not(keywords, &mut props);
        props
    }

    fn union(&mut self, branches: Vec<union::Branch>) -> JSONSchemaProps {
        let (props, lost) = union::union(branches);
        lost.iter().for_each(|problem| self.problem(problem));
        props
    }

    /// Single values may be forbidden; what else could be would say more than it means once widened.
    fn not(&mut self, keywords: &'a Map<String, Value>, props: &mut JSONSchemaProps) {
        let Some(not) = keywords.get("not") else { return };
        let listed = not.as_object().is_some_and(|not| {
            let mut keys = not.keys();
            keys.all(|key| key == "const" || key == "enum") && !not.is_empty()
        });
        if listed {
            let forbidden = self.constraints(not);
            props.not = Some(Box::new(restriction(&forbidden, props)));
        } else {
            self.problem("`not` has no place in a structural schema: write a CEL rule instead");
        }
    }

    fn branch(&mut self, schema: &'a Value) -> union::Branch {
        let keywords = schema.as_object();
        if keywords.is_some_and(Map::is_empty) {
            union::Branch::Neutral
        } else if keywords.is_some_and(|it| it.get("type") == Some(&"null".into())) {
            union::Branch::Null
        } else {
            union::Branch::Value(Box::new(self.constraints(schema)))
        }
    }

    fn refuse_unsupported(&mut self, keywords: &Map<String, Value>) {
        for keyword in UNSUPPORTED {
            if keywords.contains_key(keyword) {
                self.problem(&format!(
                    "`{keyword}` has no place in a structural schema: write a CEL rule instead"
                ));
            }
        }
    }

    /// The keywords that concern one value, without its parts.
    fn plain(&mut self, keywords: &'a Map<String, Value>) -> JSONSchemaProps {
        let kept = keywords
            .iter()
            .filter(|(key, value)| (KEPT.contains(&key.as_str()) || is_extension(key)) && !value.is_null());
        let kept: Map<String, Value> = kept.map(|(key, value)| (key.clone(), value.clone())).collect();
        let mut props: JSONSchemaProps = match serde_json::from_value(Value::Object(kept)) {
            Ok(props) => props,
            Err(error) => {
                self.problem(&format!("a keyword has a value of the wrong type: {error}"));
                JSONSchemaProps::default()
            }
        };
        types(keywords, &mut props);
        values(keywords, &mut props);
        default::settle_format(keywords, &mut props);
        exclusive_bounds(keywords, &mut props);
        let default = keywords.get("default").filter(|value| !value.is_null());
        props.default = default.cloned().map(JSON);
        format::settle(&mut props);
        props
    }

    fn object(&mut self, keywords: &'a Map<String, Value>, props: &mut JSONSchemaProps) {
        props.required = keywords
            .get("required")
            .and_then(Value::as_array)
            .map(|names| strings(names));
        if let Some(fields) = keywords.get("properties").and_then(Value::as_object) {
            let fields = fields.iter().map(|(name, schema)| {
                let mut field = self.field(name, schema);
                let required = props.required.iter().flatten().any(|required| required == name);
                nullable::settle_field(&mut field, required);
                (name.clone(), field)
            });
            props.properties = Some(fields.collect());
        }
        self.rest(keywords, props);
    }

    fn field(&mut self, name: &'a str, schema: &'a Value) -> JSONSchemaProps {
        self.path.push(name);
        let mut props = self.value(schema);
        self.path.pop();
        // Kubernetes documents its own types; repeating it here would make an embedded pod template a
        // quarter of a megabyte, too big for a client-side apply.
        if self.within_kubernetes() && self.options.descriptions != Descriptions::Full {
            props.description = None;
        }
        props
    }

    /// Fields beyond the named ones.
    fn rest(&mut self, keywords: &'a Map<String, Value>, props: &mut JSONSchemaProps) {
        let additional = keywords
            .get("additionalProperties")
            .or_else(|| keywords.get("unevaluatedProperties"));
        let patterns = keywords.get("patternProperties").and_then(Value::as_object);
        let schemas = patterns.into_iter().flat_map(Map::values);
        let schemas: Vec<&Value> = schemas
            .chain(additional.filter(|schema| **schema != Value::Bool(false)))
            .collect();
        let values: Vec<JSONSchemaProps> = schemas
            .into_iter()
            .map(|schema| self.element("*", schema))
            .collect();
        let Some(values) = self.any_of(values) else { return };
        // Named fields and a schema for the others exclude each other.
        if props.properties.as_ref().is_some_and(|fields| !fields.is_empty()) || is_anything(&values) {
            props.x_kubernetes_preserve_unknown_fields = Some(true);
        } else {
            props.additional_properties = Some(JSONSchemaPropsOrBool::Schema(Box::new(values)));
        }
    }

    fn array(&mut self, keywords: &'a Map<String, Value>, props: &mut JSONSchemaProps) {
        let tuple = keywords.get("prefixItems").and_then(Value::as_array);
        let items: Vec<&Value> = match tuple {
            Some(items) => items.iter().collect(),
            None => keywords.get("items").into_iter().collect(),
        };
        let reference = match items.as_slice() {
            [item] => reference_of(item),
            _ => None,
        };
        let items: Vec<JSONSchemaProps> = items.into_iter().map(|item| self.element("[]", item)).collect();
        let Some(mut items) = self.any_of(items) else {
            return;
        };
        if keywords.get("uniqueItems") == Some(&Value::Bool(true)) && is_scalar(&items) {
            let list_type = &mut props.x_kubernetes_list_type;
            *list_type = list_type.take().or_else(|| Some("set".to_owned()));
        }
        if let (Some(reference), Some("map")) = (reference, props.x_kubernetes_list_type.as_deref()) {
            self.keep_keys(reference, props, &mut items);
        }
        props.items = Some(JSONSchemaPropsOrArray::Schema(Box::new(items)));
        if let Some(definition) = reference.and_then(definition_name) {
            kubernetes::settle_list(definition, props);
        }
    }

    /// What any of several descriptions says.
    fn any_of(&mut self, mut props: Vec<JSONSchemaProps>) -> Option<JSONSchemaProps> {
        let first = props.first()?.clone();
        props.dedup();
        if props.len() == 1 {
            return Some(first);
        }
        let branches = props
            .into_iter()
            .map(|props| union::Branch::Value(Box::new(props)));
        Some(self.union(branches.collect()))
    }

    /// An item of a list or a value of a map.
    fn element(&mut self, step: &'a str, schema: &'a Value) -> JSONSchemaProps {
        self.path.push(step);
        let mut props = self.value(schema);
        self.path.pop();
        nullable::settle_element(&mut props);
        props
    }

    fn reference(&mut self, reference: &'a str) -> JSONSchemaProps {
        let Some((name, schema)) = self.definition(reference) else {
            self.problem(&format!("`$ref` to `{reference}` leads nowhere"));
            return anything();
        };
        if self.is_cut(name, schema) {
            return cut(schema);
        }
        let outermost = !self.within_kubernetes();
        self.unfolding.push(name);
        let mut props = self.constraints(schema);
        self.keep_rules(schema, &mut props);
        self.unfolding.pop();
        props.title = props.title.filter(|_| name != "#");
        if kubernetes::is_kubernetes(name) {
            kubernetes::settle(name, &mut props);
            let description = props.description.take();
            props.description = self.described(description, outermost);
        }
        props
    }

    /// The name and the schema a reference means.
    fn definition<'r>(&self, reference: &'r str) -> Option<(&'r str, &'a Value)>
    where
        'a: 'r,
    {
        if reference == "#" {
            // The root contains itself.
            return Some((reference, self.root));
        }
        let name = definition_name(reference)?;
        Some((name, self.definitions?.get(name)?))
    }

    /// How much is said of a type of Kubernetes' own.
    fn described(&self, description: Option<String>, outermost: bool) -> Option<String> {
        match self.options.descriptions {
            Descriptions::Full => description,
            Descriptions::Short => description
                .filter(|_| outermost)
                .map(|text| kubernetes::first_sentence(&text)),
            Descriptions::None => None,
        }
    }

    fn within_kubernetes(&self) -> bool {
        self.unfolding.iter().any(|open| kubernetes::is_kubernetes(open))
    }

    /// How many times a type is written out: as often as it asks for, or else as is usual.
    fn depth(&self, schema: &Value) -> usize {
        let asked = schema.get(super::DEPTH_KEYWORD).and_then(Value::as_u64);
        asked
            .and_then(|depth| usize::try_from(depth).ok())
            .unwrap_or(self.options.recursion_depth)
    }

    fn problem(&mut self, message: &str) {
        self.problems.push(SchemaProblem {
            path: path(&self.path),
            message: message.to_owned(),
        });
    }
}

/// Joins steps as `spec.ports[].name`.
pub(super) fn path(steps: &[&str]) -> String {
    steps.join(".").replace(".[]", "[]")
}

/// Makes a description of a value complete: it has a type, or accepts anything.
fn complete(props: &mut JSONSchemaProps) {
    let says = |has: bool, kind: &str| has.then(|| kind.to_owned());
    let object = props.properties.is_some() || props.additional_properties.is_some();
    let free = props.x_kubernetes_int_or_string == Some(true)
        || props.x_kubernetes_preserve_unknown_fields == Some(true);
    if props.type_.is_none() && !free {
        props.type_ = says(object, "object").or_else(|| says(props.items.is_some(), "array"));
    }
    if props.type_.is_none() && !free {
        props.x_kubernetes_preserve_unknown_fields = Some(true);
    }
    if props.type_.as_deref() == Some("array") && props.items.is_none() {
        props.items = Some(JSONSchemaPropsOrArray::Schema(Box::new(anything())));
    }
}

fn types(keywords: &Map<String, Value>, props: &mut JSONSchemaProps) {
    let names = match keywords.get("type") {
        Some(Value::String(name)) => vec![name.clone()],
        Some(Value::Array(names)) => strings(names),
        _ => Vec::new(),
    };
    if names.iter().any(|name| name == "null") {
        props.nullable = Some(true);
    }
    let real = names.iter().map(String::as_str).filter(|name| *name != "null");
    match real.collect::<Vec<_>>().as_slice() {
        // A unit is written as null; an object is the nearest type that may be, one that no object is of.
        [] if !names.is_empty() => {
            props.type_ = Some("object".to_owned());
            props.min_properties = Some(1);
        }
        [] => {}
        [name] => props.type_ = Some((*name).to_owned()),
        ["integer", "string"] | ["string", "integer"] => props.x_kubernetes_int_or_string = Some(true),
        ["integer", "number"] | ["number", "integer"] => props.type_ = Some("number".to_owned()),
        several => {
            props.x_kubernetes_preserve_unknown_fields = Some(true);
            props.any_of = Some(several.iter().map(|name| type_only(name)).collect());
        }
    }
}

fn values(keywords: &Map<String, Value>, props: &mut JSONSchemaProps) {
    let constant = keywords.get("const").cloned().map(|value| vec![value]);
    let listed = keywords.get("enum").and_then(Value::as_array).cloned();
    let Some(values) = constant.or(listed) else {
        return;
    };
    let (null, values): (Vec<Value>, Vec<Value>) = values.into_iter().partition(Value::is_null);
    if !null.is_empty() {
        props.nullable = Some(true);
    }
    if props.type_.is_none() {
        props.type_ = common_type(&values).map(str::to_owned);
    }
    if !values.is_empty() {
        props.enum_ = Some(values.into_iter().map(JSON).collect());
    }
}

fn common_type(values: &[Value]) -> Option<&'static str> {
    let kind = |value: &Value| match value {
        Value::Null => None,
        Value::Bool(_) => Some("boolean"),
        Value::Number(number) if number.is_f64() => Some("number"),
        Value::Number(_) => Some("integer"),
        Value::String(_) => Some("string"),
        Value::Array(_) => Some("array"),
        Value::Object(_) => Some("object"),
    };
    let first = kind(values.first()?)?;
    values
        .iter()
        .all(|value| kind(value) == Some(first))
        .then_some(first)
}

/// An exclusive bound is a number of its own in JSON Schema, and a flag beside the bound in OpenAPI.
fn exclusive_bounds(keywords: &Map<String, Value>, props: &mut JSONSchemaProps) {
    if let Some(bound) = keywords.get("exclusiveMinimum").and_then(Value::as_f64) {
        props.minimum = Some(bound);
        props.exclusive_minimum = Some(true);
    }
    if let Some(bound) = keywords.get("exclusiveMaximum").and_then(Value::as_f64) {
        props.maximum = Some(bound);
        props.exclusive_maximum = Some(true);
    }
}

fn branches<'a>(keywords: &'a Map<String, Value>, key: &str) -> &'a [Value] {
    keywords
        .get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

fn is_extension(key: &str) -> bool {
    key.starts_with("x-kubernetes-") || key == "nullable"
}

fn is_scalar(props: &JSONSchemaProps) -> bool {
    let kind = props.type_.as_deref();
    matches!(kind, Some("string" | "integer" | "number" | "boolean"))
}

/// The definition a list's item is, also when it is optional.
fn reference_of(item: &Value) -> Option<&str> {
    item.get("$ref").and_then(Value::as_str)
}

fn definition_name(reference: &str) -> Option<&str> {
    reference.strip_prefix("#/$defs/")
}

fn strings(values: &[Value]) -> Vec<String> {
    let names = values.iter().filter_map(Value::as_str);
    names.map(str::to_owned).collect()
}
