//! Routes, monitors and policies of networks.

use std::collections::BTreeMap;
use std::net::IpAddr;

use k8s_openapi::api::core::v1::SecretKeySelector;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use krate::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::row::{Row, row};

/// Routes by what a request says.
#[derive(JsonSchema, Serialize, Deserialize)]
struct VirtualService {
    #[serde(default)]
    hosts: Vec<String>,
    #[serde(default)]
    http: Vec<HttpRoute>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct HttpRoute {
    #[serde(default)]
    r#match: Vec<HttpMatch>,
    #[serde(default)]
    route: Vec<Destination>,
    timeout: Option<String>,
    fault: Option<Fault>,
    cors_policy: Option<CorsPolicy>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct HttpMatch {
    uri: Option<StringMatch>,
    #[serde(default)]
    headers: BTreeMap<String, StringMatch>,
    ignore_uri_case: Option<bool>,
    port: Option<u32>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum StringMatch {
    Exact(String),
    Prefix(String),
    Regex(String),
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct Destination {
    host: String,
    subset: Option<String>,
    #[serde(default)]
    weight: i32,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct Fault {
    delay: Option<Delay>,
    abort: Option<Abort>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Delay {
    percentage: Option<Percent>,
    #[serde(flatten)]
    length: DelayLength,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum DelayLength {
    FixedDelay(String),
    ExponentialDelay(String),
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct Percent {
    value: f64,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(untagged)]
enum Abort {
    #[serde(rename_all = "camelCase")]
    Http { http_status: i32 },
    #[serde(rename_all = "camelCase")]
    Grpc { grpc_status: String },
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CorsPolicy {
    allow_origins: Vec<StringMatch>,
    max_age: Option<String>,
}

/// How traffic is balanced.
#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum LoadBalancer {
    Simple(Simple),
    ConsistentHash(ConsistentHash),
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Simple {
    Unspecified,
    LeastConn,
    RoundRobin,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ConsistentHash {
    #[serde(flatten)]
    key: HashKey,
    minimum_ring_size: Option<u64>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum HashKey {
    HttpHeaderName(String),
    UseSourceIp(bool),
}

/// What is scraped.
#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ServiceMonitor {
    selector: LabelSelector,
    endpoints: Vec<Endpoint>,
    #[serde(default)]
    namespace_selector: NamespaceSelector,
    sample_limit: Option<u64>,
}

#[derive(JsonSchema, Serialize, Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct NamespaceSelector {
    any: Option<bool>,
    match_names: Option<Vec<String>>,
}

#[derive(KubeSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Endpoint {
    port: Option<String>,
    target_port: Option<IntOrString>,
    #[x_kube(one_of("http", "https"))]
    scheme: Option<String>,
    #[x_kube(
        pattern = r"^(0|(([0-9]+)y)?(([0-9]+)w)?(([0-9]+)d)?(([0-9]+)h)?(([0-9]+)m)?(([0-9]+)s)?(([0-9]+)ms)?)$"
    )]
    interval: Option<String>,
    basic_auth: Option<BasicAuth>,
    #[serde(default)]
    relabelings: Vec<Relabeling>,
    params: Option<BTreeMap<String, Vec<String>>>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct BasicAuth {
    username: Option<SecretKeySelector>,
    password: Option<SecretKeySelector>,
}

#[derive(KubeSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Relabeling {
    #[x_kube(items(pattern = "^[a-zA-Z_][a-zA-Z0-9_]*$"))]
    source_labels: Option<Vec<String>>,
    #[serde(default)]
    action: Action,
    modulus: Option<u64>,
    regex: Option<String>,
}

#[derive(JsonSchema, Serialize, Deserialize, Default)]
enum Action {
    #[default]
    #[serde(rename = "replace")]
    Replace,
    #[serde(rename = "keep")]
    Keep,
    #[serde(rename = "labelmap")]
    LabelMap,
}

/// A route of the Gateway API: a union by type.
#[derive(KubeSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct GatewayRoute {
    #[x_kube(list_type = "map", list_map_keys("name"), max_items = 32)]
    #[serde(default)]
    parent_refs: Vec<ParentRef>,
    #[x_kube(items(min_length = 1, max_length = 253), max_items = 16)]
    #[serde(default)]
    hostnames: Vec<String>,
    #[x_kube(max_items = 16)]
    rules: Vec<GatewayRule>,
}

#[derive(KubeSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ParentRef {
    #[x_kube(min_length = 1, max_length = 253)]
    name: String,
    #[x_kube(minimum = 1, maximum = 65535)]
    port: Option<i32>,
    section_name: Option<String>,
}

#[derive(KubeSchema, Serialize, Deserialize)]
struct GatewayRule {
    #[x_kube(max_items = 16)]
    #[serde(default)]
    filters: Vec<Filter>,
}

#[derive(KubeSchema, Serialize, Deserialize)]
#[serde(tag = "type", rename_all_fields = "camelCase")]
enum Filter {
    RequestHeaderModifier { request_header_modifier: HeaderModifier },
    RequestRedirect { request_redirect: Redirect },
    ExtensionRef { extension_ref: BTreeMap<String, String> },
}

#[derive(KubeSchema, Serialize, Deserialize)]
struct HeaderModifier {
    #[x_kube(list_type = "map", list_map_keys("name"), max_items = 16)]
    #[serde(default)]
    set: Vec<Header>,
    #[serde(default)]
    remove: Vec<String>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct Header {
    name: String,
    value: String,
}

#[derive(KubeSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Redirect {
    #[serde(default = "found")]
    #[x_kube(one_of(301, 302))]
    status_code: i32,
    #[x_kube(validation = "self != 'ftp'", max_length = 8)]
    scheme: Option<String>,
}

fn found() -> i32 {
    302
}

/// Who may talk to whom.
#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct NetworkPolicy {
    endpoint_selector: LabelSelector,
    #[serde(default)]
    egress: Vec<Egress>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct Egress {
    #[serde(rename = "toFQDNs", default)]
    to_fqdns: Vec<Fqdn>,
    #[serde(rename = "toEntities", default)]
    to_entities: Vec<Entity>,
    #[serde(rename = "toCIDRSet", default)]
    to_cidr_set: Vec<CidrRule>,
    #[serde(rename = "toIPs", default)]
    to_ips: Vec<IpAddr>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Fqdn {
    match_name: Option<String>,
    match_pattern: Option<String>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Entity {
    All,
    RemoteNode,
    KubeApiserver,
}

#[derive(KubeSchema, Serialize, Deserialize)]
struct CidrRule {
    #[x_kube(format = "cidr")]
    cidr: String,
    #[serde(default)]
    except: Vec<String>,
}

/// Proxies configured by raw pieces.
#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct EnvoyFilter {
    config_patches: Vec<ConfigPatch>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ConfigPatch {
    apply_to: String,
    patch: PatchValue,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct PatchValue {
    operation: Option<String>,
    value: Option<serde_json::Map<String, Value>>,
}

pub(crate) fn rows() -> Vec<Row> {
    vec![
        row::<VirtualService>("a virtual service")
            .takes([json!({
                "hosts": ["a"],
                "http": [{
                    "match": [{"uri": {"prefix": "/a"}, "headers": {"x": {"regex": ".*"}}, "port": 80}],
                    "route": [{"host": "h", "weight": 100}],
                    "fault": {"delay": {"percentage": {"value": 0.1}, "fixedDelay": "5s"}, "abort": {"httpStatus": 500}},
                    "corsPolicy": {"allowOrigins": [{"exact": "*"}]},
                }],
            })])
            .refuses([
                json!({"http": [{"match": [{"uri": {"prefix": "/a", "exact": "/b"}}]}]}),
                json!({"http": [{"match": [{"headers": {"x": {}}}]}]}),
                json!({"http": [{"fault": {"delay": {"percentage": {"value": 1}}}}]}),
                json!({"http": [{"fault": {"abort": {}}}]}),
            ]),
        row::<LoadBalancer>("a load balancer")
            .takes([json!({"simple": "ROUND_ROBIN"}), json!({"consistentHash": {"useSourceIp": true, "minimumRingSize": 1024}})])
            .refuses([json!({"simple": "RoundRobin"}), json!({"consistentHash": {"minimumRingSize": 1}})]),
        row::<ServiceMonitor>("a monitor")
            .takes([json!({
                "selector": {"matchLabels": {"a": "b"}},
                "endpoints": [{
                    "targetPort": 8080, "interval": "30s", "scheme": "https", "params": {"a": ["b"]},
                    "relabelings": [{"sourceLabels": ["__name__"], "action": "labelmap", "modulus": 5}],
                    "basicAuth": {"username": {"name": "s", "key": "u"}},
                }],
            })])
            .refuses([json!({"selector": {}, "endpoints": [{"relabelings": [{"action": "LabelMap"}]}]})])
            .forbids([json!({"selector": {}, "endpoints": [{"interval": "30"}]})]),
        row::<GatewayRoute>("a route of the Gateway API")
            .takes([json!({
                "parentRefs": [{"name": "a", "port": 80}], "hostnames": ["a.example.com"],
                "rules": [{"filters": [
                    {"type": "RequestHeaderModifier", "requestHeaderModifier": {"set": [{"name": "a", "value": "b"}]}},
                    {"type": "RequestRedirect", "requestRedirect": {"statusCode": 301, "scheme": "https"}},
                    {"type": "ExtensionRef", "extensionRef": {"kind": "A"}},
                ]}],
            })])
            .refuses([json!({"rules": [{"filters": [{"type": "RequestRedirect"}]}]})])
            .forbids([
                json!({"rules": [{"filters": [{"type": "RequestRedirect", "requestRedirect": {"statusCode": 303}}]}]}),
                json!({"rules": [{"filters": [{"type": "RequestRedirect", "requestRedirect": {"scheme": "ftp"}}]}]}),
                json!({"parentRefs": [{"name": "a"}, {"name": "a"}], "rules": []}),
            ]),
        row::<NetworkPolicy>("a policy of networks")
            .takes([json!({
                "endpointSelector": {}, "egress": [{
                    "toFQDNs": [{"matchPattern": "*.a"}], "toEntities": ["kube-apiserver"],
                    "toCIDRSet": [{"cidr": "10.0.0.0/8", "except": []}], "toIPs": ["10.0.0.1", "::1"],
                }],
            })])
            .refuses([json!({"endpointSelector": {}, "egress": [{"toEntities": ["world"]}]}),
                      json!({"endpointSelector": {}, "egress": [{"toIPs": ["10.0.0"]}]})]),
        row::<EnvoyFilter>("raw pieces")
            .takes([json!({"configPatches": [{"applyTo": "HTTP_FILTER", "patch": {"value": {"@type": "a", "b": [1]}}}]})])
            .refuses([json!({"configPatches": [{"applyTo": "HTTP_FILTER", "patch": {"value": 1}}]})]),
    ]
}
