//! How a watch is spoiled: line by line.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use http::Response;
use http_body::Body as HttpBody;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout};
use tower::BoxError;

use super::plan::Connection;
use super::service::reset;
use super::{Fault, FaultBody};

/// How long an event waits for a neighbour to change places with.
const NEIGHBOUR: Duration = Duration::from_secs(1);

type Line = Result<Bytes, BoxError>;
type Lines = BoxStream<'static, Line>;

/// A watch that is told, in its first line, that its version is too old.
pub(super) fn expired() -> Result<Response<FaultBody>, BoxError> {
    let message = "too old resource version";
    let status = json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": message, "reason": "Expired", "code": 410});
    let line = format!("{}\n", json!({"type": "ERROR", "object": status}));
    Ok(Response::new(FaultBody::full(line.into())))
}

/// Passes the lines of a watch on as the fault has them, until the connection breaks.
pub(super) fn spoil<B>(body: B, fault: Option<Fault>, connection: Connection) -> FaultBody
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let lines = lines(body);
    let spoiled = match fault {
        Some(Fault::Truncated { events }) => truncated(lines, events),
        Some(Fault::Delayed(delay)) => delayed(lines, delay),
        Some(Fault::Reordered) => reordered(lines),
        Some(Fault::Repeated) => lines.flat_map(|line| stream::iter(twice(line))).boxed(),
        _ => lines,
    };
    FaultBody::stream(until_broken(spoiled, connection))
}

/// Cuts a body into lines, each with its end.
fn lines<B>(body: B) -> Lines
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    let state = (Box::pin(body), BytesMut::new());
    stream::unfold(state, |(mut body, mut rest)| async move {
        loop {
            if let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
                let line = rest.split_to(end + 1).freeze();
                return Some((Ok(line), (body, rest)));
            }
            match body.frame().await {
                Some(Ok(frame)) => rest.extend_from_slice(&frame.into_data().unwrap_or_default()),
                Some(Err(error)) => return Some((Err(error.into()), (body, rest))),
                None if rest.is_empty() => return None,
                None => return Some((Ok(rest.split().freeze()), (body, rest))),
            }
        }
    })
    .boxed()
}

fn until_broken(lines: Lines, connection: Connection) -> Lines {
    stream::unfold((lines, Some(connection)), |(mut lines, connection)| async move {
        let mut connection = connection?;
        tokio::select! {
            biased;
            () = connection.broken() => Some((Err(reset("while it was watched")), (lines, None))),
            line = lines.next() => Some((line?, (lines, Some(connection)))),
        }
    })
    .boxed()
}

fn truncated(lines: Lines, events: usize) -> Lines {
    let cut = move |(number, line): (usize, Line)| match line {
        Ok(line) if number == events => Ok(line.slice(..line.len() / 2)),
        line => line,
    };
    lines.enumerate().take(events + 1).map(cut).boxed()
}

fn twice(line: Line) -> Vec<Line> {
    match line {
        Ok(line) => vec![Ok(line.clone()), Ok(line)],
        Err(error) => vec![Err(error)],
    }
}

/// Reads ahead, and hands each line on when its time has come.
fn delayed(mut lines: Lines, delay: Duration) -> Lines {
    let (events, waiting) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        loop {
            let line = tokio::select! {
                biased;
                () = events.closed() => return,
                line = lines.next() => line,
            };
            let is_last = line.is_none();
            if events.send((Instant::now() + delay, line)).is_err() || is_last {
                return;
            }
        }
    });
    stream::unfold(waiting, |mut waiting| async move {
        let (due, line) = waiting.recv().await?;
        sleep_until(due).await;
        Some((line?, waiting))
    })
    .boxed()
}

/// Lets an event wait for the next one, and hands on the later one first if it is of another object.
fn reordered(lines: Lines) -> Lines {
    // The end may be met while a line waits, and is met again once that was handed on.
    let state = (lines.fuse(), VecDeque::new(), None::<Bytes>);
    stream::unfold(state, |(mut lines, mut ready, mut held)| async move {
        loop {
            if let Some(line) = ready.pop_front() {
                return Some((line, (lines, ready, held)));
            }
            let Some(first) = held.take() else {
                match lines.next().await? {
                    Ok(line) => held = Some(line),
                    broken => ready.push_back(broken),
                }
                continue;
            };
            match timeout(NEIGHBOUR, lines.next()).await {
                Ok(Some(Ok(second))) if may_swap(&first, &second) => ready.extend([Ok(second), Ok(first)]),
                Ok(Some(second)) => ready.extend([Ok(first), second]),
                Ok(None) | Err(_) => ready.push_back(Ok(first)),
            }
        }
    })
    .boxed()
}

fn may_swap(one: &Bytes, other: &Bytes) -> bool {
    let about = |line: &Bytes| {
        let event: Value = serde_json::from_slice(line).ok()?;
        let is_object = matches!(event["type"].as_str(), Some("ADDED" | "MODIFIED" | "DELETED"));
        let metadata = &event["object"]["metadata"];
        is_object.then(|| (metadata["namespace"].clone(), metadata["name"].clone()))
    };
    matches!((about(one), about(other)), (Some(one), Some(other)) if one != other)
}
