//! Logs, on standard error, and spans that leave as traces.

mod fields;
mod json;
#[cfg(feature = "otel")]
mod traces;

use std::io::IsTerminal;

use tracing::Subscriber;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::{self, MakeWriter};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Registry};
use tracing_subscriber::util::SubscriberInitExt;

use self::fields::Fields;
use crate::error::{Error, Result};

/// How logs are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LogFormat {
    /// A line per event, coloured on a terminal.
    Human,
    /// A JSON object per event, the fields of its spans among its own.
    Json,
}

/// What is logged, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LogArguments {
    pub(super) format: LogFormat,
    /// A filter in the syntax of tracing: `info`, or `info,krate::cache=debug`.
    pub(super) level: String,
}

/// What has to be sent before the program ends.
#[derive(Debug, Default)]
pub(super) struct Logs {
    #[cfg(feature = "otel")]
    traces: Option<traces::Traces>,
}

/// Starts logging for the whole process.
///
/// If the program has set up logs itself, those stay.
pub(super) fn start(arguments: &LogArguments) -> Result<Logs> {
    let lines = lines(arguments, std::io::stderr, std::io::stderr().is_terminal())?;
    let all = tracing_subscriber::registry().with(lines);
    #[cfg(feature = "otel")]
    let (all, logs) = {
        let traces = traces::Traces::start()?;
        let layer = traces.as_ref().map(traces::Traces::layer);
        (all.with(layer), Logs { traces })
    };
    #[cfg(not(feature = "otel"))]
    let logs = Logs::default();
    if all.try_init().is_err() {
        tracing::debug!("logs were set up by the program itself");
    }
    Ok(logs)
}

impl Logs {
    /// Sends what is left.
    pub(super) async fn end(self) {
        #[cfg(feature = "otel")]
        if let Some(traces) = self.traces {
            traces.end().await;
        }
    }
}

/// Returns the layer that writes lines.
fn lines<W>(
    arguments: &LogArguments,
    writer: W,
    colours: bool,
) -> Result<Box<dyn Layer<Registry> + Send + Sync>>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let filter = filter(&arguments.level)?;
    Ok(match arguments.format {
        LogFormat::Human => fmt::layer()
            .fmt_fields(Fields::default())
            .with_writer(writer)
            .with_ansi(colours)
            .with_filter(filter)
            .boxed(),
        LogFormat::Json => json::layer(writer).with_filter(filter).boxed(),
    })
}

/// Reads a filter in the syntax of tracing: levels, of everything or of a target.
///
/// Choosing by span and value is left out. It takes a regex engine, 0.6 MB of every operator, and work at each span.
pub(super) fn filter(level: &str) -> Result<Targets> {
    let refused = |why: &str| {
        Error::new(format!(
            "`{level}` is no log level: {why}\nhelp: write `debug`, or `info,krate::cache=debug` for a part of it"
        ))
    };
    if level.contains('[') {
        return Err(refused("it may name targets, not spans"));
    }
    let parts = level.split(',').map(str::trim);
    let mut parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    if parts.is_empty() {
        // Errors are told in any case.
        parts.push("error");
    }
    let filter = parts.join(",").parse::<Targets>();
    filter.map_err(|error| refused(&error.to_string()))
}

/// A subscriber spans can be found in.
trait Spans: Subscriber + for<'a> LookupSpan<'a> {}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Spans for S {}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
