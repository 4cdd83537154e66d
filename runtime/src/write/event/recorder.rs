//! The queue of events and the task that sends them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::ObjectReference;
use k8s_openapi::api::events::v1::{Event as Stored, EventSeries};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;
use kube::api::{Patch, PatchParams, PostParams};
use kube::core::ObjectMeta;
use kube::{Api, Client};
use serde_json::json;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{sleep, timeout};

use super::Event;
use super::series::{Said, Series, Telling, namespace_of};
use crate::Kind;
use crate::environment::Environment;
use crate::error::{Error, ErrorKind, Result};
use crate::reconcile::Subject;

/// How many events wait to be sent; more are dropped and counted.
const QUEUE: usize = 1000;
/// How often a request is tried, and how long apart: events are not worth more.
const ATTEMPTS: u32 = 3;
const PAUSE: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest note the API server takes.
const LONGEST_NOTE: usize = 1024;
/// The longest reason, action and reporting instance it takes.
const LONGEST_WORD: usize = 128;

/// Takes events and sends them in the background; clones share the queue.
#[derive(Clone, Debug)]
pub(crate) struct Recorder {
    queue: mpsc::Sender<Message>,
    dropped: Arc<AtomicU64>,
}

#[derive(Debug)]
enum Message {
    Said(Box<Said>),
    Flush(oneshot::Sender<()>),
}

impl Recorder {
    /// Starts the task that sends; it ends when the last clone is dropped.
    ///
    /// `instance` tells this process from others of the same operator.
    pub(crate) fn start(client: Client, environment: Environment, instance: impl Into<String>) -> Self {
        let (queue, messages) = mpsc::channel(QUEUE);
        let sender = Sender {
            client,
            environment,
            instance: instance.into(),
            series: Series::default(),
        };
        tokio::spawn(sender.run(messages));
        Self {
            queue,
            dropped: Arc::default(),
        }
    }

    /// Queues an event about an object; never waits.
    pub(crate) fn record<K: Subject>(&self, controller: &str, kind: &Kind, object: &K, event: Event) {
        let meta = object.meta();
        let regarding = ObjectReference {
            api_version: Some(kind.api_version()),
            kind: Some(kind.kind().to_owned()),
            namespace: meta.namespace.clone(),
            name: meta.name.clone(),
            uid: meta.uid.clone(),
            resource_version: meta.resource_version.clone(),
            ..ObjectReference::default()
        };
        let said = Said {
            controller: controller.to_owned(),
            regarding,
            event,
        };
        if self.queue.try_send(Message::Said(Box::new(said))).is_err() {
            let dropped = self.dropped.fetch_add(1, Ordering::Relaxed) + 1;
            tracing::warn!(
                dropped,
                "event dropped: the API server takes them more slowly than they come"
            );
        }
    }

    /// Sends what is queued and every count not told yet; bound it with a deadline.
    pub(crate) async fn flush(&self) {
        let (done, flushed) = oneshot::channel();
        if self.queue.send(Message::Flush(done)).await.is_ok() {
            // If the task is gone there is nothing left to send.
            let _ = flushed.await;
        }
    }

    /// Returns how many events were dropped because the queue was full.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }
}

/// The task: one request after the other, so that events never crowd out other requests.
struct Sender {
    client: Client,
    environment: Environment,
    instance: String,
    series: Series,
}

impl Sender {
    async fn run(mut self, mut messages: mpsc::Receiver<Message>) {
        loop {
            tokio::select! {
                biased;
                message = messages.recv() => match message {
                    Some(Message::Said(said)) => self.take(*said).await,
                    Some(Message::Flush(done)) => {
                        self.tell_rest().await;
                        // Who asked may have given up waiting.
                        let _ = done.send(());
                    }
                    None => return self.tell_rest().await,
                },
                () = until(self.series.next(), &self.environment) => {
                    for telling in self.series.due(self.environment.now()) {
                        self.tell(telling).await;
                    }
                }
            }
        }
    }

    async fn take(&mut self, said: Said) {
        let environment = &self.environment;
        let telling = self
            .series
            .take(said, |said| name(said, environment), environment.now());
        if let Some(telling) = telling {
            self.tell(telling).await;
        }
    }

    async fn tell_rest(&mut self) {
        for telling in self.series.rest() {
            self.tell(telling).await;
        }
    }

    /// Sends one request, a few times if need be; in the end an event is not worth an error.
    async fn tell(&self, telling: Telling) {
        for attempt in 1..=ATTEMPTS {
            match self.send(&telling).await {
                Ok(()) => return,
                Err(error) if attempt == ATTEMPTS || !is_worth_retrying(&error) => {
                    tracing::warn!(%error, "failed to send an event");
                    return;
                }
                Err(_) => sleep(PAUSE * attempt).await,
            }
        }
    }

