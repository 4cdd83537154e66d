//! Definitions and namespaces, put in place and ready to use.

use std::fmt::Debug;

use k8s_openapi::api::core::v1::Namespace;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::{Patch, PatchParams};
use kube::{Api, Client};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::eventually::eventually;
use crate::{Error, Result};

/// Applies an object over whatever is there.
pub(crate) async fn apply<K>(api: &Api<K>, name: &str, object: &K, act: &str) -> Result<()>
where
    K: Clone + Debug + DeserializeOwned + Serialize,
{
    let params = PatchParams::apply("krate-testing").force();
    let applied = api.patch(name, &params, &Patch::Apply(object)).await;
    applied
        .map(|_| ())
        .map_err(Error::in_the_act(format!("{act} `{name}`")))
}

/// Applies a definition and waits until the API server serves it.
pub(crate) async fn definition(client: &Client, crd: &CustomResourceDefinition) -> Result<()> {
    let name = crd.metadata.name.as_deref().unwrap_or_default();
    let crds: Api<CustomResourceDefinition> = Api::all(client.clone());
    apply(&crds, name, crd, "install the definition").await?;
    eventually(&crds, name, is_established).await?;
    Ok(())
}

fn is_established(crd: &CustomResourceDefinition) -> bool {
    let conditions = crd.status.as_ref().and_then(|status| status.conditions.as_ref());
    let mut conditions = conditions.into_iter().flatten();
    conditions.any(|condition| condition.type_ == "Established" && condition.status == "True")
}

/// Creates a namespace, unless it is there.
pub(crate) async fn namespace(client: &Client, name: &str) -> Result<()> {
    let namespace = Namespace {
        metadata: kube::core::ObjectMeta {
            name: Some(name.to_owned()),
            ..Default::default()
        },
        ..Namespace::default()
    };
    let namespaces: Api<Namespace> = Api::all(client.clone());
    apply(&namespaces, name, &namespace, "create the namespace").await
}
