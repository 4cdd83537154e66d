//! Alternatives of one value, merged: a structural schema has one type and one set of fields per place.
//!
//! Rust enums become such alternatives. What they share is described once ([`widen`]); what each demands beyond that
//! ([`restriction`]) is kept as value validation, in `oneOf` where no value fits two of them and in `anyOf` where one
//! might.

use std::collections::BTreeMap;

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    JSON, JSONSchemaProps, ValidationRule,
};

use super::convert::anything;
use super::restrict::{bounds, restriction};
use super::widen::{Kind, kind, typed, widen};

/// One alternative.
pub(super) enum Branch {
    /// `{}`: says nothing.
    Neutral,
    /// Only null.
    Null,
    /// A description of the value.
    Value(Box<JSONSchemaProps>),
}

/// Returns the schema that accepts what any of the branches does, with what it could not keep.
pub(super) fn union(branches: Vec<Branch>) -> (JSONSchemaProps, Vec<String>) {
    let nullable = branches.iter().any(|branch| matches!(branch, Branch::Null));
    let neutral = branches.iter().any(|branch| matches!(branch, Branch::Neutral));
    let values: Vec<JSONSchemaProps> = branches.into_iter().filter_map(Branch::value).collect();
    let mut lost = Vec::new();
    let mut props = if values.len() == 1 && !neutral {
        values.into_iter().next().unwrap_or_default()
    } else if values.iter().all(is_object) {
        objects(&values, neutral, &mut lost)
    } else if neutral {
        anything()
    } else {
        mixed(values, &mut lost)
    };
    if nullable {
        props.nullable = Some(true);
    }
    (props, lost)
}

impl Branch {
    fn value(self) -> Option<JSONSchemaProps> {
        match self {
            Self::Value(props) => Some(*props),
            Self::Neutral | Self::Null => None,
        }
    }
}

fn is_object(props: &JSONSchemaProps) -> bool {
    kind(props) == Kind::Type("object") && props.additional_properties.is_none()
}

/// Objects: all fields together, and per branch what is required and which constants select it.
fn objects(branches: &[JSONSchemaProps], neutral: bool, lost: &mut Vec<String>) -> JSONSchemaProps {
    let branches: Vec<JSONSchemaProps> = branches.iter().map(with_documented_field).collect();
    let bare = branches.iter().map(without_alternatives);
    let mut props = bare
        .reduce(|all, branch| widen(&all, &branch))
        .unwrap_or_else(|| typed("object"));
    keep_shared_defaults(&mut props, &branches);
    props.x_kubernetes_validations = rules(&branches, lost);
    branches
        .iter()
        .for_each(|branch| lose_rules(branch, &props, lost));
    if neutral {
        props.required = None;
        return props;
    }
    let exclusive = exclusive(&branches);
    alternatives(&mut props, &branches, exclusive);
    props
}

/// Adds what each branch demands; nothing if one demands nothing.
fn alternatives(props: &mut JSONSchemaProps, branches: &[JSONSchemaProps], exclusive: bool) {
    let nothing = JSONSchemaProps::default();
    // An int-or-string is an integer or a text already, and listed values are those of all branches.
    let told = branches.iter().all(|branch| {
        let bounds = bounds(branch, props);
        match &props.enum_ {
            Some(_) => {
                JSONSchemaProps {
                    enum_: None,
                    ..bounds
                } == nothing
            }
            None => kind(props) == Kind::IntOrString && bounds == nothing,
        }
    });
    let mut demands: Vec<JSONSchemaProps> =
        branches.iter().map(|branch| restriction(branch, props)).collect();
    if told || demands.contains(&nothing) {
        return;
    }
    let distinct = demands
        .iter()
        .enumerate()
        .all(|(index, demand)| !demands.iter().take(index).any(|earlier| earlier == demand));
    if exclusive && distinct {
        props.one_of = Some(demands);
    } else {
        demands.dedup();
        props.any_of = Some(demands);
    }
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
        not: None,
        x_kubernetes_validations: None,
        ..branch.clone()
    }
}

/// A default is filled in whatever the variant, so only one that all variants have is kept.
///
/// The field of any other variant stays optional, and deserialization knows the default anyway.
fn keep_shared_defaults(props: &mut JSONSchemaProps, branches: &[JSONSchemaProps]) {
    for (name, field) in props.properties.iter_mut().flatten() {
        let of_branch = |branch: &JSONSchemaProps| branch.properties.as_ref()?.get(name)?.default.clone();
        if branches.iter().any(|branch| of_branch(branch) != field.default) {
            field.default = None;
        }
    }
}

