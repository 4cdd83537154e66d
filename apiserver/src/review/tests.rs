use std::sync::Arc;

use serde_json::{Value, json};

use super::*;
use crate::authz::Snapshot;
use crate::object::{Object, ObjectRef};
use crate::token::Issuer;

fn lookup(resource: &str, namespace: &str, name: &str) -> Option<ObjectRef> {
    let value = match (resource, namespace, name) {
        ("serviceaccounts", "a4", "sa") => account(),
        ("pods", "a4", "p") => json!({
            "metadata": {"name": "p", "namespace": "a4", "uid": "p1"},
            "spec": {"serviceAccountName": "sa", "nodeName": "n1"},
        }),
        ("pods", "a4", "other") => json!({
            "metadata": {"name": "other", "namespace": "a4", "uid": "p2"},
            "spec": {"serviceAccountName": "default"},
        }),
        _ => return None,
    };
    Some(Arc::new(Object::new(value, 1)))
}

fn account() -> Value {
    json!({"metadata": {"name": "sa", "namespace": "a4", "uid": "u1"}})
}

fn rbac() -> Rbac {
    let role = json!({"metadata": {"name": "rr", "namespace": "default"}, "rules": [
        {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]},
    ]});
    let binding = json!({
        "metadata": {"name": "rb", "namespace": "default"},
        "subjects": [{"kind": "User", "name": "alice"}],
        "roleRef": {"kind": "Role", "name": "rr"},
    });
    Rbac::compile(&Snapshot {
        roles: vec![&role],
        role_bindings: vec![&binding],
        ..Snapshot::default()
    })
}

