//! From a path to the function that answers.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;
use http::header::{ALLOW, CONTENT_TYPE, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use http::{Method, StatusCode};

use super::Body;
use crate::{Error, Result};

/// A request to a server; its [`Peer`] is among the extensions.
pub type Request = http::Request<Body>;
/// The answer of a server.
pub type Response = http::Response<Body>;

/// Who is at the other end of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Peer {
    /// The address it connects from.
    pub address: SocketAddr,
    /// The certificates it showed and that were verified, DER, its own first; empty if none were asked for.
    pub certificates: Arc<[Vec<u8>]>,
}

/// What a server answers, by path.
///
/// ```
/// use http::StatusCode;
/// use krate::serve::{Body, Request, Routes, respond};
///
/// let routes = Routes::new()
///     .get("/healthz", |_| async { respond(StatusCode::OK, "text/plain", "ok") })
///     .post("/echo", |request: Request| async {
///         match request.into_body().bytes(1 << 20).await {
///             Ok(bytes) => respond(StatusCode::OK, "application/octet-stream", bytes),
///             Err(refused) => respond(refused.status(), "text/plain", refused.to_string()),
///         }
///     });
/// # tokio_test(async move {
/// let request = http::Request::get("/healthz").body(Body::empty()).unwrap();
/// assert_eq!(routes.answer(request).await.status(), StatusCode::OK);
/// # });
/// # fn tokio_test(test: impl Future<Output = ()>) {
/// #     tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(test)
/// # }
/// ```
#[derive(Clone, Default)]
pub struct Routes {
    exact: BTreeMap<String, Methods>,
    below: BTreeMap<String, Methods>,
    twice: Vec<String>,
}

#[derive(Clone)]
struct Methods {
    route: Arc<str>,
    by_method: Vec<(Method, Handler)>,
}

type Handler = Arc<dyn Fn(Request) -> BoxFuture<'static, Response> + Send + Sync>;

/// Where a request leads.
pub(super) enum Found {
    Handler { route: Arc<str>, handler: Handler },
    Not(Response),
}

