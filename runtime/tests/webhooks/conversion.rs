use krate::kube::Api;
use krate::kube::api::{ListParams, PostParams};
use krate::prelude::*;
use krate::webhook::conversion::{KEPT, round_trips};
use krate_testing::Cluster;

use super::api::{operator, v1, v1alpha1};

type Outcome = Result<(), Box<dyn std::error::Error>>;

#[test]
fn nothing_is_lost_between_the_versions() -> krate::Result<()> {
    round_trips::<v1alpha1::Memcached>()
}

#[tokio::test]
async fn each_version_sees_every_object_as_its_own() -> Outcome {
    let cluster = Cluster::start().await?;
    cluster.namespace("shop").await?;
    let running = cluster.run(operator()).await?;
    let new: Api<v1::Memcached> = Api::namespaced(cluster.client(), "shop");
    let old: Api<v1alpha1::Memcached> = Api::namespaced(cluster.client(), "shop");

    // Written in the old version, defaulted and validated in the new one.
    let spec = v1alpha1::MemcachedSpec {
        size: 3,
        owner: None,
        note: Some("mine".into()),
    };
    let created = old
        .create(&PostParams::default(), &v1alpha1::Memcached::new("old", spec))
        .await?;
    assert!(created.spec.owner.is_some());
    let spec = v1alpha1::MemcachedSpec {
        size: 2,
        owner: None,
        note: None,
    };
    let refused = old
        .create(&PostParams::default(), &v1alpha1::Memcached::new("even", spec))
        .await;
    assert!(
        refused
            .unwrap_err()
            .to_string()
            .contains("spec.replicas: Invalid value: 2: must be odd")
    );

    // Read and changed in the new one, where what it has no room for is kept with the stored object.
    let mut seen = new.get("old").await?;
    assert_eq!(seen.spec.replicas, 3);
    assert!(seen.annotations().contains_key(KEPT));
    seen.spec.replicas = 9;
    new.replace("old", &PostParams::default(), &seen).await?;
    let back = old.get("old").await?;
    assert_eq!((back.spec.size, back.spec.note.as_deref()), (9, Some("mine")));
    assert!(!back.annotations().contains_key(KEPT));

    // Written in the new version, changed in the old one: what the old one has no room for is still there.
    let spec = v1::MemcachedSpec {
        replicas: 5,
        owner: Some("me".into()),
        tls: Some("secret".into()),
    };
    new.create(&PostParams::default(), &v1::Memcached::new("new", spec))
        .await?;
    let mut seen = old.get("new").await?;
    assert_eq!(seen.spec.size, 5);
    assert!(seen.annotations().contains_key(KEPT));
    seen.spec.size = 7;
    old.replace("new", &PostParams::default(), &seen).await?;
    let stored = new.get("new").await?;
    assert_eq!(
        (stored.spec.replicas, stored.spec.tls.as_deref()),
        (7, Some("secret"))
    );
    assert!(!stored.annotations().contains_key(KEPT));

    // Lists are converted object by object.
    let sizes: Vec<i32> = old
        .list(&ListParams::default())
        .await?
        .items
        .iter()
        .map(|item| item.spec.size)
        .collect();
    assert_eq!(sizes, [7, 9]);
    Ok(running.stop().await?)
}