    async fn send(&self, telling: &Telling) -> Result<()> {
        match telling {
            Telling::Create { name, said, at } => {
                let event = self.event(name, said, *at);
                let api = Api::<Stored>::namespaced(self.client.clone(), &namespace_of(&said.regarding));
                match timeout(PATIENCE, api.create(&PostParams::default(), &event))
                    .await?
                    .map_err(Error::from)
                {
                    // A former attempt made it, and its answer was lost.
                    Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
                    result => result.map(drop),
                }
            }
            Telling::Count {
                name,
                said,
                count,
                at,
            } => {
                let series = EventSeries {
                    count: *count,
                    last_observed_time: MicroTime(*at),
                };
                let patch = Patch::Merge(json!({ "series": &series }));
                let api = Api::<Stored>::namespaced(self.client.clone(), &namespace_of(&said.regarding));
                let counted = timeout(PATIENCE, api.patch(name, &PatchParams::default(), &patch)).await?;
                match counted.map_err(Error::from) {
                    // The API server keeps events for an hour or so; one that still repeats is told anew.
                    Err(error) if error.kind() == ErrorKind::NotFound => {
                        let event = Stored {
                            series: Some(series),
                            ..self.event(name, said, *at)
                        };
                        timeout(PATIENCE, api.create(&PostParams::default(), &event)).await??;
                        Ok(())
                    }
                    result => result.map(drop),
                }
            }
        }
    }

    fn event(&self, name: &str, said: &Said, at: Timestamp) -> Stored {
        let Event {
            type_,
            reason,
            action,
            note,
            related,
        } = said.event.clone();
        Stored {
            metadata: ObjectMeta {
                name: Some(name.to_owned()),
                namespace: Some(namespace_of(&said.regarding)),
                ..ObjectMeta::default()
            },
            action: Some(shortened(action, LONGEST_WORD)),
            event_time: Some(MicroTime(at)),
            note: Some(shortened(note, LONGEST_NOTE)),
            reason: Some(shortened(reason, LONGEST_WORD)),
            regarding: Some(said.regarding.clone()),
            related,
            reporting_controller: Some(said.controller.clone()),
            reporting_instance: Some(shortened(self.instance.clone(), LONGEST_WORD)),
            type_: Some(type_.as_str().to_owned()),
            ..Stored::default()
        }
    }
}

async fn until(due: Option<Timestamp>, environment: &Environment) {
    match due {
        Some(due) => {
            let left = due.duration_since(environment.now());
            sleep(Duration::try_from(left).unwrap_or_default()).await;
        }
        None => std::future::pending().await,
    }
}

fn is_worth_retrying(error: &Error) -> bool {
    use ErrorKind::{Api, Decode, Throttled, Timeout, Transport};
    matches!(error.kind(), Api | Decode | Throttled | Timeout | Transport)
}

/// Names an event after its object, as everyone does, with a random end.
fn name(said: &Said, environment: &Environment) -> String {
    const LONGEST: usize = 253 - 17;
    let object: String = said
        .regarding
        .name
        .as_deref()
        .unwrap_or("object")
        .chars()
        .take(LONGEST)
        .collect();
    format!(
        "{}.{:016x}",
        object.trim_end_matches(['.', '-']),
        environment.random()
    )
}

/// Cuts a text at the longest the API server takes, at the border of a character.
fn shortened(mut text: String, longest: usize) -> String {
    if text.len() > longest {
        let is_end = |end: &usize| text.is_char_boundary(*end);
        let end = (0..=longest - '…'.len_utf8())
            .rev()
            .find(is_end)
            .unwrap_or_default();
        text.truncate(end);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_note_is_cut_between_characters() {
        let check = |note: &str, expected: usize| {
            assert_eq!(shortened(note.to_owned(), LONGEST_NOTE).len(), expected);
        };
        check("short", 5);
        check(&"a".repeat(1024), 1024);
        check(&"a".repeat(1025), 1024);
        check(&"ä".repeat(600), 1023);
    }

    #[tokio::test(start_paused = true)]
    async fn the_name_of_an_event_fits_whatever_its_object_is_called() {
        let environment = Environment::seeded(Timestamp::UNIX_EPOCH, 1);
        let named = |object: String| {
            let regarding = k8s_openapi::api::core::v1::ObjectReference {
                name: Some(object),
                ..Default::default()
            };
            name(
                &Said {
                    controller: "c".into(),
                    regarding,
                    event: Event::normal("A", "b"),
                },
                &environment,
            )
        };
        assert!(named("sample".into()).starts_with("sample."));
        assert_eq!(named("a".repeat(253)).len(), 253);
    }

    #[tokio::test(start_paused = true)]
    async fn an_event_that_expired_is_told_anew_with_its_count() {
        use k8s_openapi::api::core::v1::Secret;

        use crate::context::fake::{Fake, refused};

        let created = || (201, json!({ "metadata": { "name": "e" }, "eventTime": null }));
        let fake = Fake::new([created(), refused(404, "NotFound"), created()]);
        let recorder = fake.run.shared.recorder.clone();
        let mut object = Secret::default();
        object.metadata.name = Some("sample".into());
        for _ in 0..3 {
            recorder.record("c", &Kind::of::<Secret>(), &object, Event::normal("A", "b"));
        }
        recorder.flush().await;
        let asked = fake.asked();
        let verbs: Vec<&str> = asked.iter().filter_map(|line| line.split(' ').next()).collect();
        assert_eq!(verbs, ["POST", "PATCH", "POST"]);
        assert!(asked[2].contains(r#""count":3"#), "{}", asked[2]);
    }
}
