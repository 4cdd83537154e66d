//! Spans of reconciles and of requests, sent to an OpenTelemetry collector over OTLP/HTTP.
//!
//! On if `OTEL_EXPORTER_OTLP_ENDPOINT` or `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` is set; `OTEL_SERVICE_NAME`, headers,
//! sampling and batches are set by the variables OpenTelemetry defines.

use std::sync::Arc;

use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::SpanExporter;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData};
use tokio::runtime::Handle;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::Layer;

use super::Spans;
use crate::error::{Error, Result};

/// The variables that say where spans go; without one of them nothing is traced.
const ENDPOINTS: [&str; 2] = [
    "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
];

/// The way of spans out of the process.
#[derive(Debug)]
pub(super) struct Traces {
    provider: SdkTracerProvider,
}

impl Traces {
    /// Starts to send spans, if the environment says where to; must be called inside a tokio runtime.
    pub(super) fn start() -> Result<Option<Self>> {
        let is_set = |name| std::env::var(name).is_ok_and(|endpoint| !endpoint.is_empty());
        if !ENDPOINTS.into_iter().any(is_set) {
            return Ok(None);
        }
        let exporter = SpanExporter::builder().with_http().build();
        let exporter = exporter.map_err(|error| Error::from(error).context("set up traces"))?;
        Ok(Some(Self::through(exporter)))
    }

    fn through(exporter: SpanExporter) -> Self {
        let exporter = Outside {
            exporter: Arc::new(exporter),
            runtime: Handle::current(),
        };
        let provider = SdkTracerProvider::builder()
            .with_resource(Resource::builder().build())
            .with_batch_exporter(exporter)
            .build();
        Self { provider }
    }

    /// Returns the layer that takes spans: krate's and the program's from `info` up, and the client's requests.
    pub(super) fn layer<S: Spans + Send + Sync>(&self) -> impl Layer<S> + Send + Sync + use<S> {
        let targets = Targets::new()
            .with_default(LevelFilter::INFO)
            // Sending spans makes no spans.
            .with_target("hyper", LevelFilter::OFF)
            .with_target("opentelemetry", LevelFilter::OFF)
            .with_target("kube_client::client::builder", LevelFilter::DEBUG);
        tracing_opentelemetry::layer()
            .with_tracer(self.provider.tracer("krate"))
            .with_filter(targets)
    }

    /// Sends what is left.
    pub(super) async fn end(self) {
        // It waits for the exporter's own thread, which needs this runtime to go on.
        let ended = tokio::task::spawn_blocking(move || self.provider.shutdown()).await;
        match ended {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!("failed to send the last spans: {error}"),
            Err(error) => tracing::warn!("failed to send the last spans: {error}"),
        }
    }
}

/// An exporter whose requests run on tokio, whichever thread asks for them: that of the batches knows no runtime.
#[derive(Debug)]
struct Outside {
    exporter: Arc<SpanExporter>,
    runtime: Handle,
}

impl opentelemetry_sdk::trace::SpanExporter for Outside {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let exporter = Arc::clone(&self.exporter);
        let sending = self.runtime.spawn(async move { exporter.export(batch).await });
        sending
            .await
            .unwrap_or_else(|error| Err(OTelSdkError::InternalFailure(error.to_string())))
    }

    fn set_resource(&mut self, resource: &Resource) {
        if let Some(exporter) = Arc::get_mut(&mut self.exporter) {
            exporter.set_resource(resource);
        }
    }
}

#[cfg(test)]
#[path = "traces_tests.rs"]
mod tests;
