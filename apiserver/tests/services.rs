//! Services get addresses and node ports nobody else has, over the wire.

mod common;

use std::collections::BTreeSet;

use common::World;
use serde_json::{Value, json};

const SERVICES: &str = "/api/v1/namespaces/default/services";

async fn create(world: &World, name: &str, spec: Value) -> (u16, Value) {
    let body = json!({"metadata": {"name": name}, "spec": spec}).to_string();
    let answer = world.post(SERVICES, &body).await;
    (answer.code, serde_json::from_slice(&answer.body).expect("JSON"))
}

#[tokio::test(start_paused = true)]
async fn every_service_has_an_address_of_its_own() {
    let world = World::new().await;
    let mut seen = BTreeSet::new();
    for number in 0..40 {
        let (code, service) = create(&world, &format!("s{number}"), json!({"ports": [{"port": 80}]})).await;
        assert_eq!(code, 201, "{service}");
        let address = service["spec"]["clusterIP"]
            .as_str()
            .expect("an address")
            .to_owned();
        assert_eq!(service["spec"]["clusterIPs"], json!([address]));
        assert!(seen.insert(address.clone()), "{address} twice");
    }
}

#[tokio::test(start_paused = true)]
async fn an_address_in_use_is_refused_and_free_again_once_its_service_is_gone() {
    let world = World::new().await;
    let spec = json!({"clusterIP": "10.0.0.77", "ports": [{"port": 80}]});
    assert_eq!(create(&world, "a", spec.clone()).await.0, 201);
    let (code, status) = create(&world, "b", spec.clone()).await;
    assert_eq!(code, 422);
    assert_eq!(
        status["message"],
        "Service \"b\" is invalid: spec.clusterIPs: Invalid value: [\"10.0.0.77\"]: failed to allocate IP 10.0.0.77: \
         provided IP is already allocated"
    );
    assert_eq!(world.delete(&format!("{SERVICES}/a"), "").await.code, 200);
    assert_eq!(create(&world, "b", spec).await.0, 201);
}

#[tokio::test(start_paused = true)]
async fn a_service_keeps_its_address_when_an_update_leaves_it_out() {
    let world = World::new().await;
    let (_, before) = create(&world, "a", json!({"ports": [{"port": 80}]})).await;
    let body =
        json!({"metadata": {"name": "a"}, "spec": {"type": "NodePort", "ports": [{"port": 81}]}}).to_string();
    let answer = world.put(&format!("{SERVICES}/a"), &body).await;
    let after: Value = serde_json::from_slice(&answer.body).expect("JSON");
    assert_eq!(answer.code, 200, "{after}");
    assert_eq!(after["spec"]["clusterIP"], before["spec"]["clusterIP"]);
    let port = after["spec"]["ports"][0]["nodePort"]
        .as_i64()
        .expect("a node port");
    assert!((30000..=32767).contains(&port), "{port}");
}

#[tokio::test(start_paused = true)]
async fn addresses_follow_from_the_seed() {
    let first = create(&World::new().await, "a", json!({"ports": [{"port": 80}]}))
        .await
        .1;
    let second = create(&World::new().await, "a", json!({"ports": [{"port": 80}]}))
        .await
        .1;
    assert_eq!(first["spec"], second["spec"]);
}
