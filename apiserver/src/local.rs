//! A client without HTTP, for controllers and tools in the server's own process.
//!
//! It speaks paths and JSON values and goes through the same handlers as everybody: authorization, validation and
//! ownership are those of its identity.

use std::sync::Arc;

use futures::stream::{self, BoxStream, Stream, StreamExt as _};
use http::Method;
use serde_json::{Value, json};

use crate::authn::Identity;
use crate::core::Core;
use crate::handler::{self, Answer, Payload, Request, Shown};
use crate::object::{Object, ObjectRef};
use crate::request::{Query, RequestInfo};
use crate::status::{Error, Result};

/// An in-process client; cheap to clone.
#[derive(Debug, Clone)]
pub struct Local {
    core: Arc<Core>,
    identity: Identity,
    agent: Arc<str>,
}

/// A collection as it was at one revision.
#[derive(Debug, Clone)]
pub struct List {
    /// The objects in key order.
    pub objects: Vec<ObjectRef>,
    /// Revision of the collection: watch from here.
    pub revision: u64,
}

/// A change of a followed collection.
#[derive(Debug, Clone)]
pub enum Event {
    /// The collection was read anew: these objects are all there is.
    Restarted(Vec<ObjectRef>),
    /// The object is new or has changed.
    Applied(ObjectRef),
    /// The object is gone; its last state.
    Deleted(ObjectRef),
}

impl Local {
    pub(crate) fn new(core: Arc<Core>, identity: Identity, agent: &str) -> Self {
        Self {
            core,
            identity,
            agent: agent.into(),
        }
    }

    /// Returns the object under a path such as `/api/v1/namespaces/default`.
    ///
    /// # Errors
    /// What the server answers, for example 404.
    pub async fn get(&self, path: &str) -> Result<ObjectRef> {
        let answer = self.ask(Method::GET, path, "", Value::Null).await?;
        object(answer)
    }

    /// Returns the objects under a path such as `/api/v1/pods?labelSelector=app%3Dx`.
    ///
    /// # Errors
    /// What the server answers.
    pub async fn list(&self, path: &str) -> Result<List> {
        match self.ask(Method::GET, path, "", Value::Null).await? {
            Answer::List(list) => Ok(List {
                objects: list.objects,
                revision: list.revision,
            }),
            _ => Err(Error::internal("the path is no collection")),
        }
    }

    /// Creates an object in the collection under a path, or calls a subresource.
    ///
    /// # Errors
    /// What the server answers, for example 409.
    pub async fn create(&self, path: &str, body: Value) -> Result<ObjectRef> {
        object(self.ask(Method::POST, path, "application/json", body).await?)
    }

    /// Replaces the object under a path.
    ///
    /// # Errors
    /// What the server answers, for example 409.
    pub async fn update(&self, path: &str, body: Value) -> Result<ObjectRef> {
        object(self.ask(Method::PUT, path, "application/json", body).await?)
    }

    /// Changes the object under a path by a merge patch.
    ///
    /// # Errors
    /// What the server answers.
    pub async fn merge(&self, path: &str, patch: Value) -> Result<ObjectRef> {
        let answer = self.ask(Method::PATCH, path, "application/merge-patch+json", patch);
        object(answer.await?)
    }

    /// Changes the object under a path by a JSON patch.
    ///
    /// # Errors
    /// What the server answers; 422 if an operation cannot be carried out.
    pub async fn json_patch(&self, path: &str, patch: Value) -> Result<ObjectRef> {
        let answer = self.ask(Method::PATCH, path, "application/json-patch+json", patch);
        object(answer.await?)
    }

    /// Applies a configuration to the object under a path, whether it exists or not; fields of other managers are
    /// taken over.
    ///
    /// # Errors
    /// What the server answers.
    pub async fn apply(&self, path: &str, manager: &str, configuration: Value) -> Result<ObjectRef> {
        let separator = if path.contains('?') { '&' } else { '?' };
        let path = format!("{path}{separator}fieldManager={manager}&force=true");
        let answer = self.ask(
            Method::PATCH,
            &path,
            "application/apply-patch+yaml",
            configuration,
        );
        object(answer.await?)
    }

