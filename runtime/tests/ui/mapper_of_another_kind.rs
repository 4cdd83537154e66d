use krate::cache::ObjectKey;
use krate::k8s_openapi::api::core::v1::{ConfigMap, Pod, Secret};
use krate::prelude::*;

#[derive(Reconciler)]
#[reconciler(for = ConfigMap, watches(Secret, via = Self::of_pod))]
struct Site;

impl Site {
    fn of_pod(_: &Pod) -> Option<ObjectKey> {
        None
    }
}

fn main() {}
