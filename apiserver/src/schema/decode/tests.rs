//! Documents and what a real server made of them.

use serde_json::json;

use super::*;
use crate::registry::Registry;

fn decode(kind: &str, body: &str) -> Result<Decoded, DecodeError> {
    let kinds = Registry::new().kinds();
    let resource = kinds.resources().find(|one| one.kind == kind).unwrap();
    typed_json(body.as_bytes(), resource.node().unwrap())
}

fn type_error(kind: &str, body: &str, expected: &str) {
    assert_eq!(
        decode(kind, body),
        Err(DecodeError::Type(expected.to_owned())),
        "{body}"
    );
}

fn stored(kind: &str, body: &str, expected: &Value) {
    assert_eq!(decode(kind, body).unwrap().value, *expected, "{body}");
}

#[test]
fn a_wrong_type_is_told_by_struct_field_and_type() {
    for (kind, body, expected) in [
        (
            "ConfigMap",
            r#"{"data":{"a":1}}"#,
            "number into Go struct field ConfigMap.data of type string",
        ),
        (
            "ConfigMap",
            r#"{"data":[]}"#,
            "array into Go struct field ConfigMap.data of type map[string]string",
        ),
        (
            "ConfigMap",
            r#"{"immutable":"x"}"#,
            "string into Go struct field ConfigMap.immutable of type bool",
        ),
        (
            "ConfigMap",
            r#"{"binaryData":{"a":1}}"#,
            "number into Go struct field ConfigMap.binaryData of type []uint8",
        ),
        (
            "Deployment",
            r#"{"spec":{"replicas":"x"}}"#,
            "string into Go struct field DeploymentSpec.spec.replicas of type int32",
        ),
        (
            "Deployment",
            r#"{"spec":{"replicas":1.5}}"#,
            "number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32",
        ),
        (
            "Deployment",
            r#"{"spec":{"replicas":99999999999}}"#,
            "number 99999999999 into Go struct field DeploymentSpec.spec.replicas of type int32",
        ),
        (
            "Deployment",
            r#"{"spec":[]}"#,
            "array into Go struct field Deployment.spec of type v1.DeploymentSpec",
        ),
        (
            "Deployment",
            r#"{"spec":{"template":{"spec":{"containers":{}}}}}"#,
            "object into Go struct field PodSpec.spec.template.spec.containers of type []v1.Container",
        ),
        (
            "Deployment",
            r#"{"spec":{"template":{"spec":{"containers":["x"]}}}}"#,
            "string into Go struct field PodSpec.spec.template.spec.containers of type v1.Container",
        ),
        (
            "Deployment",
            r#"{"spec":{"template":{"spec":{"containers":[{"name":1}]}}}}"#,
            "number into Go struct field Container.spec.template.spec.containers.name of type string",
        ),
        (
            "Deployment",
            r#"{"spec":{"strategy":{"rollingUpdate":{"maxSurge":true}}}}"#,
            "bool into Go struct field RollingUpdateDeployment.spec.strategy.rollingUpdate.maxSurge of type int32",
        ),
        (
            "Deployment",
            r#"{"metadata":{"creationTimestamp":1}}"#,
            "number into Go struct field ObjectMeta.metadata.creationTimestamp of type string",
        ),
        (
            "Deployment",
            r#"{"metadata":"x"}"#,
            "string into Go struct field Deployment.metadata of type v1.ObjectMeta",
        ),
        (
            "Deployment",
            r#"{"spec":{"template":{"metadata":{"labels":{"a":1}}}}}"#,
            "number into Go struct field ObjectMeta.spec.template.metadata.labels of type string",
        ),
    ] {
        type_error(kind, body, &format!("json: cannot unmarshal {expected}"));
    }
}

#[test]
fn texts_with_a_form_are_checked() {
    type_error(
        "Secret",
        r#"{"data":{"a":"zz*"}}"#,
        "illegal base64 data at input byte 2",
    );
    type_error(
        "Secret",
        r#"{"data":{"a":"1"}}"#,
        "illegal base64 data at input byte 0",
    );
    let cpu = r#"{"spec":{"containers":[{"resources":{"limits":{"cpu":"abc"}}}]}}"#;
    type_error("Pod", cpu, crate::schema::quantity::MALFORMED);
    type_error(
        "Lease",
        r#"{"spec":{"acquireTime":"2026-01-01T00:00:00Z"}}"#,
        "parsing time \"2026-01-01T00:00:00Z\" as \"2006-01-02T15:04:05.000000Z07:00\": cannot parse \"Z\" as \".000000\"",
    );
}

#[test]
fn unknown_and_repeated_fields_are_noted_in_document_order() {
    let body = r#"{"zz":1,"aa":2,"spec":{"x":1,"containers":[{"name":"a","q":1},{"name":"b","name":"c"}],"b":1},
        "metadata":{"foo":1,"name":"a","labels":{"a":"1","a":"2"}},"aa":3}"#;
    let decoded = decode("Pod", body).unwrap();
    assert_eq!(
        decoded.strict,
        [
            r#"unknown field "zz""#,
            r#"unknown field "aa""#,
            r#"unknown field "spec.x""#,
            r#"unknown field "spec.containers[0].q""#,
            r#"duplicate field "spec.containers[1].name""#,
            r#"unknown field "spec.b""#,
            r#"unknown field "metadata.foo""#,
            r#"duplicate field "metadata.labels.a""#,
        ]
    );
    assert_eq!(
        decoded.value,
        json!({"spec": {"containers": [{"name": "a"}, {"name": "c"}]}, "metadata": {"name": "a", "labels": {"a": "2"}}})
    );
}

