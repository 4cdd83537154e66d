//! The account an operator acts as: nothing is permitted to it but what its manifests say.
//!
//! Objects are JSON here, as manifests are; their Rust types differ between the Kubernetes versions a user may choose.

use kube::core::{ApiResource, DynamicObject, GroupVersionKind};
use kube::{Api, Client};
use serde_json::{Value, json};

use crate::install::apply;
use crate::{Error, Result};

const RBAC_GROUP: &str = "rbac.authorization.k8s.io";

/// The namespace in manifests that stands for the operator's own.
pub(crate) const OWN_NAMESPACE: &str = "system";

/// Creates a service account with exactly these roles, and returns a token of it.
///
/// The roles are given the account's name, so that two operators in a cluster do not share theirs.
pub(crate) async fn create(admin: &Client, namespace: &str, name: &str, roles: &[Value]) -> Result<String> {
    let account = json!({
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": name, "namespace": namespace},
    });
    put(admin, account).await?;
    for role in roles {
        let (role, binding) = bound(role, namespace, name);
        put(admin, role).await?;
        put(admin, binding).await?;
    }
    token(admin, namespace, name).await
}

/// Returns what `config/rbac/leader_election_role.yaml` of a project permits: the lease of a namespace.
pub(crate) fn lease_role(namespace: &str) -> Value {
    let rule = json!({
        "apiGroups": ["coordination.k8s.io"],
        "resources": ["leases"],
        "verbs": ["get", "watch", "create", "update"],
    });
    let events =
        json!({"apiGroups": ["events.k8s.io"], "resources": ["events"], "verbs": ["create", "patch"]});
    json!({
        "apiVersion": format!("{RBAC_GROUP}/v1"),
        "kind": "Role",
        "metadata": {"name": "leader-election-role", "namespace": namespace},
        "rules": [rule, events],
    })
}

/// Returns a role under the account's name, and the binding that gives it to the account.
fn bound(role: &Value, namespace: &str, account: &str) -> (Value, Value) {
    let own = role["metadata"]["name"].as_str().unwrap_or_default();
    let name = format!("{namespace}-{account}-{own}");
    let mut role = role.clone();
    if role["metadata"]["namespace"] == OWN_NAMESPACE {
        role["metadata"]["namespace"] = namespace.into();
    }
    let kind = role["kind"].as_str().unwrap_or_default().to_owned();
    role["metadata"]["name"] = name.as_str().into();
    let mut binding = json!({
        "apiVersion": format!("{RBAC_GROUP}/v1"),
        "kind": format!("{kind}Binding"),
        "metadata": {"name": name},
        "roleRef": {"apiGroup": RBAC_GROUP, "kind": kind, "name": name},
        "subjects": [{"kind": "ServiceAccount", "name": account, "namespace": namespace}],
    });
    if let Some(place) = role["metadata"].get("namespace") {
        binding["metadata"]["namespace"] = place.clone();
    }
    (role, binding)
}

async fn token(admin: &Client, namespace: &str, name: &str) -> Result<String> {
    let act = format!("get a token of the service account `{name}`");
    let path = format!("/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token");
    let body = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}});
    let request = http::Request::post(path)
        .header("content-type", "application/json")
        .body(body.to_string().into_bytes())
        .map_err(Error::in_the_act(act.clone()))?;
    let answer = admin.request::<Value>(request).await;
    let answer = answer.map_err(Error::in_the_act(act.clone()))?;
    let token = answer["status"]["token"].as_str().map(str::to_owned);
    token.ok_or_else(|| Error::new(format!("failed to {act}: the answer has none")))
}

/// Applies an object of a kind whose plural is regular.
pub(crate) async fn put(client: &Client, object: Value) -> Result<()> {
    let object: DynamicObject =
        serde_json::from_value(object).map_err(Error::in_the_act("read a manifest"))?;
    let types = object.types.clone().unwrap_or_default();
    let kind = GroupVersionKind::try_from(&types).map_err(Error::in_the_act("read a manifest"))?;
    let resource = ApiResource::from_gvk(&kind);
    let api: Api<DynamicObject> = match &object.metadata.namespace {
        Some(namespace) => Api::namespaced_with(client.clone(), namespace, &resource),
        None => Api::all_with(client.clone(), &resource),
    };
    let name = object.metadata.name.clone().unwrap_or_default();
    apply(&api, &name, &object, &format!("apply the {}", types.kind)).await
}
