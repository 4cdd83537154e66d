//! A webhook's server: remembers what it was asked and answers by path.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use futures::future::BoxFuture;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use jiff::Timestamp;
use krate_apiserver::Server;
use krate_apiserver::environment::Environment;
use serde_json::{Value, json};

use crate::common::World;

type Answers = BTreeMap<String, Box<dyn Fn(&Value) -> Response<Full<Bytes>> + Send + Sync>>;

/// Clones are the same server.
#[derive(Clone, Default)]
pub(crate) struct Endpoint {
    answers: Arc<Mutex<Answers>>,
    asked: Arc<Mutex<Vec<(String, Value)>>>,
}

impl Endpoint {
    /// Answers reviews at `path` by the `response` that `answer` makes of the `request`.
    pub(crate) fn review(&self, path: &str, answer: impl Fn(&Value) -> Value + Send + Sync + 'static) {
        self.raw(path, move |review| {
            let mut response = answer(&review["request"]);
            if response["uid"].is_null() {
                response["uid"] = review["request"]["uid"].clone();
            }
            let whole =
                json!({"apiVersion": review["apiVersion"], "kind": review["kind"], "response": response});
            Response::new(Full::from(whole.to_string()))
        });
    }

    /// Answers at `path` as `answer` says.
    pub(crate) fn raw(
        &self,
        path: &str,
        answer: impl Fn(&Value) -> Response<Full<Bytes>> + Send + Sync + 'static,
    ) {
        self.answers
            .lock()
            .unwrap()
            .insert(path.to_owned(), Box::new(answer));
    }

    /// Returns the reviews that came to `path`, and forgets them.
    pub(crate) fn asked(&self, path: &str) -> Vec<Value> {
        let mut asked = self.asked.lock().unwrap();
        let (ours, others): (Vec<_>, Vec<_>) = asked.drain(..).partition(|(to, _)| to == path);
        *asked = others;
        ours.into_iter().map(|(_, review)| review).collect()
    }

    /// A server without controllers that calls this one.
    pub(crate) fn world(&self) -> World {
        let environment = Environment::seeded(Timestamp::UNIX_EPOCH, 1);
        let builder = Server::builder().environment(environment);
        World::of(builder.webhook_transport(self.clone()).build().unwrap())
    }

    pub(crate) fn answer(&self, path: &str, review: Value) -> Option<Response<Full<Bytes>>> {
        self.asked.lock().unwrap().push((path.to_owned(), review.clone()));
        let answers = self.answers.lock().unwrap();
        answers.get(path).map(|answer| answer(&review))
    }
}

impl tower::Service<Request<Full<Bytes>>> for Endpoint {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Full<Bytes>>) -> Self::Future {
        let this = self.clone();
        Box::pin(async move {
            let path = request.uri().path().to_owned();
            let body = request.into_body().collect().await.unwrap().to_bytes();
            match this.answer(&path, serde_json::from_slice(&body).unwrap()) {
                Some(answer) => Ok(answer),
                // Nobody answers there: the call times out.
                None => std::future::pending().await,
            }
        })
    }
}

/// The `response` that allows with a JSON patch.
pub(crate) fn patch(operations: &Value) -> Value {
    let patch = BASE64_STANDARD.encode(operations.to_string());
    json!({"allowed": true, "patchType": "JSONPatch", "patch": patch})
}

/// A configuration of one webhook `w.x.io` at `/{name}` for every write to config maps, with `more` on top.
pub(crate) fn configuration(kind: &str, name: &str, more: &Value) -> String {
    let mut webhook = json!({
        "name": "w.x.io",
        "clientConfig": {"url": format!("https://hooks.test/{name}")},
        "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "resources": ["configmaps"], "operations": ["*"]}],
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
    });
    for (field, value) in more.as_object().unwrap() {
        webhook[field] = value.clone();
    }
    let whole = json!({
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": kind,
        "metadata": {"name": name}, "webhooks": [webhook],
    });
    whole.to_string()
}

impl World {
    pub(crate) async fn mutating(&self, name: &str, more: Value) {
        let url = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations";
        let body = configuration("MutatingWebhookConfiguration", name, &more);
        let answer = self.post(url, &body).await;
        assert_eq!(answer.code, 201, "{}", answer.message());
    }

    pub(crate) async fn validating(&self, name: &str, more: Value) {
        let url = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";
        let body = configuration("ValidatingWebhookConfiguration", name, &more);
        let answer = self.post(url, &body).await;
        assert_eq!(answer.code, 201, "{}", answer.message());
    }
}
