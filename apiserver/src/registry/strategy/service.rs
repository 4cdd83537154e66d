//! Services. Their addresses are given out by [`addresses`](crate::registry::addresses).

use std::collections::BTreeSet;
use std::net::IpAddr;

use serde_json::{Value, json};

use super::edit::{self, Fields, each, ensure, items, put, text, text_at};
use super::hooks::{Hooks, NONE};
use super::pod_rules::port_number;
use super::rule::Rules;
use super::{metadata, name};

pub(super) const SERVICE: Hooks = Hooks {
    default: |value| {
        let spec = ensure(edit::map(value), "spec");
        put(spec, "sessionAffinity", "None");
        if text(spec, "sessionAffinity") == "ClientIP" {
            put(
                ensure(ensure(spec, "sessionAffinityConfig"), "clientIP"),
                "timeoutSeconds",
                10800,
            );
        }
        put(spec, "type", "ClusterIP");
        each(spec, "ports", default_port);
        default_policies(spec);
        mirror_address(spec);
    },
    prepare_create: |value| {
        ensure(ensure(edit::map(value), "status"), "loadBalancer");
    },
    prepare_update: keep_addresses,
    validate,
    validate_update: |rules, new, old| {
        let (was, is) = (&old["spec"], &new["spec"]);
        let external = |spec: &Value| text_at(spec, "/type") == "ExternalName";
        let (before, after) = (&was["clusterIPs"], &is["clusterIPs"]);
        if !external(was) && !external(is) && before.is_array() && before != after {
            rules.invalid("spec.clusterIPs[0]", after, "may not change once set");
        }
    },
    ..NONE
};

fn default_port(port: &mut Fields) {
    put(port, "protocol", "TCP");
    let number = port.get("port").cloned().unwrap_or(json!(0));
    if port
        .get("targetPort")
        .is_none_or(|target| *target == 0 || *target == "")
    {
        port.insert("targetPort".into(), number);
    }
}

fn default_policies(spec: &mut Fields) {
    let kind = text(spec, "type").to_owned();
    if kind == "ExternalName" {
        return;
    }
    put(spec, "internalTrafficPolicy", "Cluster");
    if matches!(kind.as_str(), "NodePort" | "LoadBalancer") {
        put(spec, "externalTrafficPolicy", "Cluster");
    }
    if kind == "LoadBalancer" {
        spec.entry("allocateLoadBalancerNodePorts").or_insert(json!(true));
    }
}

/// `clusterIP` is the first of `clusterIPs`; either may be given.
fn mirror_address(spec: &mut Fields) {
    let single = text(spec, "clusterIP").to_owned();
    let first = spec
        .get("clusterIPs")
        .and_then(|list| list[0].as_str())
        .map(str::to_owned);
    match (single.is_empty(), first) {
        (false, None) => drop(spec.insert("clusterIPs".into(), json!([single]))),
        (true, Some(first)) => drop(spec.insert("clusterIP".into(), json!(first))),
        _ => {}
    }
    if text(spec, "type") != "ExternalName" && !text(spec, "clusterIP").is_empty() {
        families(spec);
    }
}

/// The address families follow from the address; a headless service without selector has both.
pub(crate) fn families(spec: &mut Fields) {
    let address = text(spec, "clusterIP").to_owned();
    let free = address == "None"
        && spec
            .get("selector")
            .is_none_or(|selector| selector.as_object().is_none_or(serde_json::Map::is_empty));
    let (families, policy) = match (free, address.parse()) {
        (true, _) => (json!(["IPv4", "IPv6"]), "RequireDualStack"),
        (_, Ok(IpAddr::V6(_))) => (json!(["IPv6"]), "SingleStack"),
        _ => (json!(["IPv4"]), "SingleStack"),
    };
    spec.entry("ipFamilies").or_insert(families);
    put(spec, "ipFamilyPolicy", policy);
}

