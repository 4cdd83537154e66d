//! From a service to the address that stands behind it.

use serde_json::Value;

use super::client::ServiceReference;
use crate::core::{bucket_of, key};
use crate::object::Meta as _;
use crate::store::Store;

/// Returns the host and port that answer for a service: its first ready endpoint.
///
/// # Errors
/// The real server's words: no such service or port, or nobody behind it.
pub(super) fn resolve(store: &Store, service: &ServiceReference) -> Result<(String, u16), String> {
    let ServiceReference {
        namespace,
        name,
        port,
    } = service;
    let found = store.get(&bucket_of("", "services"), &key(namespace, name));
    let found = found.ok_or_else(|| format!("service {name:?} not found"))?;
    let spec = &found.value()["spec"];
    if spec["type"] == "ExternalName" {
        return Ok((
            spec["externalName"].as_str().unwrap_or_default().to_owned(),
            *port,
        ));
    }
    let ports = spec["ports"].as_array().into_iter().flatten();
    let mut ports = ports.filter(|one| one["port"].as_u64() == Some(u64::from(*port)));
    let named = ports
        .next()
        .ok_or_else(|| format!("no service port {port} found for service {name:?}"))?;
    let wanted = named["name"].as_str().unwrap_or_default();
    let slices = sliced(store, service, wanted);
    let mut all = slices.into_iter().chain(listed(store, service, wanted));
    all.next()
        .ok_or_else(|| format!("no endpoints available for service {name:?}"))
}

/// Ready addresses in the service's endpoint slices.
fn sliced(store: &Store, service: &ServiceReference, port: &str) -> Vec<(String, u16)> {
    let all = store.all(&bucket_of("discovery.k8s.io", "endpointslices"));
    let ours = all.iter().filter(|slice| {
        let labels = slice.labels();
        let of = labels.and_then(|labels| labels.get("kubernetes.io/service-name")?.as_str());
        slice.namespace() == service.namespace && of == Some(&service.name)
    });
    let mut found = Vec::new();
    for slice in ours {
        let Some(number) = port_number(&slice.value()["ports"], port) else {
            continue;
        };
        for endpoint in slice.value()["endpoints"].as_array().into_iter().flatten() {
            let ready = endpoint["conditions"]["ready"] != false;
            if let (true, Some(address)) = (ready, endpoint["addresses"][0].as_str()) {
                found.push((address.to_owned(), number));
            }
        }
    }
    found
}

/// Ready addresses in the service's `Endpoints`.
fn listed(store: &Store, service: &ServiceReference, port: &str) -> Vec<(String, u16)> {
    let key = key(&service.namespace, &service.name);
    let Some(endpoints) = store.get(&bucket_of("", "endpoints"), &key) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for subset in endpoints.value()["subsets"].as_array().into_iter().flatten() {
        let Some(number) = port_number(&subset["ports"], port) else {
            continue;
        };
        let addresses = subset["addresses"].as_array().into_iter().flatten();
        let addresses = addresses.filter_map(|address| address["ip"].as_str());
        found.extend(addresses.map(|address| (address.to_owned(), number)));
    }
    found
}

fn port_number(ports: &Value, name: &str) -> Option<u16> {
    let mut ports = ports.as_array().into_iter().flatten();
    let port = ports.find(|port| port["name"].as_str().unwrap_or_default() == name)?;
    u16::try_from(port["port"].as_u64()?).ok()
}
