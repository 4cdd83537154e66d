//! Which controllers there are, by name.

use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;

use super::client::Client;
use super::garbage::Collector;
use super::namespace::Namespaces;
use super::namespace_content::NamespaceContent;
use super::role::Aggregation;
use super::workload::Actor;
use crate::authn::Identity;
use crate::core::Core;
use crate::local::Local;
use crate::server::Controllers;

/// Returns the tasks of the wanted controllers; they run until dropped.
///
/// `certificate` is what clients of the server have to trust.
pub(crate) fn tasks(
    core: &Arc<Core>,
    wanted: &Controllers,
    certificate: &str,
) -> Vec<BoxFuture<'static, ()>> {
    let core = || core.clone();
    let manager = || {
        client(
            &core(),
            "system:kube-controller-manager",
            "kube-controller-manager",
        )
    };
    let mut tasks = Vec::new();
    if wanted.contains("namespace-content") {
        tasks.push(
            NamespaceContent::new(core(), manager(), certificate.to_owned())
                .run()
                .boxed(),
        );
    }
    if wanted.contains("cluster-role-aggregation") {
        tasks.push(Aggregation::new(core(), manager()).run().boxed());
    }
    if wanted.contains("garbage-collector") {
        tasks.push(Collector::new(core(), manager()).run().boxed());
    }
    if wanted.contains("namespace") {
        tasks.push(Namespaces::new(core(), manager()).run().boxed());
    }
    if wanted.contains("workload") {
        let kubelet = client(&core(), "system:node:krate-node", "kubelet");
        tasks.push(Actor::new(core(), manager(), kubelet).run().boxed());
    }
    tasks
}

fn client(core: &Arc<Core>, user: &str, agent: &str) -> Client {
    Client::new(Local::new(core.clone(), Identity::control_plane(user), agent))
}
