//! The narrowest description that fits what either of two descriptions does.

use std::collections::BTreeMap;

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    JSONSchemaProps, JSONSchemaPropsOrArray, JSONSchemaPropsOrBool,
};

use super::convert::anything;

/// Returns the narrowest structural schema that accepts what either does.
///
/// Where the two are of different types, what is known of fields and items is kept beside the missing type: they say
/// something about objects and lists only.
pub(super) fn widen(a: &JSONSchemaProps, b: &JSONSchemaProps) -> JSONSchemaProps {
    let mut props = match (kind(a), kind(b)) {
        _ if a == b => return a.clone(),
        (Kind::Type(a_type), Kind::Type(b_type)) if a_type == b_type => same_type(a_type, a, b),
        (Kind::Type("integer"), Kind::Type("number")) | (Kind::Type("number"), Kind::Type("integer")) => {
            scalar(typed("number"), a, b)
        }
        (Kind::IntOrString | Kind::Type("integer" | "string"), Kind::IntOrString)
        | (Kind::IntOrString, Kind::Type("integer" | "string"))
        | (Kind::Type("integer"), Kind::Type("string"))
        | (Kind::Type("string"), Kind::Type("integer")) => int_or_string(&bounded(a), &bounded(b)),
        _ => untyped(a, b),
    };
    props.nullable = a.nullable.or(b.nullable);
    props.description = same(&a.description, &b.description);
    props.title = same(&a.title, &b.title);
    props.example = same(&a.example, &b.example);
    props.external_docs = same(&a.external_docs, &b.external_docs);
    props.default = same(&a.default, &b.default);
    props.x_kubernetes_validations = same(&a.x_kubernetes_validations, &b.x_kubernetes_validations);
    props
}

/// Returns a description whose bounds say what its format does; a format counts beside its type only.
pub(super) fn bounded(props: &JSONSchemaProps) -> JSONSchemaProps {
    let mut props = props.clone();
    if let Some(format) = props.format.take_if(|_| props.type_.as_deref() != Some("string"))
        && format == "int32"
    {
        props.minimum = props.minimum.or(Some(f64::from(i32::MIN)));
        props.maximum = props.maximum.or(Some(f64::from(i32::MAX)));
    }
    props
}

/// What a description says of the type of its value.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub(super) enum Kind<'a> {
    Anything,
    IntOrString,
    Type(&'a str),
}

/// Returns what a description says of the type of its value.
pub(super) fn kind(props: &JSONSchemaProps) -> Kind<'_> {
    if props.x_kubernetes_int_or_string == Some(true) {
        return Kind::IntOrString;
    }
    let free = props.x_kubernetes_preserve_unknown_fields == Some(true);
    match &props.type_ {
        Some(kind) => Kind::Type(kind),
        None if props.properties.is_some() && !free => Kind::Type("object"),
        None => Kind::Anything,
    }
}

/// Returns the description of a value of which only the type is known.
pub(super) fn typed(kind: &str) -> JSONSchemaProps {
    JSONSchemaProps {
        type_: Some(kind.to_owned()),
        ..JSONSchemaProps::default()
    }
}

/// Bounds of numbers say nothing of texts, and the other way round, so both are kept.
fn int_or_string(a: &JSONSchemaProps, b: &JSONSchemaProps) -> JSONSchemaProps {
    let number = |props: &'_ JSONSchemaProps| kind(props) != Kind::Type("string");
    let text = |props: &'_ JSONSchemaProps| kind(props) != Kind::Type("integer");
    let numbers: Vec<&JSONSchemaProps> = [a, b].into_iter().filter(|it| number(it)).collect();
    let texts: Vec<&JSONSchemaProps> = [a, b].into_iter().filter(|it| text(it)).collect();
    let narrowest = |props: Vec<&JSONSchemaProps>| {
        let all = props.into_iter().cloned();
        all.reduce(|a, b| scalar(JSONSchemaProps::default(), &a, &b))
            .unwrap_or_default()
    };
    let (numbers, texts) = (narrowest(numbers), narrowest(texts));
    JSONSchemaProps {
        minimum: numbers.minimum,
        maximum: numbers.maximum,
        exclusive_minimum: numbers.exclusive_minimum,
        exclusive_maximum: numbers.exclusive_maximum,
        multiple_of: numbers.multiple_of,
        min_length: texts.min_length,
        max_length: texts.max_length,
        pattern: texts.pattern,
        x_kubernetes_int_or_string: Some(true),
        ..JSONSchemaProps::default()
    }
}

fn untyped(a: &JSONSchemaProps, b: &JSONSchemaProps) -> JSONSchemaProps {
    let fields = |props: &JSONSchemaProps| {
        let map = props.additional_properties.is_some();
        props.properties.clone().filter(|_| !map)
    };
    let a_map = a.additional_properties.is_some();
    let b_map = b.additional_properties.is_some();
    JSONSchemaProps {
        // Fields of a struct say nothing of the keys of a map.
        properties: merged(&fields(a), &fields(b)).filter(|_| !a_map && !b_map),
        items: items(a, b).map(boxed),
        ..anything()
    }
}

