//! A scripted API server: objects, lists and watches, and the ways in which a test makes them fail.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use bytes::Bytes;
use futures::{Stream, StreamExt, stream};
use http::{Request, Response, StatusCode};
use http_body::Frame;
use http_body_util::StreamBody;
use kube::Client;
use kube::client::Body;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::Instant;

type Chunks = Pin<Box<dyn Stream<Item = Result<Frame<Bytes>, Infallible>> + Send>>;

/// A handle on the server; clones are the same server.
#[derive(Clone)]
pub(crate) struct Server {
    world: Arc<Mutex<World>>,
}

struct World {
    version: u64,
    /// By plural, then namespace and name.
    objects: BTreeMap<String, BTreeMap<(String, String), Value>>,
    /// What happened, oldest first; a watch starts somewhere in it.
    history: Vec<Happened>,
    watchers: Vec<Watcher>,
    faults: BTreeMap<String, Fault>,
    requests: Vec<Asked>,
}

#[derive(Clone)]
struct Happened {
    version: u64,
    plural: String,
    kind: &'static str,
    object: Value,
}

struct Watcher {
    plural: String,
    namespace: Option<String>,
    labels: Option<String>,
    events: mpsc::UnboundedSender<String>,
}

/// How requests for a kind fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Lists and watches are answered with this status.
    Refused(u16),
    /// Lists work, watches are answered with this status.
    WatchRefused(u16),
    /// Lists work, watches end at once.
    WatchClosed,
    /// Lists work, watches say that the version is too old.
    WatchExpired,
    /// Lists claim to be of this version.
    ListedAt(u64),
    /// Every page but the first says that the token is too old.
    TokensExpire,
    /// Nothing is ever answered.
    Silent,
}

/// A request that was made.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) at: Instant,
    pub(crate) plural: String,
    pub(crate) verb: Verb,
    pub(crate) path: String,
    pub(crate) query: BTreeMap<String, String>,
    /// Which form of the answer was asked for.
    pub(crate) accept: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Get,
    List,
    Watch,
}

impl Server {
    pub(crate) fn new() -> Self {
        let world = World {
            version: 100,
            objects: BTreeMap::new(),
            history: Vec::new(),
            watchers: Vec::new(),
            faults: BTreeMap::new(),
            requests: Vec::new(),
        };
        Self {
            world: Arc::new(Mutex::new(world)),
        }
    }

    pub(crate) fn client(&self) -> Client {
        let server = self.clone();
        let service = tower::service_fn(move |request: Request<Body>| {
            let server = server.clone();
            let asked = Asked::read(&request);
            async move { Ok::<_, Infallible>(server.answer(asked).await) }
        });
        Client::new(service, "default")
    }

    /// Creates or replaces an object; fills in name, uid and version, and returns it.
    pub(crate) fn put(&self, plural: &str, key: &str, object: Value) -> Value {
        self.world().put(plural, key, object)
    }

    pub(crate) fn delete(&self, plural: &str, key: &str) {
        self.world().delete(plural, key);
    }

    pub(crate) fn fail(&self, plural: &str, fault: Fault) {
        self.world().faults.insert(plural.to_owned(), fault);
    }

    pub(crate) fn heal(&self, plural: &str) {
        self.world().faults.remove(plural);
    }

    /// Ends every running watch of a kind.
    pub(crate) fn hang_up(&self, plural: &str) {
        self.world().watchers.retain(|watcher| watcher.plural != plural);
    }

    /// Forgets what happened before now, so that no watch can start from an earlier version.
    pub(crate) fn compact(&self) {
        self.world().history.clear();
    }

    /// Becomes a server restored from an early backup: nothing is there, and versions start over.
    pub(crate) fn set_back(&self) {
        let mut world = self.world();
        world.version = 10;
        world.objects.clear();
        world.history.clear();
        world.watchers.clear();
    }

