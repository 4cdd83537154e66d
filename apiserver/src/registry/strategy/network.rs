//! Ingresses, network policies, endpoints.

use serde_json::{Value, json};

use super::edit::{self, each, ensure, inside, items, put, text_at};
use super::hooks::{Hooks, NONE};
use super::name;
use super::rule::Rules;

pub(super) const INGRESS: Hooks = Hooks {
    prepare_create: |value| {
        ensure(ensure(edit::map(value), "status"), "loadBalancer");
    },
    validate: |rules, value| {
        let spec = &value["spec"];
        if items(spec, "/rules").is_empty() && !spec["defaultBackend"].is_object() {
            let spec = if spec.as_object().is_some_and(serde_json::Map::is_empty) {
                &Value::Null
            } else {
                spec
            };
            rules.invalid(
                "spec",
                spec,
                "either `defaultBackend` or `rules` must be specified",
            );
        }
        if spec["defaultBackend"].is_object() {
            backend(rules, "spec.defaultBackend", &spec["defaultBackend"]);
        }
        for (index, rule) in items(spec, "/rules").iter().enumerate() {
            ingress_rule(rules, &format!("spec.rules[{index}]"), rule);
        }
    },
    ..NONE
};

fn ingress_rule(rules: &mut Rules, place: &str, rule: &Value) {
    let host = text_at(rule, "/host");
    let plain = host.strip_prefix("*.").unwrap_or(host);
    if !plain.is_empty() {
        rules.reasons(&format!("{place}.host"), host, name::subdomain(plain));
    }
    for (index, path) in items(rule, "/http/paths").iter().enumerate() {
        let place = format!("{place}.http.paths[{index}]");
        let text = text_at(path, "/path");
        match text_at(path, "/pathType") {
            "" => {
                rules.required(format!("{place}.pathType"), "pathType must be specified");
                continue;
            }
            "Exact" | "Prefix" if !text.starts_with('/') => {
                rules.invalid(format!("{place}.path"), &json!(text), "must be an absolute path");
            }
            "Exact" | "Prefix" | "ImplementationSpecific" => {}
            other => rules.one_of(
                format!("{place}.pathType"),
                other,
                &["Exact", "ImplementationSpecific", "Prefix"],
            ),
        }
        backend(rules, &format!("{place}.backend"), &path["backend"]);
    }
}

fn backend(rules: &mut Rules, place: &str, backend: &Value) {
    let service = &backend["service"];
    if !service.is_object() && !backend["resource"].is_object() {
        return rules.invalid(place, &json!(""), "resource or service backend is required");
    }
    if service.is_object() && text_at(service, "/name").is_empty() {
        rules.required(format!("{place}.service.name"), "");
    }
}

pub(super) const INGRESS_CLASS: Hooks = Hooks {
    default: |value| {
        inside(ensure(edit::map(value), "spec"), "parameters", |parameters| {
            put(parameters, "scope", "Cluster");
        });
    },
    validate: |rules, value| rules.require_text(value, "/spec/controller"),
    validate_update: |rules, new, old| rules.immutable(new, old, "/spec/controller"),
    ..NONE
};

pub(super) const NETWORK_POLICY: Hooks = Hooks {
    default: |value| {
        let spec = ensure(edit::map(value), "spec");
        if !spec.contains_key("policyTypes") {
            let egress = spec
                .get("egress")
                .and_then(Value::as_array)
                .is_some_and(|rules| !rules.is_empty());
            spec.insert(
                "policyTypes".into(),
                if egress {
                    json!(["Ingress", "Egress"])
                } else {
                    json!(["Ingress"])
                },
            );
        }
        for direction in ["ingress", "egress"] {
            each(spec, direction, |rule| {
                each(rule, "ports", |port| put(port, "protocol", "TCP"));
            });
        }
    },
    validate: |rules, value| {
        for (direction, peers) in [("ingress", "from"), ("egress", "to")] {
            for (index, rule) in items(value, &format!("/spec/{direction}")).iter().enumerate() {
                for (at, peer) in items(rule, &format!("/{peers}")).iter().enumerate() {
                    if peer.as_object().is_none_or(serde_json::Map::is_empty) {
                        rules.required(
                            format!("spec.{direction}[{index}].{peers}[{at}]"),
                            "must specify a peer",
                        );
                    }
                }
            }
        }
        for (index, kind) in items(value, "/spec/policyTypes").iter().enumerate() {
            let kind = kind.as_str().unwrap_or_default();
            rules.one_of(format!("spec.policyTypes[{index}]"), kind, &["Ingress", "Egress"]);
        }
    },
    ..NONE
};

pub(super) const ENDPOINTS: Hooks = Hooks {
    default: |value| {
        each(edit::map(value), "subsets", |subset| {
            each(subset, "ports", |port| put(port, "protocol", "TCP"));
        });
    },
    ..NONE
};

pub(super) const ENDPOINT_SLICE: Hooks = Hooks {
    default: |value| {
        each(edit::map(value), "ports", |port| {
            put(port, "protocol", "TCP");
            port.entry("name").or_insert(json!(""));
        });
    },
    validate: |rules, value| rules.require_text(value, "/addressType"),
    validate_update: |rules, new, old| rules.immutable(new, old, "/addressType"),
    ..NONE
};
