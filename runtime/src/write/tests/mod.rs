mod apply;
mod children;
mod finalizer;
mod status;

use std::sync::Arc;

use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use kube::core::object::HasStatus;
use serde_json::{Value, json};

use super::{Children, OwnsAll};
use crate::context::fake::{Fake, refused};
use crate::error::ErrorKind;
use crate::prelude::*;
use crate::reconcile::Object;

const UID: &str = "u1";

fn object<K: Object>(value: Value) -> K {
    serde_json::from_value(value).unwrap()
}

fn owner() -> Secret {
    object(
        json!({ "metadata": { "name": "sample", "namespace": "default", "uid": UID, "resourceVersion": "1" } }),
    )
}

fn child(data: &str) -> ConfigMap {
    object(json!({ "metadata": { "name": "child" }, "data": { "key": data } }))
}

/// The child as the API server has it, under an owner.
fn stored(data: &str, owner: &str, version: &str) -> Value {
    json!({
        "metadata": {
            "name": "child", "namespace": "default", "uid": "c1", "resourceVersion": version,
            "ownerReferences": [{
                "apiVersion": "v1", "kind": "Secret", "name": "sample", "uid": owner,
                "controller": true, "blockOwnerDeletion": true,
            }],
        },
        "data": { "key": data },
    })
}

const APPLY: &str = "PATCH /api/v1/namespaces/default/configmaps/child?&fieldManager=memcached";

/// The lines without their bodies.
fn lines(asked: &[String]) -> Vec<&str> {
    asked
        .iter()
        .map(|line| line.split(" {").next().unwrap_or_default())
        .collect()
}

struct Sites;

impl Reconciler for Sites {
    type Object = Secret;
    fn name(&self) -> std::borrow::Cow<'static, str> {
        "memcached".into()
    }
    fn permissions() -> Vec<crate::permission::Permission> {
        Vec::new()
    }
    fn owned() -> super::OwnedKinds {
        super::OwnedKinds::new().with::<ConfigMap>()
    }
}

impl crate::permission::Owns<ConfigMap> for Sites {}

/// Applies a child under the owner.
async fn apply_owned<K: Object>(fake: &Fake, child: K, manner: super::Manner) -> Result<Arc<K>> {
    let wanted = super::Wanted {
        kind: crate::Kind::of::<K>(),
        object: child,
    };
    super::apply_owned(&fake.run, &owner(), wanted, manner).await
}

async fn apply_children<C, M>(fake: &Fake, children: C) -> Result<C::Applied>
where
    C: Children<M>,
    Sites: OwnsAll<C::Kinds>,
{
    super::apply_children::<Sites, _, _>(&fake.run, &owner(), children, super::Manner::default()).await
}
