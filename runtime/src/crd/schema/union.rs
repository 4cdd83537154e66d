//! Alternatives of one value, merged: a structural schema has one type and one set of fields per place.
//!
//! Rust enums become such alternatives. Fields of all variants are listed together; which of them go together is
//! kept as value validation (`oneOf`, `anyOf`) as far as Kubernetes allows. What has no common type accepts
//! anything.

use std::collections::BTreeMap;

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    JSON, JSONSchemaProps, JSONSchemaPropsOrArray, JSONSchemaPropsOrBool,
};

use super::convert::{anything, is_anything};

/// One alternative.
pub(super) enum Branch {
    /// `{}`: says nothing.
    Neutral,
    /// Only null.
    Null,
    /// A description of the value.
    Value(Box<JSONSchemaProps>),
}

/// Returns the schema that accepts what any of the branches does.
pub(super) fn union(branches: Vec<Branch>) -> JSONSchemaProps {
    let nullable = branches.iter().any(|branch| matches!(branch, Branch::Null));
    let neutral = branches.iter().any(|branch| matches!(branch, Branch::Neutral));
    let values: Vec<JSONSchemaProps> = branches.into_iter().filter_map(Branch::value).collect();
    let mut props = if values.len() == 1 && !neutral {
        values.into_iter().next().unwrap_or_default()
    } else if values.iter().all(is_object) {
        objects(&values, neutral)
    } else {
        scalars(&values, neutral)
    };
    if nullable {
        props.nullable = Some(true);
    }
    props
}

impl Branch {
    fn value(self) -> Option<JSONSchemaProps> {
        match self {
            Self::Value(props) => Some(*props),
            Self::Neutral | Self::Null => None,
        }
    }
}

/// Returns the narrowest structural schema that accepts what either does.
pub(super) fn widen(a: &JSONSchemaProps, b: &JSONSchemaProps) -> JSONSchemaProps {
    let mut props = match (kind(a), kind(b)) {
        _ if a == b => return a.clone(),
        (Kind::Type(a_type), Kind::Type(b_type)) if a_type == b_type => same_type(a_type, a, b),
        (Kind::Type("integer"), Kind::Type("number")) | (Kind::Type("number"), Kind::Type("integer")) => {
            typed("number")
        }
        (Kind::IntOrString | Kind::Type("integer" | "string"), Kind::IntOrString)
        | (Kind::IntOrString, Kind::Type("integer" | "string"))
        | (Kind::Type("integer"), Kind::Type("string"))
        | (Kind::Type("string"), Kind::Type("integer")) => int_or_string(),
        _ => anything(),
    };
    props.nullable = a.nullable.or(b.nullable);
    props.description = same(&a.description, &b.description);
    props
}

#[derive(PartialEq)]
enum Kind<'a> {
    Anything,
    IntOrString,
    Type(&'a str),
}

fn kind(props: &JSONSchemaProps) -> Kind<'_> {
    if props.x_kubernetes_int_or_string == Some(true) {
        return Kind::IntOrString;
    }
    match &props.type_ {
        Some(kind) => Kind::Type(kind),
        None if props.properties.is_some() => Kind::Type("object"),
        None => Kind::Anything,
    }
}

fn is_object(props: &JSONSchemaProps) -> bool {
    kind(props) == Kind::Type("object") && props.additional_properties.is_none()
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
    let items = match (&a.items, &b.items) {
        (Some(JSONSchemaPropsOrArray::Schema(a)), Some(JSONSchemaPropsOrArray::Schema(b))) => widen(a, b),
        _ => anything(),
    };
    JSONSchemaProps {
        items: Some(JSONSchemaPropsOrArray::Schema(Box::new(items))),
        min_items: a.min_items.zip(b.min_items).map(|(a, b)| a.min(b)),
        max_items: a.max_items.zip(b.max_items).map(|(a, b)| a.max(b)),
        ..props
    }
}

