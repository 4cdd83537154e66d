//! The embedded arm by itself.

use k8s_openapi::api::core::v1::{ConfigMap, Namespace};
use krate_testing::{Cluster, PATIENCE, Result, eventually, eventually_gone};
use kube::Api;
use kube::api::{DeleteParams, PostParams};

fn config(name: &str) -> ConfigMap {
    let mut config = ConfigMap::default();
    config.metadata.name = Some(name.to_owned());
    config
}

/// Returns the config maps of a new cluster.
async fn configs() -> Result<Api<ConfigMap>> {
    let cluster = Cluster::embedded()?;
    let namespaces: Api<Namespace> = Api::all(cluster.client());
    let mut namespace = Namespace::default();
    namespace.metadata.name = Some("shop".to_owned());
    namespaces.create(&PostParams::default(), &namespace).await?;
    Ok(Api::namespaced(cluster.client(), "shop"))
}

fn is_set(config: &ConfigMap) -> bool {
    let data = config.data.as_ref();
    data.is_some_and(|data| data.contains_key("a"))
}

#[tokio::test(start_paused = true)]
async fn a_change_made_while_waiting_is_seen() -> Result<()> {
    let configs = configs().await?;
    configs.create(&PostParams::default(), &config("c")).await?;
    let later = configs.clone();
    let change = tokio::spawn(async move {
        tokio::time::sleep(PATIENCE / 2).await;
        let mut changed = config("c");
        changed.data = Some([("a".to_owned(), "1".to_owned())].into());
        later.replace("c", &PostParams::default(), &changed).await
    });
    let seen = eventually(&configs, "c", is_set).await?;
    assert_eq!(seen.data.unwrap_or_default()["a"], "1");
    assert!(change.await.is_ok_and(|replaced| replaced.is_ok()));
    configs.delete("c", &DeleteParams::default()).await?;
    eventually_gone(&configs, "c").await
}

#[tokio::test(start_paused = true)]
async fn what_never_happens_is_an_error_that_shows_the_last_state() -> Result<()> {
    let configs = configs().await?;
    let error = eventually(&configs, "c", is_set).await.map(|_| ()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "after 60s `c` is not as expected: it does not exist"
    );
    configs.create(&PostParams::default(), &config("c")).await?;
    let error = eventually_gone(&configs, "c").await.unwrap_err();
    let text = error.to_string();
    assert!(
        text.starts_with("after 60s `c` is not gone: it is\napiVersion: v1\nkind: ConfigMap\n"),
        "{text}"
    );
    Ok(())
}
