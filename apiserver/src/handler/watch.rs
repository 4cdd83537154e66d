//! Following a collection: the stream of changes one client sees.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::answer::Answer;
use super::call::Call;
use super::convert::{served, served_all};
use super::list::{prefix, uninitialized};
use crate::core::Core;
use crate::object::{Object, ObjectRef};
use crate::registry::Resource;
use crate::request::ListOptions;
use crate::selector::Selector;
use crate::status::{Error, Result};
use crate::store::{Batch, Change, Compacted, Event, Range, Watcher};

/// How often a quiet watch says how far it has come.
const BOOKMARK_INTERVAL: Duration = Duration::from_secs(60);
/// How long before its end a watch says so once more.
const BOOKMARK_BEFORE_END: Duration = Duration::from_secs(2);
/// Without `timeoutSeconds` a watch lasts this long, up to twice as long.
const SHORTEST_DEFAULT_TIMEOUT: u64 = 1800;

/// What a client of a watch is shown.
#[derive(Debug, Clone)]
pub(crate) enum Shown {
    /// An object appeared, to the watch's selector.
    Added(ObjectRef),
    /// An object changed.
    Modified(ObjectRef),
    /// An object disappeared, to the watch's selector.
    Deleted(ObjectRef),
    /// All changes up to a revision have been shown; the object carries it and nothing else.
    Bookmark(ObjectRef),
    /// The watch has failed and ends.
    Error(Error),
}

/// One client's watch.
#[derive(Debug)]
pub(crate) struct Watch {
    pub(crate) resource: Arc<Resource>,
    core: Arc<Core>,
    initial: VecDeque<ObjectRef>,
    /// Revision of the bookmark that ends the initial objects, until it is sent.
    initial_end: Option<u64>,
    /// Set if the watch fails before it starts.
    failure: Option<Error>,
    events: VecDeque<Arc<Event>>,
    watcher: Watcher,
    prefix: String,
    selector: Selector,
    progress: u64,
    /// Changes after this revision were asked for: a bookmark that says no more than this says nothing.
    started_at: u64,
    bookmark_at: Option<Instant>,
    deadline: Instant,
    stop: CancellationToken,
    /// It has failed.
    over: bool,
}

/// Starts a watch.
pub(super) async fn watch(call: &Call<'_>) -> Result<Answer> {
    let options = ListOptions::parse(&call.request.query, true)?;
    let mut selector = Selector::parse(&options, &call.resource)?;
    if !call.path.name.is_empty() {
        selector = selector.with_name(&call.path.name);
    }
    let revision = options
        .revision()
        .map_err(|why| Error::untyped(500, why))?
        .unwrap_or_default();
    let mut start = Start::new(call, &options, revision);
    let objects = served_all(&call.core, &call.resource, start.objects).await;
    start.objects = objects.map_err(|error| uninitialized(&call.resource, error))?;
    let deadline = Instant::now() + lifetime(call, &options);
    Ok(Answer::Watch(Box::new(Watch {
        resource: Arc::clone(&call.resource),
        core: Arc::clone(&call.core),
        watcher: call.core.store.watch(&call.bucket(), start.from),
        initial: start.objects.into(),
        initial_end: start.end.filter(|_| options.bookmarks),
        failure: start.failure,
        events: VecDeque::new(),
        prefix: prefix(call),
        selector,
        progress: start.from,
        started_at: start.from,
        bookmark_at: options.bookmarks.then(|| next_bookmark(deadline)),
        deadline,
        stop: call.core.stop.clone(),
        over: false,
    })))
}

/// Where a watch starts.
#[derive(Default)]
struct Start {
    objects: Vec<ObjectRef>,
    /// Changes after this revision follow.
    from: u64,
    end: Option<u64>,
    failure: Option<Error>,
}

impl Start {
    fn new(call: &Call<'_>, options: &ListOptions, revision: u64) -> Self {
        let current = call.core.store.revision();
        match options.send_initial_events {
            Some(true) if revision > current => Self {
                from: current,
                failure: Some(Error::too_large_resource_version(revision, current)),
                ..Self::default()
            },
            Some(true) => Self::with_objects(call),
            None if revision == 0 => Self {
                end: None,
                ..Self::with_objects(call)
            },
            // Nothing but later changes was asked for, and none is known to have been missed.
            Some(false) if revision == 0 => Self {
                from: current,
                ..Self::default()
            },
            _ => Self {
                from: revision,
                ..Self::default()
            },
        }
    }

    fn with_objects(call: &Call<'_>) -> Self {
        let prefix = prefix(call);
        let page = call.core.store.page(&call.bucket(), &Range::all(&prefix), None);
        match page {
            Ok(page) => Self {
                from: page.revision,
                end: Some(page.revision),
                objects: page.objects,
                failure: None,
            },
            Err(compacted) => Self {
                failure: Some(too_old(0, compacted)),
                ..Self::default()
            },
        }
    }
}

fn lifetime(call: &Call<'_>, options: &ListOptions) -> Duration {
    let seconds = options.timeout_seconds.unwrap_or_else(|| {
        SHORTEST_DEFAULT_TIMEOUT + call.core.environment.random() % SHORTEST_DEFAULT_TIMEOUT
    });
    Duration::from_secs(seconds)
}

fn next_bookmark(deadline: Instant) -> Instant {
    let now = Instant::now();
    let regular = now + BOOKMARK_INTERVAL;
    let last = deadline
        .checked_sub(BOOKMARK_BEFORE_END)
        .filter(|last| *last > now);
    last.map_or(regular, |last| last.min(regular))
}

