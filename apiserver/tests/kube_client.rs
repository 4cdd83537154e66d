//! A `kube::Client` on the server, without a socket.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]
#![cfg(feature = "client")]

use k8s_openapi::api::core::v1::ConfigMap;
use krate_apiserver::Server;
use krate_apiserver::authn::Identity;
use kube::api::{Api, DeleteParams, ListParams, Patch, PatchParams, PostParams};
use serde_json::json;

fn config_map(value: serde_json::Value) -> ConfigMap {
    serde_json::from_value(value).unwrap()
}

#[tokio::test(start_paused = true)]
async fn typed_objects_go_there_and_back() {
    let server = Server::builder().build().unwrap();
    let client = server.client();
    let maps: Api<ConfigMap> = Api::default_namespaced(client);
    let map = config_map(json!({"metadata": {"name": "a"}, "data": {"k": "v"}}));
    maps.create(&PostParams::default(), &map).await.unwrap();
    let apply =
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"x": "y"}});
    let applied = maps
        .patch("a", &PatchParams::apply("m"), &Patch::Apply(&apply))
        .await
        .unwrap();
    assert_eq!(applied.data.unwrap().len(), 2);
    assert_eq!(maps.list(&ListParams::default()).await.unwrap().items.len(), 1);
    assert!(
        maps.delete("a", &DeleteParams::default())
            .await
            .unwrap()
            .is_right()
    );
    let kube::Error::Api(status) = maps.get("a").await.unwrap_err() else {
        panic!("not a status");
    };
    assert_eq!((status.code, status.reason.as_str()), (404, "NotFound"));
}

#[tokio::test(start_paused = true)]
async fn a_client_may_do_what_its_identity_may() {
    let server = Server::builder().build().unwrap();
    let nobody = Identity::new("alice", ["devs"]);
    let maps: Api<ConfigMap> = Api::default_namespaced(server.client_as(nobody));
    let kube::Error::Api(status) = maps.list(&ListParams::default()).await.unwrap_err() else {
        panic!("not a status");
    };
    assert_eq!(
        status.message,
        "configmaps is forbidden: User \"alice\" cannot list resource \"configmaps\" in API group \"\" in the namespace \"default\""
    );
}
