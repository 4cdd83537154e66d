//! Counts and times every request to the API server.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use hyper::body::Body as Answer;
use kube::Client;
use kube::client::Body;
use tokio::time::Instant;
use tower::{BoxError, service_fn};

use super::limit::Held;
use super::pass::pass_on;
use crate::metrics::{ClientMeter, Exchange};

/// Returns a client whose requests go where this function sends them, and are noted as sent to this host.
///
/// The time of a request ends with the head of its answer: a watch goes on for minutes.
pub(super) fn measured<F, S, B>(send: F, meter: ClientMeter, host: &str, namespace: &str) -> Client
where
    F: Fn(Request<Body>) -> S + Send + 'static,
    S: Future<Output = Result<Response<B>, BoxError>> + Send + 'static,
    B: Answer<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    let host: Arc<str> = host.into();
    let service = service_fn(move |request: Request<Body>| {
        let noted = Noted::new(&request, &meter, &host);
        let sending = send(request);
        async move {
            let began = Instant::now();
            let answer = sending.await;
            let head = answer.as_ref().ok();
            let received = head.and_then(|head| head.body().size_hint().exact());
            noted.answered(began.elapsed(), head.map(|head| head.status().as_u16()), received);
            answer
        }
    });
    Client::new(service, namespace)
}

/// Returns a client around another whose requests are noted, as sent to this host.
pub(crate) fn measured_client(client: Client, meter: ClientMeter, host: &str) -> Client {
    let namespace = client.default_namespace().to_owned();
    let send = move |request| {
        let client = client.clone();
        async move { pass_on(client.send(request).await) }
    };
    measured(send, meter, host, &namespace)
}

/// What is known of a request before it is sent.
struct Noted {
    meter: ClientMeter,
    host: Arc<str>,
    method: http::Method,
    sent: Option<u64>,
    held: Option<Duration>,
}

impl Noted {
    fn new(request: &Request<Body>, meter: &ClientMeter, host: &Arc<str>) -> Self {
        Self {
            meter: meter.clone(),
            host: Arc::clone(host),
            method: request.method().clone(),
            sent: request.body().size_hint().exact(),
            held: request.extensions().get::<Held>().map(|held| held.0),
        }
    }

    fn answered(&self, took: Duration, code: Option<u16>, received: Option<u64>) {
        self.meter.exchanged(&Exchange {
            method: self.method.as_str(),
            host: &self.host,
            code,
            took,
            held: self.held,
            sent: self.sent,
            received,
        });
    }
}
