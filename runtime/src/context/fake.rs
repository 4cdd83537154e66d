//! A scripted API server for the tests of single runs: answers in order, and what was asked.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use http::{Request, Response};
use jiff::Timestamp;
use k8s_openapi::api::core::v1::Secret;
use kube::Client;
use kube::client::Body;
use serde_json::{Value, json};

use super::{Cause, Causes, Context, Run, Shared};
use crate::Kind;
use crate::cache::{Caches, Namespaces, ObjectKey};
use crate::environment::Environment;
use crate::metrics::Metrics;
use crate::reconcile::Object;
use crate::write::Recorder;

/// A run against a script, for an object `default/sample`.
pub(crate) struct Fake {
    pub(crate) run: Run,
    script: Arc<Mutex<Script>>,
}

#[derive(Default)]
struct Script {
    answers: VecDeque<(u16, Value)>,
    asked: Vec<(String, Value)>,
}

impl Fake {
    /// Returns a run whose requests get these answers, in order; without one left, the answer is 500.
    pub(crate) fn new(answers: impl IntoIterator<Item = (u16, Value)>) -> Self {
        Self::of_kind(Kind::of::<Secret>(), answers)
    }

    /// Returns a run for an object of this kind.
    pub(crate) fn of_kind(kind: Kind, answers: impl IntoIterator<Item = (u16, Value)>) -> Self {
        let script = Arc::new(Mutex::new(Script {
            answers: answers.into_iter().collect(),
            asked: Vec::new(),
        }));
        let client = client(Arc::clone(&script));
        let environment = Environment::seeded(Timestamp::UNIX_EPOCH, 1);
        let recorder = Recorder::start(client.clone(), environment.clone(), "test");
        let caches = Caches::new(Namespaces::All);
        let metrics = Metrics::default();
        let shared = Shared::new(
            client,
            caches,
            environment,
            recorder,
            (metrics, kind),
            "memcached",
        );
        let shared = Arc::new(shared);
        let key = ObjectKey::namespaced("default", "sample");
        Self {
            run: Run {
                shared,
                key,
                causes: Causes::new(Cause::Initial, Vec::new(), 0),
                attempt: 0,
            },
            script,
        }
    }

    /// Returns a run that has the cache of a kind, with these objects in it.
    pub(crate) fn with_cache<K: Object>(self, objects: impl IntoIterator<Item = K>) -> Self {
        let caches = &self.run.shared.caches;
        let store = caches.declare::<K>(&caches.whole());
        store.fill(objects);
        self
    }

    /// Returns the context of this run for a reconciler.
    pub(crate) fn into_context<R>(self) -> (Context<R>, Asked) {
        (Context::new(self.run), Asked(self.script))
    }

    /// Returns what was asked so far, as `VERB path body`.
    pub(crate) fn asked(&self) -> Vec<String> {
        Asked(Arc::clone(&self.script)).shown()
    }
}

/// What a script was asked.
pub(crate) struct Asked(Arc<Mutex<Script>>);

impl Asked {
    /// Returns each request as `VERB path body`.
    pub(crate) fn shown(&self) -> Vec<String> {
        let script = self.0.lock().unwrap();
        let show = |(line, body): &(String, Value)| match body {
            Value::Null => line.clone(),
            body => format!("{line} {body}"),
        };
        script.asked.iter().map(show).collect()
    }
}

/// Returns a refusal as the API server words it.
pub(crate) fn refused(code: u16, reason: &str) -> (u16, Value) {
    let status = json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": reason, "reason": reason, "code": code,
    });
    (code, status)
}

fn client(script: Arc<Mutex<Script>>) -> Client {
    let service = tower::service_fn(move |request: Request<Body>| {
        let script = Arc::clone(&script);
        async move {
            let (head, body) = request.into_parts();
            let body = body.collect_bytes().await?;
            let mut script = script.lock().unwrap();
            let query = head.uri.query().filter(|query| !query.is_empty());
            let query = query.map(|query| format!("?{query}")).unwrap_or_default();
            let line = format!("{} {}{query}", head.method, head.uri.path());
            script
                .asked
                .push((line, serde_json::from_slice(&body).unwrap_or(Value::Null)));
            let (code, answer) = script
                .answers
                .pop_front()
                .unwrap_or_else(|| refused(500, "InternalError"));
            let answer = Body::from(serde_json::to_vec(&answer).unwrap());
            Ok::<_, kube::Error>(Response::builder().status(code).body(answer).unwrap())
        }
    });
    Client::new(service, "default")
}
