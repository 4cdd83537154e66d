use krate::k8s_openapi::api::apps::v1::Deployment;
use krate::k8s_openapi::api::core::v1::{ConfigMap, Pod, Secret};
use krate::prelude::*;

#[derive(Reconciler)]
#[reconciler(
    for = ConfigMap,
    own(Deployment),
    permits(Secret: [gte, list], Pod/evict: [create]),
    finalizer = "cleanup",
    name = "Site",
)]
struct Site;

fn main() {}
