//! Where the pods behind a service are: its endpoints, in both forms.

use serde_json::{Value, json};

use super::pods::is_ready;
use super::template::add_labels;
use crate::controllers::plan::{Plan, Step, owned_by, string};
use crate::controllers::world::{Key, Kind, World};
use crate::object::Meta;

const MANAGED_BY: &str = "endpoints.kubernetes.io/managed-by";

/// Plans what a service needs; one without a selector is left to whoever made it.
pub(super) fn plan(service: &Value, world: &World) -> Plan {
    let mut plan = Plan::default();
    let has_selector = service["spec"]["selector"]
        .as_object()
        .is_some_and(|map| !map.is_empty());
    if !has_selector || service.is_deleting() || string(service, &["spec", "type"]) == "ExternalName" {
        return plan;
    }
    let pods: Vec<&Value> = world
        .inside(Kind::Pod, service.namespace())
        .filter(|pod| selects(service, pod) && has_address(pod))
        .collect();
    write_slice(service, &pods, world, &mut plan);
    write_endpoints(service, &pods, world, &mut plan);
    plan
}

/// Returns whether a service is served by a pod with these labels.
pub(super) fn selects(service: &Value, pod: &Value) -> bool {
    let labels = pod.labels();
    let wanted = service["spec"]["selector"].as_object();
    wanted.is_some_and(|wanted| {
        let has = |key: &str, value: &Value| labels.and_then(|labels| labels.get(key)) == Some(value);
        !wanted.is_empty() && wanted.iter().all(|(key, value)| has(key, value))
    })
}

fn has_address(pod: &Value) -> bool {
    !string(pod, &["status", "podIP"]).is_empty() && string(pod, &["status", "phase"]) == "Running"
}

fn write_slice(service: &Value, pods: &[&Value], world: &World, plan: &mut Plan) {
    let known = world
        .controlled_by(service.uid(), Kind::EndpointSlice)
        .into_iter()
        .next();
    let endpoints: Vec<Value> = pods.iter().map(|pod| endpoint(pod)).collect();
    let content = json!({"addressType": "IPv4", "endpoints": endpoints, "ports": ports(service, pods)});
    match known {
        Some(slice) => {
            let same = ["endpoints", "ports"]
                .iter()
                .all(|field| listed(slice, field) == listed(&content, field));
            if !same {
                plan.push(Step::Patch {
                    path: Key::of(Kind::EndpointSlice, slice).path(),
                    patch: json!({"endpoints": content["endpoints"], "ports": content["ports"]}),
                });
            }
        }
        None => plan.push(Step::Create {
            collection: Kind::EndpointSlice.inside(service.namespace()),
            object: named_slice(service, content),
        }),
    }
}

/// Reads a list; `null` and absent are empty.
fn listed<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    value[field].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn named_slice(service: &Value, mut content: Value) -> Value {
    content["apiVersion"] = json!("discovery.k8s.io/v1");
    content["kind"] = json!("EndpointSlice");
    content["metadata"] = json!({
        "generateName": format!("{}-", service.name()), "namespace": service.namespace(),
        "labels": service["metadata"]["labels"], "ownerReferences": owned_by(service),
    });
    let labels = [
        (
            "endpointslice.kubernetes.io/managed-by",
            "endpointslice-controller.k8s.io",
        ),
        ("kubernetes.io/service-name", service.name()),
    ];
    add_labels(&mut content, &labels);
    content
}

fn endpoint(pod: &Value) -> Value {
    let ready = is_ready(pod) && !pod.is_deleting();
    json!({
        "addresses": [string(pod, &["status", "podIP"])],
        "conditions": {"ready": ready, "serving": is_ready(pod), "terminating": pod.is_deleting()},
        "nodeName": string(pod, &["spec", "nodeName"]),
        "targetRef": target(pod),
    })
}

fn target(pod: &Value) -> Value {
    json!({"kind": "Pod", "name": pod.name(), "namespace": pod.namespace(), "uid": pod.uid()})
}

