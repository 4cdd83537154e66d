//! How an operator ends, and what of it stays behind.

use std::sync::{Arc, Mutex};

use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use krate::controller::Controller;
use krate::{Action, Operator};
use kube::Api;
use serde_json::json;

use crate::probe::{MOMENT, Probe, Running, pass, with};
use crate::script::{Server, Verb};
use crate::{MINUTE, SECOND};

// controller-runtime cancels the context of every run when the signal comes, and then waits for what cannot finish.
#[tokio::test(start_paused = true)]
async fn c3_a_run_that_was_begun_finishes_its_requests_after_a_stop_was_asked_for() {
    let server = Server::new();
    server.put("configmaps", "a/one", json!({}));
    server.put("secrets", "a/needed", json!({}));
    let finished: Arc<Mutex<Vec<bool>>> = Arc::default();
    let (note, client) = (Arc::clone(&finished), server.client());
    let (probe, _) = Probe::<ConfigMap>::behaving("probe", move |_, _| {
        let (note, client) = (Arc::clone(&note), client.clone());
        async move {
            for _ in 0..5 {
                tokio::time::sleep(SECOND).await;
                let secrets: Api<Secret> = Api::namespaced(client.clone(), "a");
                let found = secrets.get("needed").await.is_ok();
                note.lock().unwrap().push(found);
            }
            Ok(Action::done())
        }
    });
    let running = Running::start(with(probe), &server).await;
    pass(SECOND / 2).await;
    running.stop().await.unwrap();
    assert_eq!(*finished.lock().unwrap(), [true; 5]);
}

// controller-runtime remembers the names of controllers for as long as the process lives.
#[tokio::test(start_paused = true)]
async fn c4_a_controllers_name_is_free_again_in_the_next_operator_and_in_another() {
    let server = Server::new();
    server.put("configmaps", "a/one", json!({}));
    let mut beside = Vec::new();
    for _ in 0..3 {
        let (probe, runs) = Probe::<ConfigMap>::new("same-name");
        let running = Running::start(with(probe), &server).await;
        pass(MOMENT).await;
        assert_eq!(runs.keys(), ["a/one"]);
        beside.push(running);
    }
    for running in beside {
        running.stop().await.unwrap();
    }
    let (probe, runs) = Probe::<ConfigMap>::new("same-name");
    let _again = Running::start(with(probe), &server).await;
    pass(MOMENT).await;
    assert_eq!(runs.keys(), ["a/one"]);
}

// controller-runtime never takes a controller's handlers off the informer they listen to.
#[tokio::test(start_paused = true)]
async fn c5_no_handler_outlives_its_operator() {
    let server = Server::new();
    server.put("configmaps", "a/one", json!({}));
    let held = Arc::new(());
    let weak = Arc::downgrade(&held);
    let (probe, _) = Probe::<ConfigMap>::new("probe");
    let mapper = move |secret: &Secret| {
        let _ = &held;
        Some(krate::cache::ObjectKey::of(secret))
    };
    let controller = Controller::new(probe).triggers(|triggers| triggers.watches::<Secret, _>(mapper));
    let running = Running::start(Operator::new().controller(controller), &server).await;
    pass(MOMENT).await;
    let store = running.site.caches().store::<Secret>().unwrap();
    running.stop().await.unwrap();
    assert!(
        weak.upgrade().is_none(),
        "the mapper is gone although its store is not"
    );
    drop(store);
    let asked = server.asked("secrets", Verb::Watch).len();
    server.hang_up("secrets");
    pass(MINUTE * 10).await;
    assert_eq!(
        server.asked("secrets", Verb::Watch).len(),
        asked,
        "nobody watches any more"
    );
}
