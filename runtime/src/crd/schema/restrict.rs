//! What one alternative demands beyond the description all alternatives share.
//!
//! Inside `oneOf` and `anyOf` a structural schema may only restrict values: no types, no fields of its own. A type is
//! said there by bounds nothing of another type keeps, such as a string of at least one and at most zero characters:
//! bounds count for values of their own type only.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    JSON, JSONSchemaProps, JSONSchemaPropsOrArray,
};
use serde_json::json;

use super::convert::anything;
use super::nullable::pattern_of;
use super::widen::{Kind, bounded, kind, typed};

/// Types of JSON, without null.
const TYPES: [&str; 5] = ["array", "boolean", "number", "object", "string"];

/// Returns what `schema` demands beyond `outer`, a structural schema that accepts everything `schema` does.
///
/// It is empty if nothing more is demanded, or nothing that can be said.
pub(super) fn restriction(schema: &JSONSchemaProps, outer: &JSONSchemaProps) -> JSONSchemaProps {
    let mut demands = bounds(schema, outer);
    type_of(&mut demands, schema, outer);
    demands
}

/// Returns what `schema` demands beyond `outer` of values of its own type.
pub(super) fn bounds(schema: &JSONSchemaProps, outer: &JSONSchemaProps) -> JSONSchemaProps {
    // A format counts beside its type only, which stands outside, unless it is one of texts.
    let schema = if schema.format == outer.format {
        schema
    } else {
        &bounded(schema)
    };
    let mut demands = JSONSchemaProps {
        format: more(&schema.format, &outer.format),
        pattern: more(&schema.pattern, &outer.pattern),
        min_length: more(&schema.min_length, &outer.min_length),
        max_length: more(&schema.max_length, &outer.max_length),
        minimum: more(&schema.minimum, &outer.minimum),
        maximum: more(&schema.maximum, &outer.maximum),
        exclusive_minimum: more(&schema.exclusive_minimum, &outer.exclusive_minimum),
        exclusive_maximum: more(&schema.exclusive_maximum, &outer.exclusive_maximum),
        multiple_of: more(&schema.multiple_of, &outer.multiple_of),
        min_items: more(&schema.min_items, &outer.min_items),
        max_items: more(&schema.max_items, &outer.max_items),
        min_properties: more(&schema.min_properties, &outer.min_properties),
        max_properties: more(&schema.max_properties, &outer.max_properties),
        required: required(schema, outer),
        one_of: more(&schema.one_of, &outer.one_of),
        any_of: more(&schema.any_of, &outer.any_of),
        all_of: more(&schema.all_of, &outer.all_of),
        not: more(&schema.not, &outer.not),
        ..JSONSchemaProps::default()
    };
    values(&mut demands, schema, outer);
    fields(&mut demands, schema, outer);
    items(&mut demands, schema, outer);
    demands
}

/// Returns what only values of a type keep.
pub(super) fn type_only(type_: &str) -> JSONSchemaProps {
    restriction(&typed(type_), &anything())
}

fn more<T: Clone + PartialEq>(schema: &Option<T>, outer: &Option<T>) -> Option<T> {
    schema.clone().filter(|_| schema != outer)
}

fn required(schema: &JSONSchemaProps, outer: &JSONSchemaProps) -> Option<Vec<String>> {
    let known = outer.required.clone().unwrap_or_default();
    let names = schema.required.clone().unwrap_or_default().into_iter();
    let names: Vec<String> = names.filter(|name| !known.contains(name)).collect();
    Some(names).filter(|names| !names.is_empty())
}

fn values(demands: &mut JSONSchemaProps, schema: &JSONSchemaProps, outer: &JSONSchemaProps) {
    let Some(values) = more(&schema.enum_, &outer.enum_) else {
        return;
    };
    // Null is refused where values are listed, so that a value that may be null is told by a pattern.
    if schema.nullable == Some(true) {
        demands.pattern = demands.pattern.take().or_else(|| pattern_of(&values));
    } else {
        demands.enum_ = Some(values);
    }
}

fn type_of(demands: &mut JSONSchemaProps, schema: &JSONSchemaProps, outer: &JSONSchemaProps) {
    match (kind(outer), kind(schema)) {
        // Listed values are of their type.
        _ if demands.enum_.is_some() => {}
        (Kind::Anything, Kind::Type(wanted)) => {
            let wanted = if wanted == "integer" { "number" } else { wanted };
            TYPES
                .iter()
                .filter(|it| **it != wanted)
                .for_each(|it| forbid(it, demands));
        }
        (Kind::Anything, Kind::IntOrString) => {
            let others = ["array", "boolean", "object"];
            others.iter().for_each(|it| forbid(it, demands));
        }
        (Kind::IntOrString, Kind::Type("integer")) => forbid("string", demands),
        (Kind::IntOrString, Kind::Type("string")) => forbid("number", demands),
        _ => {}
    }
    let whole = kind(schema) == Kind::Type("integer");
    if whole && !matches!(kind(outer), Kind::Type("integer") | Kind::IntOrString) && demands.enum_.is_none() {
        demands.multiple_of = demands.multiple_of.or(Some(1.0));
    }
}

/// Demands what no value of a type keeps, and every other value does.
fn forbid(type_: &str, demands: &mut JSONSchemaProps) {
    match type_ {
        "array" => (demands.min_items, demands.max_items) = (Some(1), Some(0)),
        "number" => (demands.minimum, demands.maximum) = (Some(1.0), Some(0.0)),
        "object" => (demands.min_properties, demands.max_properties) = (Some(1), Some(0)),
        "string" => (demands.min_length, demands.max_length) = (Some(1), Some(0)),
        _ => {
            let flags = JSONSchemaProps {
                enum_: Some(vec![JSON(json!(false)), JSON(json!(true))]),
                ..JSONSchemaProps::default()
            };
            let flags = Some(Box::new(flags));
            if demands.not.is_none() {
                demands.not = flags;
            } else {
                let no_flag = JSONSchemaProps {
                    not: flags,
                    ..JSONSchemaProps::default()
                };
                demands.all_of.get_or_insert_default().push(no_flag);
            }
        }
    }
}

fn fields(demands: &mut JSONSchemaProps, schema: &JSONSchemaProps, outer: &JSONSchemaProps) {
    let demanded = schema.properties.iter().flatten().filter_map(|(name, field)| {
        // Kubernetes keeps metadata out of alternatives.
        let outer = outer
            .properties
            .as_ref()?
            .get(name)
            .filter(|_| name != "metadata")?;
        let demands = restriction(field, outer);
        (demands != JSONSchemaProps::default()).then(|| (name.clone(), demands))
    });
    let demanded: std::collections::BTreeMap<_, _> = demanded.collect();
    demands.properties = Some(demanded).filter(|fields| !fields.is_empty());
}

fn items(demands: &mut JSONSchemaProps, schema: &JSONSchemaProps, outer: &JSONSchemaProps) {
    if let (Some(JSONSchemaPropsOrArray::Schema(items)), Some(JSONSchemaPropsOrArray::Schema(outer))) =
        (&schema.items, &outer.items)
    {
        let within = restriction(items, outer);
        if within != JSONSchemaProps::default() {
            demands.items = Some(JSONSchemaPropsOrArray::Schema(Box::new(within)));
        }
    }
}
