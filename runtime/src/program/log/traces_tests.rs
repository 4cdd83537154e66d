//! Spans arrive at a collector.

use std::convert::Infallible;
use std::sync::Mutex;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use opentelemetry_otlp::WithExportConfig;
use tokio::net::TcpListener;
use tracing_subscriber::layer::SubscriberExt;

use super::*;

/// What a collector got: the path, the content type and the body of each request.
type Received = Arc<Mutex<Vec<(String, String, Bytes)>>>;

/// Starts a collector and returns its address.
async fn collector(received: Received) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let received = Arc::clone(&received);
            let service = service_fn(move |request: Request<Incoming>| {
                let received = Arc::clone(&received);
                async move {
                    let path = request.uri().path().to_owned();
                    let kind = request.headers()[http::header::CONTENT_TYPE]
                        .to_str()
                        .unwrap()
                        .to_owned();
                    let body = request.into_body().collect().await.unwrap().to_bytes();
                    received.lock().unwrap().push((path, kind, body));
                    Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new()))
                }
            });
            tokio::spawn(
                hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service),
            );
        }
    });
    format!("http://{address}/v1/traces")
}

fn holds(body: &Bytes, text: &str) -> bool {
    body.windows(text.len()).any(|window| window == text.as_bytes())
}

#[tokio::test(flavor = "multi_thread")]
async fn spans_arrive_before_the_end() {
    let received = Received::default();
    let endpoint = collector(Arc::clone(&received)).await;
    let exporter = SpanExporter::builder()
        .with_http()
        .with_endpoint(endpoint)
        .build()
        .unwrap();
    let traces = Traces::through(exporter);
    tracing::subscriber::with_default(tracing_subscriber::registry().with(traces.layer()), || {
        let span = tracing::info_span!("reconcile", controller = "memcached", name = "cart");
        let _entered = span.enter();
        tracing::debug_span!(target: "kube_client::client::builder", "HTTP", http.method = "GET")
            .in_scope(|| {});
        tracing::debug_span!("too fine").in_scope(|| {});
    });
    traces.end().await;
    let received = received.lock().unwrap().clone();
    let (path, kind, body) = &received[0];
    assert_eq!(
        (path.as_str(), kind.as_str()),
        ("/v1/traces", "application/x-protobuf")
    );
    for expected in ["reconcile", "memcached", "cart", "HTTP"] {
        assert!(
            received.iter().any(|(_, _, body)| holds(body, expected)),
            "{expected}"
        );
    }
    assert!(!holds(body, "too fine"));
}

#[tokio::test]
async fn nothing_is_traced_unless_the_environment_says_where_to() {
    // The test's own environment names no collector.
    if ENDPOINTS.into_iter().all(|name| std::env::var_os(name).is_none()) {
        assert!(Traces::start().unwrap().is_none());
    }
}
