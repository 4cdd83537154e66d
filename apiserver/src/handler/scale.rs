//! The replica count of an object, seen as a `Scale`.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::admit::{self, Act, Admits};
use super::answer::Answer;
use super::call::Call;
use super::patch::Patch;
use super::update::{self, Change, Outcome, sent_version};
use super::{decode, meta};
use crate::fields;
use crate::object::{Meta as _, Object, metadata_mut};
use crate::registry::{Resource, Scale};
use crate::request::WriteOptions;
use crate::status::{Error, FieldError, Result};

/// Metadata a `Scale` shares with its object.
const SHARED: [&str; 5] = ["name", "namespace", "uid", "resourceVersion", "creationTimestamp"];

pub(super) async fn get(call: &Call<'_>) -> Result<Answer> {
    let name = &call.path.name;
    let (_, object) = call.existing(name).await?;
    let paths = paths(&call.resource)?;
    if call.resource.custom && at(object.value(), &paths.spec_replicas).is_none() {
        let why = format!("the spec replicas field {:?} does not exist", paths.spec_replicas);
        return Err(Error::internal(why));
    }
    Ok(answer(call, scale_of(call, object.value())?))
}

pub(super) async fn update(call: &mut Call<'_>) -> Result<Answer> {
    let options = WriteOptions::update(&call.request.query)?;
    let sent = decode::object(call, options.field_validation)?;
    meta::check_name(&sent, &call.path.name)?;
    change(call, &options, |call, old| {
        let now = call.core.environment.timestamp();
        let mut new = sent.clone();
        if new.resource_version().is_empty() {
            metadata_mut(&mut new).insert("resourceVersion".to_owned(), json!(old.resource_version()));
        }
        Ok(fields::update(call.writer(&options, &now), Some(old), new))
    })
    .await
}

pub(super) async fn patch(call: &mut Call<'_>) -> Result<Answer> {
    let patch = Patch::read(call)?;
    change(call, &patch.options, |call, old| patch.carry_out(call, old)).await
}

/// Changes the object as `make` changes its scale.
async fn change<'c>(
    call: &mut Call<'c>,
    options: &WriteOptions,
    make: impl Fn(&mut Call<'c>, &Value) -> Result<Value>,
) -> Result<Answer> {
    let name = call.path.name.clone();
    loop {
        let (stored, shown) = call.existing(&name).await?;
        let old = shown.value();
        let before = scale_of(call, old)?;
        let scale = make(call, &before)?;
        let act = Act::update(call, options, &name);
        let scale = admit::mutate(call, &act, scale, Some(&before)).await?;
        if sent_version(&scale)?.is_some_and(|version| version != stored.revision()) {
            return Err(call.modified(&name));
        }
        let new = scaled(call, old, &scale)?;
        let change = Change {
            options,
            stored: &stored,
            old,
            admits: Admits::Caller,
        };
        let after = scale_of(call, &new)?;
        admit::validate(call, &act, Some(&after), Some(&before)).await?;
        if let Outcome::Done(object) = update::store(call, &change, new).await? {
            return Ok(answer(call, scale_of(call, object.value())?));
        }
    }
}

/// Returns the object with the count of `scale` and the owners that come with it.
fn scaled(call: &Call<'_>, old: &Value, scale: &Value) -> Result<Value> {
    let paths = paths(&call.resource)?;
    let count = scale
        .get("spec")
        .and_then(|spec| spec.get("replicas")?.as_i64())
        .unwrap_or_default();
    if count < 0 && !call.resource.custom {
        let error = FieldError::invalid(
            "spec.replicas",
            &json!(count),
            "must be greater than or equal to 0",
        );
        return Err(Error::invalid("autoscaling", "Scale", old.name(), &[error]));
    }
    let entries = |object: &Value| {
        object
            .metadata()
            .and_then(|meta| meta.get("managedFields"))
            .cloned()
    };
    let (before, after) = (entries(old), entries(scale));
    let mut new = old.clone();
    *entry(&mut new, &paths.spec_replicas) = json!(count);
    match fields::scale_to_parent(&call.resource, before.as_ref(), after.as_ref()) {
        Some(owners) => metadata_mut(&mut new).insert("managedFields".to_owned(), owners),
        None => metadata_mut(&mut new).remove("managedFields"),
    };
    Ok(new)
}