fn object(mut props: JSONSchemaProps, a: &JSONSchemaProps, b: &JSONSchemaProps) -> JSONSchemaProps {
    props.required = common(&a.required, &b.required);
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

/// Objects: all fields together, and per branch what is required and which constants select it.
fn objects(branches: &[JSONSchemaProps], neutral: bool) -> JSONSchemaProps {
    let branches: Vec<JSONSchemaProps> = branches.iter().map(with_documented_field).collect();
    let mut bare = branches.iter().map(without_alternatives);
    let first = bare.next().unwrap_or_else(|| typed("object"));
    let mut props = bare.fold(first, |all, branch| widen(&all, &branch));
    if neutral {
        props.required = None;
        return props;
    }
    let mut constraints: Vec<JSONSchemaProps> =
        branches.iter().map(|branch| constraint(branch, &props)).collect();
    let free = constraints
        .iter()
        .any(|constraint| *constraint == JSONSchemaProps::default());
    if free {
        return props;
    }
    if constraints.is_sorted_by(|a, b| a != b) && exclusive(&branches) {
        props.one_of = Some(constraints);
    } else {
        constraints.dedup();
        props.any_of = Some(constraints);
    }
    props
}

/// The documentation of a variant belongs to the one field that holds it.
fn with_documented_field(branch: &JSONSchemaProps) -> JSONSchemaProps {
    let mut branch = branch.clone();
    let description = branch.description.take();
    if let (Some(text), Some(fields)) = (description, &mut branch.properties)
        && fields.len() == 1
    {
        for field in fields.values_mut().filter(|field| constant(field).is_none()) {
            field.description = Some(text.clone());
        }
    }
    branch
}

fn without_alternatives(branch: &JSONSchemaProps) -> JSONSchemaProps {
    JSONSchemaProps {
        one_of: None,
        any_of: None,
        all_of: None,
        ..branch.clone()
    }
}

/// What a branch demands beyond what the merged object says.
fn constraint(branch: &JSONSchemaProps, all: &JSONSchemaProps) -> JSONSchemaProps {
    let required = branch.required.clone().unwrap_or_default();
    let kept = all.required.clone().unwrap_or_default();
    let required: Vec<String> = required.into_iter().filter(|name| !kept.contains(name)).collect();
    let tags = branch.properties.iter().flatten().filter_map(|(name, field)| {
        let constant = constant(field)?;
        let wider = all.properties.as_ref()?.get(name)? != field;
        wider.then(|| (name.clone(), only(constant)))
    });
    let tags: Fields = tags.collect();
    JSONSchemaProps {
        required: Some(required).filter(|names| !names.is_empty()),
        properties: Some(tags).filter(|tags| !tags.is_empty()),
        one_of: branch.one_of.clone(),
        any_of: branch.any_of.clone(),
        all_of: branch.all_of.clone(),
        ..JSONSchemaProps::default()
    }
}

/// Whether no object can be of two branches: a constant tells them apart, or each is named by its only field.
fn exclusive(branches: &[JSONSchemaProps]) -> bool {
    let tells_apart = |a: &JSONSchemaProps, b: &JSONSchemaProps| {
        let fields = a.properties.iter().flatten();
        let mut tags = fields.filter_map(|(name, field)| Some((name, constant(field)?)));
        tags.any(|(name, value)| {
            let other = b
                .properties
                .as_ref()
                .and_then(|fields| fields.get(name))
                .and_then(constant);
            other.is_some_and(|other| other != value)
        })
    };
    let externally_tagged = branches.iter().all(|branch| {
        let fields = branch.properties.as_ref().map_or(0, BTreeMap::len);
        fields == 1 && branch.required.as_ref().is_some_and(|names| names.len() == 1)
    });
    externally_tagged
        || branches
            .iter()
            .enumerate()
            .all(|(index, a)| branches[index + 1..].iter().all(|b| tells_apart(a, b)))
}

fn scalars(branches: &[JSONSchemaProps], neutral: bool) -> JSONSchemaProps {
    if neutral {
        return anything();
    }
    let widest = branches.iter().cloned().reduce(|a, b| widen(&a, &b));
    let mut props = widest.unwrap_or_default();
    if is_anything(&props) {
        return anything();
    }
    props.description = props.description.or_else(|| documented_values(branches));
    props
}

/// The documentation of an enum's values, one per line.
fn documented_values(branches: &[JSONSchemaProps]) -> Option<String> {
    let lines = branches.iter().filter_map(|branch| {
        let value = constant(branch)?.as_str()?;
        let text = branch.description.as_deref()?;
        Some(format!("- `{value}`: {}", text.replace('\n', " ")))
    });
    let lines: Vec<String> = lines.collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// The one value a schema allows, if it is only one.
fn constant(props: &JSONSchemaProps) -> Option<&serde_json::Value> {
    match props.enum_.as_deref() {
        Some([JSON(value)]) => Some(value),
        _ => None,
    }
}

fn only(value: &serde_json::Value) -> JSONSchemaProps {
    JSONSchemaProps {
        enum_: Some(vec![JSON(value.clone())]),
        ..JSONSchemaProps::default()
    }
}

fn typed(kind: &str) -> JSONSchemaProps {
    JSONSchemaProps {
        type_: Some(kind.to_owned()),
        ..JSONSchemaProps::default()
    }
}

fn int_or_string() -> JSONSchemaProps {
    JSONSchemaProps {
        x_kubernetes_int_or_string: Some(true),
        ..JSONSchemaProps::default()
    }
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
