//! The embedded server as a backend: in process, on the paused clock.

use std::collections::BTreeMap;
use std::time::Duration;

use http::{Request, Response};
use http_body_util::BodyExt;
use jiff::Timestamp;
use krate_apiserver::authn::Identity;
use krate_apiserver::environment::Environment;
use krate_apiserver::{Controllers, Server};
use tokio::task::JoinHandle;
use tower::ServiceExt;

use crate::Backend;
use crate::real::lines;
use crate::scenario::{Answer, Exchange, Method};

pub(crate) struct Embedded {
    server: Server,
    streams: BTreeMap<String, JoinHandle<Answer>>,
}

impl Embedded {
    pub(crate) async fn start() -> Self {
        let environment = Environment::seeded(Timestamp::UNIX_EPOCH, 1);
        let server = Server::builder()
            .environment(environment)
            .controllers(Controllers::all())
            .build();
        Self {
            server: server.expect("a server"),
            streams: BTreeMap::new(),
        }
    }

    async fn send(server: Server, exchange: Exchange) -> Answer {
        let request = request_of(&exchange);
        let response = match exchange.user.as_str() {
            "" => {
                let admin = Identity::admin().with_uid("admin-uid");
                server.service_as(admin).oneshot(request).await
            }
            "anonymous" => server.service_as(Identity::anonymous()).oneshot(request).await,
            // Credentials are looked at where there is no identity yet.
            "nobody" => server.service().oneshot(with_bad_token(request)).await,
            user => {
                server
                    .service_as(Identity::new(user, ["devs"]))
                    .oneshot(request)
                    .await
            }
        };
        answer(response.expect("the service never fails")).await
    }
}

impl Backend for Embedded {
    async fn call(&mut self, exchange: &Exchange) -> Answer {
        match exchange.method {
            Method::Pause => {
                tokio::time::sleep(Duration::from_millis(300)).await;
                Answer::default()
            }
            Method::Start => {
                let (name, path) = exchange.path.split_once(' ').expect("START name path");
                let request = Exchange {
                    path: path.to_owned(),
                    method: Method::Watch,
                    ..exchange.clone()
                };
                let stream = tokio::spawn(Self::send(self.server.clone(), request));
                self.streams.insert(name.to_owned(), stream);
                tokio::time::sleep(Duration::from_millis(500)).await;
                Answer::default()
            }
            Method::End => {
                let stream = self
                    .streams
                    .remove(exchange.path.trim())
                    .expect("a stream of this name was started");
                stream.await.expect("the stream's task ends")
            }
            _ => Self::send(self.server.clone(), exchange.clone()).await,
        }
    }
}

fn request_of(exchange: &Exchange) -> Request<String> {
    let method = match &exchange.method {
        Method::Other(method) => method.as_str(),
        _ => "GET",
    };
    let has = |name: &str| {
        exchange
            .headers
            .iter()
            .any(|(key, _)| key.eq_ignore_ascii_case(name))
    };
    let mut request = Request::builder().method(method).uri(&exchange.path);
    if !has("user-agent") {
        request = request.header("user-agent", "story/1");
    }
    if !has("content-type") && !exchange.body.is_empty() {
        request = request.header("content-type", "application/json");
    }
    if !has("accept") {
        request = request.header("accept", "*/*");
    }
    let add = |request: http::request::Builder, (key, value): &(String, String)| request.header(key, value);
    let request = exchange.headers.iter().fold(request, add);
    request
        .body(exchange.body.clone())
        .unwrap_or_else(|error| panic!("{}: {error}", exchange.path))
}

fn with_bad_token(mut request: Request<String>) -> Request<String> {
    request.headers_mut().insert(
        "authorization",
        "Bearer nonsense".parse().expect("a header value"),
    );
    request
}

async fn answer<B>(response: Response<B>) -> Answer
where
    B: http_body::Body,
    B::Error: std::fmt::Debug,
{
    let (parts, body) = response.into_parts();
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let warnings = parts.headers.get_all("warning").iter().map(text).collect();
    let content_type = parts.headers.get("content-type").map(text).unwrap_or_default();
    let bytes = body.collect().await.expect("a whole body").to_bytes();
    let body = lines(&String::from_utf8_lossy(&bytes));
    Answer {
        status: parts.status.as_u16(),
        content_type,
        warnings,
        body,
    }
}
