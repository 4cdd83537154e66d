//! What a controller can be for and follow: several of one kind, kinds known at run time, metadata, projections.

use std::time::Duration;

use k8s_openapi::api::core::v1::{ConfigMap, Pod, Secret};
use krate::cache::{Metadata, ObjectKey, Project, Projected};
use krate::controller::Controller;
use krate::queue::Level;
use krate::trigger::{Own, Watch};
use krate::{Kind, Operator};
use kube::core::DynamicObject;
use serde_json::json;

use crate::probe::{MOMENT, Probe, Running, pass, with};
use crate::script::{Server, Verb};

fn widgets() -> Kind {
    Kind::namespaced("example.com", "v1", "Widget", "widgets")
}

/// The key an object names in its label.
fn labelled(metadata: &kube::core::ObjectMeta) -> Option<ObjectKey> {
    let name = metadata.labels.as_ref()?.get("for")?;
    Some(ObjectKey::new(metadata.namespace.as_deref(), name))
}

#[tokio::test(start_paused = true)]
async fn controllers_of_one_kind_share_one_watch() {
    let server = Server::new();
    server.put("configmaps", "a/one", json!({}));
    let (first, first_runs) = Probe::<ConfigMap>::new("first");
    let (second, second_runs) = Probe::<ConfigMap>::new("second");
    let operator = Operator::new().controller(first).controller(second);
    let _running = Running::start(operator, &server).await;
    pass(MOMENT).await;
    assert_eq!(first_runs.keys(), ["a/one"]);
    assert_eq!(second_runs.keys(), ["a/one"]);
    assert_eq!(server.asked("configmaps", Verb::Watch).len(), 1);
    server.put("configmaps", "a/one", json!({"data": {"a": "b"}}));
    pass(MOMENT).await;
    assert_eq!(first_runs.keys().len() + second_runs.keys().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn two_kinds_of_one_rust_type_are_two_stores() {
    let server = Server::new();
    server.put("widgets", "a/blue", json!({}));
    server.put("gadgets", "a/red", json!({}));
    let (widget, widget_runs) = Probe::<DynamicObject>::new("widget");
    let (gadget, gadget_runs) = Probe::<DynamicObject>::new("gadget");
    let gadgets = Kind::namespaced("example.com", "v1", "Gadget", "gadgets");
    let operator = Operator::new()
        .controller(Controller::of_kind(widgets(), widget))
        .controller(Controller::of_kind(gadgets, gadget));
    let running = Running::start(operator, &server).await;
    pass(MOMENT).await;
    assert_eq!(widget_runs.keys(), ["a/blue"]);
    assert_eq!(gadget_runs.keys(), ["a/red"]);
    assert_eq!(running.cache("Widget").objects, 1);
}

#[tokio::test(start_paused = true)]
async fn an_object_of_a_kind_known_at_run_time_says_what_it_is_and_runs_for_its_children() {
    let server = Server::new();
    let owner = server.put("widgets", "a/blue", json!({}));
    let (probe, runs) = Probe::<DynamicObject>::behaving("widget", |object, _| async move {
        let types = object.types.clone().unwrap();
        assert_eq!(
            (types.api_version.as_str(), types.kind.as_str()),
            ("example.com/v1", "Widget")
        );
        Ok(krate::Action::done())
    });
    let parts = Kind::namespaced("example.com", "v1", "Part", "parts");
    let controller = Controller::of_kind(widgets(), probe).triggers(|triggers| {
        triggers
            .owns::<ConfigMap>()
            .own(Own::<DynamicObject>::of_kind(parts))
    });
    let running = Running::start(with(controller), &server).await;
    pass(MOMENT).await;
    let reference = json!([{
        "apiVersion": "example.com/v1beta1", "kind": "Widget", "name": "blue", "uid": owner["metadata"]["uid"],
    }]);
    for plural in ["configmaps", "parts"] {
        runs.clear();
        let child = json!({"metadata": {"ownerReferences": reference}});
        server.put(plural, "a/child", child);
        pass(MOMENT).await;
        assert_eq!(runs.keys(), ["a/blue"], "{plural}");
    }
    let stats = running.site.controllers()[0].stats;
    assert_eq!((stats.panicked, stats.succeeded), (0, 3));
}

#[tokio::test(start_paused = true)]
async fn metadata_alone_is_asked_for_where_that_is_all_it_takes() {
    let server = Server::new();
    server.put("configmaps", "a/one", json!({}));
    let (probe, runs) = Probe::<ConfigMap>::new("probe");
    let controller = Controller::new(probe).triggers(|triggers| {
        triggers.watches::<Metadata<Secret>, _>(|secret: &Metadata<Secret>| labelled(&secret.metadata))
    });
    let _running = Running::start(with(controller), &server).await;
    pass(MOMENT).await;
    runs.clear();
    let secret = json!({"metadata": {"labels": {"for": "one"}}, "data": {"big": "c2VjcmV0"}});
    server.put("secrets", "a/key", secret);
    pass(MOMENT).await;
    assert_eq!(runs.all()[0].cause, "Secret a/key");
    for verb in [Verb::List, Verb::Watch] {
        let asked = server.asked("secrets", verb);
        assert!(
            asked
                .iter()
                .all(|asked| asked.accept.contains("as=PartialObjectMetadata")),
            "{asked:?}"
        );
    }
}

#[derive(Clone, Debug)]
struct Node(Option<String>);

impl Project for Node {
    type Object = Pod;

    fn project(pod: Pod) -> Self {
        Self(pod.spec.and_then(|spec| spec.node_name))
    }
}

#[tokio::test(start_paused = true)]
async fn a_projection_is_kept_in_place_of_the_object() {
    let server = Server::new();
    server.put("configmaps", "a/n1", json!({}));
    server.put("configmaps", "a/n2", json!({}));
    let (probe, runs) = Probe::<ConfigMap>::new("probe");
    let by_node = |pod: &Projected<Node>| Some(ObjectKey::namespaced("a", pod.0.as_deref()?));
    let watch = Watch::new(by_node).level(Level::High);
    let controller = Controller::new(probe).triggers(|triggers| triggers.watch(watch));
    let running = Running::start(with(controller), &server).await;
    let on = |node: &str| json!({"spec": {"nodeName": node, "containers": []}});
    server.put("pods", "a/web", on("n1"));
    pass(MOMENT).await;
    runs.clear();
    server.put("pods", "a/web", on("n2"));
    pass(MOMENT).await;
    assert_eq!(runs.keys(), ["a/n1", "a/n2"], "where it was, and where it is");
    let store = running.site.caches().store::<Projected<Node>>().unwrap();
    let web = store.get(&ObjectKey::namespaced("a", "web")).unwrap();
    assert_eq!(web.value().0.as_deref(), Some("n2"));
    assert!(running.site.caches().store::<Pod>().is_none());
}

#[tokio::test(start_paused = true)]
async fn a_run_knows_everything_that_asked_for_it() {
    let server = Server::new();
    server.put("configmaps", "a/one", json!({}));
    let (probe, runs) = Probe::<ConfigMap>::behaving("probe", |_, _| async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        Ok(krate::Action::done())
    });
    let controller = Controller::new(probe)
        .triggers(|triggers| triggers.watches::<Secret, _>(|secret: &Secret| labelled(&secret.metadata)));
    let running = Running::start(with(controller), &server).await;
    pass(MOMENT).await;
    for name in ["k1", "k2"] {
        server.put(
            "secrets",
            &format!("a/{name}"),
            json!({"metadata": {"labels": {"for": "one"}}}),
        );
    }
    pass(Duration::from_secs(3)).await;
    assert_eq!(runs.keys().len(), 2);
    let told: Vec<String> = running
        .site
        .recent_runs("probe")
        .iter()
        .map(|run| run.causes.to_string())
        .collect();
    assert_eq!(told, ["initial", "Secret a/k1, Secret a/k2"]);
}
