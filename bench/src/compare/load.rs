//! What the server holds, and what happens to it.

use std::ops::Range;
use std::time::Duration;

use futures::{StreamExt, TryStreamExt, stream};
use http::Method;
use kube::Client;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::Result;
use crate::item::{ITEMS, NAMESPACES, definition, namespace, object, path, status};

/// Requests at a time while filling.
const AT_ONCE: usize = 8;

/// Updates a second.
pub(super) const RATE: usize = 100;

/// Installs the definition and makes the namespaces; returns once the kind is served.
pub(super) async fn prepare(client: &Client) -> Result<()> {
    let definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    send(
        client,
        Method::POST,
        definitions,
        "application/json",
        &definition(),
    )
    .await?;
    for number in 0..NAMESPACES {
        let body = json!({"metadata": {"name": namespace(number)}});
        send(
            client,
            Method::POST,
            "/api/v1/namespaces",
            "application/json",
            &body,
        )
        .await?;
    }
    for _ in 0..300 {
        if client
            .request_text(http::Request::get(ITEMS).body(Vec::new())?)
            .await
            .is_ok()
        {
            return Ok(());
        }
        sleep(Duration::from_millis(100)).await;
    }
    Err("the kind is not served".into())
}

/// Makes objects with the managed fields of two managers: one applied the object, another reports its status.
pub(super) async fn fill(client: &Client, numbers: Range<usize>) -> Result<()> {
    stream::iter(numbers)
        .map(|number| async move {
            let apply = format!("{}?fieldManager=author&force=true", path(number));
            send(
                client,
                Method::PATCH,
                &apply,
                "application/apply-patch+yaml",
                &object(number),
            )
            .await?;
            let report = format!("{}/status?fieldManager=reporter", path(number));
            send(
                client,
                Method::PATCH,
                &report,
                "application/merge-patch+json",
                &status(),
            )
            .await
        })
        .buffer_unordered(AT_ONCE)
        .try_for_each(|_| async { Ok(()) })
        .await
}

/// Changes one object after the other, `RATE` a second; `numbers` are those of the updates.
pub(super) async fn update(client: &Client, objects: usize, numbers: Range<usize>) -> Result<()> {
    let mut clock = interval(Duration::from_secs(1) / u32::try_from(RATE)?);
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut updates: JoinSet<Result<Value>> = JoinSet::new();
    for number in numbers {
        clock.tick().await;
        let client = client.clone();
        updates.spawn(async move {
            // A prime step, so that neighbours in time are no neighbours in the store.
            let path = format!("{}?fieldManager=author", path(number * 7919 % objects));
            let body = json!({"spec": {"number": number}});
            send(
                &client,
                Method::PATCH,
                &path,
                "application/merge-patch+json",
                &body,
            )
            .await
        });
    }
    while let Some(updated) = updates.join_next().await {
        updated??;
    }
    Ok(())
}

pub(super) async fn send(
    client: &Client,
    method: Method,
    path: &str,
    content: &str,
    body: &Value,
) -> Result<Value> {
    let request = http::Request::builder()
        .method(method)
        .uri(path)
        .header("Content-Type", content)
        .body(serde_json::to_vec(body)?)?;
    let answer = client.request::<Value>(request).await;
    Ok(answer.map_err(|error| format!("{path}: {error}"))?)
}
