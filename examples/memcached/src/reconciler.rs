//! How the children are kept as they should be, and the status as it is.

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::Service;
use krate::prelude::*;

use crate::Memcached;
use crate::children::{deployment, selector, service};

/// Keeps memcached clusters as they are asked for.
///
/// It needs no finalizer: all it makes has an owner, so Kubernetes collects it.
#[derive(Debug, Reconciler)]
#[reconciler(for = Memcached, owns(Deployment, Service))]
pub struct MemcachedReconciler;

impl Reconcile for MemcachedReconciler {
    async fn reconcile(&self, memcached: Arc<Memcached>, cx: &Context<Self>) -> Result<Action> {
        let children = (deployment(&memcached), service(&memcached));
        // What somebody changed by hand is put back; without `force` it would be reported.
        let (deployment, _) = cx.apply_children(&memcached, children).force().await?;
        let ready = ready_replicas(&deployment);
        let condition = condition(ready, memcached.spec.size);
        let selector = selector(&memcached);
        cx.status(&memcached, |status| {
            status.ready_replicas = ready;
            status.selector = selector;
            status.conditions.set(condition);
        })
        .await?;
        // The Deployment is owned: its next change starts the next run.
        Ok(Action::done())
    }
}

fn ready_replicas(deployment: &Deployment) -> i32 {
    let status = deployment.status.as_ref();
    status
        .and_then(|status| status.ready_replicas)
        .unwrap_or_default()
}

fn condition(ready: i32, size: i32) -> Condition {
    if ready >= size {
        Condition::ready("Available", "all replicas are up")
    } else {
        Condition::not_ready("Starting", format!("{ready} of {size} replicas are up"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_is_ready_once_all_replicas_are() {
        let cases = [(0, 2, false), (1, 2, false), (2, 2, true), (3, 2, true)];
        for (ready, size, expected) in cases {
            assert_eq!(condition(ready, size).is_true(), expected, "{ready} of {size}");
        }
    }
}