/// An update that leaves addresses out keeps them; a kind that needs none gives them up.
fn keep_addresses(new: &mut Value, old: &Value) {
    let spec = ensure(edit::map(new), "spec");
    if text(spec, "type") == "ExternalName" {
        return;
    }
    let was = &old["spec"];
    for field in [
        "clusterIP",
        "clusterIPs",
        "ipFamilies",
        "ipFamilyPolicy",
        "healthCheckNodePort",
    ] {
        if edit::is_unset(spec.get(field)) && !was[field].is_null() {
            spec.insert(field.to_owned(), was[field].clone());
        }
    }
    let opens = matches!(text(spec, "type"), "NodePort" | "LoadBalancer");
    each(spec, "ports", |port| {
        let same = |one: &&Value| one["port"] == port["port"] && one["protocol"] == port["protocol"];
        let before = items(was, "/ports")
            .iter()
            .find(same)
            .map(|one| one["nodePort"].clone());
        match (opens, before) {
            (true, Some(number)) if !number.is_null() && !port.contains_key("nodePort") => {
                port.insert("nodePort".into(), number);
            }
            (false, Some(number)) if port.get("nodePort") == Some(&number) => drop(port.remove("nodePort")),
            _ => {}
        }
    });
}

const TYPES: [&str; 4] = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];

fn validate(rules: &mut Rules, value: &Value) {
    let spec = &value["spec"];
    let kind = text_at(spec, "/type");
    let headless = text_at(spec, "/clusterIP") == "None";
    if items(spec, "/ports").is_empty() && !headless && kind != "ExternalName" {
        rules.required("spec.ports", "");
    }
    if kind == "ExternalName" && text_at(spec, "/externalName").is_empty() {
        rules.required("spec.externalName", "");
    }
    if headless && matches!(kind, "NodePort" | "LoadBalancer") {
        rules.invalid(
            "spec.clusterIPs[0]",
            &json!("None"),
            &format!("may not be set to 'None' for {kind} services"),
        );
    }
    ports(rules, spec, kind);
    metadata::label_map(rules, "spec.selector", &spec["selector"]);
    rules.one_of(
        "spec.sessionAffinity",
        text_at(spec, "/sessionAffinity"),
        &["ClientIP", "None"],
    );
    rules.one_of("spec.type", kind, &TYPES);
    for (index, address) in items(spec, "/clusterIPs").iter().enumerate() {
        let text = address.as_str().unwrap_or_default();
        if text != "None" && text.parse::<IpAddr>().is_err() {
            let detail = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
            rules.invalid(format!("spec.clusterIPs[{index}]"), address, detail);
        }
    }
}

fn ports(rules: &mut Rules, spec: &Value, kind: &str) {
    let ports = items(spec, "/ports");
    let mut names = BTreeSet::new();
    for (index, port) in ports.iter().enumerate() {
        let place = format!("spec.ports[{index}]");
        let name = text_at(port, "/name");
        if name.is_empty() && ports.len() > 1 {
            rules.required(format!("{place}.name"), "");
        } else if !name.is_empty() {
            let field = format!("{place}.name");
            rules.reasons(&field, name, name::label(name));
            if !names.insert(name) {
                rules.duplicate(field, &json!(name));
            }
        }
        port_number(
            rules,
            &format!("{place}.port"),
            port["port"].as_i64().unwrap_or_default(),
        );
        rules.one_of(
            format!("{place}.protocol"),
            text_at(port, "/protocol"),
            &["SCTP", "TCP", "UDP"],
        );
        match &port["targetPort"] {
            Value::String(name) => rules.reasons(&format!("{place}.targetPort"), name, name::port_name(name)),
            number => port_number(
                rules,
                &format!("{place}.targetPort"),
                number.as_i64().unwrap_or_default(),
            ),
        }
        if kind == "ClusterIP" && port["nodePort"].as_i64().is_some_and(|number| number != 0) {
            rules.forbidden(
                format!("{place}.nodePort"),
                "may not be used when `type` is 'ClusterIP'",
            );
        }
    }
}
