//! What a cluster has from the start: namespaces, roles, priority classes, its own service.
//!
//! The objects are data (`objects.json`); they are created like any others, so they have uids, owners and history.

use std::net::SocketAddr;

use serde_json::{Value, json};

use crate::local::Local;
use crate::object::Meta;
use crate::registry::Kinds;
use crate::status::{Error, Result};

/// First address of the range services get theirs from.
const SERVICE_ADDRESS: &str = "10.0.0.1";
/// Port the service points to while the server listens nowhere.
const PORT: u16 = 6443;

/// Creates the first objects of a cluster.
pub(crate) async fn create(local: &Local, kinds: &Kinds, certificate: &str) -> Result<()> {
    let data: Vec<Value> = serde_json::from_str(include_str!("objects.json"))
        .map_err(|error| Error::internal(format!("the first objects cannot be read: {error}")))?;
    for object in data
        .into_iter()
        .chain(own_service(None))
        .chain([trust(certificate)])
    {
        let collection = collection(kinds, &object)?;
        local.create(&collection, object).await?;
    }
    Ok(())
}

/// Points the cluster's own service to where the server listens.
pub(crate) async fn announce(local: &Local, address: SocketAddr) -> Result<()> {
    let [service, endpoints, slice] = own_service(Some(address));
    let inside = |group: &str, plural: &str| format!("{group}/namespaces/default/{plural}/kubernetes");
    let patch = json!({"spec": {"ports": service["spec"]["ports"]}});
    local.merge(&inside("/api/v1", "services"), patch).await?;
    let patch = json!({"subsets": endpoints["subsets"]});
    local.merge(&inside("/api/v1", "endpoints"), patch).await?;
    let patch = json!({"endpoints": slice["endpoints"], "ports": slice["ports"]});
    local
        .merge(&inside("/apis/discovery.k8s.io/v1", "endpointslices"), patch)
        .await?;
    Ok(())
}

fn collection(kinds: &Kinds, object: &Value) -> Result<String> {
    let version = object.api_version();
    let (group, version) = version.split_once('/').unwrap_or(("", version));
    let resource = kinds
        .by_kind(group, version, object.kind())
        .ok_or_else(|| Error::internal(format!("no kind {:?} to start with", object.kind())))?;
    Ok(resource.collection_path(object.namespace()))
}

/// Returns the service `kubernetes` and where it leads, in both forms.
fn own_service(address: Option<SocketAddr>) -> [Value; 3] {
    let port = address.map_or(PORT, |address| address.port());
    let metadata = |labels: Value| json!({"name": "kubernetes", "namespace": "default", "labels": labels});
    let ports = json!([{"name": "https", "port": port, "protocol": "TCP"}]);
    let (subsets, endpoints) = match address.map(|address| address.ip().to_string()) {
        None => (json!([]), json!([])),
        Some(ip) => (
            json!([{"addresses": [{"ip": ip}], "ports": ports}]),
            json!([{"addresses": [ip], "conditions": {"ready": true}}]),
        ),
    };
    [
        json!({
            "apiVersion": "v1", "kind": "Service",
            "metadata": metadata(json!({"component": "apiserver", "provider": "kubernetes"})),
            "spec": {
                "clusterIP": SERVICE_ADDRESS, "type": "ClusterIP", "sessionAffinity": "None",
                "ipFamilyPolicy": "SingleStack", "internalTrafficPolicy": "Cluster",
                "ports": [{"name": "https", "protocol": "TCP", "port": 443, "targetPort": port}],
            },
        }),
        json!({
            "apiVersion": "v1", "kind": "Endpoints", "subsets": subsets,
            "metadata": metadata(json!({"endpointslice.kubernetes.io/skip-mirror": "true"})),
        }),
        json!({
            "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
            "metadata": metadata(json!({"kubernetes.io/service-name": "kubernetes"})),
            "endpoints": endpoints, "ports": ports,
        }),
    ]
}

/// Returns what servers behind the aggregation layer check client certificates by.
fn trust(certificate: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "ConfigMap", "data": {"client-ca-file": certificate},
        "metadata": {"name": "extension-apiserver-authentication", "namespace": "kube-system"},
    })
}
