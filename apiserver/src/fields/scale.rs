//! Owners of the replica count, seen through the scale subresource.
//!
//! Who owns the count of an object owns `.spec.replicas` of its `Scale`, and the other way round: give the `Scale`
//! the entries [`scale_to_subresource`] makes, write it as an object of [`scale_kind`] through the subresource
//! `scale`, and take its entries back by [`scale_to_parent`].

use std::sync::Arc;

use serde_json::Value;

use super::element::{Element, Path};
use super::owner::{self, Holding, Owners};
use super::set::Set;
use crate::registry::{ResetFields, Resource};
use crate::schema::{Definitions, Schema};

const SCALE_VERSION: &str = "autoscaling/v1";

/// Returns the description of the `Scale` objects of a kind.
#[must_use]
pub fn scale_kind(resource: &Resource) -> Resource {
    Resource {
        group: "autoscaling".to_owned(),
        version: "v1".to_owned(),
        kind: "Scale".to_owned(),
        custom: false,
        schema: Some(Arc::new(Schema::reference("io.k8s.api.autoscaling.v1.Scale"))),
        definitions: Definitions::built_in(),
        reset_fields: ResetFields::default(),
        ..resource.clone()
    }
}

/// Returns the `managedFields` of the `Scale` of an object with `entries`; `None` if nobody owns the count.
#[must_use]
pub fn scale_to_subresource(resource: &Resource, entries: Option<&Value>) -> Option<Value> {
    let path = replicas_path(resource)?;
    let owners = owner::decode(entries).ok()?;
    let of_count = owners
        .into_iter()
        .filter(|(_, holding)| holding.fields.contains(&path));
    let translated =
        of_count.map(|(manager, holding)| (manager, count(SCALE_VERSION, &path_in_scale(), holding.time)));
    owner::encode(&translated.collect())
}

/// Returns the `managedFields` of an object with `entries` after its `Scale` got those of `scale`.
#[must_use]
pub fn scale_to_parent(resource: &Resource, entries: Option<&Value>, scale: Option<&Value>) -> Option<Value> {
    let path = replicas_path(resource)?;
    let parent = owner::decode(entries).ok()?;
    let mut scale = owner::decode(scale).ok()?;
    let mut owners = Owners::new();
    for (manager, holding) in &parent {
        let mut holding = holding.clone();
        if holding.fields.contains(&path) && scale.remove(manager).is_none() {
            holding.fields = holding.fields.difference(&Set::of([&path]));
        }
        owners.insert(manager.clone(), holding);
    }
    for (manager, holding) in scale {
        if holding.fields.contains(&path_in_scale()) {
            // The real server keeps no time here but the one the manager's entry had.
            let time = parent.get(&manager).and_then(|holding| holding.time.clone());
            owners.insert(manager, count(&resource.api_version(), &path, time));
        }
    }
    owners.retain(|_, holding| !holding.fields.is_empty());
    owner::encode(&owners)
}

fn count(api_version: &str, path: &Path, time: Option<String>) -> Holding {
    Holding {
        api_version: api_version.to_owned(),
        fields: Set::of([path]),
        time,
    }
}

fn replicas_path(resource: &Resource) -> Option<Path> {
    let path = resource.scale.as_ref()?.spec_replicas.trim_start_matches('.');
    Some(path.split('.').map(Element::field).collect())
}

fn path_in_scale() -> Path {
    ["spec", "replicas"].map(Element::field).to_vec()
}
