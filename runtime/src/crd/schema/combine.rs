//! Two descriptions of the same value, put together: both hold.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{JSON, JSONSchemaProps};

/// Returns the schema both of whose sources hold; where they contradict, `base` counts.
pub(super) fn combine(base: JSONSchemaProps, extra: JSONSchemaProps) -> JSONSchemaProps {
    let mut props = JSONSchemaProps {
        description: descriptions(base.description, extra.description),
        title: base.title.or(extra.title),
        example: base.example.or(extra.example),
        external_docs: base.external_docs.or(extra.external_docs),
        type_: base.type_.or(extra.type_),
        format: base.format.or(extra.format),
        default: base.default.or(extra.default),
        nullable: base.nullable.or(extra.nullable),
        pattern: base.pattern.or(extra.pattern),
        min_length: base.min_length.or(extra.min_length),
        max_length: base.max_length.or(extra.max_length),
        minimum: base.minimum.or(extra.minimum),
        maximum: base.maximum.or(extra.maximum),
        exclusive_minimum: base.exclusive_minimum.or(extra.exclusive_minimum),
        exclusive_maximum: base.exclusive_maximum.or(extra.exclusive_maximum),
        multiple_of: base.multiple_of.or(extra.multiple_of),
        enum_: values(base.enum_, extra.enum_),
        items: base.items.or(extra.items),
        min_items: base.min_items.or(extra.min_items),
        max_items: base.max_items.or(extra.max_items),
        required: names(base.required, extra.required),
        additional_properties: base.additional_properties.or(extra.additional_properties),
        min_properties: base.min_properties.or(extra.min_properties),
        max_properties: base.max_properties.or(extra.max_properties),
        one_of: base.one_of,
        any_of: base.any_of,
        all_of: appended(base.all_of, extra.all_of),
        x_kubernetes_embedded_resource: base
            .x_kubernetes_embedded_resource
            .or(extra.x_kubernetes_embedded_resource),
        x_kubernetes_int_or_string: base
            .x_kubernetes_int_or_string
            .or(extra.x_kubernetes_int_or_string),
        x_kubernetes_list_map_keys: base
            .x_kubernetes_list_map_keys
            .or(extra.x_kubernetes_list_map_keys),
        x_kubernetes_list_type: base.x_kubernetes_list_type.or(extra.x_kubernetes_list_type),
        x_kubernetes_map_type: base.x_kubernetes_map_type.or(extra.x_kubernetes_map_type),
        x_kubernetes_preserve_unknown_fields: base
            .x_kubernetes_preserve_unknown_fields
            .or(extra.x_kubernetes_preserve_unknown_fields),
        x_kubernetes_validations: appended(base.x_kubernetes_validations, extra.x_kubernetes_validations),
        ..JSONSchemaProps::default()
    };
    props.properties = fields(base.properties, extra.properties);
    one_of(&mut props, extra.one_of);
    any_of(&mut props, extra.any_of);
    separate_fields(&mut props);
    props
}

fn descriptions(base: Option<String>, extra: Option<String>) -> Option<String> {
    match (base, extra) {
        (Some(base), Some(extra)) if base != extra => Some(format!("{base}\n\n{extra}")),
        (base, extra) => base.or(extra),
    }
}

type Fields = Option<std::collections::BTreeMap<String, JSONSchemaProps>>;

fn fields(base: Fields, extra: Fields) -> Fields {
    let (Some(mut base), Some(extra)) = (base.clone(), extra.clone()) else {
        return base.or(extra);
    };
    for (name, field) in extra {
        base.entry(name).or_insert(field);
    }
    Some(base)
}

fn values(base: Option<Vec<JSON>>, extra: Option<Vec<JSON>>) -> Option<Vec<JSON>> {
    match (base, extra) {
        (Some(mut base), Some(extra)) => {
            base.retain(|value| extra.contains(value));
            Some(base)
        }
        (base, extra) => base.or(extra),
    }
}

fn names(base: Option<Vec<String>>, extra: Option<Vec<String>>) -> Option<Vec<String>> {
    let mut names = appended(base, extra)?;
    names.sort();
    names.dedup();
    Some(names)
}

fn appended<T>(base: Option<Vec<T>>, extra: Option<Vec<T>>) -> Option<Vec<T>> {
    match (base, extra) {
        (Some(mut base), Some(extra)) => {
            base.extend(extra);
            Some(base)
        }
        (base, extra) => base.or(extra),
    }
}

/// A second set of alternatives holds beside the first, not instead of it.
fn one_of(props: &mut JSONSchemaProps, extra: Option<Vec<JSONSchemaProps>>) {
    if props.one_of.is_none() {
        props.one_of = extra;
    } else if extra.is_some() {
        props.all_of.get_or_insert_default().push(JSONSchemaProps {
            one_of: extra,
            ..JSONSchemaProps::default()
        });
    }
}

fn any_of(props: &mut JSONSchemaProps, extra: Option<Vec<JSONSchemaProps>>) {
    if props.any_of.is_none() {
        props.any_of = extra;
    } else if extra.is_some() {
        props.all_of.get_or_insert_default().push(JSONSchemaProps {
            any_of: extra,
            ..JSONSchemaProps::default()
        });
    }
}

/// Named fields and a schema for the others exclude each other.
fn separate_fields(props: &mut JSONSchemaProps) {
    let named = props.properties.as_ref().is_some_and(|fields| !fields.is_empty());
    if named && props.additional_properties.take().is_some() {
        props.x_kubernetes_preserve_unknown_fields = Some(true);
    }
}
