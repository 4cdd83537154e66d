//! Parts of an object with permissions of their own, as RBAC writes them behind a `/`: `pods/status`.
//!
//! `permits(Pod/eviction: [create])` in the attribute of a reconciler becomes
//! `Permits<verb::create, subresource::Eviction<Pod>>`.

use std::marker::PhantomData;

macro_rules! subresources {
    ($($type:ident $text:literal $doc:literal;)*) => {
        $(
            #[doc = $doc]
            #[derive(Debug)]
            pub struct $type<K>(PhantomData<fn() -> K>);

            impl<K> $type<K> {
                /// The subresource as a role spells it.
                pub const NAME: &'static str = $text;
            }
        )*
    };
}

subresources! {
    Status "status" "What was observed, written by controllers.";
    Finalizers "finalizers" "Who holds up the deletion; asked for when an owner reference blocks it.";
    Scale "scale" "The number of replicas, the same for every scalable kind.";
    Eviction "eviction" "Removes a pod if its disruption budgets allow it.";
    Log "log" "What a pod's containers print.";
    Exec "exec" "Runs a command in a container.";
    PortForward "portforward" "Forwards a connection to a pod.";
    Binding "binding" "Binds a pod to a node.";
    EphemeralContainers "ephemeralcontainers" "Adds debugging containers to a pod.";
    Resize "resize" "Changes the resources of running containers.";
    Token "token" "Issues tokens of a service account.";
    Approval "approval" "Approves or denies a certificate signing request.";
}