#[test]
fn a_crds_schema_is_decoded_at_every_depth() {
    let body = r#"{"spec":{"versions":[{"schema":{"openAPIV3Schema":{
        "properties":{"a":{"foo":1}},"x-kubernetes-foo":1,"default":{"q":1}}}}]}}"#;
    let decoded = decode("CustomResourceDefinition", body).unwrap();
    assert_eq!(
        decoded.strict,
        [
            r#"unknown field "spec.versions[0].schema.openAPIV3Schema.properties.a.foo""#,
            r#"unknown field "spec.versions[0].schema.openAPIV3Schema.x-kubernetes-foo""#,
        ]
    );
    let schema = &decoded.value["spec"]["versions"][0]["schema"]["openAPIV3Schema"];
    assert_eq!(*schema, json!({"properties": {"a": {}}, "default": {"q": 1}}));
}

#[test]
fn what_is_null_or_empty_is_left_out() {
    stored(
        "ConfigMap",
        r#"{"metadata":{"name":"a","labels":{},"creationTimestamp":null},"data":null}"#,
        &json!({"metadata": {"name": "a"}}),
    );
    stored("ConfigMap", r#"{"data":{"a":null}}"#, &json!({"data": {"a": ""}}));
    stored(
        "Pod",
        r#"{"spec":{"hostNetwork":false,"containers":[{"name":"a","env":[{"name":"X","value":""}],"args":[],"securityContext":{}}],
            "volumes":[{"name":"v","emptyDir":{}}]}}"#,
        &json!({"spec": {"containers": [{"name": "a", "env": [{"name": "X"}], "securityContext": {}}],
                        "volumes": [{"name": "v", "emptyDir": {}}]}}),
    );
    stored(
        "Deployment",
        r#"{"spec":{"replicas":0,"minReadySeconds":0}}"#,
        &json!({"spec": {"replicas": 0}}),
    );
}

#[test]
fn quantities_and_times_take_their_canonical_form() {
    stored(
        "Pod",
        r#"{"metadata":{"deletionTimestamp":"2026-01-01T02:00:00+02:00"},
            "spec":{"containers":[{"resources":{"limits":{"cpu":"1000m","memory":"0.5Gi","x.io/y":2}}}]}}"#,
        &json!({"metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"},
               "spec": {"containers": [{"resources": {"limits": {"cpu": "1", "memory": "512Mi", "x.io/y": "2"}}}]}}),
    );
}

#[test]
fn a_document_that_is_no_json_is_told_apart() {
    assert!(matches!(decode("ConfigMap", "{bad"), Err(DecodeError::Syntax(_))));
    assert!(matches!(
        decode("ConfigMap", r#"{"data":{}} x"#),
        Err(DecodeError::Syntax(_))
    ));
}

#[test]
fn a_value_decodes_like_the_document_it_stands_for() {
    let kinds = Registry::new().kinds();
    let node = kinds.by_kind("", "v1", "ConfigMap").unwrap().node().unwrap();
    let decoded = typed_value(&json!({"data": {"a": "1"}, "x": 1}), node).unwrap();
    assert_eq!(decoded.value, json!({"data": {"a": "1"}}));
    assert_eq!(decoded.strict, [r#"unknown field "x""#]);
}

#[test]
fn whole_numbers_of_custom_kinds_lose_their_fraction() {
    let decoded = untyped_json(br#"{"a":1.0,"b":1.5,"c":{"d":1,"d":2}}"#).unwrap();
    assert_eq!(decoded.value, json!({"a": 1, "b": 1.5, "c": {"d": 2}}));
    assert_eq!(decoded.strict, [r#"duplicate field "c.d""#]);
}

fn custom_kind() -> Resource {
    let kinds = Registry::new().kinds();
    let schema = json!({"type": "object", "properties": {"spec": {"type": "object", "properties": {
        "size": {"type": "integer"},
        "emb": {"type": "object", "x-kubernetes-embedded-resource": true, "x-kubernetes-preserve-unknown-fields": true},
    }}}});
    Resource {
        custom: true,
        schema: Some(std::sync::Arc::new(Schema::parse(&schema))),
        ..Resource::clone(kinds.by_kind("", "v1", "ConfigMap").unwrap())
    }
}

#[test]
fn a_custom_object_has_typed_metadata_and_is_pruned() {
    let value = json!({"apiVersion": "y.io/v1", "kind": "W", "metadata": {"name": "a", "bogus": 1, "labels": {}},
        "spec": {"size": 1, "unk": 1, "emb": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "bogus": 1}, "x": 1}}});
    let decoded = custom(
        value,
        vec![r#"duplicate field "spec.size""#.to_owned()],
        &custom_kind(),
    )
    .unwrap();
    assert_eq!(
        decoded.strict,
        [
            r#"duplicate field "spec.size""#,
            r#"unknown field "metadata.bogus""#,
            r#"unknown field "spec.emb.metadata.bogus""#,
            r#"unknown field "spec.unk""#,
        ]
    );
    assert_eq!(
        decoded.value,
        json!({"apiVersion": "y.io/v1", "kind": "W", "metadata": {"name": "a"},
            "spec": {"size": 1, "emb": {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "x": 1}}})
    );
}

#[test]
fn a_custom_objects_metadata_is_told_without_its_path() {
    let value = json!({"metadata": {"labels": {"x": 1}}});
    let error = custom(value, Vec::new(), &custom_kind()).unwrap_err();
    let expected = "json: cannot unmarshal number into Go struct field ObjectMeta.labels of type string";
    assert_eq!(error, DecodeError::Type(expected.to_owned()));
}
