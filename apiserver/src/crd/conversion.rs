//! How versions are converted into each other.

use serde_json::{Map, Value, json};

use crate::object::map_mut;
use crate::registry::strategy::{Rules, webhook_client};

/// Fills in that versions differ in nothing but their name, and the port of a webhook.
pub(super) fn default(spec: &mut Map<String, Value>) {
    let conversion = map_mut(spec.entry("conversion").or_insert(Value::Null));
    if conversion.get("strategy").is_none_or(|strategy| strategy == "") {
        conversion.insert("strategy".into(), json!("None"));
    }
    let service = conversion
        .get_mut("webhook")
        .and_then(|webhook| webhook.get_mut("clientConfig"));
    let service = service
        .and_then(|client| client.get_mut("service"))
        .and_then(Value::as_object_mut);
    if let Some(service) = service {
        service.entry("port").or_insert(json!(443));
    }
}

/// Checks the conversion.
pub(super) fn validate(rules: &mut Rules, conversion: &Value) {
    let (client, versions) = (
        "spec.conversion.webhookClientConfig",
        "spec.conversion.conversionReviewVersions",
    );
    let webhook = &conversion["webhook"];
    let strategy = conversion["strategy"].as_str().unwrap_or_default();
    rules.one_of("spec.conversion.strategy", strategy, &["None", "Webhook"]);
    if strategy == "Webhook" {
        if webhook["clientConfig"].is_object() {
            webhook_client(rules, client, &webhook["clientConfig"]);
        } else {
            rules.required(client, "required when strategy is set to Webhook");
        }
        review_versions(rules, versions, &webhook["conversionReviewVersions"]);
        return;
    }
    for (field, part) in [(client, "clientConfig"), (versions, "conversionReviewVersions")] {
        if !webhook[part].is_null() && strategy == "None" {
            rules.forbidden(field, "should not be set when strategy is not set to Webhook");
        }
    }
}

fn review_versions(rules: &mut Rules, field: &str, versions: &Value) {
    let list = versions.as_array().map(Vec::as_slice).unwrap_or_default();
    if list.is_empty() {
        rules.required(field, "");
    } else if !list.iter().any(|version| version == "v1" || version == "v1beta1") {
        rules.invalid(field, versions, "must include at least one of v1, v1beta1");
    }
}
