//! The reconciler of the documentation, as a user writes it: it compiles, and declares what its attribute says.

use krate::k8s_openapi::api::apps::v1::Deployment;
use krate::k8s_openapi::api::core::v1::{Secret, Service};
use krate::manifest::{Format, PeopleRoles};
use krate::prelude::*;
use serde_json::json;
use snapbox::{assert_data_eq, str};

/// Memcached runs a memcached cluster.
#[derive(CustomResource, Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[kube(
    group = "cache.example.com",
    version = "v1alpha1",
    kind = "Memcached",
    namespaced,
    status = "MemcachedStatus",
    shortname = "mc"
)]
#[kube(printcolumn(
    name = "Ready",
    type_ = "string",
    json_path = ".status.conditions[?(@.type=='Ready')].status"
))]
pub struct MemcachedSpec {
    /// Number of memcached pods.
    #[schemars(range(min = 1, max = 9))]
    pub size: i32,
}

/// What was observed of a memcached cluster.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, Default, PartialEq)]
pub struct MemcachedStatus {
    /// Whether it works.
    #[serde(default)]
    pub conditions: Conditions,
}

struct DnsClient;

impl DnsClient {
    async fn remove(&self, _name: &str) -> Result<(), std::io::Error> {
        Ok(())
    }
}

#[derive(Reconciler)]
#[reconciler(
    for = Memcached,
    owns(Deployment, Service),
    permits(Secret: [get]),
    finalizer = "cache.example.com/cleanup",
)]
struct MemcachedReconciler {
    dns: DnsClient,
}

impl Reconcile for MemcachedReconciler {
    async fn reconcile(&self, memcached: Arc<Memcached>, cx: &Context<Self>) -> Result<Action> {
        let secret = cx.get_opt::<Secret>("credentials").await?;
        cx.apply_children(
            &memcached,
            (deployment(&memcached), secret.map(|_| service(&memcached))),
        )
        .await?;
        let ready = Condition::ready("Available", "all replicas are up");
        cx.status(&memcached, |s| s.conditions.set(ready)).await?;
        cx.event(
            &memcached,
            Event::normal("Scaled", format!("{} replicas", memcached.spec.size)),
        );
        Ok(Action::done())
    }

    async fn cleanup(&self, memcached: Arc<Memcached>, _cx: &Context<Self>) -> Result<Action> {
        self.dns.remove(&memcached.name_any()).await?;
        Ok(Action::done())
    }
}

fn deployment(memcached: &Memcached) -> Deployment {
    let mut deployment = Deployment::default();
    deployment.metadata.name = Some(memcached.name_any());
    deployment
}

fn service(memcached: &Memcached) -> Service {
    let mut service = Service::default();
    service.metadata.name = Some(memcached.name_any());
    service
}

fn operator() -> Operator {
    Operator::new().controller(MemcachedReconciler { dns: DnsClient })
}

#[test]
fn a_controller_is_named_after_its_kind() {
    assert_eq!(MemcachedReconciler { dns: DnsClient }.name(), "memcached");
    assert_eq!(MemcachedReconciler::FINALIZER, Some("cache.example.com/cleanup"));
}

#[test]
fn the_role_is_what_the_attribute_says() {
    let operator = operator().people_roles(PeopleRoles::None);
    let manifests = operator.manifests().unwrap().only_roles();
    assert_data_eq!(
        manifests.to_text(Format::Yaml).unwrap(),
        str![[r#"
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: manager-role
rules:
- apiGroups:
  - ""
  resources:
  - secrets
  verbs:
  - get
- apiGroups:
  - ""
  resources:
  - services
  verbs:
  - create
  - delete
  - get
  - list
  - patch
  - watch
- apiGroups:
  - apps
  resources:
  - deployments
  verbs:
  - create
  - delete
  - get
  - list
  - patch
  - watch
- apiGroups:
  - cache.example.com
  resources:
  - memcacheds
  verbs:
  - get
  - list
  - patch
  - update
  - watch
- apiGroups:
  - cache.example.com
  resources:
  - memcacheds/finalizers
  verbs:
  - update
- apiGroups:
  - cache.example.com
  resources:
  - memcacheds/status
  verbs:
  - get
  - patch
  - update
- apiGroups:
  - events.k8s.io
  resources:
  - events
  verbs:
  - create
  - patch

"#]]
    );
}

#[test]
fn the_roles_of_a_namespaced_operator_stay_in_its_namespaces() {
    let operator = operator().namespaced(["shop"]).people_roles(PeopleRoles::None);
    let manifests = operator.manifests().unwrap();
    let [beyond, inside] = manifests.roles() else {
        panic!("{:?}", manifests.roles());
    };
    assert_eq!(beyond["rules"], json!([]), "{beyond}");
    assert_eq!(
        (&inside["kind"], &inside["metadata"]["namespace"]),
        (&json!("Role"), &json!("shop"))
    );
}

#[test]
fn manifests_are_the_same_every_time() {
    let text = || operator().manifests().unwrap().to_text(Format::Yaml).unwrap();
    assert_eq!(text(), text());
    assert!(
        text().contains("name: memcacheds.cache.example.com"),
        "{}",
        text()
    );
}
