//! Requests and answers in one line each, over the in-process service.
#![allow(dead_code, reason = "each test binary uses its own part")]
#![allow(clippy::unwrap_used, reason = "a helper of tests fails the test")]

use bytes::Bytes;
use http::{HeaderMap, Request};
use http_body_util::{BodyExt as _, Full};
use jiff::Timestamp;
use krate_apiserver::environment::Environment;
use krate_apiserver::{ApiService, Controllers, Server};
use serde_json::Value;
use tower::ServiceExt as _;

/// A server and the service requests go to.
pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) service: ApiService,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) code: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl World {
    /// A bare server with the namespace `default`.
    pub(crate) async fn new() -> Self {
        Self::with(Controllers::none()).await
    }

    pub(crate) async fn with(controllers: Controllers) -> Self {
        let environment = Environment::seeded(Timestamp::UNIX_EPOCH, 1);
        let builder = Server::builder()
            .environment(environment)
            .controllers(controllers);
        Self::of(builder.build().unwrap())
    }

    pub(crate) fn of(server: Server) -> Self {
        Self {
            service: server.service(),
            server,
        }
    }

    pub(crate) async fn get(&self, url: &str) -> Answer {
        self.send("GET", url, "", "").await
    }

    pub(crate) async fn post(&self, url: &str, body: &str) -> Answer {
        self.send("POST", url, "application/json", body).await
    }

    pub(crate) async fn put(&self, url: &str, body: &str) -> Answer {
        self.send("PUT", url, "application/json", body).await
    }

    pub(crate) async fn delete(&self, url: &str, body: &str) -> Answer {
        self.send("DELETE", url, "application/json", body).await
    }

    /// A merge patch.
    pub(crate) async fn merge(&self, url: &str, body: &str) -> Answer {
        self.send("PATCH", url, "application/merge-patch+json", body)
            .await
    }

    pub(crate) async fn send(&self, method: &str, url: &str, content_type: &str, body: &str) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(url)
            .header("user-agent", "probe/1");
        let request = request.header("content-type", content_type);
        self.ask(request.body(Full::new(Bytes::from(body.to_owned()))).unwrap())
            .await
    }

    pub(crate) async fn ask(&self, request: Request<Full<Bytes>>) -> Answer {
        let response = self.service.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        Answer {
            code: head.status.as_u16(),
            headers: head.headers,
            body: body.collect().await.unwrap().to_bytes(),
        }
    }

    /// All lines of a watch that ends by itself.
    pub(crate) async fn watch(&self, url: &str) -> Vec<Value> {
        let answer = self.get(url).await;
        let lines = answer
            .body
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty());
        lines.map(|line| serde_json::from_slice(line).unwrap()).collect()
    }
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {:?}", self.body))
    }

    pub(crate) fn message(&self) -> String {
        self.json()["message"].as_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn version(&self) -> u64 {
        self.json()["metadata"]["resourceVersion"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap()
    }

    /// Names of the items of a list.
    pub(crate) fn names(&self) -> Vec<String> {
        let value = self.json();
        let items = value["items"].as_array().unwrap();
        items
            .iter()
            .map(|item| item["metadata"]["name"].as_str().unwrap().to_owned())
            .collect()
    }

    pub(crate) fn warnings(&self) -> Vec<&str> {
        self.headers
            .get_all("warning")
            .iter()
            .map(|one| one.to_str().unwrap())
            .collect()
    }
}
