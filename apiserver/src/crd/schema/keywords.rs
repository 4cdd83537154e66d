//! Each keyword of a schema by itself; and, below what is in order, the rules.

use serde_json::{Map, Value, json};

use super::{expressions, lists, nested};
use crate::cel::Budget;
use crate::registry::strategy::Rules;
use crate::schema::{Definitions, Node, Schema};
use crate::status::FieldError;

const TYPES: [&str; 6] = ["array", "boolean", "integer", "number", "object", "string"];

/// A way through a schema.
pub(super) struct Walk {
    /// What is wrong with keywords.
    pub(super) rules: Rules,
    /// What is wrong with the rules of nodes.
    pub(super) compiled: Rules,
    pub(super) budget: Budget,
    /// Rules may be dearer than those of a new schema.
    pub(super) unchanged: bool,
}

/// What a node is in.
#[derive(Clone, Copy)]
pub(super) struct Above<'a> {
    /// The schema as the compiler takes it; `None` where rules are not compiled.
    pub(super) node: Option<Node<'a>>,
    /// It is a whole object.
    pub(super) whole: bool,
    /// The outermost place whose parts cannot be told from each other.
    pub(super) uncorrelatable: Option<&'a str>,
    /// How often the node can be in an object by the limits above it; `None` if one sets none.
    pub(super) times: Option<u64>,
    /// Inside metadata, or what goes with it.
    metadata: bool,
    /// Why defaults are not for here.
    no_defaults: Option<&'a str>,
}

impl Walk {
    /// Returns what is wrong with the keywords of a schema and, if they are to be compiled, with its rules.
    pub(super) fn over(place: &str, schema: &Value, compiles: bool, unchanged: bool) -> Vec<FieldError> {
        let parsed = compiles.then(|| Schema::parse(schema));
        let definitions = Definitions::new();
        let above = Above {
            node: parsed.as_ref().map(|schema| Node::new(schema, &definitions)),
            whole: true,
            uncorrelatable: None,
            times: Some(1),
            metadata: false,
            no_defaults: None,
        };
        let mut walk = Self {
            rules: Rules::default(),
            compiled: Rules::default(),
            budget: Budget::default(),
            unchanged,
        };
        walk.schema(place, schema, above);
        expressions::settle(&mut walk, place);
        let (mut errors, compiled) = (walk.rules.into_errors(), walk.compiled.into_errors());
        errors.extend(compiled);
        errors
    }

    fn schema(&mut self, place: &str, schema: &Value, above: Above<'_>) {
        let Some(fields) = schema.as_object() else { return };
        let before = self.rules.len();
        self.unsupported(place, fields);
        self.keywords(place, schema, above);
        self.values(place, schema, above);
        self.fields(place, schema, above);
        self.alternatives(place, schema, above);
        self.items(place, schema, above);
        lists::validate(&mut self.rules, place, schema);
        expressions::written(&mut self.rules, place, schema);
        if self.rules.len() == before {
            expressions::compiled(self, place, schema, above);
        }
    }

    fn unsupported(&mut self, place: &str, fields: &Map<String, Value>) {
        let given = |name: &str| fields.get(name).is_some_and(|value| !value.is_null());
        let full = |name: &str| {
            let fields = fields.get(name).and_then(Value::as_object);
            fields.is_some_and(|fields| !fields.is_empty())
        };
        for (name, found) in [
            ("id", given("id") && fields["id"] != ""),
            ("additionalItems", given("additionalItems")),
            ("patternProperties", full("patternProperties")),
            ("definitions", full("definitions")),
            ("dependencies", given("dependencies")),
            ("$ref", given("$ref")),
        ] {
            if found {
                let detail = format!("{name} is not supported");
                self.rules.forbidden(format!("{place}.{name}"), &detail);
            }
        }
    }

