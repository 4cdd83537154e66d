//! The webhooks of an operator, found by path; bodies in, bodies out.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use kube::Client;
use tokio::time::Instant;

use super::admission::{self, AdmissionWebhook};
use super::call::patience;
use super::conversion::{self, Converts};
use super::counts::{Call, Counts, Observer, Panicked, Report, Watch};
use super::declare::{Kind, Webhook};
use super::reply::{Reply, Unanswerable};
use crate::error::{Error, Result};

/// The largest review that is read, in bytes: two objects of the largest size there is, and room for the rest.
pub const BODY_LIMIT: usize = 7 << 20;

/// Where conversions are served, whatever the kind; kubebuilder's path.
pub(super) const CONVERT: &str = "/convert";

/// The webhooks of an operator, ready to answer; clones are the same.
#[derive(Clone)]
pub struct Webhooks {
    shared: Arc<Shared>,
}

struct Shared {
    routes: BTreeMap<String, Route>,
    client: Client,
    observer: Watch,
}

struct Route {
    act: Act,
    counts: Counts,
}

enum Act {
    Admission(Box<AdmissionWebhook>),
    Conversion(Vec<Arc<dyn Converts>>),
}

/// An answer over HTTP.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) code: u16,
    pub(super) content_type: &'static str,
    pub(super) body: Vec<u8>,
}

impl Webhooks {
    /// Returns the webhooks, which use this client.
    ///
    /// # Errors
    ///
    /// If two are served at one path, two convert one kind, or one has options no API server takes.
    pub fn new(webhooks: impl IntoIterator<Item = Webhook>, client: Client) -> Result<Self> {
        let (mut routes, mut families) = (BTreeMap::new(), Vec::new());
        let all: Vec<Webhook> = webhooks.into_iter().collect();
        check(&all)?;
        for webhook in all {
            match webhook.0 {
                Kind::Admission(webhook) => {
                    routes.insert(webhook.served_at(), Route::of(Act::Admission(webhook)));
                }
                Kind::Conversion(family) => families.push(family),
            }
        }
        if !families.is_empty() {
            routes.insert(CONVERT.to_owned(), Route::of(Act::Conversion(families)));
        }
        let shared = Shared {
            routes,
            client,
            observer: Watch::default(),
        };
        Ok(Self {
            shared: Arc::new(shared),
        })
    }

    /// Returns the paths that are served, in order.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.shared.routes.keys().map(String::as_str)
    }

    /// Returns how the webhooks are doing, in order of their paths.
    #[must_use]
    pub fn reports(&self) -> Vec<Report> {
        let routes = self.shared.routes.iter();
        routes.map(|(path, route)| route.counts.report(path)).collect()
    }

    /// Tells `observer` of every call from now on; the first observer stays.
    pub fn observe(&self, observer: Arc<dyn Observer>) {
        self.shared.observer.set(observer);
    }

    /// Answers a request whose body has been read; what a server does, and a test without one.
    ///
    /// ```
    /// use http::Request;
    /// use krate::webhook::Webhooks;
    ///
    /// # async fn example(client: krate::kube::Client) -> krate::Result<()> {
    /// let webhooks = Webhooks::new([], client)?;
    /// let request = Request::post("/convert").body("{}".into())?;
    /// assert_eq!(webhooks.respond(request).await.status(), 404);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn respond(&self, request: Request<Bytes>) -> Response<Bytes> {
        let (head, body) = request.into_parts();
        let body = if head.method != Method::POST {
            Err((405, "only POST is allowed".to_owned()))
        } else if body.len() > BODY_LIMIT {
            Err((413, format!("the body is larger than {BODY_LIMIT} bytes")))
        } else {
            Ok(body)
        };
        let body = body.as_deref().map_err(Clone::clone);
        self.answer(head.uri.path(), head.uri.query(), body).await.into()
    }

    /// Answers a call to a path, whose body was read or refused with a code and a text.
    pub(super) async fn answer(
        &self,
        path: &str,
        query: Option<&str>,
        body: Result<&[u8], (u16, String)>,
    ) -> Answer {
        let Some((path, route)) = self.shared.routes.get_key_value(path) else {
            return Answer::text(404, "no webhook is served here");
        };
        let _flight = route.counts.start();
        let started = Instant::now();
        let mut panicked = None;
        let answer = match body {
            Ok(body) => match self.review(route, query, body).await {
                Ok(reply) => {
                    route.counts.answered(reply.panicked);
                    panicked = reply.panicked.then(|| route.act.panicked());
                    Answer::review(&reply)
                }
                Err(unanswerable) => {
                    route.counts.malformed();
                    Answer::text(400, unanswerable.to_string())
                }
            },
            Err((code, text)) => {
                route.counts.malformed();
                Answer::text(code, text)
            }
        };
        self.shared.observer.tell(&Call {
            path,
            code: answer.code,
            took: started.elapsed(),
            panicked,
        });
        answer
    }

    async fn review(&self, route: &Route, query: Option<&str>, body: &[u8]) -> Result<Reply, Unanswerable> {
        match &route.act {
            Act::Admission(webhook) => {
                let patience = patience(query, webhook.timeout);
                let admit = webhook.admit.as_ref();
                admission::answer(body, &webhook.target, admit, &self.shared.client, patience).await
            }
            Act::Conversion(families) => conversion::answer(body, families, query).await,
        }
    }
}

