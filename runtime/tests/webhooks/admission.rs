use krate::k8s_openapi::api::core::v1::ConfigMap;
use krate::kube::api::{DeleteParams, Patch, PatchParams, PostParams};
use krate::kube::core::Status;
use krate::kube::{self, Api};
use krate::metrics::Format;
use krate::prelude::*;
use krate_testing::{Cluster, Running};
use serde_json::json;

use super::api::{operator, v1};

type Outcome = Result<(), Box<dyn std::error::Error>>;

async fn started() -> Result<(Cluster, Running, Api<v1::Memcached>), krate_testing::Error> {
    let cluster = Cluster::start().await?;
    cluster.namespace("shop").await?;
    let running = cluster.run(operator()).await?;
    let api = Api::namespaced(cluster.client(), "shop");
    Ok((cluster, running, api))
}

fn memcached(name: &str, replicas: i32) -> v1::Memcached {
    let spec = v1::MemcachedSpec {
        replicas,
        owner: None,
        tls: None,
    };
    v1::Memcached::new(name, spec)
}

fn refusal(error: kube::Error) -> Status {
    match error {
        kube::Error::Api(status) => *status,
        other => panic!("a refusal is expected: {other}"),
    }
}

#[tokio::test]
async fn what_is_left_out_is_filled_in() -> Outcome {
    let (_cluster, running, api) = started().await?;
    let created = api.create(&PostParams::default(), &memcached("a", 3)).await?;
    let owner = created.spec.owner.unwrap_or_default();
    assert!(!owner.is_empty());
    // What is there is left alone.
    let patch = json!({"spec": {"replicas": 5}});
    let patched = api
        .patch("a", &PatchParams::default(), &Patch::Merge(&patch))
        .await?;
    assert_eq!((patched.spec.replicas, patched.spec.owner), (5, Some(owner)));
    Ok(running.stop().await?)
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_by_field() -> Outcome {
    let (_cluster, running, api) = started().await?;
    let refused = api.create(&PostParams::default(), &memcached("a", 2)).await;
    let status = refusal(refused.unwrap_err());
    assert_eq!((status.code, status.reason.as_str()), (422, "Invalid"));
    assert_eq!(
        status.message,
        "admission webhook \"vmemcached-v1.kb.io\" denied the request: \
         Memcached.cache.example.com \"a\" is invalid: spec.replicas: Invalid value: 2: must be odd"
    );
    let causes = status.details.map(|details| details.causes).unwrap_or_default();
    let causes: Vec<(&str, &str)> = causes
        .iter()
        .map(|cause| (cause.field.as_str(), cause.reason.as_str()))
        .collect();
    assert_eq!(causes, [("spec.replicas", "FieldValueInvalid")]);
    assert!(api.get_opt("a").await?.is_none());
    // A rule about a change sees both sides.
    api.create(&PostParams::default(), &memcached("b", 3)).await?;
    let patch = json!({"spec": {"owner": "mallory"}});
    let refused = api
        .patch("b", &PatchParams::default(), &Patch::Merge(&patch))
        .await;
    let status = refusal(refused.unwrap_err());
    assert!(
        status.message.ends_with("spec.owner: Forbidden: may not change"),
        "{}",
        status.message
    );
    Ok(running.stop().await?)
}

#[tokio::test]
async fn a_dry_run_is_known_as_one() -> Outcome {
    let (_cluster, running, api) = started().await?;
    let mut kept = memcached("a", 3);
    kept.labels_mut().insert("keep".into(), String::new());
    api.create(&PostParams::default(), &kept).await?;
    api.delete("a", &DeleteParams::default().dry_run()).await?;
    let status = refusal(api.delete("a", &DeleteParams::default()).await.unwrap_err());
    assert_eq!((status.code, status.reason.as_str()), (403, "Forbidden"));
    assert!(
        status.message.ends_with("denied the request: it is to be kept"),
        "{}",
        status.message
    );
    // A trial is filled in, and leaves nothing.
    let trial = PostParams {
        dry_run: true,
        ..PostParams::default()
    };
    let tried = api.create(&trial, &memcached("b", 3)).await?;
    assert!(tried.spec.owner.is_some());
    assert!(api.get_opt("b").await?.is_none());
    Ok(running.stop().await?)
}

#[tokio::test]
async fn a_panic_costs_one_request() -> Outcome {
    let (_cluster, running, api) = started().await?;
    let status = refusal(
        api.create(&PostParams::default(), &memcached("a", 666))
            .await
            .unwrap_err(),
    );
    assert_eq!(status.code, 500);
    assert!(
        status.message.contains("the webhook panicked"),
        "{}",
        status.message
    );
    api.create(&PostParams::default(), &memcached("a", 3)).await?;
    Ok(running.stop().await?)
}

#[tokio::test]
async fn metrics_tell_of_every_call_and_of_every_panic() -> Outcome {
    let cluster = Cluster::start().await?;
    cluster.namespace("shop").await?;
    let operator = operator();
    let handle = operator.handle();
    let running = cluster.run(operator).await?;
    let api: Api<v1::Memcached> = Api::namespaced(cluster.client(), "shop");
    let params = PostParams::default();
    api.create(&params, &memcached("a", 3)).await?;
    api.create(&params, &memcached("b", 666)).await.unwrap_err();
    let site = handle.site().await.expect("the operator runs");
    let text = site.metrics_text(Format::Text);
    let webhook = r#"webhook="/validate-cache-example-com-v1-memcached""#;
    for expected in [
        format!("controller_runtime_webhook_requests_total{{{webhook},code=\"200\"}} 2.0"),
        format!("controller_runtime_webhook_requests_in_flight{{{webhook}}} 0.0"),
        format!("controller_runtime_webhook_latency_seconds_count{{{webhook}}} 2"),
        "controller_runtime_webhook_panics_total 1.0".to_owned(),
        "controller_runtime_conversion_webhook_panics_total 0.0".to_owned(),
    ] {
        assert!(
            text.lines().any(|line| line == expected),
            "{expected} is not in\n{text}"
        );
    }
    Ok(running.stop().await?)
}

#[tokio::test]
async fn kinds_of_kubernetes_have_webhooks_too() -> Outcome {
    let (cluster, running, _) = started().await?;
    let configs: Api<ConfigMap> = Api::namespaced(cluster.client(), "shop");
    let mut config = ConfigMap::default();
    config.metadata.name = Some("settings".into());
    let created = configs.create(&PostParams::default(), &config).await?;
    assert_eq!(created.labels()["labelled"], "yes");
    Ok(running.stop().await?)
}

#[tokio::test]
async fn nobody_writes_while_the_operator_is_away() -> Outcome {
    let (_cluster, running, api) = started().await?;
    running.stop().await?;
    let status = refusal(
        api.create(&PostParams::default(), &memcached("a", 3))
            .await
            .unwrap_err(),
    );
    assert_eq!((status.code, status.reason.as_str()), (500, "InternalError"));
    assert!(
        status
            .message
            .contains("failed calling webhook \"mmemcached-v1.kb.io\""),
        "{}",
        status.message
    );
    Ok(())
}