fn same_type(kind: &str, a: &JSONSchemaProps, b: &JSONSchemaProps) -> JSONSchemaProps {
    let props = typed(kind);
    match kind {
        "object" => object(props, a, b),
        "array" => array(props, a, b),
        _ => scalar(props, a, b),
    }
}

fn scalar(props: JSONSchemaProps, a: &JSONSchemaProps, b: &JSONSchemaProps) -> JSONSchemaProps {
    JSONSchemaProps {
        enum_: either(&a.enum_, &b.enum_),
        format: same(&a.format, &b.format),
        pattern: same(&a.pattern, &b.pattern),
        min_length: a.min_length.zip(b.min_length).map(|(a, b)| a.min(b)),
        max_length: a.max_length.zip(b.max_length).map(|(a, b)| a.max(b)),
        // An exclusive bound taken as inclusive is wider, which is all that is asked for.
        minimum: a.minimum.zip(b.minimum).map(|(a, b)| a.min(b)),
        maximum: a.maximum.zip(b.maximum).map(|(a, b)| a.max(b)),
        multiple_of: same(&a.multiple_of, &b.multiple_of),
        ..props
    }
}

fn array(props: JSONSchemaProps, a: &JSONSchemaProps, b: &JSONSchemaProps) -> JSONSchemaProps {
    JSONSchemaProps {
        items: Some(boxed(items(a, b).unwrap_or_else(anything))),
        min_items: a.min_items.zip(b.min_items).map(|(a, b)| a.min(b)),
        max_items: a.max_items.zip(b.max_items).map(|(a, b)| a.max(b)),
        x_kubernetes_list_type: same(&a.x_kubernetes_list_type, &b.x_kubernetes_list_type),
        x_kubernetes_list_map_keys: same(&a.x_kubernetes_list_map_keys, &b.x_kubernetes_list_map_keys),
        ..props
    }
}

fn items(a: &JSONSchemaProps, b: &JSONSchemaProps) -> Option<JSONSchemaProps> {
    match (&a.items, &b.items) {
        (Some(JSONSchemaPropsOrArray::Schema(a)), Some(JSONSchemaPropsOrArray::Schema(b))) => {
            Some(widen(a, b))
        }
        (Some(JSONSchemaPropsOrArray::Schema(one)), None)
        | (None, Some(JSONSchemaPropsOrArray::Schema(one))) => Some((**one).clone()),
        _ => None,
    }
}

fn boxed(items: JSONSchemaProps) -> JSONSchemaPropsOrArray {
    JSONSchemaPropsOrArray::Schema(Box::new(items))
}

fn object(mut props: JSONSchemaProps, a: &JSONSchemaProps, b: &JSONSchemaProps) -> JSONSchemaProps {
    props.required = common(&a.required, &b.required);
    props.min_properties = a.min_properties.zip(b.min_properties).map(|(a, b)| a.min(b));
    props.max_properties = a.max_properties.zip(b.max_properties).map(|(a, b)| a.max(b));
    props.x_kubernetes_map_type = same(&a.x_kubernetes_map_type, &b.x_kubernetes_map_type);
    props.x_kubernetes_embedded_resource = same(
        &a.x_kubernetes_embedded_resource,
        &b.x_kubernetes_embedded_resource,
    );
    props.x_kubernetes_preserve_unknown_fields = a
        .x_kubernetes_preserve_unknown_fields
        .or(b.x_kubernetes_preserve_unknown_fields);
    match (&a.additional_properties, &b.additional_properties) {
        (None, None) => props.properties = merged(&a.properties, &b.properties),
        (Some(JSONSchemaPropsOrBool::Schema(a)), Some(JSONSchemaPropsOrBool::Schema(b))) => {
            let values = Box::new(widen(a, b));
            props.additional_properties = Some(JSONSchemaPropsOrBool::Schema(values));
        }
        // A map and a struct: the fields of the struct are values of the map.
        _ => props.x_kubernetes_preserve_unknown_fields = Some(true),
    }
    props
}

type Fields = BTreeMap<String, JSONSchemaProps>;

fn merged(a: &Option<Fields>, b: &Option<Fields>) -> Option<Fields> {
    let (Some(a), Some(b)) = (a, b) else {
        return a.clone().or_else(|| b.clone());
    };
    let mut fields = a.clone();
    for (name, field) in b {
        let wide = a
            .get(name)
            .map_or_else(|| field.clone(), |other| widen(other, field));
        fields.insert(name.clone(), wide);
    }
    Some(fields)
}

fn same<T: Clone + PartialEq>(a: &Option<T>, b: &Option<T>) -> Option<T> {
    a.clone().filter(|_| a == b)
}

fn either<T: Clone + PartialEq>(a: &Option<Vec<T>>, b: &Option<Vec<T>>) -> Option<Vec<T>> {
    let mut all = a.clone()?;
    let more = b.as_ref()?.iter().filter(|value| !all.contains(value));
    let more: Vec<T> = more.cloned().collect();
    all.extend(more);
    Some(all)
}

fn common(a: &Option<Vec<String>>, b: &Option<Vec<String>>) -> Option<Vec<String>> {
    let (a, b) = (a.as_ref()?, b.as_ref()?);
    let names: Vec<String> = a.iter().filter(|name| b.contains(name)).cloned().collect();
    Some(names).filter(|names| !names.is_empty())
}
