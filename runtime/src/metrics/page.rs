//! `/metrics`: the text, for whoever may read it.

use std::sync::Arc;

use http::header::{ACCEPT, AUTHORIZATION, HeaderValue, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{HeaderMap, StatusCode};

use super::Format;
use super::guard::{Guard, Verdict};
use crate::operator::Site;
use crate::serve::{Response, Routes, respond};

/// What `/metrics` answers, to whom.
#[derive(Clone, Debug)]
pub struct MetricsPage {
    site: Site,
    guard: Option<Arc<Guard>>,
}

impl MetricsPage {
    /// Returns a page anybody may read.
    #[must_use]
    pub fn open(site: &Site) -> Self {
        Self {
            site: site.clone(),
            guard: None,
        }
    }

    /// Returns a page for those whom the API server lets `get` the path: it is asked with a TokenReview and a
    /// SubjectAccessReview, and its answers are kept for a while.
    #[must_use]
    pub fn guarded(site: &Site) -> Self {
        Self {
            site: site.clone(),
            guard: Some(Arc::new(Guard::new(
                site.client().clone(),
                site.environment().clone(),
            ))),
        }
    }

    /// Returns the page as routes of a server.
    #[must_use]
    pub fn routes(self) -> Routes {
        Routes::new().get("/metrics", move |request| {
            let page = self.clone();
            let (head, _) = request.into_parts();
            async move { page.answer(&head).await }
        })
    }

    async fn answer(&self, request: &Parts) -> Response {
        let headers = &request.headers;
        if let Some(guard) = &self.guard {
            let token = bearer(headers);
            let verb = request.method.as_str().to_ascii_lowercase();
            let verdict = guard.judge(token, &verb, request.uri.path()).await;
            if let Some(refusal) = refusal(&verdict) {
                return refusal;
            }
        }
        let accept: Vec<&str> = headers
            .get_all(ACCEPT)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .collect();
        let format = Format::accepted(Some(&accept.join(",")));
        respond(
            StatusCode::OK,
            format.content_type(),
            self.site.metrics_text(format),
        )
    }
}

/// The token of an `Authorization: Bearer` header.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers
        .get(AUTHORIZATION)?
        .to_str()
        .ok()?
        .trim()
        .split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

fn refusal(verdict: &Verdict) -> Option<Response> {
    let (status, text) = match verdict {
        Verdict::Allowed => return None,
        Verdict::Unknown => (StatusCode::UNAUTHORIZED, "Unauthorized\n".to_owned()),
        Verdict::Denied { user } => (
            StatusCode::FORBIDDEN,
            format!("user `{user}` may not read the metrics\n"),
        ),
        // What went wrong is in the log; who asks may be anybody.
        Verdict::Undecided => (
            StatusCode::INTERNAL_SERVER_ERROR,
            "the API server did not say who this is and what they may do\n".to_owned(),
        ),
    };
    let mut response = respond(status, "text/plain; charset=utf-8", text);
    if status == StatusCode::UNAUTHORIZED {
        response
            .headers_mut()
            .insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    Some(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_taken_from_a_bearer_header_alone() {
        let check = |header: &str, expected: Option<&str>| {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, HeaderValue::from_str(header).unwrap());
            assert_eq!(bearer(&headers), expected, "{header}");
        };
        check("Bearer abc", Some("abc"));
        check("bearer  abc ", Some("abc"));
        check("Bearer ", None);
        check("Bearer", None);
        check("Basic abc", None);
        assert_eq!(bearer(&HeaderMap::new()), None);
    }
}
