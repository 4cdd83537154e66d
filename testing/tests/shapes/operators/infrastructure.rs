//! Certificates, clusters, compositions and secrets.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{LocalObjectReference, ObjectReference, SecretKeySelector};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use krate::KubeSchema;
use krate::crd::GoDuration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::row::{Row, row};

/// Who signs: exactly one of several.
#[derive(KubeSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[x_kube(exactly_one_of("acme", "ca", "vault", "selfSigned"))]
struct Issuer {
    acme: Option<Acme>,
    ca: Option<Ca>,
    vault: Option<Vault>,
    self_signed: Option<SelfSigned>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Acme {
    server: String,
    email: Option<String>,
    private_key_secret_ref: SecretRef,
    #[serde(rename = "skipTLSVerify")]
    skip_tls_verify: Option<bool>,
    #[schemars(with = "Option<String>", extend("format" = "byte"))]
    ca_bundle: Option<k8s_openapi::ByteString>,
    #[serde(default)]
    solvers: Vec<Solver>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct SecretRef {
    name: String,
    key: Option<String>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct Solver {
    selector: Option<SolverSelector>,
    #[serde(flatten)]
    challenge: Challenge,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SolverSelector {
    match_labels: Option<BTreeMap<String, String>>,
    dns_names: Option<Vec<String>>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Challenge {
    Http01(Http01),
    Dns01(Dns01),
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Http01 {
    Ingress {
        #[serde(rename = "ingressClassName")]
        class: Option<String>,
    },
    #[serde(rename = "gatewayHTTPRoute")]
    Gateway {
        labels: Option<BTreeMap<String, String>>,
    },
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Dns01 {
    Route53 {
        region: String,
        hosted_zone_id: Option<String>,
    },
    Webhook {
        #[serde(rename = "groupName")]
        group_name: String,
        config: Option<Value>,
    },
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Ca {
    secret_name: String,
    crl_distribution_points: Option<Vec<String>>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct Vault {
    server: String,
    auth: VaultAuth,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum VaultAuth {
    TokenSecretRef(SecretRef),
    AppRole {
        path: String,
        role_id: String,
        secret_ref: SecretRef,
    },
    Kubernetes {
        role: String,
    },
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct SelfSigned {}

#[derive(KubeSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Certificate {
    secret_name: String,
    issuer_ref: IssuerRef,
    #[serde(default)]
    dns_names: Vec<String>,
    duration: Option<GoDuration>,
    #[x_kube(list_type = "atomic")]
    usages: Option<Vec<Usage>>,
    private_key: Option<PrivateKey>,
    #[serde(rename = "isCA")]
    is_ca: Option<bool>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct IssuerRef {
    name: String,
    kind: Option<String>,
    group: Option<String>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Usage {
    #[serde(rename = "digital signature")]
    DigitalSignature,
    #[serde(rename = "s/mime")]
    Smime,
    Signing,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct PrivateKey {
    algorithm: Option<Algorithm>,
    size: Option<i32>,
    encoding: Option<Encoding>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
enum Algorithm {
    #[serde(rename = "RSA")]
    Rsa,
    #[serde(rename = "ECDSA")]
    Ecdsa,
}

#[derive(JsonSchema, Serialize, Deserialize)]
enum Encoding {
    #[serde(rename = "PKCS1")]
    Pkcs1,
    #[serde(rename = "PKCS8")]
    Pkcs8,
}

/// Machines of a cluster.
#[derive(KubeSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct MachineDeployment {
    #[x_kube(min_length = 1, max_length = 63)]
    cluster_name: String,
    replicas: Option<i32>,
    strategy: Option<Strategy>,
    template: MachineTemplate,
    #[serde(default)]
    failure_domains: BTreeMap<String, FailureDomain>,
    control_plane_endpoint: Option<Endpoint>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(tag = "type")]
enum Strategy {
    RollingUpdate {
        #[serde(rename = "rollingUpdate")]
        rolling_update: Option<RollingUpdate>,
    },
    OnDelete,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RollingUpdate {
    max_surge: Option<IntOrString>,
    max_unavailable: Option<IntOrString>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct MachineTemplate {
    bootstrap: Bootstrap,
    infrastructure_ref: ObjectReference,
    node_drain_timeout: Option<GoDuration>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bootstrap {
    config_ref: Option<ObjectReference>,
    data_secret_name: Option<String>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct FailureDomain {
    #[serde(default, rename = "controlPlane")]
    control_plane: bool,
    attributes: Option<BTreeMap<String, String>>,
}

#[derive(KubeSchema, Serialize, Deserialize)]
struct Endpoint {
    host: String,
    #[x_kube(minimum = 1, maximum = 65535)]
    port: i32,
}

/// Composed resources with patches of several kinds.
#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Composition {
    mode: Option<CompositionMode>,
    #[serde(default)]
    resources: Vec<ComposedTemplate>,
    pipeline: Option<Vec<PipelineStep>>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
enum CompositionMode {
    Resources,
    Pipeline,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct PipelineStep {
    step: String,
    #[serde(rename = "functionRef")]
    function: LocalObjectReference,
    input: Option<krate::crd::EmbeddedObject>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct ComposedTemplate {
    name: Option<String>,
    base: krate::crd::EmbeddedObject,
    #[serde(default)]
    patches: Vec<Change>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(tag = "type", rename_all_fields = "camelCase")]
enum Change {
    FromCompositeFieldPath {
        from_field_path: String,
        to_field_path: Option<String>,
        #[serde(default)]
        transforms: Vec<Transform>,
    },
    CombineFromComposite {
        combine: Combine,
        to_field_path: String,
    },
    PatchSet {
        patch_set_name: String,
    },
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct Combine {
    strategy: String,
    variables: Vec<BTreeMap<String, String>>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(tag = "type", content = "value", rename_all = "lowercase")]
enum Transform {
    Convert(String),
    Map(BTreeMap<String, Value>),
    Math(f64),
    Match(Vec<Value>),
}

/// A definition that holds another definition's schema as it is.
#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Definition {
    group: String,
    names: BTreeMap<String, Value>,
    versions: Vec<DefinitionVersion>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct DefinitionVersion {
    name: String,
    served: bool,
    schema: Option<DefinitionSchema>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct DefinitionSchema {
    #[serde(rename = "openAPIV3Schema")]
    schema: serde_json::Map<String, Value>,
}

/// A store of secrets: one provider of many.
#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SecretStore {
    provider: Provider,
    refresh_interval: Option<i32>,
    #[serde(default)]
    conditions: Vec<StoreCondition>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Provider {
    Aws { service: AwsService, region: String },
    Vault(Vault),
    Fake { data: Vec<FakeData> },
    Webhook(BTreeMap<String, Value>),
}

#[derive(JsonSchema, Serialize, Deserialize)]
enum AwsService {
    SecretsManager,
    ParameterStore,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct FakeData {
    key: String,
    value: String,
    #[serde(default, rename = "valueMap")]
    map: BTreeMap<String, String>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
struct StoreCondition {
    namespaces: Option<Vec<String>>,
    secret: Option<SecretKeySelector>,
}

/// Any policy, any JSON.
#[derive(JsonSchema, Serialize, Deserialize)]
struct Policy {
    rules: Vec<PolicyRule>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PolicyRule {
    name: String,
    r#match: AnyAll,
    validate: Option<Validate>,
    mutate: Option<BTreeMap<String, Value>>,
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum AnyAll {
    Any(Vec<BTreeMap<String, Value>>),
    All(Vec<BTreeMap<String, Value>>),
}

#[derive(JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Validate {
    message: Option<String>,
    pattern: Option<Value>,
    any_pattern: Option<Value>,
    deny: Option<Value>,
}

pub(crate) fn rows() -> Vec<Row> {
    let map = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {}, "data": {"a": "b"}});
    vec![
        row::<Issuer>("an issuer")
            .takes([
                json!({"selfSigned": {}}),
                json!({"acme": {
                    "server": "https://example.com", "privateKeySecretRef": {"name": "a"}, "caBundle": "aGk=",
                    "solvers": [
                        {"selector": {"dnsNames": ["a"]}, "http01": {"ingress": {"ingressClassName": "nginx"}}},
                        {"dns01": {"webhook": {"groupName": "g", "config": {"any": [1]}}}},
                    ],
                }}),
                json!({"vault": {"server": "s", "auth": {"tokenSecretRef": {"name": "a"}}}}),
            ])
            .refuses([
                json!({"acme": {"server": "a"}}),
                json!({"acme": {"server": "a", "privateKeySecretRef": {"name": "a"}, "solvers": [{}]}}),
                json!({"vault": {"server": "s", "auth": {}}}),
            ])
            .forbids([json!({}), json!({"selfSigned": {}, "ca": {"secretName": "a"}})])
            .alone(),
        row::<Certificate>("a certificate")
            .takes([json!({
                "secretName": "a", "issuerRef": {"name": "b"}, "duration": "2160h0m0s",
                "usages": ["digital signature", "s/mime", "signing"], "privateKey": {"algorithm": "ECDSA", "size": 256},
                "isCA": false,
            })])
            .refuses([json!({"secretName": "a", "issuerRef": {"name": "b"}, "usages": ["Signing"]})]),
        row::<MachineDeployment>("machines")
            .takes([json!({
                "clusterName": "a", "template": {"bootstrap": {}, "infrastructureRef": {"kind": "X", "name": "y"}},
                "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 0}},
                "failureDomains": {"a": {"controlPlane": true}}, "controlPlaneEndpoint": {"host": "h", "port": 6443},
            })])
            .refuses([json!({"clusterName": "a", "template": {"bootstrap": {}, "infrastructureRef": {}},
                             "strategy": {"type": "Recreate"}})]),
        row::<Composition>("a composition")
            .takes([json!({
                "mode": "Resources",
                "resources": [{"name": "a", "base": map, "patches": [
                    {"type": "FromCompositeFieldPath", "fromFieldPath": "spec.a", "transforms": [
                        {"type": "convert", "value": "string"}, {"type": "math", "value": 2}, {"type": "map", "value": {"a": 1}},
                    ]},
                    {"type": "CombineFromComposite", "combine": {"strategy": "string", "variables": [{"a": "b"}]}, "toFieldPath": "x"},
                ]}],
                "pipeline": [{"step": "s", "functionRef": {"name": "f"}, "input": map}],
            })])
            .refuses([
                json!({"resources": [{"base": map, "patches": [{"type": "FromCompositeFieldPath"}]}]}),
                json!({"resources": [{"base": map, "patches": [{"type": "PatchSet", "patchSetName": 1}]}]}),
            ]),
        row::<Definition>("a definition")
            .takes([json!({"group": "g", "names": {"kind": "K"}, "versions": [
                {"name": "v1", "served": true, "schema": {"openAPIV3Schema": {"type": "object", "properties": {"a": {"$ref": "#"}}}}},
            ]})])
            .refuses([json!({"group": "g", "names": {}, "versions": [{"name": "v1", "served": true, "schema": {}}]})]),
        row::<SecretStore>("a store of secrets")
            .takes([
                json!({"provider": {"aws": {"service": "SecretsManager", "region": "r"}}}),
                json!({"provider": {"fake": {"data": [{"key": "a", "value": "b"}]}}, "conditions": [{"namespaces": ["a"]}]}),
                json!({"provider": {"webhook": {"url": "u", "headers": {"a": "b"}}}}),
            ])
            .refuses([json!({"provider": {"aws": {"service": "S3", "region": "r"}}}), json!({"provider": {}})]),
        row::<Policy>("a policy")
            .takes([json!({"rules": [{
                "name": "a", "match": {"any": [{"resources": {"kinds": ["Pod"]}}]},
                "validate": {"pattern": {"spec": {"=(hostNetwork)": false}}, "anyPattern": [{"a": 1}]},
            }]})])
            .refuses([json!({"rules": [{"name": "a", "match": {}}]})]),
    ]
}
