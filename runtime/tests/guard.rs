//! Who may read the metrics, decided by an API server with its roles and tokens.

use krate::Environment;
use krate::k8s_openapi::api::core::v1::ServiceAccount;
use krate::k8s_openapi::api::rbac::v1::{ClusterRole, ClusterRoleBinding};
use krate::metrics::guard::{Guard, Verdict};
use krate_testing::{Cluster, Result};
use kube::api::PostParams;
use kube::core::Resource;
use kube::{Api, Client};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

const NAMESPACE: &str = "monitoring";

async fn create<K>(api: Api<K>, object: Value) -> K
where
    K: Resource + Clone + std::fmt::Debug + DeserializeOwned + serde::Serialize,
{
    let object: K = serde_json::from_value(object).expect("the object is well-formed");
    api.create(&PostParams::default(), &object)
        .await
        .expect("the server takes it")
}

/// Returns a token of a new service account.
async fn account(client: &Client, name: &str) -> String {
    let accounts = Api::<ServiceAccount>::namespaced(client.clone(), NAMESPACE);
    create(accounts, json!({"metadata": {"name": name}})).await;
    let path = format!("/api/v1/namespaces/{NAMESPACE}/serviceaccounts/{name}/token");
    let body = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}});
    let request = http::Request::post(path)
        .header("content-type", "application/json")
        .body(body.to_string().into_bytes())
        .expect("the request is well-formed");
    let answer: Value = client.request(request).await.expect("the server issues tokens");
    answer["status"]["token"]
        .as_str()
        .expect("there is a token")
        .to_owned()
}

#[tokio::test]
async fn only_who_has_a_role_for_the_path_may_read_it() -> Result<()> {
    let cluster = Cluster::embedded()?;
    cluster.namespace(NAMESPACE).await?;
    let client = cluster.client();
    let scraper = account(&client, "prometheus").await;
    let stranger = account(&client, "stranger").await;
    let role = json!({
        "metadata": {"name": "metrics-reader"},
        "rules": [{"nonResourceURLs": ["/metrics"], "verbs": ["get"]}],
    });
    create(Api::<ClusterRole>::all(client.clone()), role).await;
    let binding = json!({
        "metadata": {"name": "metrics-reader"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "metrics-reader"},
        "subjects": [{"kind": "ServiceAccount", "name": "prometheus", "namespace": NAMESPACE}],
    });
    create(Api::<ClusterRoleBinding>::all(client.clone()), binding).await;

    let guard = Guard::new(client, Environment::system());
    let judge = async |token: &str, verb: &str, path: &str| guard.judge(Some(token), verb, path).await;
    assert_eq!(judge(&scraper, "get", "/metrics").await, Verdict::Allowed);
    let denied = |name: &str| Verdict::Denied {
        user: format!("system:serviceaccount:{NAMESPACE}:{name}"),
    };
    assert_eq!(judge(&scraper, "post", "/metrics").await, denied("prometheus"));
    assert_eq!(judge(&scraper, "get", "/debug").await, denied("prometheus"));
    assert_eq!(judge(&stranger, "get", "/metrics").await, denied("stranger"));
    assert_eq!(judge("made.up.token", "get", "/metrics").await, Verdict::Unknown);
    Ok(())
}