    pub(crate) fn asked(&self, plural: &str, verb: Verb) -> Vec<Asked> {
        let world = self.world();
        let asked = world
            .requests
            .iter()
            .filter(|asked| asked.plural == plural && asked.verb == verb);
        asked.cloned().collect()
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    async fn answer(&self, asked: Asked) -> Response<StreamBody<Chunks>> {
        let fault = self.world().note(&asked);
        if fault == Some(Fault::Silent) {
            std::future::pending::<()>().await;
        }
        let mut world = self.world();
        match (asked.verb, fault) {
            (_, Some(Fault::Refused(code))) | (Verb::Watch, Some(Fault::WatchRefused(code))) => refusal(code),
            (Verb::Watch, Some(Fault::WatchClosed)) => streamed(stream::empty()),
            (Verb::Watch, Some(Fault::WatchExpired)) => streamed(stream::iter([expired()])),
            (Verb::Watch, _) => world.watch(&asked),
            (Verb::List, fault) => world.list(&asked, fault.as_ref()),
            (Verb::Get, _) => world.get(&asked),
        }
    }
}

impl World {
    fn note(&mut self, asked: &Asked) -> Option<Fault> {
        self.requests.push(asked.clone());
        self.faults.get(&asked.plural).cloned()
    }

    fn put(&mut self, plural: &str, key: &str, mut object: Value) -> Value {
        self.version += 1;
        let (namespace, name) = key.split_once('/').unwrap_or(("", key));
        let slot = (namespace.to_owned(), name.to_owned());
        let objects = self.objects.entry(plural.to_owned()).or_default();
        let kind = if objects.contains_key(&slot) {
            "MODIFIED"
        } else {
            "ADDED"
        };
        let uid = objects
            .get(&slot)
            .map_or(json!(format!("uid-{}", self.version)), |old| {
                old["metadata"]["uid"].clone()
            });
        object["metadata"]["name"] = name.into();
        if !namespace.is_empty() {
            object["metadata"]["namespace"] = namespace.into();
        }
        if object["metadata"]["uid"].is_null() {
            object["metadata"]["uid"] = uid;
        }
        object["metadata"]["resourceVersion"] = self.version.to_string().into();
        objects.insert(slot, object.clone());
        self.happened(plural, kind, object.clone());
        object
    }

    fn delete(&mut self, plural: &str, key: &str) {
        self.version += 1;
        let (namespace, name) = key.split_once('/').unwrap_or(("", key));
        let objects = self.objects.entry(plural.to_owned()).or_default();
        let mut object = objects.remove(&(namespace.to_owned(), name.to_owned())).unwrap();
        object["metadata"]["resourceVersion"] = self.version.to_string().into();
        self.happened(plural, "DELETED", object);
    }

    fn happened(&mut self, plural: &str, kind: &'static str, object: Value) {
        let happened = Happened {
            version: self.version,
            plural: plural.to_owned(),
            kind,
            object,
        };
        self.watchers
            .retain(|watcher| !watcher.wants(&happened) || watcher.tell(&happened).is_ok());
        self.history.push(happened);
    }

    fn watch(&mut self, asked: &Asked) -> Response<StreamBody<Chunks>> {
        let from: u64 = asked.query["resourceVersion"].parse().unwrap();
        let oldest = self
            .history
            .first()
            .map_or(self.version + 1, |first| first.version);
        if from > self.version || from + 1 < oldest && from < self.version {
            return streamed(stream::iter([expired()]));
        }
        let (events, lines) = mpsc::unbounded_channel();
        let watcher = Watcher {
            plural: asked.plural.clone(),
            namespace: asked.namespace(),
            labels: asked.labels(),
            events,
        };
        for happened in self
            .history
            .iter()
            .filter(|happened| happened.version > from && watcher.wants(happened))
        {
            watcher.tell(happened).unwrap();
        }
        self.watchers.push(watcher);
        let lifetime = Duration::from_secs(asked.query["timeoutSeconds"].parse().unwrap());
        let lines = stream::unfold(
            lines,
            |mut lines| async move { Some((lines.recv().await?, lines)) },
        );
        streamed(lines.take_until(tokio::time::sleep(lifetime)))
    }

    fn list(&mut self, asked: &Asked, fault: Option<&Fault>) -> Response<StreamBody<Chunks>> {
        let offset: usize = asked
            .query
            .get("continue")
            .map_or(0, |token| token.parse().unwrap());
        if offset > 0 && fault == Some(&Fault::TokensExpire) {
            return refusal(410);
        }
        let namespace = asked.namespace();
        let objects = self.objects.get(&asked.plural).into_iter().flatten();
        let items: Vec<Value> = objects
            .filter(|((own, _), _)| namespace.as_ref().is_none_or(|namespace| own == namespace))
            .filter(|(_, object)| has_labels(object, asked.labels().as_deref()))
            .map(|(_, object)| object.clone())
            .collect();
        let limit = asked
            .query
            .get("limit")
            .map_or(usize::MAX, |limit| limit.parse().unwrap());
        let rest = items.len().saturating_sub(offset.saturating_add(limit));
        let token = if rest > 0 {
            (offset + limit).to_string()
        } else {
            String::new()
        };
        let version = match fault {
            Some(Fault::ListedAt(version)) => *version,
            _ => self.version,
        };
        let page: Vec<Value> = items.into_iter().skip(offset).take(limit).collect();
        let metadata = json!({"resourceVersion": version.to_string(), "continue": token});
        json_response(200, &json!({"metadata": metadata, "items": page}))
    }

