//! What no framework could go below: the same bytes held, decoded and fetched, and nothing else.

use std::hint::black_box;
use std::process::Command;

use futures::AsyncReadExt;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, ObjectMeta};
use kube::Client;
use serde::Deserialize;
use serde_json::Value;
use tokio::time::Instant;

use super::field::{Field, Who};
use super::results::Results;
use crate::item::ITEMS;
use crate::{Result, queue};

/// Keys a round of the queue has.
const KEYS: usize = 1_000;
const ROUNDS: usize = 301;

/// The kind, as any Rust program would decode it.
#[derive(Deserialize)]
struct Typed {
    #[expect(dead_code, reason = "decoding it is what is measured")]
    metadata: ObjectMeta,
    #[expect(dead_code, reason = "decoding it is what is measured")]
    spec: Spec,
    #[expect(dead_code, reason = "decoding it is what is measured")]
    status: Option<Status>,
}

#[derive(Deserialize)]
struct Spec {
    #[expect(dead_code, reason = "decoding it is what is measured")]
    number: i64,
    #[expect(dead_code, reason = "decoding it is what is measured")]
    payload: String,
    #[expect(dead_code, reason = "decoding it is what is measured")]
    tags: Vec<String>,
}

#[derive(Deserialize)]
struct Status {
    #[expect(dead_code, reason = "decoding it is what is measured")]
    conditions: Vec<Condition>,
}

/// Measures the bytes an object has without its managed fields, what decoding them costs, and the server's own list.
pub(super) async fn objects(client: &Client, results: &mut Results) -> Result<()> {
    for _ in 0..results.runs() {
        let began = Instant::now();
        let mut body = Vec::new();
        let request = http::Request::get(ITEMS).body(Vec::new())?;
        std::pin::pin!(client.request_stream(request).await?)
            .read_to_end(&mut body)
            .await?;
        results.add("start", Who::Floor, began.elapsed().as_secs_f64() * 1e3);
        let texts = without_managed_fields(&body)?;
        let bytes: usize = texts.iter().map(String::len).sum();
        results.add("memory_per_object", Who::Floor, bytes as f64 / texts.len() as f64);
        let began = Instant::now();
        for text in &texts {
            black_box(serde_json::from_str::<Typed>(text)?);
        }
        results.add("cpu_initial", Who::Floor, began.elapsed().as_secs_f64());
    }
    results.add("peak_over_settled", Who::Floor, 1.0);
    results.add("latency_added", Who::Floor, 0.0);
    Ok(())
}

fn without_managed_fields(list: &[u8]) -> Result<Vec<String>> {
    let mut list: Value = serde_json::from_slice(list)?;
    let items = list["items"].as_array_mut().ok_or("a list without items")?;
    for item in items.iter_mut() {
        if let Some(metadata) = item["metadata"].as_object_mut() {
            metadata.remove("managedFields");
        }
    }
    Ok(items.iter().map(Value::to_string).collect())
}

/// Measures the queues.
pub(super) fn queue(field: &Field, results: &mut Results) -> Result<()> {
    for _ in 0..results.runs() {
        results.add(
            "queue",
            Who::Krate,
            queue::median(KEYS, ROUNDS, queue::round) / 1e3,
        );
        results.add(
            "queue",
            Who::Floor,
            queue::median(KEYS, ROUNDS, queue::floor) / 1e3,
        );
        if let Some(program) = field.program(Who::ControllerRuntime) {
            let args = ["-queue", &KEYS.to_string(), "-rounds", &ROUNDS.to_string()];
            let said = Command::new(program).args(args).output()?.stdout;
            let nanoseconds: f64 = String::from_utf8(said)?.trim().parse()?;
            results.add("queue", Who::ControllerRuntime, nanoseconds / 1e3);
        }
    }
    Ok(())
}
