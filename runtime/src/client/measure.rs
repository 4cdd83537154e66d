//! Counts and times every request to the API server.

use std::sync::Arc;

use http::{Request, Response};
use hyper::body::Body as _;
use kube::Client;
use kube::client::Body;
use tokio::time::Instant;
use tower::service_fn;

use super::limit::Held;
use crate::metrics::{ClientMeter, Exchange};

/// Returns a client whose requests are noted, as sent to this host.
///
/// The time of a request ends with the head of its answer: a watch goes on for minutes.
pub(crate) fn measured(client: Client, meter: ClientMeter, host: &str) -> Client {
    let host: Arc<str> = host.into();
    let namespace = client.default_namespace().to_owned();
    let service = service_fn(move |request: Request<Body>| {
        let (client, meter, host) = (client.clone(), meter.clone(), Arc::clone(&host));
        async move {
            let method = request.method().clone();
            let sent = request.body().size_hint().exact();
            let held = request.extensions().get::<Held>().map(|held| held.0);
            let began = Instant::now();
            let answer = client.send(request).await;
            let head: Option<&Response<Body>> = answer.as_ref().ok();
            meter.exchanged(&Exchange {
                method: method.as_str(),
                host: &host,
                code: head.map(|head| head.status().as_u16()),
                took: began.elapsed(),
                held,
                sent,
                received: head.and_then(|head| head.body().size_hint().exact()),
            });
            answer
        }
    });
    Client::new(service, namespace)
}