fn with_reviewer<T>(ask: impl FnOnce(&Reviewer<'_>) -> T) -> T {
    let environment = Environment::seeded(jiff::Timestamp::UNIX_EPOCH, 1);
    let issuer = Arc::new(Issuer::new(environment.clone()).unwrap());
    let alice = Identity::new("alice", ["devs"]).with_uid("alice-uid");
    ask(&Reviewer {
        identity: &alice,
        rbac: &rbac(),
        authenticator: &Authenticator::new(issuer).with_token("orc-alice", alice.clone()),
        lookup: &lookup,
        environment: &environment,
    })
}

fn create(resource: &str, spec: &Value) -> Result<Value> {
    let body = json!({"metadata": {}, "spec": spec});
    with_reviewer(|reviewer| reviewer.create(resource, "default", body)).unwrap()
}

fn check(resource: &str, spec: &Value, expected: &Value) {
    assert_eq!(
        create(resource, spec).unwrap()["status"],
        *expected,
        "{resource} {spec}"
    );
}

fn check_refused(resource: &str, spec: &Value, expected: &str) {
    let error = create(resource, spec).unwrap_err();
    assert_eq!(error.message, expected, "{resource} {spec}");
}

fn pods(verb: &str) -> Value {
    json!({"namespace": "default", "verb": verb, "resource": "pods"})
}

#[tokio::test(start_paused = true)]
async fn an_access_review_says_what_allows_it() {
    let reason = r#"RBAC: allowed by RoleBinding "rb/default" of Role "rr" to User "alice""#;
    let yes = json!({"allowed": true, "reason": reason});
    let no = json!({"allowed": false});
    check(
        "selfsubjectaccessreviews",
        &json!({"resourceAttributes": pods("list")}),
        &yes,
    );
    check(
        "selfsubjectaccessreviews",
        &json!({"resourceAttributes": pods("delete")}),
        &no,
    );
    let alice = json!({"user": "alice", "groups": ["devs"], "resourceAttributes": pods("get")});
    check("subjectaccessreviews", &alice, &yes);
    check("localsubjectaccessreviews", &alice, &yes);
    let metrics = json!({"user": "alice", "nonResourceAttributes": {"path": "/metrics", "verb": "get"}});
    check("subjectaccessreviews", &metrics, &no);
    let root = json!({"groups": ["system:masters"], "resourceAttributes": pods("delete")});
    check("subjectaccessreviews", &root, &json!({"allowed": true}));
}

#[tokio::test(start_paused = true)]
async fn an_access_review_without_sense_is_refused() {
    check_refused(
        "selfsubjectaccessreviews",
        &json!({}),
        r#".authorization.k8s.io "" is invalid: spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified"#,
    );
    check_refused(
        "subjectaccessreviews",
        &json!({"resourceAttributes": {"verb": "get"}}),
        r#".authorization.k8s.io "" is invalid: spec.user: Invalid value: "": at least one of user or group must be specified"#,
    );
    check_refused(
        "subjectaccessreviews",
        &json!({"user": "a", "resourceAttributes": {"verb": "get"}, "nonResourceAttributes": {"path": "/x"}}),
        r#".authorization.k8s.io "" is invalid: spec.nonResourceAttributes: Invalid value: {"Path":"/x","Verb":""}: cannot be specified in combination with resourceAttributes"#,
    );
    check_refused(
        "localsubjectaccessreviews",
        &json!({"user": "a", "resourceAttributes": {"verb": "get", "namespace": "other"}}),
        r#".authorization.k8s.io "" is invalid: spec.resourceAttributes.namespace: Invalid value: "other": must match metadata.namespace"#,
    );
    check_refused(
        "localsubjectaccessreviews",
        &json!({"user": "a", "nonResourceAttributes": {"verb": "get", "path": "/"}}),
        r#".authorization.k8s.io "" is invalid: spec.nonResourceAttributes: Invalid value: {"Path":"/","Verb":"get"}: disallowed on this kind of request"#,
    );
}

#[tokio::test(start_paused = true)]
async fn a_review_has_no_name() {
    let body = json!({
        "metadata": {"name": "x", "creationTimestamp": null},
        "spec": {"resourceAttributes": pods("get")},
    });
    let error = with_reviewer(|reviewer| reviewer.create("selfsubjectaccessreviews", "", body));
    assert_eq!(
        error.unwrap().unwrap_err().message,
        r#".authorization.k8s.io "" is invalid: metadata: Invalid value: {"name":"x"}: must be empty"#
    );
}

#[tokio::test(start_paused = true)]
async fn a_rules_review_lists_rules_by_kind() {
    let pods = json!({"verbs": ["get", "list"], "apiGroups": [""], "resources": ["pods"]});
    check(
        "selfsubjectrulesreviews",
        &json!({"namespace": "default"}),
        &json!({"resourceRules": [pods], "nonResourceRules": [], "incomplete": false}),
    );
    check_refused("selfsubjectrulesreviews", &json!({}), "no namespace on request");
}

#[tokio::test(start_paused = true)]
async fn a_self_review_says_who_asks() {
    let user = json!({"username": "alice", "uid": "alice-uid", "groups": ["devs", "system:authenticated"]});
    check("selfsubjectreviews", &json!({}), &json!({"userInfo": user}));
}

#[tokio::test(start_paused = true)]
async fn a_token_review_says_whose_token_it_is() {
    let user = json!({"username": "alice", "uid": "alice-uid", "groups": ["devs", "system:authenticated"]});
    let own = "https://kubernetes.default.svc";
    let known = json!({"authenticated": true, "user": user, "audiences": [own]});
    check("tokenreviews", &json!({"token": "orc-alice"}), &known);
    check(
        "tokenreviews",
        &json!({"token": "orc-alice", "audiences": [own, "z"]}),
        &known,
    );
    let unknown = json!({"user": {}, "error": "invalid bearer token"});
    check("tokenreviews", &json!({"token": "bad"}), &unknown);
    check(
        "tokenreviews",
        &json!({"token": "orc-alice", "audiences": ["z"]}),
        &unknown,
    );
    check_refused(
        "tokenreviews",
        &json!({}),
        "token is required for TokenReview in authentication",
    );
}

#[tokio::test(start_paused = true)]
async fn a_requested_token_is_valid() {
    with_reviewer(|reviewer| {
        let reference = json!({"kind": "Pod", "apiVersion": "v1", "name": "p"});
        let body = json!({"spec": {"boundObjectRef": reference}});
        let answer = reviewer.request_token(&account(), body).unwrap();
        assert_eq!(answer["metadata"]["uid"], "u1");
        assert_eq!(
            answer["spec"]["audiences"],
            json!(["https://kubernetes.default.svc"])
        );
        assert_eq!(answer["spec"]["expirationSeconds"], 3600);
        assert_eq!(answer["status"]["expirationTimestamp"], "1970-01-01T01:00:00Z");
        let token = answer["status"]["token"].as_str().unwrap();
        let verified = reviewer.authenticator.verify(token, &[], &lookup).unwrap();
        assert_eq!(verified.identity.user, "system:serviceaccount:a4:sa");
        let extra = &verified.identity.extra;
        assert_eq!(extra["authentication.kubernetes.io/pod-uid"], ["p1"]);
        assert_eq!(extra["authentication.kubernetes.io/node-name"], ["n1"]);
    });
}

#[tokio::test(start_paused = true)]
async fn a_token_request_without_sense_is_refused() {
    let check = |body: Value, code: u16, expected: &str| {
        let error = with_reviewer(|reviewer| reviewer.request_token(&account(), body)).unwrap_err();
        assert_eq!((error.code, error.message.as_str()), (code, expected));
    };
    let bound_to = |kind: &str, name: &str| json!({"spec": {"boundObjectRef": {"kind": kind, "apiVersion": "v1", "name": name}}});
    check(
        json!({"spec": {"expirationSeconds": 60}}),
        422,
        r#"TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 60: may not specify a duration less than 10 minutes"#,
    );
    check(
        json!({"spec": {"expirationSeconds": 4_294_967_297_u64}}),
        422,
        r#"TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 4294967297: may not specify a duration larger than 2^32 seconds"#,
    );
    check(
        json!({"metadata": {"name": "zz"}}),
        422,
        r#"TokenRequest.authentication.k8s.io "sa" is invalid: metadata.name: Invalid value: "zz": must match the service account name if specified"#,
    );
    check(bound_to("Pod", "nopod"), 404, r#"pods "nopod" not found"#);
    check(
        bound_to("Foo", "x"),
        400,
        "cannot bind token to object of type /v1, Kind=Foo",
    );
    check(
        bound_to("Pod", "other"),
        400,
        r#"cannot bind token for serviceaccount "sa" to pod running with different serviceaccount name."#,
    );
}
