//! The account an operator acts as: nothing is permitted to it but what it declares.
//!
//! The objects are written as JSON: their Rust types differ between the Kubernetes versions a user may choose.

use k8s_openapi::api::core::v1::ServiceAccount;
use k8s_openapi::api::rbac::v1::{ClusterRole, ClusterRoleBinding};
use krate::permission::Permission;
use kube::{Api, Client};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::install::apply;
use crate::{Error, Result};

const RBAC_GROUP: &str = "rbac.authorization.k8s.io";

/// Creates a service account with exactly these permissions, and returns a token of it.
pub(crate) async fn create(
    admin: &Client,
    namespace: &str,
    name: &str,
    permissions: &[Permission],
) -> Result<String> {
    let account: ServiceAccount = object(json!({"metadata": {"name": name}}))?;
    let accounts: Api<ServiceAccount> = Api::namespaced(admin.clone(), namespace);
    apply(&accounts, &account, "create the service account").await?;
    permit(admin, namespace, name, permissions).await?;
    token(admin, namespace, name).await
}

async fn permit(admin: &Client, namespace: &str, name: &str, permissions: &[Permission]) -> Result<()> {
    let role_name = format!("{namespace}-{name}");
    let rules: Vec<Value> = permissions.iter().map(rule).collect();
    let role: ClusterRole = object(json!({"metadata": {"name": role_name}, "rules": rules}))?;
    apply(&Api::all(admin.clone()), &role, "create the role").await?;
    let binding: ClusterRoleBinding = object(json!({
        "metadata": {"name": role_name},
        "roleRef": {"apiGroup": RBAC_GROUP, "kind": "ClusterRole", "name": role_name},
        "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": namespace}],
    }))?;
    apply(&Api::all(admin.clone()), &binding, "create the role binding").await
}

fn rule(permission: &Permission) -> Value {
    let verbs: Vec<&str> = permission.verbs().iter().map(|verb| verb.as_str()).collect();
    json!({
        "apiGroups": [permission.group()],
        "resources": [permission.resource()],
        "verbs": verbs,
    })
}

async fn token(admin: &Client, namespace: &str, name: &str) -> Result<String> {
    let act = format!("get a token of the service account `{name}`");
    let path = format!("/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token");
    let body = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}});
    let request = http::Request::post(path)
        .header("content-type", "application/json")
        .body(body.to_string().into_bytes())
        .map_err(Error::in_the_act(act.clone()))?;
    let answer: Value = admin
        .request(request)
        .await
        .map_err(Error::in_the_act(act.clone()))?;
    let token = answer["status"]["token"].as_str().map(str::to_owned);
    token.ok_or_else(|| Error::new(format!("failed to {act}: the answer has none")))
}

fn object<K: DeserializeOwned>(value: Value) -> Result<K> {
    serde_json::from_value(value).map_err(Error::in_the_act("write an object"))
}
