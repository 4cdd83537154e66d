//! How versions are converted into each other.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use serde_json::{Map, Value, json};

use crate::registry::strategy::{Rules, name, webhook_client};

/// Fills in that versions differ in nothing but their name, and the port of a webhook.
pub(super) fn default(spec: &mut Map<String, Value>) {
    let conversion = spec.entry("conversion").or_insert(Value::Null);
    if conversion.is_null() {
        *conversion = json!({"strategy": "None"});
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

/// Checks the conversion; before anybody is converted, `trusts_anything`.
pub(super) fn validate(rules: &mut Rules, conversion: &Value, trusts_anything: bool) {
    let (client, versions) = (
        "spec.conversion.webhookClientConfig",
        "spec.conversion.conversionReviewVersions",
    );
    let webhook = &conversion["webhook"];
    let strategy = conversion["strategy"].as_str().unwrap_or_default();
    match strategy {
        "" => rules.required("spec.conversion.strategy", ""),
        _ => rules.one_of("spec.conversion.strategy", strategy, &["None", "Webhook"]),
    }
    if strategy == "Webhook" {
        if webhook["clientConfig"].is_object() {
            webhook_client(rules, client, &webhook["clientConfig"]);
            let bundle = &webhook["clientConfig"]["caBundle"];
            if !trusts_anything && !is_bundle(bundle) {
                let detail = "unable to load root certificates: unable to parse bytes as PEM block";
                rules.invalid(format!("{client}.caBundle"), bundle, detail);
            }
        } else {
            rules.required(client, "required when strategy is set to Webhook");
        }
        review_versions(rules, versions, &webhook["conversionReviewVersions"]);
        return;
    }
    let detail = "should not be set when strategy is not set to Webhook";
    if !webhook["clientConfig"].is_null() {
        rules.forbidden(client, detail);
    }
    if webhook["conversionReviewVersions"]
        .as_array()
        .is_some_and(|list| !list.is_empty())
    {
        rules.forbidden(versions, detail);
    }
}

/// Whether the authorities of a webhook are not said, or can be read.
pub(super) fn is_bundle(bundle: &Value) -> bool {
    let text = bundle.as_str().unwrap_or_default();
    let bytes = BASE64_STANDARD.decode(text).unwrap_or_default();
    let mut found = CertificateDer::pem_slice_iter(&bytes);
    text.is_empty() || found.any(|one| one.is_ok())
}

fn review_versions(rules: &mut Rules, field: &str, versions: &Value) {
    let list = versions.as_array().map(Vec::as_slice).unwrap_or_default();
    if list.is_empty() {
        return rules.required(field, "");
    }
    for (index, version) in list.iter().enumerate() {
        let field = format!("{field}[{index}]");
        let text = version.as_str().unwrap_or_default();
        if list[..index].contains(version) {
            rules.invalid(field, version, "duplicate version");
        } else {
            rules.reasons(&field, text, name::label_1035(text));
        }
    }
    if !list.iter().any(|version| version == "v1" || version == "v1beta1") {
        rules.invalid(field, versions, "must include at least one of v1, v1beta1");
    }
}
