//! The way of one HTTP request.

use std::convert::Infallible;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt as _;
use http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use tower::Service;

use super::body::Body;
use super::log::{Entry, digest};
use super::path;
use super::respond::{self, Reply, Style};
use crate::authn::Identity;
use crate::codec::{Accept, Form};
use crate::core::Core;
use crate::handler::{self, Answer, Payload};
use crate::request::{Query, RequestInfo, parse_duration};
use crate::status::{Error, Result};
use crate::table::Include;

/// The largest body that is read.
const BODY_LIMIT: usize = 3 * 1024 * 1024;
/// How long a request may take that is no watch.
const PATIENCE: Duration = Duration::from_secs(60);

/// The server as a service: takes HTTP requests of any body, never fails, and may be cloned freely.
#[derive(Debug, Clone)]
pub struct ApiService {
    core: Arc<Core>,
    identity: Option<Identity>,
}

impl ApiService {
    /// Every request is made by `identity`, if one is given, whatever its credentials say.
    pub(crate) fn new(core: Arc<Core>, identity: Option<Identity>) -> Self {
        Self { core, identity }
    }
}

impl<B> Service<Request<B>> for ApiService
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Reply, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        if let Some(identity) = &self.identity {
            request.extensions_mut().insert(identity.clone());
        }
        let core = Arc::clone(&self.core);
        Box::pin(async move { Ok(serve(&core, request).await) })
    }
}

/// Answers one request.
async fn serve<B>(core: &Arc<Core>, request: Request<B>) -> Reply
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let (head, body) = request.into_parts();
    let audit_id = core.environment.uid();
    let asked = style(core, &head);
    // Errors are `Status` objects, whatever form was asked for.
    let errors = Style {
        accept: Accept {
            form: Form::Whole,
            ..asked.as_ref().map_or(Accept::JSON, |style| style.accept.clone())
        },
        pretty: asked.as_ref().is_ok_and(|style| style.pretty),
        include: Include::default(),
        environment: core.environment.clone(),
    };
    let mut warnings = Vec::new();
    let mut entry = Entry {
        method: head.method.to_string(),
        url: head.uri.to_string(),
        user: String::new(),
        user_agent: text(&head.headers, &USER_AGENT).to_owned(),
        status: 0,
        body: 0,
    };
    let whole = Whole {
        core,
        head: &head,
        style: asked,
        entry: &mut entry,
        warnings: &mut warnings,
    };
    // A bug in one request must not take the connection, and with it other requests, down.
    let outcome = AssertUnwindSafe(whole.answer(body)).catch_unwind().await;
    let outcome = outcome.unwrap_or_else(|_| Err(Error::internal("the handler of this request panicked")));
    let mut response = outcome.unwrap_or_else(|error| respond::error(&error, &errors));
    if text(&head.headers, &ACCEPT_ENCODING).contains("gzip") {
        respond::compress(&mut response);
    }
    respond::finish(&mut response, &audit_id, &warnings);
    entry.status = response.status().as_u16();
    core.log.push(entry);
    response
}

/// One request on its way.
struct Whole<'a> {
    core: &'a Arc<Core>,
    head: &'a http::request::Parts,
    style: Result<Style>,
    entry: &'a mut Entry,
    warnings: &'a mut Vec<String>,
}

impl Whole<'_> {
    async fn answer<B>(self, body: B) -> Result<Reply>
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let Whole {
            core,
            head,
            style,
            entry,
            warnings,
        } = self;
        let query_text = head.uri.query().unwrap_or_default();
        let query = Query::parse(query_text);
        let info = RequestInfo::new(&head.method, head.uri.path(), &query);
        let body = read(body).await?;
        entry.body = digest(&body);
        let lookup = |plural: &str, namespace: &str, name: &str| core.core_object(plural, namespace, name);
        let identity = core
            .authenticator
            .identify(&head.headers, &head.extensions, &lookup)?;
        entry.user.clone_from(&identity.user);
        core.authorize(&identity, &info, &query)?;
        if info.resource.is_none() {
            return path::answer(core, &info, query_text, &head.headers);
        }
        let patience = patience(&query)?;
        let style = style?;
        let content_type = text(&head.headers, &CONTENT_TYPE);
        let request = handler::Request {
            info,
            query,
            identity,
            user_agent: text(&head.headers, &USER_AGENT).to_owned(),
            content_type: content_type.to_owned(),
            payload: Payload::of(content_type, body)?,
        };
        let handled = tokio::time::timeout(patience, handler::handle(core, request, warnings)).await;
        let answer: Answer = handled.map_err(|_| timed_out())??;
        Ok(respond::answer(answer, &style))
    }
}

/// Reads a body, as far as one is read.
async fn read<B>(body: B) -> Result<Bytes>
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    match Limited::new(body, BODY_LIMIT).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(Error::too_large(BODY_LIMIT)),
        Err(error) => Err(Error::bad_request(error.to_string())),
    }
}

/// Returns how the answer is to be written.
///
/// # Errors
///
/// If nothing the client takes can be made.
fn style(core: &Core, head: &http::request::Parts) -> Result<Style> {
    let accept = head.headers.get(ACCEPT).and_then(|accept| accept.to_str().ok());
    let accept = Accept::negotiate(accept).ok_or_else(|| unacceptable(core, head))?;
    let agent = text(&head.headers, &USER_AGENT);
    let people = ["curl", "Wget", "Mozilla/5.0"]
        .iter()
        .any(|one| agent.starts_with(one));
    let query = Query::parse(head.uri.query().unwrap_or_default());
    let include = match accept.form {
        Form::Table(_) => Include::parse(query.first("includeObject"))?,
        _ => Include::default(),
    };
    Ok(Style {
        accept,
        pretty: query.flag("pretty").unwrap_or(people),
        include,
        environment: core.environment.clone(),
    })
}

fn patience(query: &Query) -> Result<Duration> {
    let Some(text) = query.first("timeout").filter(|text| !text.is_empty()) else {
        return Ok(PATIENCE);
    };
    let invalid = || {
        let message =
            format!("invalid timeout specified in the request URL - time: invalid duration {text:?}");
        Error::bad_request(message)
    };
    let asked = parse_duration(text).ok_or_else(invalid)?;
    Ok(if asked.is_zero() {
        PATIENCE
    } else {
        asked.min(PATIENCE)
    })
}

/// The client takes no form the answer has; built-in kinds say so in two ways.
fn unacceptable(core: &Core, head: &http::request::Parts) -> Error {
    let info = RequestInfo::new(&head.method, head.uri.path(), &Query::default());
    let path = info.resource.as_ref();
    let resource = path.and_then(|path| core.registry.lookup(&path.group, &path.version, &path.plural));
    let custom = resource.is_none_or(|resource| resource.custom);
    if custom || Accept::knows(text(&head.headers, &ACCEPT)) {
        return Error::not_acceptable(
            "only the following media types are accepted: application/json, application/yaml, \
             application/vnd.kubernetes.protobuf",
        );
    }
    Error {
        details: Some(Box::default()),
        ..Error::not_acceptable(
            "406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, \
             application/vnd.kubernetes.protobuf",
        )
    }
}

fn timed_out() -> Error {
    let body = "{\"metadata\":{},\"status\":\"Failure\",\"message\":\"Timeout: request did not complete within the \
                allotted timeout\",\"reason\":\"Timeout\",\"details\":{},\"code\":504}";
    Error {
        plain: true,
        ..Error::untyped(504, body)
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &http::HeaderName) -> &'a str {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}
