//! The annotation in which client-side `kubectl apply` remembers its configuration.
//!
//! For `kubectl` alone, server-side apply takes over the fields the annotation records, and keeps it up to date
//! so that client-side apply works on.

use serde_json::{Value, json};

use super::collect;
use super::compare::compare;
use super::element::escape_html;
use super::set::Set;
use super::shape::Shape;
use super::validate::{Duplicates, validate};
use crate::object::{Meta, metadata_mut};

/// The manager these rules are for.
pub(super) const MANAGER: &str = "kubectl";

const ANNOTATION: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// All annotations of an object together are at most this large.
const MAX_ANNOTATIONS: usize = 256 * 1024;

/// The fields `kubectl` may take over without force: those the annotation records that have not changed since.
pub(super) fn allowed(shape: Shape<'_>, live: &Value, api_version: &str) -> Set {
    let Some(recorded) = annotation(live) else {
        return Set::default();
    };
    let Ok(recorded) = serde_json::from_str::<Value>(recorded) else {
        return Set::default();
    };
    let fits = |value| validate(shape, value, Duplicates::Refused).is_ok();
    if recorded.api_version() != api_version || !fits(&recorded) || !fits(live) {
        return Set::default();
    }
    let change = compare(shape, &recorded, live);
    collect::fields(shape, &recorded).difference(&change.changed().union(&change.removed))
}

/// Records `config` in the annotation, if the object has it.
pub(super) fn refresh(object: &mut Value, config: &Value) {
    if annotation(object).is_none() {
        return;
    }
    let mut config = config.clone();
    if let Some(Value::Object(annotations)) = config.pointer_mut("/metadata/annotations") {
        annotations.remove(ANNOTATION);
    }
    let text = escape_html(&config.to_string()) + "\n";
    let annotations = &mut metadata_mut(object)["annotations"];
    annotations[ANNOTATION] = json!(text);
    if size(annotations) > MAX_ANNOTATIONS {
        annotations
            .as_object_mut()
            .map(|annotations| annotations.remove(ANNOTATION));
    }
}

fn annotation(object: &Value) -> Option<&str> {
    let text = object.metadata()?.get("annotations")?.get(ANNOTATION)?.as_str()?;
    (!text.is_empty()).then_some(text)
}

fn size(annotations: &Value) -> usize {
    let annotations = annotations.as_object().into_iter().flatten();
    let length = |(key, value): (&String, &Value)| key.len() + value.as_str().map_or(0, str::len);
    annotations.map(length).sum()
}
