//! Types of Kubernetes' own inside others.

use std::collections::BTreeMap;

use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::{
    Affinity, ConfigMap, Container, EnvVar, LocalObjectReference, ObjectReference, PersistentVolumeClaim,
    PersistentVolumeClaimTemplate, Pod, PodTemplateSpec, Probe, ResourceRequirements, SecretKeySelector,
    Service, Toleration, TopologySpreadConstraint, TypedLocalObjectReference, Volume,
};
use k8s_openapi::api::networking::v1::NetworkPolicySpec;
use k8s_openapi::api::rbac::v1::PolicyRule;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{
    Condition, LabelSelector, MicroTime, ObjectMeta, OwnerReference, Time,
};
use k8s_openapi::apimachinery::pkg::runtime::RawExtension;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use krate::KubeSchema;
use krate::condition::Conditions;
use krate::crd::EmbeddedObject;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::row::{Row, row};

#[derive(KubeSchema, Serialize, Deserialize)]
struct Raw {
    #[x_kube(embedded_resource, preserve_unknown_fields)]
    #[schemars(schema_with = "object")]
    manifest: serde_json::Value,
}

fn object(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({"type": "object"})
}

#[derive(KubeSchema, Serialize, Deserialize)]
struct Blob {
    #[schemars(with = "String")]
    #[x_kube(format = "byte")]
    data: ByteString,
}

/// A container with all its documentation.
#[derive(KubeSchema, Serialize, Deserialize)]
struct Documented {
    #[x_kube(descriptions = "full")]
    container: Container,
}

pub(crate) fn rows() -> Vec<Row> {
    let mut rows = scalars();
    rows.extend(parts());
    rows.extend(pods());
    rows.extend(objects());
    rows
}

fn scalars() -> Vec<Row> {
    vec![
        row::<Quantity>("Quantity")
            .takes([json!("1Gi"), json!("100m")])
            .alone(),
        row::<BTreeMap<String, Quantity>>("quantities in a map")
            .takes([json!({"cpu": "500m", "memory": "1Gi"})])
            .alone(),
        row::<IntOrString>("IntOrString")
            .takes([json!(80), json!("http"), json!("25%")])
            .refuses([json!(true)]),
        row::<Time>("Time")
            .takes([json!("2026-01-01T00:00:00Z")])
            .refuses([json!("now")]),
        row::<MicroTime>("MicroTime")
            .takes([json!("2026-01-01T00:00:00.123456Z")])
            .refuses([json!("now")]),
        row::<Blob>("bytes in base64")
            .takes([json!({"data": "aGVsbG8="})])
            .refuses([json!({"data": "%%%"})])
            .forbids([json!({"data": ""})])
            .alone(),
        row::<RawExtension>("RawExtension")
            .takes([json!({"a": {"b": 1}})])
            .alone(),
    ]
}

