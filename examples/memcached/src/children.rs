//! What a `Memcached` becomes: functions from the object to its children, without a cluster.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::{Deployment, DeploymentSpec};
use k8s_openapi::api::core::v1::{
    Container, ContainerPort, PodSpec, PodTemplateSpec, Service, ServicePort, ServiceSpec,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use krate::prelude::*;

use crate::Memcached;

const PORT: i32 = 11211;
const PORT_NAME: &str = "memcached";

/// Returns the labels that tell the pods of a cluster from all others.
pub(crate) fn labels(memcached: &Memcached) -> BTreeMap<String, String> {
    let label = |key: &str, value: String| (key.to_owned(), value);
    BTreeMap::from([
        label("app.kubernetes.io/name", "memcached".to_owned()),
        label("app.kubernetes.io/instance", memcached.name_any()),
    ])
}

/// Returns the same labels as users of `kubectl` write them.
pub(crate) fn selector(memcached: &Memcached) -> String {
    let pairs = labels(memcached).into_iter();
    let pairs: Vec<String> = pairs.map(|(key, value)| format!("{key}={value}")).collect();
    pairs.join(",")
}

/// Returns the Deployment that runs the pods.
pub(crate) fn deployment(memcached: &Memcached) -> Deployment {
    let labels = labels(memcached);
    Deployment {
        metadata: named(memcached),
        spec: DeploymentSpec {
            replicas: Some(memcached.spec.size),
            selector: LabelSelector {
                match_labels: Some(labels.clone()),
                ..LabelSelector::default()
            },
            template: PodTemplateSpec {
                metadata: Some(ObjectMeta {
                    labels: Some(labels),
                    ..ObjectMeta::default()
                }),
                spec: Some(PodSpec {
                    containers: vec![container(memcached)],
                    ..PodSpec::default()
                }),
            },
            ..DeploymentSpec::default()
        },
        ..Deployment::default()
    }
}

fn container(memcached: &Memcached) -> Container {
    let memory = memcached.spec.memory_megabytes;
    Container {
        name: "memcached".to_owned(),
        image: Some(memcached.spec.image.clone()),
        args: Some(vec![format!("--memory-limit={memory}")]),
        ports: Some(vec![ContainerPort {
            name: Some(PORT_NAME.to_owned()),
            container_port: PORT,
            ..ContainerPort::default()
        }]),
        ..Container::default()
    }
}

/// Returns the headless Service by which clients find each pod.
pub(crate) fn service(memcached: &Memcached) -> Service {
    Service {
        metadata: named(memcached),
        spec: Some(ServiceSpec {
            cluster_ip: Some("None".to_owned()),
            selector: Some(labels(memcached)),
            ports: Some(vec![ServicePort {
                name: Some(PORT_NAME.to_owned()),
                port: PORT,
                ..ServicePort::default()
            }]),
            ..ServiceSpec::default()
        }),
        ..Service::default()
    }
}

fn named(memcached: &Memcached) -> ObjectMeta {
    ObjectMeta {
        name: Some(memcached.name_any()),
        labels: Some(labels(memcached)),
        ..ObjectMeta::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MemcachedSpec;

    fn memcached() -> Memcached {
        let spec = MemcachedSpec {
            size: 3,
            image: "memcached:1".to_owned(),
            memory_megabytes: 128,
        };
        Memcached::new("sessions", spec)
    }

    #[test]
    fn the_deployment_runs_as_many_pods_as_asked_for() {
        let spec = deployment(&memcached()).spec;
        let pod = spec.template.spec.unwrap();
        assert_eq!(spec.replicas, Some(3));
        assert_eq!(pod.containers[0].image.as_deref(), Some("memcached:1"));
        assert_eq!(
            pod.containers[0].args,
            Some(vec!["--memory-limit=128".to_owned()])
        );
    }

    #[test]
    fn deployment_service_and_status_select_the_same_pods() {
        let deployment = deployment(&memcached()).spec;
        let service = service(&memcached()).spec.unwrap();
        let pods = deployment.template.metadata.unwrap().labels;
        assert_eq!(deployment.selector.match_labels, pods);
        assert_eq!(service.selector, pods);
        assert_eq!(
            selector(&memcached()),
            "app.kubernetes.io/instance=sessions,app.kubernetes.io/name=memcached"
        );
    }
}
