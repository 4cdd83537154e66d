//! Volumes: those of pods, claims, persistent volumes and their classes.

use serde_json::{Value, json};

use super::edit::{self, Fields, each, ensure, entries, inside, is_unset, items, put, text_at};
use super::hooks::{Hooks, NONE};
use super::rule::Rules;
use crate::schema::quantity::Quantity;
use crate::status::FieldError;

/// Fills in one volume of a pod.
pub(super) fn default_source(volume: &mut Fields) {
    if volume.keys().all(|key| key == "name") {
        volume.insert("emptyDir".into(), json!({}));
    }
    for source in ["configMap", "secret", "downwardAPI", "projected"] {
        inside(volume, source, |source| put(source, "defaultMode", 0o644));
    }
    inside(volume, "downwardAPI", field_references);
    inside(volume, "projected", |projected| {
        each(projected, "sources", |source| {
            inside(source, "downwardAPI", field_references);
            inside(source, "serviceAccountToken", |token| {
                put(token, "expirationSeconds", 3600);
            });
        });
    });
    inside(volume, "hostPath", path_type);
    inside(volume, "ephemeral", |ephemeral| {
        inside(ephemeral, "volumeClaimTemplate", |template| {
            ensure(template, "metadata");
            default_claim_spec(ensure(template, "spec"));
        });
    });
}

fn field_references(source: &mut Fields) {
    each(source, "items", |item| {
        inside(item, "fieldRef", |field| put(field, "apiVersion", "v1"));
    });
}

fn path_type(host_path: &mut Fields) {
    host_path.entry("type").or_insert(json!(""));
}

/// Fills in what a claim asks for.
pub(super) fn default_claim_spec(spec: &mut Fields) {
    put(spec, "volumeMode", "Filesystem");
}

fn finalize(value: &mut Value, finalizer: &str) {
    let finalizers = edit::metadata(value).entry("finalizers").or_insert(Value::Null);
    if !finalizers.is_array() {
        *finalizers = json!([]);
    }
    if let Some(list) = finalizers.as_array_mut()
        && !list.iter().any(|one| one == finalizer)
    {
        list.push(json!(finalizer));
    }
}

const ACCESS_MODES: [&str; 4] = [
    "ReadOnlyMany",
    "ReadWriteMany",
    "ReadWriteOnce",
    "ReadWriteOncePod",
];

fn access_modes(rules: &mut Rules, value: &Value, missing: &str) {
    let modes = items(value, "/spec/accessModes");
    if modes.is_empty() {
        rules.required("spec.accessModes", missing);
    }
    for mode in modes.iter().filter_map(Value::as_str) {
        rules.one_of("spec.accessModes", mode, &ACCESS_MODES);
    }
}

pub(super) const PERSISTENT_VOLUME_CLAIM: Hooks = Hooks {
    default: |value| default_claim_spec(ensure(edit::map(value), "spec")),
    prepare_create: |value| {
        finalize(value, "kubernetes.io/pvc-protection");
        put(ensure(edit::map(value), "status"), "phase", "Pending");
    },
    validate: |rules, value| {
        access_modes(rules, value, "at least 1 access mode is required");
        let storage = &value["spec"]["resources"]["requests"]["storage"];
        match storage.as_str().and_then(Quantity::parse) {
            None => rules.required("spec.resources[storage]", ""),
            Some(size) if size.is_negative() || size.canonical() == "0" => {
                rules.invalid("spec.resources[storage]", storage, "must be greater than zero");
            }
            Some(_) => {}
        }
    },
    validate_update: |rules, new, old| {
        let fixed = |value: &Value, like: &Value| {
            let mut spec = value["spec"].clone();
            if let Some(fields) = spec.as_object_mut() {
                fields.remove("resources");
                fields.remove("volumeAttributesClassName");
                // A claim is bound once.
                if is_unset(like["spec"].get("volumeName")) {
                    fields.remove("volumeName");
                }
            }
            spec
        };
        if fixed(new, old) != fixed(old, old) {
            let detail = "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims";
            rules.forbidden("spec", detail);
        }
    },
    ..NONE
};

pub(super) const PERSISTENT_VOLUME: Hooks = Hooks {
    default: |value| {
        let spec = ensure(edit::map(value), "spec");
        put(spec, "persistentVolumeReclaimPolicy", "Retain");
        put(spec, "volumeMode", "Filesystem");
        inside(spec, "hostPath", path_type);
    },
    prepare_create: |value| {
        finalize(value, "kubernetes.io/pv-protection");
        put(ensure(edit::map(value), "status"), "phase", "Pending");
    },
    validate: |rules, value| {
        access_modes(rules, value, "");
        if entries(value, "/spec/capacity").next().is_none() {
            rules.required("spec.capacity", "");
        }
        if value["spec"]["capacity"]["storage"].is_null() {
            rules.push(FieldError::not_supported(
                "spec.capacity",
                &value["spec"]["capacity"],
                &["storage"],
            ));
        }
        let plain = [
            "accessModes",
            "capacity",
            "claimRef",
            "mountOptions",
            "nodeAffinity",
            "persistentVolumeReclaimPolicy",
            "storageClassName",
            "volumeAttributesClassName",
            "volumeMode",
        ];
        if entries(value, "/spec").all(|(key, _)| plain.contains(&key.as_str())) {
            rules.required("spec", "must specify a volume type");
        }
    },
    ..NONE
};

pub(super) const STORAGE_CLASS: Hooks = Hooks {
    default: |value| {
        let class = edit::map(value);
        put(class, "reclaimPolicy", "Delete");
        put(class, "volumeBindingMode", "Immediate");
    },
    validate: |rules, value| {
        rules.require_text(value, "/provisioner");
        rules.one_of(
            "reclaimPolicy",
            text_at(value, "/reclaimPolicy"),
            &["Delete", "Retain"],
        );
    },
    validate_update: |rules, new, old| {
        for field in ["parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"] {
            if new[field] != old[field] {
                rules.forbidden(field, &format!("updates to {field} are forbidden."));
            }
        }
    },
    ..NONE
};

pub(super) const CSI_DRIVER: Hooks = Hooks {
    default: |value| {
        let spec = ensure(edit::map(value), "spec");
        put(spec, "attachRequired", true);
        put(spec, "fsGroupPolicy", "ReadWriteOnceWithFSType");
        for field in [
            "podInfoOnMount",
            "requiresRepublish",
            "seLinuxMount",
            "storageCapacity",
        ] {
            put(spec, field, false);
        }
        spec.entry("volumeLifecycleModes")
            .or_insert(json!(["Persistent"]));
    },
    ..NONE
};