fn parts() -> Vec<Row> {
    vec![
        row::<LabelSelector>("LabelSelector")
            .takes([json!({"matchLabels": {"a": "b"}, "matchExpressions": [{"key": "a", "operator": "In", "values": ["b"]}]})])
            .refuses([json!({"matchLabels": {"a": 1}})]),
        row::<ObjectMeta>("ObjectMeta")
            .takes([json!({"name": "a", "labels": {"a": "b"}, "annotations": {"c": "d"}})])
            .refuses([json!({"labels": 1})]),
        row::<Vec<Condition>>("conditions")
            .takes([json!([{
                "type": "Ready", "status": "True", "reason": "Up", "message": "", "lastTransitionTime": "2026-01-01T00:00:00Z",
            }])])
            .refuses([json!([{"type": "Ready"}])]),
        row::<Conditions>("krate's conditions").takes([json!([{
            "type": "Ready", "status": "True", "reason": "Up", "message": "", "lastTransitionTime": "2026-01-01T00:00:00Z",
        }])]),
        row::<ResourceRequirements>("ResourceRequirements")
            .takes([json!({"limits": {"cpu": "1"}, "requests": {"memory": "1Gi"}})]),
        row::<Vec<EnvVar>>("EnvVar")
            .takes([json!([{"name": "A", "value": "b"}, {"name": "C", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}])])
            .refuses([json!([{"name": 1}])])
            .forbids([json!([{"value": "b"}]), json!([{"name": "A"}, {"name": "A"}])]),
        row::<Vec<Toleration>>("Toleration").takes([json!([{"key": "a", "operator": "Exists", "tolerationSeconds": 5}])]),
        row::<Affinity>("Affinity").takes([json!({"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [
            {"topologyKey": "a", "labelSelector": {"matchLabels": {"a": "b"}}},
        ]}})]),
        row::<Vec<TopologySpreadConstraint>>("TopologySpreadConstraint").takes([json!([
            {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"},
        ])]),
        row::<Probe>("Probe").takes([json!({"httpGet": {"path": "/", "port": "http"}, "periodSeconds": 3})]),
        row::<LocalObjectReference>("LocalObjectReference").takes([json!({"name": "a"})]),
        row::<SecretKeySelector>("SecretKeySelector").takes([json!({"name": "a", "key": "b"})]).forbids([json!({"name": "a"})]),
        row::<ObjectReference>("ObjectReference").takes([json!({"kind": "Pod", "name": "a", "apiVersion": "v1"})]),
        row::<TypedLocalObjectReference>("TypedLocalObjectReference").takes([json!({"kind": "Pod", "name": "a"})]),
        row::<OwnerReference>("OwnerReference").takes([json!({"apiVersion": "v1", "kind": "Pod", "name": "a", "uid": "b"})]),
        row::<Vec<PolicyRule>>("PolicyRule").takes([json!([{"verbs": ["get"], "resources": ["pods"], "apiGroups": [""]}])]),
        row::<NetworkPolicySpec>("NetworkPolicySpec").takes([json!({
            "podSelector": {}, "ingress": [{"from": [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}}],
                                            "ports": [{"port": 80, "endPort": 90, "protocol": "TCP"}]}],
        })]),
    ]
}

fn pods() -> Vec<Row> {
    let pod = json!({
        "metadata": {"labels": {"app": "a"}},
        "spec": {
            "containers": [{
                "name": "a", "image": "b", "ports": [{"containerPort": 80, "protocol": "TCP"}],
                "resources": {"limits": {"cpu": "1"}}, "volumeMounts": [{"name": "v", "mountPath": "/v"}],
                "securityContext": {"capabilities": {"drop": ["ALL"]}}, "livenessProbe": {"tcpSocket": {"port": 80}},
            }],
            "initContainers": [{"name": "i", "restartPolicy": "Always"}],
            "volumes": [{"name": "v", "emptyDir": {}}, {"name": "s", "secret": {"secretName": "x", "items": [{"key": "k", "path": "p"}]}}],
            "terminationGracePeriodSeconds": 30,
            "nodeSelector": {"a": "b"},
        },
    });
    vec![
        row::<PodTemplateSpec>("PodTemplateSpec")
            .takes([pod])
            .refuses([json!({"spec": {"containers": "a"}})])
            .forbids([json!({"spec": {"containers": [{}]}})]),
        row::<Container>("Container").takes([json!({"name": "a", "args": ["b"], "env": [{"name": "A"}]})]).forbids([json!({})]),
        row::<Vec<Volume>>("Volume").takes([json!([
            {"name": "a", "configMap": {"name": "c", "optional": true}}, {"name": "b", "projected": {"sources": []}},
        ])]),
        row::<Vec<PersistentVolumeClaimTemplate>>("claim templates").takes([json!([{"spec": {
            "accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}, "storageClassName": "fast",
        }}])]),
        row::<Documented>("a documented container").takes([json!({"container": {"name": "a"}})]),
    ]
}

fn objects() -> Vec<Row> {
    let map = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"k": "v"}});
    vec![
        row::<ConfigMap>("a whole ConfigMap").takes([map.clone()]).alone(),
        row::<Pod>("a whole Pod")
            .takes([json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {"containers": [{"name": "c"}]}})])
            .alone(),
        row::<Service>("a whole Service")
            .takes([json!({"apiVersion": "v1", "kind": "Service", "metadata": {}, "spec": {"ports": [{"port": 80, "targetPort": "http"}]}})])
            .alone(),
        row::<PersistentVolumeClaim>("a whole claim")
            .takes([json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "a"}})])
            .alone(),
        row::<EmbeddedObject>("EmbeddedObject")
            .takes([map.clone()])
            .forbids([json!({"metadata": {"name": "a"}})])
            .alone(),
        row::<Vec<EmbeddedObject>>("a list of EmbeddedObject").takes([json!([map])]).alone(),
        row::<Raw>("an embedded resource of one's own").takes([json!({"manifest": map})]).alone(),
    ]
}
