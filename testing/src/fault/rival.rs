//! Somebody else, who writes to an object just before the request that is raced.

use http::header::CONTENT_TYPE;
use http::{Method, Request};
use kube::Client;
use serde_json::{Value, json};

use super::Asked;

const ANNOTATION: &str = "krate.example.com/raced";

/// Changes the object and changes it back: its version has moved on, and nothing else.
pub(super) async fn touch(client: &Client, asked: &Asked) {
    let Some(path) = asked.object_path() else {
        return;
    };
    for mark in [json!("now"), Value::Null] {
        let body = json!({"metadata": {"annotations": {ANNOTATION: mark}}});
        let request = Request::builder()
            .method(Method::PATCH)
            .uri(path.as_str())
            .header(CONTENT_TYPE, "application/merge-patch+json")
            .body(body.to_string().into_bytes());
        // An object that is not there cannot be raced for.
        if let Ok(request) = request {
            let _ = client.request::<Value>(request).await;
        }
    }
}
