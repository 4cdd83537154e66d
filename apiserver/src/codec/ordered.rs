//! JSON as Go writes typed metadata: the fields in the order their structs declare them.
//!
//! Only messages that quote an object need this; answers are compared as values.

use serde_json::{Map, Value};

const METADATA: [&str; 15] = [
    "name",
    "generateName",
    "namespace",
    "selfLink",
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "labels",
    "annotations",
    "ownerReferences",
    "finalizers",
    "managedFields",
];
const OWNER: [&str; 6] = [
    "apiVersion",
    "kind",
    "name",
    "uid",
    "controller",
    "blockOwnerDeletion",
];
const MANAGER: [&str; 7] = [
    "manager",
    "operation",
    "apiVersion",
    "time",
    "fieldsType",
    "fieldsV1",
    "subresource",
];

/// Returns an object as JSON whose metadata has the order of `ObjectMeta`.
#[must_use]
pub fn object_json(object: &Value) -> String {
    let field = |name: &str, value: &Value| match name {
        "metadata" => fields(value, &METADATA, metadata_field),
        _ => value.to_string(),
    };
    fields(object, &[], field)
}

/// Returns owner references as JSON in the order of `OwnerReference`.
#[must_use]
pub fn owners_json(owners: &Value) -> String {
    items(owners, &OWNER)
}

fn metadata_field(name: &str, value: &Value) -> String {
    match name {
        "ownerReferences" => items(value, &OWNER),
        "managedFields" => items(value, &MANAGER),
        _ => value.to_string(),
    }
}

fn items(list: &Value, order: &[&str]) -> String {
    let Some(list) = list.as_array() else {
        return list.to_string();
    };
    let plain = |_: &str, value: &Value| value.to_string();
    let items: Vec<String> = list.iter().map(|item| fields(item, order, plain)).collect();
    format!("[{}]", items.join(","))
}

/// Writes an object: first the fields of `order`, then the others by name.
fn fields(object: &Value, order: &[&str], field: impl Fn(&str, &Value) -> String) -> String {
    let Some(map) = object.as_object() else {
        return object.to_string();
    };
    let fields: Vec<String> = in_order(map, order)
        .into_iter()
        .map(|(name, value)| format!("{}:{}", Value::from(name), field(name, value)))
        .collect();
    format!("{{{}}}", fields.join(","))
}

fn in_order<'a>(map: &'a Map<String, Value>, order: &[&str]) -> Vec<(&'a str, &'a Value)> {
    let place = |name: &str| {
        order
            .iter()
            .position(|known| *known == name)
            .unwrap_or(order.len())
    };
    let mut entries: Vec<(&str, &Value)> = map.iter().map(|(name, value)| (name.as_str(), value)).collect();
    entries.sort_by_key(|(name, _)| (place(name), *name));
    entries
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn metadata_has_the_order_of_its_struct() {
        let object = json!({
            "kind": "ConfigMap",
            "data": {"b": "1", "a": "2"},
            "metadata": {
                "labels": {"a": "1"},
                "managedFields": [{"apiVersion": "v1", "manager": "m"}],
                "uid": "u",
                "name": "n",
                "odd": true,
            },
        });
        let expected = "{\"data\":{\"a\":\"2\",\"b\":\"1\"},\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"n\",\
             \"uid\":\"u\",\"labels\":{\"a\":\"1\"},\"managedFields\":[{\"manager\":\"m\",\"apiVersion\":\"v1\"}],\
             \"odd\":true}}";
        assert_eq!(object_json(&object), expected);
    }

    #[test]
    fn what_is_no_object_is_written_as_it_is() {
        assert_eq!(object_json(&json!({"metadata": [1]})), "{\"metadata\":[1]}");
        assert_eq!(owners_json(&json!("x")), "\"x\"");
    }
}
