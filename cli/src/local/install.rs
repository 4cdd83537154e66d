//! What a project brings to a cluster: CRDs, RBAC, samples.

use std::path::Path;

use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::local::Api;
use crate::local::manifest::{self, Manifest};

/// Who the operator is in the cluster.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) namespace: String,
    pub(crate) name: String,
    /// A bearer token of the ServiceAccount.
    pub(crate) token: String,
}

/// Returns the namespace `config/default` puts the operator of a project into.
pub(crate) fn namespace(project: &str) -> String {
    format!("{project}-system")
}

/// Applies the project's CRDs and returns their names.
pub(crate) async fn crds(api: &Api, root: &Path) -> Result<Vec<String>> {
    let manifests = manifest::folder(&root.join("config/crd/bases"))?;
    if manifests.is_empty() {
        let error = Error::project("the project has no CRDs").at("config/crd/bases", None);
        return Err(error.help("run `cargo krate generate`"));
    }
    apply(api, &manifests).await?;
    Ok(manifests.iter().map(|one| name(&one.object).to_owned()).collect())
}

/// Applies the project's RBAC in `namespace`, which is created, and returns the operator's ServiceAccount.
///
/// # Errors
///
/// If `config/rbac` has no ServiceAccount, or the cluster refuses an object.
pub(crate) async fn rbac(api: &Api, root: &Path, namespace: &str) -> Result<Account> {
    let folder = manifest::folder(&root.join("config/rbac"))?;
    let moved = |one: Manifest| Manifest {
        object: manifest::in_namespace(one.object, namespace),
        ..one
    };
    let manifests: Vec<Manifest> = folder.into_iter().map(moved).collect();
    let account = manifests
        .iter()
        .find(|one| one.object["kind"] == "ServiceAccount")
        .ok_or_else(|| {
            Error::project("the operator has no ServiceAccount")
                .at("config/rbac", None)
                .help("see `config/rbac/service_account.yaml` of a fresh project")
        })?;
    let account = name(&account.object).to_owned();
    let elsewhere = elsewhere(root, namespace, &account)?;
    let places = elsewhere.iter().filter_map(|one| place(&one.object));
    for place in [namespace].into_iter().chain(places) {
        let home = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": place}});
        api.apply(&home).await?;
    }
    apply(api, &manifests).await?;
    apply(api, &elsewhere).await?;
    let token = api.token(namespace, &account).await?;
    Ok(Account {
        namespace: namespace.to_owned(),
        name: account,
        token,
    })
}

/// Returns what gives the operator its roles in other namespaces: the ServiceAccount that is bound has, without
/// kustomize, the name it has in its file.
fn elsewhere(root: &Path, namespace: &str, account: &str) -> Result<Vec<Manifest>> {
    let folder = root.join("config/namespaces");
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut manifests = manifest::folder(&folder)?;
    for Manifest { object, .. } in &mut manifests {
        if object["kind"] == "RoleBinding" {
            object["subjects"] = json!([{"kind": "ServiceAccount", "name": account, "namespace": namespace}]);
        }
    }
    Ok(manifests)
}

/// Applies the project's samples into `namespace` and returns them as the cluster has them.
pub(crate) async fn samples(api: &Api, root: &Path, namespace: &str) -> Result<Vec<Value>> {
    let mut applied = Vec::new();
    for Manifest { mut object, file } in manifest::folder(&root.join("config/samples"))? {
        if api.is_namespaced(&object)? && object["metadata"]["namespace"].is_null() {
            object["metadata"]["namespace"] = json!(namespace);
        }
        applied.push(
            api.apply(&object)
                .await
                .map_err(|error| error.at(file.display().to_string(), None))?,
        );
    }
    Ok(applied)
}

async fn apply(api: &Api, manifests: &[Manifest]) -> Result<()> {
    for Manifest { file, object } in manifests {
        api.apply(object)
            .await
            .map_err(|error| error.at(file.display().to_string(), None))?;
    }
    Ok(())
}

fn place(object: &Value) -> Option<&str> {
    object["metadata"]["namespace"].as_str()
}

fn name(object: &Value) -> &str {
    object["metadata"]["name"].as_str().unwrap_or_default()
}