/// Rules of all branches, each for objects of its branch only.
fn rules(branches: &[JSONSchemaProps], lost: &mut Vec<String>) -> Option<Vec<ValidationRule>> {
    let mut rules: Vec<ValidationRule> = Vec::new();
    for (index, branch) in branches.iter().enumerate() {
        let tag = tag(branch, branches);
        for rule in branch.x_kubernetes_validations.iter().flatten() {
            let everywhere = branches.iter().all(|other| {
                other
                    .x_kubernetes_validations
                    .iter()
                    .flatten()
                    .any(|it| it == rule)
            });
            match (everywhere, &tag) {
                (true, _) if index == 0 => rules.push(rule.clone()),
                (true, _) => {}
                (false, Some(tag)) => rules.push(ValidationRule {
                    rule: format!("{tag} || ({})", rule.rule),
                    message: rule.message.clone().or_else(|| Some(format!("failed rule: {}", rule.rule))),
                    ..rule.clone()
                }),
                (false, None) => lost.push(format!(
                    "the rule `{}` holds for one variant only, and nothing tells it from the others: give the enum \
                     a tag, or write the rule on the field that holds the enum",
                    rule.rule
                )),
            }
        }
    }
    Some(rules).filter(|rules| !rules.is_empty())
}

/// Finds rules inside a branch that did not survive, as others say something else of the same field.
fn lose_rules(branch: &JSONSchemaProps, kept: &JSONSchemaProps, lost: &mut Vec<String>) {
    for (name, field) in branch.properties.iter().flatten() {
        let kept = kept.properties.as_ref().and_then(|fields| fields.get(name));
        for rule in field.x_kubernetes_validations.iter().flatten() {
            let same = |kept: &JSONSchemaProps| {
                kept.x_kubernetes_validations
                    .iter()
                    .flatten()
                    .any(|it| it == rule)
            };
            if !kept.is_some_and(same) {
                lost.push(format!(
                    "the rule `{}` on the field `{name}` holds for one variant only: another has a field of that \
                     name without it; give the fields different names, or both the rule",
                    rule.rule
                ));
            }
        }
        if let Some(kept) = kept {
            lose_rules(field, kept, lost);
        }
    }
}

/// Returns the condition that an object is not of this branch, if a text tells its branch from all others.
fn tag(branch: &JSONSchemaProps, branches: &[JSONSchemaProps]) -> Option<String> {
    let fields = branch.properties.iter().flatten();
    fields
        .filter_map(|(name, field)| Some((name, constant(field)?.as_str()?)))
        .find_map(|(name, value)| {
            let same = |other: &&JSONSchemaProps| {
                let field = other.properties.as_ref().and_then(|fields| fields.get(name));
                field.and_then(constant).and_then(serde_json::Value::as_str) == Some(value)
            };
            let plain = name.chars().all(|c| c.is_ascii_alphanumeric());
            (plain && branches.iter().filter(same).count() == 1)
                .then(|| format!("self.{name} != {}", serde_json::Value::from(value)))
        })
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
            .all(|(index, a)| branches.iter().skip(index + 1).all(|b| tells_apart(a, b)))
}

/// Values of several types: each type is described once, and none is required.
fn mixed(values: Vec<JSONSchemaProps>, lost: &mut Vec<String>) -> JSONSchemaProps {
    let description = documented_values(&values);
    let (objects_, mut branches): (Vec<_>, Vec<_>) = values.into_iter().partition(is_object);
    match objects_.as_slice() {
        [] => {}
        [one] => branches.push(with_documented_field(one)),
        several => branches.push(objects(several, false, lost)),
    }
    for rule in branches
        .iter()
        .filter_map(|branch| branch.x_kubernetes_validations.as_ref())
        .flatten()
    {
        lost.push(format!(
            "the rule `{}` holds for one variant only, and a value of mixed type cannot be looked into: write the \
             rule on a field inside",
            rule.rule
        ));
    }
    let widest = branches
        .iter()
        .map(without_alternatives)
        .reduce(|a, b| widen(&a, &b));
    let mut props = widest.unwrap_or_default();
    props.default = None;
    if kind(&props) == Kind::Anything {
        // In a value that may be of any type no field is required and no default is filled in.
        props.required = None;
        props
            .properties
            .iter_mut()
            .flatten()
            .for_each(|(_, field)| field.default = None);
    }
    alternatives(&mut props, &branches, false);
    props.description = props.description.or(description);
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