/// Returns the scale of an object.
fn scale_of(call: &Call<'_>, object: &Value) -> Result<Value> {
    let paths = paths(&call.resource)?;
    let mut metadata = Map::new();
    for field in SHARED {
        if let Some(value) = object.metadata().and_then(|meta| meta.get(field)) {
            metadata.insert(field.to_owned(), value.clone());
        }
    }
    let entries = object.metadata().and_then(|meta| meta.get("managedFields"));
    if let Some(entries) = fields::scale_to_subresource(&call.resource, entries) {
        metadata.insert("managedFields".to_owned(), entries);
    }
    let count = |path: &str| at(object, path).and_then(Value::as_i64).unwrap_or_default();
    let mut spec = Map::new();
    let replicas = count(&paths.spec_replicas);
    if replicas != 0 {
        spec.insert("replicas".to_owned(), json!(replicas));
    }
    let mut status = json!({"replicas": count(&paths.status_replicas)});
    let selector = paths
        .label_selector
        .as_deref()
        .and_then(|path| at(object, path))
        .map(selector_text);
    if let Some(selector) = selector.filter(|selector| !selector.is_empty()) {
        status["selector"] = json!(selector);
    }
    Ok(json!({
        "kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": metadata, "spec": spec, "status": status,
    }))
}

/// Returns a selector as `kubectl` takes it; custom resources hold the text itself.
fn selector_text(selector: &Value) -> String {
    if let Some(text) = selector.as_str() {
        return text.to_owned();
    }
    // Replication controllers have bare labels where others have a selector.
    let labels = selector.get("matchLabels");
    let expressions = selector.get("matchExpressions");
    let labels = if labels.is_none() && expressions.is_none() {
        Some(selector)
    } else {
        labels
    };
    let equal = labels
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(key, value)| {
            (
                key.clone(),
                format!("{key}={}", value.as_str().unwrap_or_default()),
            )
        });
    let expressions = expressions
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(expression_text);
    let mut terms: Vec<(String, String)> = equal.chain(expressions).collect();
    terms.sort();
    terms
        .into_iter()
        .map(|(_, term)| term)
        .collect::<Vec<_>>()
        .join(",")
}

fn expression_text(expression: &Value) -> (String, String) {
    let key = expression["key"].as_str().unwrap_or_default();
    let values = expression["values"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str);
    let mut values: Vec<&str> = values.collect();
    values.sort_unstable();
    let values = values.join(",");
    let term = match expression["operator"].as_str() {
        Some("In") => format!("{key} in ({values})"),
        Some("NotIn") => format!("{key} notin ({values})"),
        Some("DoesNotExist") => format!("!{key}"),
        _ => key.to_owned(),
    };
    (key.to_owned(), term)
}

fn paths(resource: &Resource) -> Result<&Scale> {
    resource.scale.as_ref().ok_or_else(Error::resource_not_found)
}

/// Returns what is at a path with a leading dot.
fn at<'a>(object: &'a Value, path: &str) -> Option<&'a Value> {
    path.trim_start_matches('.')
        .split('.')
        .try_fold(object, |value, step| value.get(step))
}

fn entry<'a>(object: &'a mut Value, path: &str) -> &'a mut Value {
    path.trim_start_matches('.')
        .split('.')
        .fold(object, |value, step| {
            crate::object::map_mut(value).entry(step).or_insert(Value::Null)
        })
}

/// Owners are part of a scale only while it is changed.
fn answer(call: &Call<'_>, mut scale: Value) -> Answer {
    metadata_mut(&mut scale).remove("managedFields");
    let revision = scale.resource_version().parse().unwrap_or_default();
    Answer::Object {
        code: 200,
        object: Arc::new(Object::new(scale, revision)),
        resource: Arc::clone(&call.speaks),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selector_is_written_as_clients_write_it() {
        let cases = [
            (json!({"matchLabels": {"a": "b", "c": "d"}}), "a=b,c=d"),
            (json!({"a": "b"}), "a=b"),
            (json!("a=b"), "a=b"),
            (
                json!({
                    "matchLabels": {"m": "1"},
                    "matchExpressions": [
                        {"key": "z", "operator": "NotIn", "values": ["2", "1"]},
                        {"key": "a", "operator": "Exists"},
                    ],
                }),
                "a,m=1,z notin (1,2)",
            ),
        ];
        for (selector, expected) in cases {
            assert_eq!(selector_text(&selector), expected, "{selector}");
        }
    }
}
