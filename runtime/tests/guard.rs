//! Who may read the metrics, decided by an API server with its roles and tokens.

use krate::k8s_openapi::api::core::v1::ServiceAccount;
use krate::k8s_openapi::api::rbac::v1::{ClusterRole, ClusterRoleBinding};
use krate::metrics::guard::{Guard, Verdict};
use krate::operator::{Access, Stop};
use krate::serve::Server;
use krate::{Environment, Operator};
use krate_testing::{Cluster, Result};
use kube::api::PostParams;
use kube::core::Resource;
use kube::{Api, Client};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

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

/// Lets an account read the metrics.
async fn permit(client: &Client, name: &str) {
    let role = json!({
        "metadata": {"name": "metrics-reader"},
        "rules": [{"nonResourceURLs": ["/metrics"], "verbs": ["get"]}],
    });
    create(Api::<ClusterRole>::all(client.clone()), role).await;
    let binding = json!({
        "metadata": {"name": "metrics-reader"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "metrics-reader"},
        "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": NAMESPACE}],
    });
    create(Api::<ClusterRoleBinding>::all(client.clone()), binding).await;
}

#[tokio::test]
async fn only_who_has_a_role_for_the_path_may_read_it() -> Result<()> {
    let cluster = Cluster::embedded()?;
    cluster.namespace(NAMESPACE).await?;
    let client = cluster.client();
    let scraper = account(&client, "prometheus").await;
    let stranger = account(&client, "stranger").await;
    permit(&client, "prometheus").await;

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

/// Returns status and body of a GET.
async fn get(address: std::net::SocketAddr, path: &str, token: Option<&str>) -> (u16, String) {
    let mut stream = TcpStream::connect(address).await.expect("the server listens");
    let authorization = token.map_or(String::new(), |token| {
        format!("authorization: Bearer {token}\r\n")
    });
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{authorization}\r\n");
    stream
        .write_all(request.as_bytes())
        .await
        .expect("the server reads");
    let mut answer = String::new();
    stream
        .read_to_string(&mut answer)
        .await
        .expect("the server answers");
    let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
    let body = answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned());
    (status.expect("there is a status"), body.expect("there is a body"))
}

#[tokio::test]
async fn an_operator_serves_metrics_to_the_scraper_and_probes_to_anyone() -> Result<()> {
    let cluster = Cluster::embedded()?;
    cluster.namespace(NAMESPACE).await?;
    let client = cluster.client();
    let scraper = account(&client, "prometheus").await;
    let stranger = account(&client, "stranger").await;
    permit(&client, "prometheus").await;

    let anywhere = || "127.0.0.1:0".parse().expect("that is an address");
    let (metrics, health) = (
        Server::new("metrics", anywhere()),
        Server::new("health", anywhere()),
    );
    let (metrics_at, health_at) = (metrics.handle(), health.handle());
    let operator = Operator::new()
        .client(client)
        .serve_metrics(metrics, Access::Authorized)
        .serve_health(health);
    let stop = Stop::new();
    let until = stop.clone();
    let task = tokio::spawn(async move { operator.run_until(&until).await });
    let (metrics_at, health_at) = (metrics_at.bound().await, health_at.bound().await);

    let (status, text) = get(metrics_at, "/metrics", Some(&scraper)).await;
    assert_eq!(status, 200);
    assert!(
        text.contains("# TYPE process_resident_memory_bytes gauge\n"),
        "{text}"
    );
    // The reviews themselves are requests to the API server.
    assert!(
        text.contains("rest_client_requests_total{code=\"201\",method=\"POST\",host=\"\"} 2"),
        "{text}"
    );
    assert_eq!(get(metrics_at, "/metrics", Some(&stranger)).await.0, 403);
    assert_eq!(get(metrics_at, "/metrics", None).await.0, 401);
    assert_eq!(get(health_at, "/readyz", None).await, (200, "ok".to_owned()));
    assert_eq!(get(health_at, "/metrics", Some(&scraper)).await.0, 404);
    stop.request();
    task.await
        .expect("the operator does not panic")
        .expect("the operator stops in order");
    Ok(())
}
