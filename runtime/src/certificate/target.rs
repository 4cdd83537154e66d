//! What has to know whom to trust: webhook configurations, and definitions with a conversion webhook.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// An object of the cluster that names the operator's webhooks, and has to carry what they are verified by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Target {
    /// A `MutatingWebhookConfiguration`, by name.
    Mutating(String),
    /// A `ValidatingWebhookConfiguration`, by name.
    Validating(String),
    /// A `CustomResourceDefinition` whose versions are converted by a webhook, by name.
    Definition(String),
}

impl Target {
    /// Returns the name of the object.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Mutating(name) | Self::Validating(name) | Self::Definition(name) => name,
        }
    }

    pub(super) fn group(&self) -> &'static str {
        match self {
            Self::Mutating(_) | Self::Validating(_) => "admissionregistration.k8s.io",
            Self::Definition(_) => "apiextensions.k8s.io",
        }
    }

    pub(super) fn resource(&self) -> &'static str {
        match self {
            Self::Mutating(_) => "mutatingwebhookconfigurations",
            Self::Validating(_) => "validatingwebhookconfigurations",
            Self::Definition(_) => "customresourcedefinitions",
        }
    }

    pub(super) fn path(&self) -> String {
        format!("/apis/{}/v1/{}/{}", self.group(), self.resource(), self.name())
    }

    /// Returns the JSON patch that gives every webhook of the object the bundle; empty if all have it.
    ///
    /// Each part is only changed if it still is what `object` says: another replica may know of a newer bundle.
    pub(super) fn patch(&self, object: &Value, bundle: &[u8]) -> Vec<Value> {
        let bundle = STANDARD.encode(bundle);
        match self {
            Self::Mutating(_) | Self::Validating(_) => {
                let webhooks = object["webhooks"]
                    .as_array()
                    .map(Vec::as_slice)
                    .unwrap_or_default();
                let change = |(index, webhook): (usize, &Value)| {
                    let config = &webhook["clientConfig"];
                    let place = format!("/webhooks/{index}");
                    let guard =
                        json!({"op": "test", "path": format!("{place}/name"), "value": webhook["name"]});
                    change(config, &format!("{place}/clientConfig"), &bundle, guard)
                };
                webhooks.iter().enumerate().flat_map(change).collect()
            }
            Self::Definition(_) => {
                let conversion = &object["spec"]["conversion"];
                if conversion["strategy"] != "Webhook" {
                    return Vec::new();
                }
                let guard = json!({"op": "test", "path": "/spec/conversion/strategy", "value": "Webhook"});
                let config = &conversion["webhook"]["clientConfig"];
                change(config, "/spec/conversion/webhook/clientConfig", &bundle, guard)
            }
        }
    }
}

fn change(config: &Value, place: &str, bundle: &str, guard: Value) -> Vec<Value> {
    if !config.is_object() || config["caBundle"] == bundle {
        return Vec::new();
    }
    let path = format!("{place}/caBundle");
    let mut patch = vec![guard];
    if let Some(old) = config.get("caBundle") {
        patch.push(json!({"op": "test", "path": path, "value": old}));
    }
    patch.push(json!({"op": "add", "path": path, "value": bundle}));
    patch
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_changed_and_only_if_it_is_as_it_was() {
        let object = json!({"webhooks": [
            {"name": "a.io", "clientConfig": {"caBundle": "bmV3"}},
            {"name": "b.io", "clientConfig": {"caBundle": "b2xk"}},
            {"name": "c.io", "clientConfig": {}},
        ]});
        let expected = json!([
            {"op": "test", "path": "/webhooks/1/name", "value": "b.io"},
            {"op": "test", "path": "/webhooks/1/clientConfig/caBundle", "value": "b2xk"},
            {"op": "add", "path": "/webhooks/1/clientConfig/caBundle", "value": "bmV3"},
            {"op": "test", "path": "/webhooks/2/name", "value": "c.io"},
            {"op": "add", "path": "/webhooks/2/clientConfig/caBundle", "value": "bmV3"},
        ]);
        let patch = Target::Mutating("x".into()).patch(&object, b"new");
        assert_eq!(Value::from(patch), expected);
    }

    #[test]
    fn a_definition_without_a_webhook_is_left_alone() {
        let target = Target::Definition("x".into());
        let check = |conversion: Value, operations: usize| {
            let object = json!({"spec": {"conversion": conversion}});
            assert_eq!(target.patch(&object, b"new").len(), operations, "{object}");
        };
        check(json!(null), 0);
        check(json!({"strategy": "None"}), 0);
        check(
            json!({"strategy": "Webhook", "webhook": {"clientConfig": {"caBundle": "bmV3"}}}),
            0,
        );
        check(json!({"strategy": "Webhook", "webhook": {"clientConfig": {}}}), 2);
        check(
            json!({"strategy": "Webhook", "webhook": {"clientConfig": {"caBundle": "b2xk"}}}),
            3,
        );
    }
}
