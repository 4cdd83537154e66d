//! Addresses and ports of services: each is given to one service at a time.
//!
//! There is no table of what is taken: the stored services are it. Whoever stores a service keeps others from doing
//! so between [`assign`] and the write.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use serde_json::{Value, json};

use super::strategy::address_families;
use crate::object::{Meta as _, map_mut};
use crate::status::FieldError;

/// The network services live in, and how many addresses it has.
const NETWORK: (Ipv4Addr, u32) = (Ipv4Addr::new(10, 0, 0, 0), 256);
/// The ports nodes listen on for services.
const PORTS: std::ops::RangeInclusive<i64> = 30000..=32767;

/// Gives a service the address and ports it needs and lacks, and returns what is wrong with those it asks for.
///
/// `services` are those that are stored; the service itself may be among them. `random` decides between free ones.
pub fn assign<'v>(
    service: &mut Value,
    services: impl IntoIterator<Item = &'v Value>,
    mut random: impl FnMut() -> u64,
) -> Vec<FieldError> {
    let uid = service.uid().to_owned();
    let mut taken = Taken::default();
    for other in services.into_iter().filter(|other| other.uid() != uid) {
        taken.note(other);
    }
    let address = assign_address(service, &taken, random());
    let ports = assign_ports(service, &mut taken, random());
    address.err().into_iter().chain(ports).collect()
}

#[derive(Default)]
struct Taken {
    addresses: BTreeSet<String>,
    ports: BTreeSet<i64>,
}

impl Taken {
    fn note(&mut self, service: &Value) {
        let spec = &service["spec"];
        let list = spec["clusterIPs"].as_array().into_iter().flatten();
        let addresses = list.chain([&spec["clusterIP"]]).filter_map(Value::as_str);
        self.addresses.extend(addresses.map(str::to_owned));
        let ports = spec["ports"].as_array().into_iter().flatten();
        self.ports
            .extend(ports.filter_map(|port| port["nodePort"].as_i64()));
        self.ports.extend(spec["healthCheckNodePort"].as_i64());
    }
}

fn assign_address(service: &mut Value, taken: &Taken, random: u64) -> Result<(), FieldError> {
    let spec = map_mut(map_mut(service).entry("spec").or_insert(Value::Null));
    if spec.get("type").is_some_and(|kind| kind == "ExternalName") {
        return Ok(());
    }
    let wanted = spec
        .get("clusterIP")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    if wanted == "None" {
        return Ok(());
    }
    let refused = |address: &str, why: &str| {
        let detail = format!("failed to allocate IP {address}: {why}");
        Err(FieldError::invalid("spec.clusterIPs", &json!([address]), &detail))
    };
    if let Ok(address) = wanted.parse::<Ipv4Addr>() {
        return if !is_ours(address) {
            refused(&wanted, "the provided network does not match the current range")
        } else if taken.addresses.contains(&wanted) {
            refused(&wanted, "provided IP is already allocated")
        } else {
            Ok(())
        };
    }
    if !wanted.is_empty() {
        // What is no address at all is told by validation.
        return Ok(());
    }
    let Some(free) = free_address(taken, random) else {
        return refused("", "range is full");
    };
    spec.insert("clusterIP".into(), json!(free));
    spec.insert("clusterIPs".into(), json!([free]));
    address_families(spec);
    Ok(())
}

fn is_ours(address: Ipv4Addr) -> bool {
    let (first, count) = NETWORK;
    u32::from(address)
        .checked_sub(u32::from(first))
        .is_some_and(|offset| offset < count)
}

/// The first and last address of a network are no addresses of a service.
fn free_address(taken: &Taken, random: u64) -> Option<String> {
    let (first, count) = NETWORK;
    let usable = u64::from(count - 2);
    let address = |step: u64| {
        let offset = u32::try_from((random.wrapping_add(step)) % usable).unwrap_or_default();
        Ipv4Addr::from(u32::from(first) + 1 + offset).to_string()
    };
    (0..usable)
        .map(address)
        .find(|address| !taken.addresses.contains(address))
}

fn assign_ports(service: &mut Value, taken: &mut Taken, random: u64) -> Vec<FieldError> {
    let Some(spec) = service.get_mut("spec").and_then(Value::as_object_mut) else {
        return Vec::new();
    };
    let text = |field: &str| spec.get(field).and_then(Value::as_str).unwrap_or_default();
    let (kind, traffic) = (text("type").to_owned(), text("externalTrafficPolicy").to_owned());
    let needed = match kind.as_str() {
        "NodePort" => true,
        "LoadBalancer" => spec.get("allocateLoadBalancerNodePorts") != Some(&Value::Bool(false)),
        _ => false,
    };
    let mut errors = Vec::new();
    let mut given = BTreeSet::new();
    let ports = spec.get_mut("ports").and_then(Value::as_array_mut);
    let ports = ports.map(Vec::as_mut_slice).unwrap_or_default();
    for (index, port) in ports.iter().enumerate() {
        let Some(number) = port["nodePort"].as_i64().filter(|number| *number != 0) else {
            continue;
        };
        // One port serves one protocol each.
        let fresh = given.insert((number, port["protocol"].to_string()));
        if let Some(why) = refusal(number, taken, fresh) {
            errors.push(FieldError::invalid(
                format!("spec.ports[{index}].nodePort"),
                &json!(number),
                &why,
            ));
        }
    }
    taken.ports.extend(given.into_iter().map(|(number, _)| number));
    for port in ports
        .iter_mut()
        .filter(|port| needed && port["nodePort"].as_i64().is_none_or(|number| number == 0))
    {
        if let Some(number) = free_port(taken, random) {
            taken.ports.insert(number);
            port["nodePort"] = json!(number);
        }
    }
    let checked = needed && kind == "LoadBalancer" && traffic == "Local";
    if checked && spec.get("healthCheckNodePort").is_none_or(Value::is_null) {
        spec.insert("healthCheckNodePort".into(), json!(free_port(taken, random)));
    }
    errors
}

