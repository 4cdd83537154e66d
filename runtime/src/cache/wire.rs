//! Lists and watches as they come over the wire: envelopes are read here, the objects inside stay raw.
//!
//! Keeping objects raw is what lets one that does not decode hold up nobody: a page and an event line can always be
//! read, and what is inside is decoded object by object.

use std::borrow::Cow;
use std::io;
use std::pin::Pin;
use std::time::Duration;

use futures::{AsyncBufReadExt, AsyncReadExt};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ListMeta;
use kube::Client;
use kube::api::{ListParams, WatchParams};
use kube::core::Request;
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::time::{Instant, Sleep, sleep, timeout};

use super::selection::Partition;
use super::trouble::Trouble;
use super::{Cached, Store};
use crate::client::{self, Stream, stream};

/// How long a page, or the first byte of a watch, may take.
const ANSWER: Duration = Duration::from_secs(60);

/// How much longer than agreed a watch may stay silent before it counts as dead.
const SILENCE: Duration = Duration::from_secs(5);

/// The requests of one informer.
pub(super) struct Wire {
    client: Client,
    request: Request,
    metadata_only: bool,
    labels: Option<String>,
    fields: Option<String>,
}

/// One page of a list, its objects still raw.
#[derive(Deserialize)]
pub(super) struct List<'a> {
    #[serde(default)]
    pub(super) metadata: ListMeta,
    #[serde(borrow, default)]
    pub(super) items: Option<Vec<&'a RawValue>>,
}

/// One line of a watch, its object still raw.
pub(super) struct Event<'a> {
    pub(super) kind: Cow<'a, str>,
    /// Not looked at yet: it may be anything.
    pub(super) object: &'a [u8],
}

impl<'a> Event<'a> {
    fn read(line: &'a [u8]) -> serde_json::Result<Self> {
        if let Some(event) = Self::read_usual(line) {
            return Ok(event);
        }
        let client::Event { kind, object } = serde_json::from_slice(line)?;
        Ok(Self {
            kind,
            object: object.get().as_bytes(),
        })
    }

    /// Reads what servers write, `{"type":"..","object":..}`, without a look at the object: its decoder sees if there is
    /// more to it.
    fn read_usual(line: &'a [u8]) -> Option<Self> {
        let rest = line.strip_prefix(br#"{"type":""#)?;
        let (kind, rest) = rest.split_at(rest.iter().position(|byte| !byte.is_ascii_uppercase())?);
        let object = rest.strip_prefix(br#"","object":"#)?;
        let object = object.trim_ascii_end().strip_suffix(b"}")?;
        let kind = std::str::from_utf8(kind).ok()?;
        Some(Self {
            kind: Cow::Borrowed(kind),
            object,
        })
    }

    /// Complains of an object that is no JSON, as a broken line has it.
    pub(super) fn check(&self) -> Result<(), Trouble> {
        let parsed = serde_json::from_slice::<&RawValue>(self.object);
        parsed.map(|_| ()).map_err(Trouble::Malformed)
    }
}

/// A running watch.
pub(super) struct Lines {
    body: Stream,
    line: Vec<u8>,
    silence: Duration,
    /// One timer for all events: most of them come long before it.
    silent: Pin<Box<Sleep>>,
}

impl Wire {
    pub(super) fn new<K: Cached>(client: Client, store: &Store<K>, partition: &Partition) -> Self {
        let selection = store.selection();
        Self {
            client,
            request: Request::new(store.kind().url_path(partition.namespace())),
            metadata_only: K::metadata_api(),
            labels: selection.labels.clone(),
            fields: selection.fields.clone(),
        }
    }

    /// Gets one page of the newest state, or everything if there is no limit; the text goes into a buffer, which
    /// serves for page after page.
    pub(super) async fn page<'a>(
        &self,
        limit: Option<u32>,
        continue_token: Option<String>,
        buffer: &'a mut Vec<u8>,
    ) -> Result<List<'a>, Trouble> {
        let params = ListParams {
            label_selector: self.labels.clone(),
            field_selector: self.fields.clone(),
            limit,
            continue_token,
            ..ListParams::default()
        };
        let request = match self.metadata_only {
            true => self.request.list_metadata(&params),
            false => self.request.list(&params),
        };
        let request = request.map_err(kube::Error::BuildRequest)?;
        buffer.clear();
        let read = async {
            let mut body = stream(&self.client, request).await?;
            body.read_to_end(buffer).await.map_err(Trouble::Broken)
        };
        timeout(ANSWER, read).await.map_err(|_| Trouble::Silent)??;
        serde_json::from_slice(buffer).map_err(Trouble::Malformed)
    }

