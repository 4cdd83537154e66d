//! From raw text to an object, or to what little can be said of one that does not decode.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Cached, ObjectKey};

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

/// Decodes an object, without its `managedFields` unless they are kept.
pub(super) fn decode<K: Cached>(raw: &RawValue, keep_managed_fields: bool) -> Result<K, Unreadable> {
    match serde_json::from_str::<K>(raw.get()) {
        Ok(mut object) => {
            if !keep_managed_fields {
                object.meta_mut().managed_fields = None;
            }
            Ok(object)
        }
        Err(error) => Err(unreadable(raw, error)),
    }
}

/// Returns the version an event carries, decodable or not.
pub(super) fn version_of(raw: &RawValue) -> Option<String> {
    serde_json::from_str::<Bare>(raw.get())
        .ok()?
        .metadata
        .resource_version
}

fn unreadable(raw: &RawValue, error: serde_json::Error) -> Unreadable {
    let Ok(Bare { metadata }) = serde_json::from_str(raw.get()) else {
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
    use k8s_openapi::api::core::v1::ConfigMap;
    use serde_json::value::to_raw_value;
    use serde_json::{Value, json};

    use super::*;

    fn raw(value: &Value) -> Box<RawValue> {
        to_raw_value(value).unwrap()
    }

    #[test]
    fn managed_fields_are_dropped_unless_kept() {
        let object = raw(&json!({"metadata": {"name": "a", "managedFields": [{"manager": "m"}]}}));
        for (keep, expected) in [(false, None), (true, Some(1))] {
            let decoded: ConfigMap = decode(&object, keep).unwrap();
            assert_eq!(
                decoded.metadata.managed_fields.map(|fields| fields.len()),
                expected
            );
        }
    }

    #[test]
    fn an_unreadable_object_still_tells_its_key_and_version() {
        let metadata = json!({"name": "a", "namespace": "n", "resourceVersion": "7"});
        let failed = decode::<ConfigMap>(&raw(&json!({"metadata": metadata, "data": 5})), false).unwrap_err();
        assert_eq!(failed.key, Some(ObjectKey::namespaced("n", "a")));
        assert_eq!(failed.version.as_deref(), Some("7"));
    }

    #[test]
    fn an_object_without_any_sense_has_no_key() {
        for object in [json!(5), json!({"metadata": 1}), json!({})] {
            if let Err(failed) = decode::<ConfigMap>(&raw(&object), false) {
                assert_eq!(failed.key, None, "{object}");
            }
        }
    }
}