fn refusal(number: i64, taken: &Taken, fresh: bool) -> Option<String> {
    if !PORTS.contains(&number) {
        let (least, most) = (PORTS.start(), PORTS.end());
        return Some(format!(
            "provided port is not in the valid range. The range of valid ports is {least}-{most}"
        ));
    }
    let free = fresh && !taken.ports.contains(&number);
    (!free).then(|| "provided port is already allocated".to_owned())
}

fn free_port(taken: &Taken, random: u64) -> Option<i64> {
    let count = PORTS.end() - PORTS.start() + 1;
    let start = i64::try_from(random % count.unsigned_abs()).unwrap_or_default();
    (0..count)
        .map(|step| PORTS.start() + (start + step) % count)
        .find(|port| !taken.ports.contains(port))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored() -> Vec<Value> {
        vec![
            json!({"metadata": {"uid": "1"}, "spec": {"clusterIP": "10.0.0.1", "clusterIPs": ["10.0.0.1"]}}),
            json!({"metadata": {"uid": "2"}, "spec": {"clusterIP": "10.0.0.9", "ports": [{"nodePort": 30000}]}}),
        ]
    }

    fn run(spec: Value, random: u64) -> (Value, Vec<String>) {
        let mut service = json!({"metadata": {"uid": "u"}, "spec": spec});
        let errors = assign(&mut service, &stored(), || random);
        let texts = errors.iter().map(ToString::to_string).collect();
        (service["spec"].take(), texts)
    }

    #[test]
    fn a_service_gets_a_free_address_and_its_family() {
        for (random, expected) in [
            (5, "10.0.0.6"),
            (0, "10.0.0.2"),
            (8, "10.0.0.10"),
            (253, "10.0.0.254"),
            (254, "10.0.0.2"),
        ] {
            let (spec, errors) = run(json!({"type": "ClusterIP"}), random);
            assert_eq!(spec["clusterIP"], expected, "{random}");
            assert_eq!(spec["clusterIPs"], json!([expected]));
            assert_eq!(
                (&spec["ipFamilies"], &spec["ipFamilyPolicy"]),
                (&json!(["IPv4"]), &json!("SingleStack"))
            );
            assert_eq!(errors, Vec::<String>::new());
        }
    }

    #[test]
    fn a_service_without_address_gets_none() {
        for spec in [
            json!({"type": "ClusterIP", "clusterIP": "None"}),
            json!({"type": "ExternalName"}),
        ] {
            assert_eq!(run(spec.clone(), 1), (spec, vec![]));
        }
    }

    #[test]
    fn what_cannot_be_had_is_refused() {
        let address = |address: &str| run(json!({"type": "ClusterIP", "clusterIP": address}), 1).1;
        assert_eq!(
            address("10.0.0.1"),
            [
                "spec.clusterIPs: Invalid value: [\"10.0.0.1\"]: failed to allocate IP 10.0.0.1: provided IP is already allocated"
            ]
        );
        assert_eq!(
            address("1.2.3.4"),
            [
                "spec.clusterIPs: Invalid value: [\"1.2.3.4\"]: failed to allocate IP 1.2.3.4: the provided network does not \
              match the current range"
            ]
        );
        let ports = |list: Value| {
            run(
                json!({"type": "NodePort", "clusterIP": "10.0.0.7", "ports": list}),
                1,
            )
            .1
        };
        assert_eq!(
            ports(json!([{"nodePort": 1}])),
            [
                "spec.ports[0].nodePort: Invalid value: 1: provided port is not in the valid range. The range of valid ports \
              is 30000-32767"
            ]
        );
        let taken = "provided port is already allocated";
        assert_eq!(
            ports(json!([{"nodePort": 30000}])),
            [format!("spec.ports[0].nodePort: Invalid value: 30000: {taken}")]
        );
        assert_eq!(
            ports(json!([{"nodePort": 31111, "protocol": "TCP"}, {"nodePort": 31111, "protocol": "TCP"}])),
            [format!("spec.ports[1].nodePort: Invalid value: 31111: {taken}")]
        );
        assert_eq!(
            ports(json!([{"nodePort": 31111, "protocol": "TCP"}, {"nodePort": 31111, "protocol": "UDP"}])),
            Vec::<String>::new()
        );
    }

    #[test]
    fn node_ports_are_given_where_they_are_needed() {
        let (spec, _) = run(
            json!({"type": "NodePort", "ports": [{"port": 1}, {"port": 2, "nodePort": 30001}, {"port": 3}]}),
            0,
        );
        let numbers: Vec<i64> = spec["ports"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|port| port["nodePort"].as_i64())
            .collect();
        assert_eq!(numbers, [30002, 30001, 30003]);
        let (spec, _) = run(json!({"type": "ClusterIP", "ports": [{"port": 1}]}), 0);
        assert_eq!(spec["ports"], json!([{"port": 1}]));
        let (spec, _) = run(
            json!({"type": "LoadBalancer", "externalTrafficPolicy": "Local", "ports": [{"port": 1}]}),
            4,
        );
        assert_eq!(
            (&spec["ports"][0]["nodePort"], &spec["healthCheckNodePort"]),
            (&json!(30004), &json!(30005))
        );
    }

    #[test]
    fn a_service_keeps_what_it_has() {
        let mut service = stored().remove(0);
        service["spec"]["type"] = json!("ClusterIP");
        let before = service.clone();
        assert!(assign(&mut service, &stored(), || 3).is_empty());
        assert_eq!(service, before);
    }
}