    fn get(&mut self, asked: &Asked) -> Response<StreamBody<Chunks>> {
        let name = asked.path.rsplit('/').next().unwrap();
        let namespace = asked.namespace().unwrap_or_default();
        let objects = self.objects.get(&asked.plural);
        match objects.and_then(|objects| objects.get(&(namespace, name.to_owned()))) {
            Some(object) => json_response(200, object),
            None => refusal(404),
        }
    }
}

impl Watcher {
    fn wants(&self, happened: &Happened) -> bool {
        let namespace = happened.object["metadata"]["namespace"].as_str();
        happened.plural == self.plural && (self.namespace.is_none() || self.namespace.as_deref() == namespace)
    }
}

impl Watcher {
    /// Tells of a change; an object that is not selected is gone for this watch.
    fn tell(&self, happened: &Happened) -> Result<(), mpsc::error::SendError<String>> {
        let kind = match has_labels(&happened.object, self.labels.as_deref()) {
            true => happened.kind,
            false => "DELETED",
        };
        let line = json!({"type": kind, "object": happened.object});
        self.events.send(format!("{line}\n"))
    }
}

/// Returns true if an object has the label of a selector such as `a=b`.
fn has_labels(object: &Value, selector: Option<&str>) -> bool {
    selector.is_none_or(|selector| {
        let (name, value) = selector.split_once('=').unwrap();
        object["metadata"]["labels"][name] == value
    })
}

impl Asked {
    fn read(request: &Request<Body>) -> Self {
        let query: BTreeMap<String, String> = request
            .uri()
            .query()
            .unwrap_or_default()
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        let path = request.uri().path().to_owned();
        let accept = request.headers().get(http::header::ACCEPT);
        let accept = accept.map_or("", |accept| accept.to_str().unwrap()).to_owned();
        let parts = path
            .split('/')
            .skip(if path.starts_with("/api/") { 3 } else { 4 });
        let parts: Vec<&str> = parts.collect();
        let within = match parts.as_slice() {
            ["namespaces", _, within @ ..] if !within.is_empty() => within,
            all => all,
        };
        let mut parts = within.iter();
        let plural = (*parts.next().unwrap_or(&"")).to_owned();
        let verb = match (parts.next(), query.contains_key("watch")) {
            (Some(_), _) => Verb::Get,
            (None, true) => Verb::Watch,
            (None, false) => Verb::List,
        };
        Self {
            at: Instant::now(),
            plural,
            verb,
            path,
            query,
            accept,
        }
    }

    fn labels(&self) -> Option<String> {
        Some(self.query.get("labelSelector")?.replace("%3D", "="))
    }

    fn namespace(&self) -> Option<String> {
        let (_, rest) = self.path.split_once("/namespaces/")?;
        Some(rest.split('/').next()?.to_owned())
    }
}

fn expired() -> String {
    let status = json!({"kind": "Status", "code": 410, "reason": "Expired", "message": "too old"});
    format!("{}\n", json!({"type": "ERROR", "object": status}))
}

fn refusal(code: u16) -> Response<StreamBody<Chunks>> {
    json_response(
        code,
        &json!({"kind": "Status", "status": "Failure", "code": code, "message": "told to fail"}),
    )
}

fn json_response(code: u16, body: &Value) -> Response<StreamBody<Chunks>> {
    let mut response = streamed(stream::iter([body.to_string()]));
    *response.status_mut() = StatusCode::from_u16(code).unwrap();
    response
}

fn streamed(chunks: impl Stream<Item = String> + Send + 'static) -> Response<StreamBody<Chunks>> {
    let chunks: Chunks = Box::pin(chunks.map(|chunk| Ok(Frame::data(Bytes::from(chunk)))));
    Response::new(StreamBody::new(chunks))
}