    fn keywords(&mut self, place: &str, schema: &Value, above: Above<'_>) {
        let kind = schema["type"].as_str().unwrap_or_default();
        if !kind.is_empty() {
            self.rules.one_of(format!("{place}.type"), kind, &TYPES);
        }
        if kind == "null" {
            let detail = "type cannot be set to null, use nullable as an alternative";
            self.rules.forbidden(format!("{place}.type"), detail);
        }
        if let Some(why) = above.no_defaults.filter(|_| !schema["default"].is_null()) {
            let detail = format!("must not be set {why}");
            self.rules.forbidden(format!("{place}.default"), &detail);
        }
        if above.metadata && schema["x-kubernetes-embedded-resource"] == true {
            let field = format!("{place}.x-kubernetes-embedded-resource");
            self.rules
                .forbidden(field, "must not be used inside of resource meta");
        }
        if schema["uniqueItems"] == true {
            let detail = "uniqueItems cannot be set to true since the runtime complexity becomes quadratic";
            self.rules.forbidden(format!("{place}.uniqueItems"), detail);
        }
        if schema["x-kubernetes-preserve-unknown-fields"] == false {
            let field = format!("{place}.x-kubernetes-preserve-unknown-fields");
            self.rules
                .invalid(field, &json!(false), "must be true or undefined");
        }
    }

    fn values(&mut self, place: &str, schema: &Value, above: Above<'_>) {
        let values = &schema["additionalProperties"];
        let place = format!("{place}.additionalProperties");
        let fields = schema["properties"].as_object().map_or(0, Map::len);
        if fields > 0 && (values.is_object() || *values == false) {
            let detail = "additionalProperties and properties are mutual exclusive";
            self.rules.forbidden(&place, detail);
        }
        let within = Above {
            node: above.node.and_then(Node::values),
            no_defaults: match above.metadata {
                true => Some("inside additionalProperties applying to object metadata"),
                false => above.no_defaults,
            },
            ..above.times(schema, "maxProperties")
        };
        self.schema(&place, values, within);
    }

    fn fields(&mut self, place: &str, schema: &Value, above: Above<'_>) {
        let root = above.whole && !place.contains(']');
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            let mut within = Above {
                node: above.node.and_then(|node| node.property(name)),
                whole: false,
                ..above
            };
            let known = ["metadata", "kind", "apiVersion"].contains(&name.as_str());
            let why = format!("in top-level {name}");
            if known && (root || schema["x-kubernetes-embedded-resource"] == true) {
                within.metadata = true;
                if root {
                    within.no_defaults = Some(&why);
                }
            }
            self.schema(&format!("{place}.properties[{name}]"), field, within);
        }
    }

    fn alternatives(&mut self, place: &str, schema: &Value, above: Above<'_>) {
        let within = Above {
            node: None,
            whole: false,
            ..above
        };
        for (key, index, one) in nested::each(schema) {
            self.schema(&nested::place(place, key, index), one, within);
        }
        for (name, one) in schema["definitions"].as_object().into_iter().flatten() {
            self.schema(&format!("{place}.definitions[{name}]"), one, within);
        }
        for (name, one) in schema["dependencies"].as_object().into_iter().flatten() {
            self.schema(&format!("{place}.dependencies[{name}]"), one, within);
        }
    }

    fn items(&mut self, place: &str, schema: &Value, above: Above<'_>) {
        let told_apart = schema["x-kubernetes-list-type"] == "map";
        let within = Above {
            node: above.node.and_then(Node::items),
            uncorrelatable: above.uncorrelatable.or((!told_apart).then_some(place)),
            ..above.times(schema, "maxItems")
        };
        let place = format!("{place}.items");
        if let Some(several) = schema["items"].as_array().filter(|items| !items.is_empty()) {
            let detail = "items must be a schema object and not an array";
            self.rules.forbidden(&place, detail);
            for (index, one) in several.iter().enumerate() {
                self.schema(&format!("{place}[{index}]"), one, within);
            }
        }
        self.schema(&place, &schema["items"], within);
    }
}

impl Above<'_> {
    /// What is inside a list or a map with a limit.
    fn times(self, schema: &Value, limit: &str) -> Self {
        let limit = schema[limit].as_i64().map(|most| most.max(0).unsigned_abs());
        let times = self.times.zip(limit);
        Self {
            whole: false,
            times: times.map(|(times, most)| times.saturating_mul(most)),
            ..self
        }
    }
}