fn too_old(from: u64, compacted: Compacted) -> Error {
    Error::expired(format!("too old resource version: {from} ({})", compacted.floor))
}

impl Watch {
    /// Returns what is to be shown next, waiting for it; `None` once the watch is over.
    pub(crate) async fn next(&mut self) -> Option<Shown> {
        while !self.over {
            if let Some(shown) = self.ready().await {
                return Some(shown);
            }
            match self.watcher.look() {
                Batch::Events(events) => self.events = events.into(),
                Batch::Idle(revision) => {
                    self.progress = self.progress.max(revision);
                    if let Some(shown) = self.wait().await? {
                        return Some(shown);
                    }
                }
                Batch::Expired(compacted) => return Some(self.fail(too_old(self.progress, compacted))),
                Batch::Closed => break,
            }
        }
        None
    }

    /// Returns what can be shown without a look at the store.
    async fn ready(&mut self) -> Option<Shown> {
        if let Some(failure) = self.failure.take() {
            return Some(self.fail(failure));
        }
        while let Some(object) = self.initial.pop_front() {
            if self.selector.matches(object.value()) {
                return Some(Shown::Added(object));
            }
        }
        if let Some(revision) = self.initial_end.take() {
            return Some(Shown::Bookmark(self.bookmark(revision, true)));
        }
        while let Some(event) = self.events.pop_front() {
            self.progress = event.revision;
            match self.show(&event).await {
                Ok(None) => {}
                Ok(Some(shown)) => return Some(shown),
                Err(error) => return Some(self.fail(error)),
            }
        }
        None
    }

    /// Waits for a change, which gives `Some(None)`, or shows a bookmark; `None` is the end.
    async fn wait(&mut self) -> Option<Option<Shown>> {
        let bookmark_at = self.bookmark_at.unwrap_or(self.deadline);
        tokio::select! {
            biased;
            () = self.stop.cancelled() => None,
            () = self.watcher.woken() => Some(None),
            () = sleep_until(self.deadline) => None,
            () = sleep_until(bookmark_at), if self.bookmark_at.is_some() => {
                self.bookmark_at = Some(next_bookmark(self.deadline));
                let news = self.progress > self.started_at;
                Some(news.then(|| Shown::Bookmark(self.bookmark(self.progress, false))))
            }
        }
    }

    /// Returns what a change looks like through the selector.
    async fn show(&self, event: &Event) -> Result<Option<Shown>> {
        if !event.key.starts_with(&self.prefix) {
            return Ok(None);
        }
        let old = match &event.old {
            Some(old) => self.selected(old).await?,
            None => None,
        };
        if event.change == Change::Removed {
            return Ok(match old {
                Some(_) => Some(Shown::Deleted(self.view(&event.new).await?)),
                None => None,
            });
        }
        let new = self.selected(&event.new).await?;
        Ok(match (old, new) {
            (None, None) => None,
            (None, Some(new)) => Some(Shown::Added(new)),
            (Some(_), Some(new)) => Some(Shown::Modified(new)),
            (Some(_), None) => Some(Shown::Deleted(self.view(&event.departed()).await?)),
        })
    }

    async fn view(&self, object: &ObjectRef) -> Result<ObjectRef> {
        served(&self.core, &self.resource, object).await
    }

    /// Returns the object as the watch shows it, if its selector selects it.
    async fn selected(&self, object: &ObjectRef) -> Result<Option<ObjectRef>> {
        let object = self.view(object).await?;
        Ok(self.selector.matches(object.value()).then_some(object))
    }

    fn bookmark(&self, revision: u64, ends_initial: bool) -> ObjectRef {
        let mut metadata = json!({"resourceVersion": revision.to_string()});
        if ends_initial {
            metadata["annotations"] = json!({"k8s.io/initial-events-end": "true"});
        }
        let value = json!({
            "kind": self.resource.kind, "apiVersion": self.resource.api_version(), "metadata": metadata,
        });
        Arc::new(Object::new(value, revision))
    }

    /// Ends the watch with an error.
    fn fail(&mut self, error: Error) -> Shown {
        self.over = true;
        Shown::Error(error)
    }
}

impl Shown {
    /// Returns the event's type and object as the wire has them.
    pub(crate) fn parts(&self) -> (&'static str, Value) {
        match self {
            Self::Added(object) => ("ADDED", object.value().clone()),
            Self::Modified(object) => ("MODIFIED", object.value().clone()),
            Self::Deleted(object) => ("DELETED", object.value().clone()),
            Self::Bookmark(object) => ("BOOKMARK", object.value().clone()),
            Self::Error(error) => ("ERROR", error.to_status()),
        }
    }

    /// Returns the event as a line of JSON, from bytes all watchers share.
    pub(crate) fn line(&self) -> Bytes {
        let (kind, object) = match self {
            Self::Added(object) => ("ADDED", object.bytes()),
            Self::Modified(object) => ("MODIFIED", object.bytes()),
            Self::Deleted(object) => ("DELETED", object.bytes()),
            Self::Bookmark(object) => ("BOOKMARK", object.bytes()),
            Self::Error(error) => ("ERROR", error.to_status().to_string().into()),
        };
        let mut line = Vec::with_capacity(object.len() + 40);
        line.extend_from_slice(b"{\"type\":\"");
        line.extend_from_slice(kind.as_bytes());
        line.extend_from_slice(b"\",\"object\":");
        line.extend_from_slice(&object);
        line.extend_from_slice(b"}\n");
        line.into()
    }
}
