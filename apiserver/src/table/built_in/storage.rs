//! Volumes, claims and their classes.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::text::{at, created, items, name};
use crate::object::Meta as _;

/// Access modes in two letters each.
fn modes(list: &[Value]) -> String {
    let known = [
        ("ReadWriteOnce", "RWO"),
        ("ReadOnlyMany", "ROX"),
        ("ReadWriteMany", "RWX"),
        ("ReadWriteOncePod", "RWOP"),
    ];
    let found = known
        .iter()
        .filter(|(mode, _)| list.iter().any(|one| one == mode));
    found.map(|(_, short)| *short).collect::<Vec<_>>().join(",")
}

fn state(object: &Value) -> String {
    if object.is_deleting() {
        "Terminating".to_owned()
    } else {
        at(object, "/status/phase").to_owned()
    }
}

fn attributes_class(object: &Value) -> Value {
    json!(
        object["spec"]["volumeAttributesClassName"]
            .as_str()
            .unwrap_or("<unset>")
    )
}

fn volume_mode(object: &Value) -> Value {
    json!(object["spec"]["volumeMode"].as_str().unwrap_or("<unset>"))
}

/// Cells of a persistent volume.
pub(super) fn volume(volume: &Value, now: Timestamp) -> Vec<Value> {
    let claim = &volume["spec"]["claimRef"];
    let claim = if claim.is_object() {
        format!("{}/{}", at(claim, "/namespace"), at(claim, "/name"))
    } else {
        String::new()
    };
    vec![
        name(volume),
        json!(at(volume, "/spec/capacity/storage")),
        json!(modes(items(volume, "/spec/accessModes"))),
        json!(at(volume, "/spec/persistentVolumeReclaimPolicy")),
        json!(state(volume)),
        json!(claim),
        json!(at(volume, "/spec/storageClassName")),
        attributes_class(volume),
        json!(at(volume, "/status/reason")),
        created(volume, now),
        volume_mode(volume),
    ]
}

/// Cells of a claim: what it has, once it is bound.
pub(super) fn claim(claim: &Value, now: Timestamp) -> Vec<Value> {
    let bound = !at(claim, "/spec/volumeName").is_empty();
    let (capacity, access) = if bound {
        (
            at(claim, "/status/capacity/storage"),
            modes(items(claim, "/status/accessModes")),
        )
    } else {
        ("", String::new())
    };
    vec![
        name(claim),
        json!(state(claim)),
        json!(at(claim, "/spec/volumeName")),
        json!(capacity),
        json!(access),
        json!(at(claim, "/spec/storageClassName")),
        attributes_class(claim),
        created(claim, now),
        volume_mode(claim),
    ]
}

/// Cells of a storage class; that of claims that name none is marked.
pub(super) fn class(class: &Value, now: Timestamp) -> Vec<Value> {
    let marked = class["metadata"]["annotations"]["storageclass.kubernetes.io/is-default-class"] == "true";
    let shown = if marked {
        format!("{} (default)", class.name())
    } else {
        class.name().to_owned()
    };
    vec![
        json!(shown),
        json!(at(class, "/provisioner")),
        json!(at(class, "/reclaimPolicy")),
        json!(at(class, "/volumeBindingMode")),
        json!(class["allowVolumeExpansion"] == true),
        created(class, now),
    ]
}