/// Returns the ports of a service as numbers on its pods.
fn ports(service: &Value, pods: &[&Value]) -> Vec<Value> {
    let number = |port: &Value| {
        let target = &port["targetPort"];
        target
            .as_i64()
            .or_else(|| pods.iter().find_map(|pod| named_port(pod, target.as_str()?)))
    };
    let of = |port: &Value| {
        let number = number(port)?;
        let name = string(port, &["name"]);
        let protocol = port["protocol"].as_str().unwrap_or("TCP");
        Some(json!({"name": name, "port": number, "protocol": protocol}))
    };
    let list = service["spec"]["ports"].as_array();
    list.into_iter().flatten().filter_map(of).collect()
}

fn named_port(pod: &Value, name: &str) -> Option<i64> {
    let containers = pod["spec"]["containers"].as_array()?;
    let mut ports = containers
        .iter()
        .filter_map(|container| container["ports"].as_array())
        .flatten();
    ports.find(|port| port["name"] == name)?["containerPort"].as_i64()
}

fn write_endpoints(service: &Value, pods: &[&Value], world: &World, plan: &mut Plan) {
    let key = Key {
        kind: Kind::Endpoints,
        namespace: service.namespace().to_owned(),
        name: service.name().to_owned(),
    };
    let subsets = subsets(service, pods);
    match world.get(&key) {
        Some(known) if listed(known, "subsets") == subsets => {}
        Some(_) => plan.push(Step::Patch {
            path: key.path(),
            patch: json!({"subsets": subsets}),
        }),
        None => plan.push(Step::Create {
            collection: Kind::Endpoints.inside(service.namespace()),
            object: named_endpoints(service, &subsets),
        }),
    }
}

fn named_endpoints(service: &Value, subsets: &[Value]) -> Value {
    let mut object = json!({
        "apiVersion": "v1", "kind": "Endpoints", "subsets": subsets,
        "metadata": {
            "name": service.name(), "namespace": service.namespace(), "labels": service["metadata"]["labels"],
        },
    });
    add_labels(&mut object, &[(MANAGED_BY, "endpoint-controller")]);
    object
}

/// Plans the end of the endpoints of a service that is gone; the slices go with their owner.
pub(super) fn plan_without_service(key: &Key, world: &World) -> Plan {
    let mut plan = Plan::default();
    let key = Key {
        kind: Kind::Endpoints,
        ..key.clone()
    };
    let ours = |found: &&Value| found["metadata"]["labels"][MANAGED_BY] == "endpoint-controller";
    if let Some(found) = world.get(&key).filter(ours) {
        plan.push(Step::Delete {
            path: key.path(),
            uid: found.uid().to_owned(),
            grace: None,
        });
    }
    plan
}

fn subsets(service: &Value, pods: &[&Value]) -> Vec<Value> {
    let address = |pod: &&&Value| {
        json!({
            "ip": string(pod, &["status", "podIP"]), "nodeName": string(pod, &["spec", "nodeName"]),
            "targetRef": target(pod),
        })
    };
    let is_serving = |pod: &&&Value| is_ready(pod) && !pod.is_deleting();
    let (ready, other): (Vec<&&Value>, Vec<&&Value>) = pods.iter().partition(|pod| is_serving(pod));
    let addresses = |list: &[&&Value]| -> Vec<Value> { list.iter().map(address).collect() };
    let mut subset = json!({});
    if !ready.is_empty() {
        subset["addresses"] = json!(addresses(&ready));
    }
    if !other.is_empty() {
        subset["notReadyAddresses"] = json!(addresses(&other));
    }
    if subset == json!({}) {
        return Vec::new();
    }
    let unnamed = |mut port: Value| {
        if port["name"] == "" {
            drop(port.as_object_mut().and_then(|map| map.remove("name")));
        }
        port
    };
    let ports: Vec<Value> = ports(service, pods).into_iter().map(unnamed).collect();
    if !ports.is_empty() {
        subset["ports"] = json!(ports);
    }
    vec![subset]
}