/// Refuses webhooks that cannot be together.
pub(super) fn check(webhooks: &[Webhook]) -> Result<()> {
    let (mut paths, mut names, mut kinds) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for webhook in webhooks {
        let (taken, what) = match &webhook.0 {
            Kind::Admission(webhook) => {
                webhook.check()?;
                let path = webhook.served_at();
                if path == CONVERT {
                    return Err(Error::new(format!(
                        "`{CONVERT}` is where conversions are served: give the webhook another `path(..)`"
                    )));
                }
                let name = webhook.full_name();
                if paths.insert(path.clone(), ()).is_some() {
                    (
                        true,
                        format!(
                            "are served at `{path}`: give one of them another with `path(..)` and `name(..)`"
                        ),
                    )
                } else {
                    (
                        names.insert(name.clone(), ()).is_some(),
                        format!("are named `{name}`: give one of them another with `name(..)`"),
                    )
                }
            }
            Kind::Conversion(family) => {
                family.check()?;
                let name = family.crd_name();
                (
                    kinds.insert(name.clone(), ()).is_some(),
                    format!("convert `{name}`: add all versions to one of them"),
                )
            }
        };
        if taken {
            return Err(Error::new(format!("two webhooks {what}")));
        }
    }
    Ok(())
}

impl Act {
    const fn panicked(&self) -> Panicked {
        match self {
            Self::Admission(_) => Panicked::Admission,
            Self::Conversion(_) => Panicked::Conversion,
        }
    }
}

impl Route {
    fn of(act: Act) -> Self {
        Self {
            act,
            counts: Counts::default(),
        }
    }
}

impl Answer {
    fn review(reply: &Reply) -> Self {
        Self {
            code: 200,
            content_type: "application/json",
            body: reply.review.to_string().into_bytes(),
        }
    }

    fn text(code: u16, text: impl Into<String>) -> Self {
        let mut text = text.into();
        text.push('\n');
        Self {
            code,
            content_type: "text/plain",
            body: text.into_bytes(),
        }
    }
}

impl From<Answer> for Response<Bytes> {
    fn from(answer: Answer) -> Self {
        let mut response = Self::new(answer.body.into());
        *response.status_mut() =
            StatusCode::from_u16(answer.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let content_type = HeaderValue::from_static(answer.content_type);
        response.headers_mut().insert(CONTENT_TYPE, content_type);
        response
    }
}

impl fmt::Debug for Webhooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.paths()).finish()
    }
}

#[cfg(test)]
#[path = "service_tests.rs"]
mod tests;
