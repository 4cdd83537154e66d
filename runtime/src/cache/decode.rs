//! From raw text to an object, or to what little can be said of one that does not decode.

use std::any::Any;
use std::sync::Arc;

use kube::core::DynamicObject;
use serde::Deserialize;

use super::form::{Form, Keep};
use super::packed::Packed;
use super::{Cached, ObjectKey};
use crate::Kind;

/// An object that is there but cannot be read as its kind.
#[derive(Debug)]
pub(super) struct Unreadable {
    /// Its key, unless even that cannot be read.
    pub(super) key: Option<ObjectKey>,
    pub(super) version: Option<String>,
    pub(super) error: serde_json::Error,
}

/// What every object has, whatever its kind.
#[derive(Deserialize)]
struct Bare {
    metadata: BareMetadata,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BareMetadata {
    name: Option<String>,
    namespace: Option<String>,
    resource_version: Option<String>,
}

/// An object as it arrived: decoded, and as the store will keep it.
#[derive(Debug)]
pub(super) struct Arrived<K> {
    pub(super) object: Arc<K>,
    /// Its text; none if it is to stay decoded.
    pub(super) packed: Option<Packed>,
    /// How many bytes of text it has.
    pub(super) weight: u32,
}

/// Decodes an object, without its `managedFields` unless they are kept: they are cut out before, never built.
pub(super) fn decode<K: Cached>(raw: &[u8], kind: &Kind, keep: Keep) -> Result<Arrived<K>, Unreadable> {
    let packed = Packed::new(raw, keep.managed_fields);
    let mut object: K = match read(&packed, kind) {
        Ok(object) => object,
        Err(error) => return Err(unreadable(raw, error)),
    };
    let meta = object.meta();
    // Text that is written in a way the outline does not see through stays decoded: it would not compare.
    let is_seen = packed.uid() == meta.uid.as_deref()
        && packed.version() == meta.resource_version.as_deref()
        && packed.owners().is_some() == meta.owner_references.is_some()
        && (keep.managed_fields || meta.managed_fields.is_none());
    if !keep.managed_fields {
        object.meta_mut().managed_fields = None;
    }
    Ok(Arrived {
        object: Arc::new(object),
        weight: packed.weight(),
        packed: (is_seen && keep.form == Form::Packed).then_some(packed),
    })
}

/// Decodes an object that was decoded before; `None` if its decoder answers differently this time.
pub(super) fn decode_again<K: Cached>(packed: &Packed, kind: &Kind) -> Option<Arc<K>> {
    read(packed, kind).ok().map(Arc::new)
}

fn read<K: Cached>(packed: &Packed, kind: &Kind) -> serde_json::Result<K> {
    let mut object: K = serde_json::from_slice(packed.text())?;
    // Items of a list do not always say what they are.
    if let Some(dynamic) = (&mut object as &mut dyn Any).downcast_mut::<DynamicObject>() {
        dynamic.types.get_or_insert_with(|| kind.type_meta());
    }
    Ok(object)
}

impl<K> From<K> for Arrived<K> {
    fn from(object: K) -> Self {
        Self {
            object: Arc::new(object),
            packed: None,
            weight: 0,
        }
    }
}

/// Returns the version an event carries, decodable or not.
pub(super) fn version_of(raw: &[u8]) -> Option<String> {
    serde_json::from_slice::<Bare>(raw)
        .ok()?
        .metadata
        .resource_version
}

fn unreadable(raw: &[u8], error: serde_json::Error) -> Unreadable {
    let Ok(Bare { metadata }) = serde_json::from_slice(raw) else {
        return Unreadable {
            key: None,
            version: None,
            error,
        };
    };
    let key = metadata
        .name
        .map(|name| ObjectKey::new(metadata.namespace.as_deref(), &name));
    Unreadable {
        key,
        version: metadata.resource_version,
        error,
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::apps::v1::Deployment;
    use k8s_openapi::api::core::v1::{ConfigMap, Pod, Secret};
    use kube::core::PartialObjectMeta;
    use serde::Serialize;
    use serde_json::{Value, json};

    use super::*;

    const PACKED: Keep = Keep {
        managed_fields: false,
        form: Form::Packed,
    };

    fn raw(value: &Value) -> Vec<u8> {
        serde_json::to_vec(value).unwrap()
    }

    fn kind() -> Kind {
        Kind::of::<ConfigMap>()
    }

    /// An object with all that makes text differ from what is in it.
    fn whole(more: Value) -> Value {
        let mut object = json!({"metadata": {
            "name": "a", "namespace": "n", "uid": "u", "resourceVersion": "7", "generation": 3,
            "creationTimestamp": "2026-01-01T00:00:00Z",
            "labels": {"app": "\u{fc}ber \"quoted\" \\ \u{1f600}"},
            "annotations": {"note": "line\nline\ttab", "managedFields": "{\"}"},
            "managedFields": [{"manager": "m", "operation": "Update", "fieldsV1": {"f:data": {"f:}": {}}}}],
            "ownerReferences": [{"apiVersion": "v1", "kind": "Node", "name": "x", "uid": "other"}],
        }});
        object
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        object
    }

    /// What is decoded again is what arrived, which is the object without its managed fields.
    #[track_caller]
    fn check<K: Cached + Serialize>(kind: &Kind, more: Value) {
        let object = whole(more);
        let arrived: Arrived<K> = decode(&raw(&object), kind, PACKED).unwrap();
        let packed = arrived.packed.unwrap();
        assert_eq!((packed.uid(), packed.version()), (Some("u"), Some("7")));
        let again = decode_again::<K>(&packed, kind).unwrap();
        let shown = |object: &K| serde_json::to_value(object).unwrap();
        assert_eq!(shown(&again), shown(&arrived.object));
        let mut expected: K = serde_json::from_value(object).unwrap();
        expected.meta_mut().managed_fields = None;
        let mut found = shown(&again);
        if let (Some(found), Some(expected)) = (found.as_object_mut(), shown(&expected).as_object()) {
            // An item of a list does not say what it is, and is told.
            found.retain(|name, _| expected.contains_key(name));
        }
        assert_eq!(found, shown(&expected));
    }

    #[test]
    fn objects_are_the_same_after_they_were_packed() {
        check::<ConfigMap>(
            &kind(),
            json!({"data": {"a": "b", "empty": ""}, "immutable": true}),
        );
        check::<Secret>(
            &Kind::of::<Secret>(),
            json!({"data": {"a": "AAEC/w=="}, "type": "Opaque"}),
        );
        let labels = json!({"app": "x"});
        let template = json!({"metadata": {"labels": labels, "managedFields": []}, "spec": {"containers": [
            {"name": "c", "image": "i", "resources": {"limits": {"cpu": "500m"}}, "ports": [{"containerPort": 80}]},
        ]}});
        let spec = json!({"replicas": 3, "selector": {"matchLabels": labels}, "template": template});
        check::<Deployment>(
            &Kind::of::<Deployment>(),
            json!({"spec": spec, "status": {"replicas": 1}}),
        );
        check::<PartialObjectMeta<Pod>>(&Kind::of::<Pod>(), json!({}));
        let deep = json!({"spec": {"a": [1, -2.5, 1e30, null, true, [], {}], "big": 18_446_744_073_709_551_615_u64}});
        check::<DynamicObject>(&Kind::namespaced("example.com", "v1", "Widget", "widgets"), deep);
    }

    #[test]
    fn a_dynamic_object_says_what_it_is_each_time_it_is_decoded() {
        let object = raw(&json!({"metadata": {"name": "a"}}));
        let arrived = decode::<DynamicObject>(&object, &kind(), PACKED).unwrap();
        let again = decode_again::<DynamicObject>(&arrived.packed.unwrap(), &kind()).unwrap();
        for object in [arrived.object, again] {
            assert_eq!(object.types, Some(kind().type_meta()));
        }
    }

    #[test]
    fn no_text_is_kept_of_what_stays_decoded() {
        let keep = Keep {
            form: Form::Decoded,
            ..PACKED
        };
        let arrived = decode::<ConfigMap>(&raw(&whole(json!({}))), &kind(), keep).unwrap();
        assert!(arrived.packed.is_none());
    }

    #[test]
    fn managed_fields_are_dropped_unless_kept() {
        let object = raw(&json!({"metadata": {"name": "a", "managedFields": [{"manager": "m"}]}}));
        for (managed_fields, expected) in [(false, None), (true, Some(1))] {
            let keep = Keep {
                managed_fields,
                ..PACKED
            };
            let arrived = decode::<ConfigMap>(&object, &kind(), keep).unwrap();
            let fields = |object: &ConfigMap| object.metadata.managed_fields.as_ref().map(Vec::len);
            assert_eq!(fields(&arrived.object), expected);
            let again = decode_again::<ConfigMap>(&arrived.packed.unwrap(), &kind()).unwrap();
            assert_eq!(again, arrived.object);
        }
    }

    #[test]
    fn text_with_escapes_in_its_keys_stays_decoded_and_loses_its_managed_fields_all_the_same() {
        for (key, escaped) in [
            ("\"managedFields\"", "\"managed\\u0046ields\""),
            ("\"uid\"", "\"u\\u0069d\""),
            ("\"u\"", "\"\\u0075\""),
            ("\"metadata\"", "\"meta\\u0064ata\""),
        ] {
            let fields = json!([{"manager": "m"}]);
            let object = json!({"metadata": {"name": "a", "uid": "u", "managedFields": fields}});
            let text = object.to_string().replacen(key, escaped, 1);
            let arrived = decode::<ConfigMap>(text.as_bytes(), &kind(), PACKED).unwrap();
            assert!(arrived.packed.is_none(), "{escaped}");
            assert_eq!(arrived.object.metadata.uid.as_deref(), Some("u"), "{escaped}");
            assert!(arrived.object.metadata.managed_fields.is_none(), "{escaped}");
        }
    }

    #[test]
    fn an_unreadable_object_still_tells_its_key_and_version() {
        let metadata = json!({"name": "a", "namespace": "n", "resourceVersion": "7"});
        let object = raw(&json!({"metadata": metadata, "data": 5}));
        let failed = decode::<ConfigMap>(&object, &kind(), PACKED).unwrap_err();
        assert_eq!(failed.key, Some(ObjectKey::namespaced("n", "a")));
        assert_eq!(failed.version.as_deref(), Some("7"));
    }

    #[test]
    fn an_object_without_any_sense_has_no_key() {
        for object in [json!(5), json!({"metadata": 1}), json!({})] {
            if let Err(failed) = decode::<ConfigMap>(&raw(&object), &kind(), PACKED) {
                assert_eq!(failed.key, None, "{object}");
            }
        }
    }
}
