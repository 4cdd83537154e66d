//! Who may do what, asked over the service as a client from outside asks.
#![expect(clippy::unwrap_used, reason = "a panic fails the test, as it should")]

mod common;

use bytes::Bytes;
use common::{Answer, World};
use http::Request;
use http_body_util::Full;
use jiff::Timestamp;
use krate_apiserver::authn::{Identity, Peer};
use krate_apiserver::environment::Environment;
use krate_apiserver::{Controllers, Server};
use serde_json::{Value, json};

const RBAC: &str = "/apis/rbac.authorization.k8s.io/v1";

/// A server that knows alice by her token.
fn world() -> World {
    let environment = Environment::seeded(Timestamp::UNIX_EPOCH, 1);
    let server = Server::builder()
        .environment(environment)
        .controllers(Controllers::none())
        .token(
            "orc-alice",
            Identity::new("alice", ["devs"]).with_uid("alice-uid"),
        )
        .build()
        .unwrap();
    let service = server.service();
    World { server, service }
}

/// Asks over the network, with a token or without.
async fn ask(world: &World, token: &str, method: &str, url: &str, body: &Value) -> Answer {
    let mut request = Request::builder().method(method).uri(url);
    if !token.is_empty() {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let body = if body.is_null() {
        Bytes::new()
    } else {
        Bytes::from(body.to_string())
    };
    let kind = if method == "PATCH" {
        "application/merge-patch+json"
    } else {
        "application/json"
    };
    let request = request.header("content-type", kind).extension(Peer::Network);
    world.ask(request.body(Full::new(body)).unwrap()).await
}

async fn get(world: &World, token: &str, url: &str) -> Answer {
    ask(world, token, "GET", url, &Value::Null).await
}

async fn bind(world: &World, role: Value, subject: Value) {
    let inside = format!("{RBAC}/namespaces/default");
    let role = json!({"metadata": {"name": "rr"}, "rules": [role]});
    assert_eq!(
        world
            .post(&format!("{inside}/roles"), &role.to_string())
            .await
            .code,
        201
    );
    let binding = json!({
        "metadata": {"name": "rb"}, "subjects": [subject],
        "roleRef": {"kind": "Role", "name": "rr", "apiGroup": "rbac.authorization.k8s.io"},
    });
    assert_eq!(
        world
            .post(&format!("{inside}/rolebindings"), &binding.to_string())
            .await
            .code,
        201
    );
}

fn pods() -> Value {
    json!({"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]})
}

#[tokio::test(start_paused = true)]
async fn nobody_sees_health_and_version_alone() {
    let world = world();
    for path in ["/version", "/healthz", "/livez", "/readyz"] {
        assert_eq!(get(&world, "", path).await.code, 200, "{path}");
    }
    for path in ["/metrics", "/api", "/openapi/v2"] {
        let answer = get(&world, "", path).await;
        let expected = format!("forbidden: User \"system:anonymous\" cannot get path {path:?}");
        assert_eq!((answer.code, answer.message()), (403, expected));
    }
    let answer = get(&world, "", "/api/v1/pods").await;
    let expected = r#"pods is forbidden: User "system:anonymous" cannot list resource "pods" in API group "" at the cluster scope"#;
    assert_eq!((answer.code, answer.message().as_str()), (403, expected));
}

#[tokio::test(start_paused = true)]
async fn a_wrong_token_is_unauthorized() {
    let answer = get(&world(), "wrong", "/version").await;
    assert_eq!(
        answer.json(),
        json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": "Unauthorized",
            "reason": "Unauthorized", "code": 401,
        })
    );
}

#[tokio::test(start_paused = true)]
async fn a_denial_says_what_was_asked_whether_or_not_it_exists() {
    let world = world();
    let cases = [
        (
            "GET",
            "/api/v1/namespaces/default/pods",
            r#"pods is forbidden: User "alice" cannot list resource "pods" in API group "" in the namespace "default""#,
        ),
        (
            "GET",
            "/apis/apps/v1/namespaces/default/deployments/x",
            r#"deployments.apps "x" is forbidden: User "alice" cannot get resource "deployments" in API group "apps" in the namespace "default""#,
        ),
        (
            "GET",
            "/api/v1/nodes",
            r#"nodes is forbidden: User "alice" cannot list resource "nodes" in API group "" at the cluster scope"#,
        ),
        (
            "PATCH",
            "/apis/y.io/v1/namespaces/t5/ws/a/status",
            r#"ws.y.io "a" is forbidden: User "alice" cannot patch resource "ws/status" in API group "y.io" in the namespace "t5""#,
        ),
        (
            "GET",
            "/api/v1/namespaces/default/pods?watch=1",
            r#"pods is forbidden: User "alice" cannot watch resource "pods" in API group "" in the namespace "default""#,
        ),
        (
            "GET",
            "/metrics",
            r#"forbidden: User "alice" cannot get path "/metrics""#,
        ),
        (
            "DELETE",
            "/api/v1/namespaces/default/pods",
            r#"pods is forbidden: User "alice" cannot deletecollection resource "pods" in API group "" in the namespace "default""#,
        ),
        (
            "GET",
            "/api/v1/namespaces/default/pods/x/log",
            r#"pods "x" is forbidden: User "alice" cannot get resource "pods/log" in API group "" in the namespace "default""#,
        ),
        (
            "GET",
            "/api/v1/namespaces/default/foos",
            r#"foos is forbidden: User "alice" cannot list resource "foos" in API group "" in the namespace "default""#,
        ),
    ];
    for (method, url, expected) in cases {
        let answer = ask(&world, "orc-alice", method, url, &json!({})).await;
        assert_eq!((answer.code, answer.message().as_str()), (403, expected));
    }
    let denied = get(
        &world,
        "orc-alice",
        "/apis/apps/v1/namespaces/default/deployments/x",
    )
    .await;
    assert_eq!(
        denied.json()["details"],
        json!({"name": "x", "group": "apps", "kind": "deployments"})
    );
}

#[tokio::test(start_paused = true)]
async fn a_binding_counts_at_once_and_no_longer_than_it_is_there() {
    let world = world();
    let url = "/api/v1/namespaces/default/pods";
    assert_eq!(get(&world, "orc-alice", url).await.code, 403);
    bind(
        &world,
        pods(),
        json!({"kind": "Group", "name": "devs", "apiGroup": "rbac.authorization.k8s.io"}),
    )
    .await;
    assert_eq!(get(&world, "orc-alice", url).await.code, 200);
    assert_eq!(
        get(&world, "orc-alice", "/api/v1/namespaces/kube-system/pods")
            .await
            .code,
        403
    );
    world
        .delete(&format!("{RBAC}/namespaces/default/rolebindings/rb"), "")
        .await;
    assert_eq!(get(&world, "orc-alice", url).await.code, 403);
}

#[tokio::test(start_paused = true)]
async fn a_rule_for_names_covers_lists_of_that_name_alone() {
    let world = world();
    let rule =
        json!({"apiGroups": [""], "resources": ["configmaps"], "resourceNames": ["a"], "verbs": ["*"]});
    bind(
        &world,
        rule,
        json!({"kind": "User", "name": "alice", "apiGroup": "rbac.authorization.k8s.io"}),
    )
    .await;
    let url = "/api/v1/namespaces/default/configmaps";
    let check = async |suffix: &str, expected: u16| {
        let answer = get(&world, "orc-alice", &format!("{url}{suffix}")).await;
        assert_eq!(answer.code, expected, "{suffix}");
    };
    check("/a", 404).await;
    check("/b", 403).await;
    check("", 403).await;
    check("?fieldSelector=metadata.name%3Da", 200).await;
    check("?fieldSelector=metadata.name%3Db", 403).await;
}

#[tokio::test(start_paused = true)]
async fn an_account_acts_by_its_token_until_it_is_gone() {
    let world = world();
    let accounts = "/api/v1/namespaces/default/serviceaccounts";
    world.post(accounts, r#"{"metadata":{"name":"sa1"}}"#).await;
    let body =
        r#"{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{"expirationSeconds":600}}"#;
    let issued = world.post(&format!("{accounts}/sa1/token"), body).await;
    assert_eq!(issued.code, 201);
    let token = issued.json()["status"]["token"].as_str().unwrap().to_owned();
    let url = "/api/v1/namespaces/default/pods";
    assert_eq!(
        get(&world, &token, url).await.message(),
        r#"pods is forbidden: User "system:serviceaccount:default:sa1" cannot list resource "pods" in API group "" in the namespace "default""#
    );
    bind(&world, pods(), json!({"kind": "ServiceAccount", "name": "sa1"})).await;
    assert_eq!(get(&world, &token, url).await.code, 200);
    world.delete(&format!("{accounts}/sa1"), "").await;
    assert_eq!(get(&world, &token, url).await.code, 401);
    world.post(accounts, r#"{"metadata":{"name":"sa1"}}"#).await;
    assert_eq!(
        get(&world, &token, url).await.code,
        401,
        "a namesake is another account"
    );
}

#[tokio::test(start_paused = true)]
async fn everybody_may_ask_what_they_may_do() {
    let world = world();
    bind(
        &world,
        pods(),
        json!({"kind": "User", "name": "alice", "apiGroup": "rbac.authorization.k8s.io"}),
    )
    .await;
    let review = json!({
        "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": {"namespace": "default", "verb": "list", "resource": "pods"}},
    });
    let url = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    let answer = ask(&world, "orc-alice", "POST", url, &review).await;
    assert_eq!(answer.code, 201);
    let reason = r#"RBAC: allowed by RoleBinding "rb/default" of Role "rr" to User "alice""#;
    assert_eq!(
        answer.json()["status"],
        json!({"allowed": true, "reason": reason})
    );
    let rules = json!({
        "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectRulesReview", "spec": {"namespace": "default"},
    });
    let url = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews";
    let rules = ask(&world, "orc-alice", "POST", url, &rules).await.json();
    assert_eq!(
        rules["status"]["resourceRules"].as_array().unwrap().last(),
        Some(&pods())
    );
    let who = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"});
    let url = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
    let who = ask(&world, "orc-alice", "POST", url, &who).await.json();
    assert_eq!(who["status"]["userInfo"]["username"], "alice");
    assert_eq!(who["kind"], "SelfSubjectReview");
}

#[tokio::test(start_paused = true)]
async fn a_role_of_the_cluster_may_be_given_in_one_namespace() {
    let world = world();
    let binding = json!({
        "metadata": {"name": "viewers"}, "subjects": [{"kind": "User", "name": "alice"}],
        "roleRef": {"kind": "ClusterRole", "name": "view", "apiGroup": "rbac.authorization.k8s.io"},
    });
    let url = format!("{RBAC}/namespaces/default/rolebindings");
    assert_eq!(world.post(&url, &binding.to_string()).await.code, 201);
    let code = async |url: &str| get(&world, "orc-alice", url).await.code;
    assert_eq!(code("/api/v1/namespaces/default/pods").await, 200);
    assert_eq!(code("/api/v1/namespaces/default/secrets").await, 403);
    assert_eq!(code("/api/v1/namespaces/kube-system/pods").await, 403);
    assert_eq!(code("/api/v1/pods").await, 403);
}