    /// Starts a watch after a version, for about `lifetime`.
    pub(super) async fn watch(&self, version: &str, lifetime: Duration) -> Result<Lines, Trouble> {
        let params = WatchParams {
            label_selector: self.labels.clone(),
            field_selector: self.fields.clone(),
            timeout: u32::try_from(lifetime.as_secs()).ok(),
            bookmarks: true,
            send_initial_events: false,
        };
        let request = match self.metadata_only {
            true => self.request.watch_metadata(&params, version),
            false => self.request.watch(&params, version),
        };
        let request = request.map_err(kube::Error::BuildRequest)?;
        let body = timeout(ANSWER, client::watch(&self.client, request))
            .await
            .map_err(|_| Trouble::Silent)?;
        Ok(Lines {
            body: body?,
            line: Vec::new(),
            silence: lifetime + SILENCE,
            silent: Box::pin(sleep(lifetime + SILENCE)),
        })
    }
}

impl Lines {
    /// Waits for the next event; `None` if the watch ended, cleanly or in the middle of a line.
    pub(super) async fn next(&mut self) -> Result<Option<Event<'_>>, Trouble> {
        self.line.clear();
        self.silent.as_mut().reset(Instant::now() + self.silence);
        let read = tokio::select! {
            biased;
            read = self.body.read_until(b'\n', &mut self.line) => read,
            () = &mut self.silent => return Err(Trouble::Silent),
        };
        match read {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
            Err(error) => Err(Trouble::Broken(error)),
            Ok(_) if self.line.last() != Some(&b'\n') => Ok(None),
            Ok(_) => Event::read(&self.line).map(Some).map_err(Trouble::Malformed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: Option<(&str, &str)>) {
        let event = Event::read(line.as_bytes()).ok();
        let found = event
            .as_ref()
            .map(|event| (event.kind.as_ref(), std::str::from_utf8(event.object).unwrap()));
        assert_eq!(found, expected, "of {line}");
    }

    #[test]
    fn an_event_is_read_however_it_is_written() {
        let expected = Some(("ADDED", r#"{"a":"}"}"#));
        for line in [
            r#"{"type":"ADDED","object":{"a":"}"}}"#,
            "{\"type\":\"ADDED\",\"object\":{\"a\":\"}\"}}\r\n",
            r#"{"object":{"a":"}"},"type":"ADDED"}"#,
            r#"{ "type": "ADDED", "object": {"a":"}"} }"#,
            r#"{"type":"\u0041DDED","object":{"a":"}"}}"#,
        ] {
            check(line, expected);
        }
    }

    #[test]
    fn a_line_that_is_no_event_is_none() {
        for line in [
            "",
            "{}",
            r#"{"type":"ADDED"}"#,
            r#"{"type":"ADDED","object":{}"#,
            "[]",
        ] {
            let event = Event::read(line.as_bytes());
            assert!(
                event.is_err() || event.is_ok_and(|event| event.check().is_err()),
                "of {line}"
            );
        }
    }

    #[test]
    fn what_follows_the_object_is_not_taken_for_a_part_of_it() {
        let line = r#"{"type":"ADDED","object":{},"more":{}}"#;
        let event = Event::read(line.as_bytes()).unwrap();
        assert!(event.check().is_err());
    }
}