impl Routes {
    /// Returns no routes: everything is answered with 404.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Answers GET and HEAD of a path.
    #[must_use]
    pub fn get<F>(self, path: &str, handler: impl Fn(Request) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Response> + Send + 'static,
    {
        self.route(Method::GET, path, handler)
    }

    /// Answers POST of a path.
    #[must_use]
    pub fn post<F>(self, path: &str, handler: impl Fn(Request) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Response> + Send + 'static,
    {
        self.route(Method::POST, path, handler)
    }

    /// Answers a method of a path.
    ///
    /// A path that ends in `/` stands for everything below it too, unless there is a longer one. A method and path
    /// that is already taken is an error when the server starts.
    #[must_use]
    pub fn route<F>(
        mut self,
        method: Method,
        path: &str,
        handler: impl Fn(Request) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Response> + Send + 'static,
    {
        self.add(method, path, Arc::new(move |request| handler(request).boxed()));
        self
    }

    /// Adds the routes of another set.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.twice.extend(other.twice);
        let paths = other.exact.into_iter().chain(other.below);
        for (path, methods) in paths {
            for (method, handler) in methods.by_method {
                self.add(method, &path, handler);
            }
        }
        self
    }

    /// Asks `check` before every route added so far: it passes the request on, or answers in place of the route.
    #[must_use]
    pub fn checked<F>(mut self, check: impl Fn(Request) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Request, Response>> + Send + 'static,
    {
        let check = Arc::new(check);
        let all = self.exact.values_mut().chain(self.below.values_mut());
        for (_, handler) in all.flat_map(|methods| &mut methods.by_method) {
            let (check, inner) = (Arc::clone(&check), Arc::clone(handler));
            *handler = Arc::new(move |request| {
                let (check, inner) = (Arc::clone(&check), Arc::clone(&inner));
                async move {
                    match check(request).await {
                        Ok(request) => inner(request).await,
                        Err(response) => response,
                    }
                }
                .boxed()
            });
        }
        self
    }

    /// Answers a request without a server; for tests.
    ///
    /// A handler that panics is not caught.
    pub async fn answer(&self, request: Request) -> Response {
        match self.find(request.method(), request.uri().path()) {
            Found::Handler { handler, .. } => handler(request).await,
            Found::Not(response) => response,
        }
    }

    /// Returns the paths, in order.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.exact.keys().chain(self.below.keys()).map(String::as_str)
    }

    fn add(&mut self, method: Method, path: &str, handler: Handler) {
        let table = match path.ends_with('/') && path != "/" {
            true => &mut self.below,
            false => &mut self.exact,
        };
        let methods = table.entry(path.to_owned()).or_insert_with(|| Methods {
            route: path.into(),
            by_method: Vec::new(),
        });
        if methods.by_method.iter().any(|(taken, _)| *taken == method) {
            self.twice.push(format!("{method} {path}"));
        } else {
            methods.by_method.push((method, handler));
        }
    }

    /// Returns the first route that was given twice as an error.
    pub(super) fn check(&self) -> Result<()> {
        match self.twice.first() {
            None => Ok(()),
            Some(route) => Err(Error::new(format!("`{route}` is served by two handlers"))),
        }
    }

    pub(super) fn find(&self, method: &Method, path: &str) -> Found {
        let exact = self.exact.get(path);
        let Some(methods) = exact.or_else(|| self.longest_above(path)) else {
            return Found::Not(respond(StatusCode::NOT_FOUND, "text/plain", "not found\n"));
        };
        let wanted = match *method {
            Method::HEAD => &Method::GET,
            _ => method,
        };
        let known = methods.by_method.iter().find(|(known, _)| known == wanted);
        match known {
            Some((_, handler)) => Found::Handler {
                route: Arc::clone(&methods.route),
                handler: Arc::clone(handler),
            },
            None => Found::Not(methods.not_allowed()),
        }
    }

    fn longest_above(&self, path: &str) -> Option<&Methods> {
        let above = self.below.iter().filter(|(route, _)| path.starts_with(*route));
        above
            .max_by_key(|(route, _)| route.len())
            .map(|(_, methods)| methods)
    }
}

impl Methods {
    fn not_allowed(&self) -> Response {
        let allowed: Vec<&str> = self.by_method.iter().map(|(method, _)| method.as_str()).collect();
        let text = format!("only {} is allowed\n", allowed.join(", "));
        let mut response = respond(StatusCode::METHOD_NOT_ALLOWED, "text/plain", text);
        if let Ok(value) = HeaderValue::from_str(&allowed.join(", ")) {
            response.headers_mut().insert(ALLOW, value);
        }
        response
    }
}

/// Returns an answer with a content type, as `text/plain` or `application/json`.
#[must_use]
pub fn respond(status: StatusCode, content_type: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    // What is plain text is not to be taken for a page.
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

impl fmt::Debug for Routes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.paths()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &'static str) -> impl Fn(Request) -> std::future::Ready<Response> + Send + Sync {
        move |_| std::future::ready(respond(StatusCode::OK, "text/plain", name))
    }

    async fn answer(routes: &Routes, method: &str, path: &str) -> (u16, String) {
        let request = http::Request::builder().method(method).uri(path);
        let response = routes.answer(request.body(Body::empty()).unwrap()).await;
        let status = response.status().as_u16();
        let text = response.into_body().bytes(1024).await.unwrap();
        (status, String::from_utf8(text.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn the_longest_path_answers() {
        let routes = Routes::new()
            .get("/debug", named("index"))
            .get("/debug/", named("below"))
            .get("/debug/queue/", named("queue"))
            .post("/convert", named("convert"));
        let check = async |method: &str, path: &str, status: u16, text: &str| {
            let (found, body) = answer(&routes, method, path).await;
            assert_eq!((found, body.trim_end()), (status, text), "{method} {path}");
        };
        check("GET", "/debug", 200, "index").await;
        check("HEAD", "/debug", 200, "index").await;
        check("GET", "/debug/", 200, "below").await;
        check("GET", "/debug/x", 200, "below").await;
        check("GET", "/debug/queue/a?b=c", 200, "queue").await;
        check("GET", "/debugger", 404, "not found").await;
        check("POST", "/convert", 200, "convert").await;
        check("GET", "/convert", 405, "only POST is allowed").await;
        check("GET", "/", 404, "not found").await;
    }

    #[test]
    fn a_path_is_served_once() {
        let routes = Routes::new().get("/a", named("a")).post("/a", named("a"));
        assert!(routes.check().is_ok());
        let twice = routes.merge(Routes::new().get("/a", named("b")));
        let error = twice.check().unwrap_err().to_string();
        assert_eq!(error, "`GET /a` is served by two handlers");
    }

    #[tokio::test]
    async fn a_check_stands_before_the_routes_it_was_added_to() {
        let refuse = |request: Request| {
            let allowed = request.headers().contains_key("authorization");
            let no = respond(StatusCode::UNAUTHORIZED, "text/plain", "no");
            std::future::ready(if allowed { Ok(request) } else { Err(no) })
        };
        let routes = Routes::new()
            .get("/metrics", named("numbers"))
            .checked(refuse)
            .get("/healthz", named("ok"));
        assert_eq!(answer(&routes, "GET", "/metrics").await.0, 401);
        assert_eq!(answer(&routes, "GET", "/healthz").await.0, 200);
    }
}
