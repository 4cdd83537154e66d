//! Services, endpoints, ingresses, network policies.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::text::{NONE, at, count, created, few, items, labels, name, or, selector};

/// Cells of a service.
pub(super) fn service(service: &Value, now: Timestamp) -> Vec<Value> {
    let address = at(service, "/spec/clusterIPs/0");
    let address = if address.is_empty() {
        at(service, "/spec/clusterIP")
    } else {
        address
    };
    vec![
        name(service),
        json!(at(service, "/spec/type")),
        or(address, NONE),
        json!(outside(service)),
        or(&ports(service), NONE),
        created(service, now),
        labels(&service["spec"]["selector"]),
    ]
}

/// Where a service is reached from outside.
fn outside(service: &Value) -> String {
    let fixed: Vec<&str> = items(service, "/spec/externalIPs")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    let balanced = ingress_points(service);
    match at(service, "/spec/type") {
        "ExternalName" => at(service, "/spec/externalName").to_owned(),
        "LoadBalancer" if balanced.is_empty() && fixed.is_empty() => "<pending>".to_owned(),
        "LoadBalancer" => balanced.into_iter().chain(fixed).collect::<Vec<_>>().join(","),
        _ if fixed.is_empty() => NONE.to_owned(),
        _ => fixed.join(","),
    }
}

fn ingress_points(object: &Value) -> Vec<&str> {
    let points = items(object, "/status/loadBalancer/ingress").iter();
    points
        .map(|one| {
            if at(one, "/ip").is_empty() {
                at(one, "/hostname")
            } else {
                at(one, "/ip")
            }
        })
        .collect()
}

fn ports(service: &Value) -> String {
    let port = |port: &Value| {
        let (number, node) = (count(port, "/port"), count(port, "/nodePort"));
        let node = if node == 0 {
            String::new()
        } else {
            format!(":{node}")
        };
        format!("{number}{node}/{}", at(port, "/protocol"))
    };
    items(service, "/spec/ports")
        .iter()
        .map(port)
        .collect::<Vec<_>>()
        .join(",")
}

/// How many addresses are shown.
const MOST: usize = 3;

/// Cells of endpoints.
pub(super) fn endpoints(endpoints: &Value, now: Timestamp) -> Vec<Value> {
    let of = |subset: &Value| -> Vec<String> {
        let addresses = items(subset, "/addresses");
        let ports = items(subset, "/ports");
        if ports.is_empty() {
            return addresses.iter().map(|one| at(one, "/ip").to_owned()).collect();
        }
        let mut pairs = Vec::new();
        for port in ports {
            let number = count(port, "/port");
            pairs.extend(addresses.iter().map(|one| format!("{}:{number}", at(one, "/ip"))));
        }
        pairs
    };
    let all: Vec<String> = items(endpoints, "/subsets").iter().flat_map(of).collect();
    vec![
        name(endpoints),
        or(&few(&all, MOST), NONE),
        created(endpoints, now),
    ]
}

/// Cells of an endpoint slice.
pub(super) fn endpoint_slice(slice: &Value, now: Timestamp) -> Vec<Value> {
    let ports = items(slice, "/ports")
        .iter()
        .map(|port| match port["port"].as_i64() {
            Some(number) => number.to_string(),
            None => "*".to_owned(),
        });
    let ports: Vec<String> = ports.collect();
    let addresses = items(slice, "/endpoints")
        .iter()
        .flat_map(|one| items(one, "/addresses"));
    let addresses: Vec<String> = addresses.filter_map(Value::as_str).map(str::to_owned).collect();
    let unset = |text: String| {
        if text.is_empty() {
            "<unset>".to_owned()
        } else {
            text
        }
    };
    vec![
        name(slice),
        json!(at(slice, "/addressType")),
        json!(unset(few(&ports, MOST))),
        json!(unset(few(&addresses, MOST))),
        created(slice, now),
    ]
}

/// Cells of an ingress.
pub(super) fn ingress(ingress: &Value, now: Timestamp) -> Vec<Value> {
    let class = at(ingress, "/spec/ingressClassName");
    let legacy = ingress["metadata"]["annotations"]["kubernetes.io/ingress.class"]
        .as_str()
        .unwrap_or_default();
    let hosts = items(ingress, "/spec/rules")
        .iter()
        .map(|rule| at(rule, "/host"))
        .filter(|host| !host.is_empty());
    let hosts: Vec<String> = hosts.map(str::to_owned).collect();
    let secured = !items(ingress, "/spec/tls").is_empty();
    vec![
        name(ingress),
        or(if class.is_empty() { legacy } else { class }, NONE),
        or(&few(&hosts, MOST), "*"),
        json!(ingress_points(ingress).join(",")),
        json!(if secured { "80, 443" } else { "80" }),
        created(ingress, now),
    ]
}

/// Cells of an ingress class.
pub(super) fn ingress_class(class: &Value, now: Timestamp) -> Vec<Value> {
    let parameters = &class["spec"]["parameters"];
    let (group, kind) = (at(parameters, "/apiGroup"), at(parameters, "/kind"));
    let shown = match (parameters.is_object(), group) {
        (false, _) => NONE.to_owned(),
        (true, "") => format!("{kind}/{}", at(parameters, "/name")),
        (true, group) => format!("{kind}.{group}/{}", at(parameters, "/name")),
    };
    vec![
        name(class),
        json!(at(class, "/spec/controller")),
        json!(shown),
        created(class, now),
    ]
}

/// Cells of a network policy.
pub(super) fn network_policy(policy: &Value, now: Timestamp) -> Vec<Value> {
    vec![
        name(policy),
        selector(&policy["spec"]["podSelector"]),
        created(policy, now),
    ]
}