    /// Deletes the object, or the collection, under a path; `options` is a `DeleteOptions` or null.
    ///
    /// # Errors
    /// What the server answers.
    pub async fn delete(&self, path: &str, options: Value) -> Result<()> {
        self.ask(Method::DELETE, path, "application/json", options)
            .await
            .map(drop)
    }

    /// Follows a collection: all that is there, then every change; never ends by itself.
    ///
    /// Whenever changes were missed the collection is read anew, which is what [`Event::Restarted`] says. The stream
    /// ends when the server stops, or with the error of a path that cannot be listed.
    pub fn follow(&self, path: &str) -> BoxStream<'static, Result<Event>> {
        let state = Follow {
            local: self.clone(),
            path: path.to_owned(),
            watch: None,
            over: false,
        };
        stream::unfold(state, |mut state| async move {
            let next = state.next().await?;
            Some((next, state))
        })
        .boxed()
    }

    /// Follows the changes of a collection after `revision`; the stream ends when the server ends the watch.
    ///
    /// # Errors
    /// What the server answers.
    pub async fn watch(
        &self,
        path: &str,
        revision: u64,
    ) -> Result<impl Stream<Item = Result<(&'static str, ObjectRef)>> + Send + use<>> {
        let watch = self.start_watch(path, revision).await?;
        Ok(stream::unfold(watch, |mut watch| async move {
            let item = match watch.next().await? {
                Shown::Added(object) => Ok(("ADDED", object)),
                Shown::Modified(object) => Ok(("MODIFIED", object)),
                Shown::Deleted(object) => Ok(("DELETED", object)),
                Shown::Bookmark(object) => Ok(("BOOKMARK", object)),
                Shown::Error(error) => Err(error),
            };
            Some((item, watch))
        }))
    }

    async fn start_watch(&self, path: &str, revision: u64) -> Result<Box<handler::Watch>> {
        let separator = if path.contains('?') { '&' } else { '?' };
        let path = format!("{path}{separator}watch=true&resourceVersion={revision}");
        match self.ask(Method::GET, &path, "", Value::Null).await? {
            Answer::Watch(watch) => Ok(watch),
            _ => Err(Error::internal("the path cannot be watched")),
        }
    }

    async fn ask(&self, method: Method, path: &str, content_type: &str, body: Value) -> Result<Answer> {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let query = Query::parse(query);
        let info = RequestInfo::new(&method, path, &query);
        self.core.authorize(&self.identity, &info, &query)?;
        let request = Request {
            info,
            query,
            identity: self.identity.clone(),
            user_agent: self.agent.to_string(),
            content_type: content_type.to_owned(),
            payload: Payload::Value(body),
        };
        handler::handle(&self.core, request, &mut Vec::new()).await
    }
}

/// Takes the object out of an answer.
fn object(answer: Answer) -> Result<ObjectRef> {
    match answer {
        Answer::Object { object, .. } => Ok(object),
        Answer::Value { value, .. } => Ok(Arc::new(Object::new(value, 0))),
        Answer::List(list) => Ok(Arc::new(Object::new(
            json!({"metadata": list.metadata()}),
            list.revision,
        ))),
        Answer::Watch(_) => Err(Error::internal("a watch has no single answer")),
    }
}

/// A collection being followed.
struct Follow {
    local: Local,
    path: String,
    watch: Option<Box<handler::Watch>>,
    over: bool,
}

impl Follow {
    async fn next(&mut self) -> Option<Result<Event>> {
        while !self.over && !self.local.core.stop.is_cancelled() {
            let Some(watch) = &mut self.watch else {
                return Some(self.restart().await);
            };
            match watch.next().await {
                Some(Shown::Added(object) | Shown::Modified(object)) => {
                    return Some(Ok(Event::Applied(object)));
                }
                Some(Shown::Deleted(object)) => return Some(Ok(Event::Deleted(object))),
                Some(Shown::Bookmark(_)) => {}
                Some(Shown::Error(_)) | None => self.watch = None,
            }
        }
        None
    }

    async fn restart(&mut self) -> Result<Event> {
        let outcome = self.list_and_watch().await;
        self.over = outcome.is_err();
        outcome
    }

    async fn list_and_watch(&mut self) -> Result<Event> {
        let list = self.local.list(&self.path).await?;
        self.watch = Some(self.local.start_watch(&self.path, list.revision).await?);
        Ok(Event::Restarted(list.objects))
    }
}
