//! Documents the server gives about itself: discovery and OpenAPI.

use http::header::{ACCEPT, HOST, HeaderName, HeaderValue, IF_NONE_MATCH};
use http::{HeaderMap, Response, StatusCode};

use super::body::Body;
use super::respond::Reply;
use crate::core::Core;
use crate::document::Document;
use crate::request::Query;
use crate::status::Result;
use crate::{discovery, openapi};

/// Answers with the document under `path`; nothing if there can be none.
pub(super) fn answer(core: &Core, path: &str, query: &str, headers: &HeaderMap) -> Option<Result<Reply>> {
    let kinds = core.registry.kinds();
    let header = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let parameters = Query::parse(query);
    let query = openapi::Query {
        hash: parameters.first("hash"),
        known: header(IF_NONE_MATCH),
        accept: header(ACCEPT),
        now: core.environment.now(),
    };
    if let Some(document) = openapi::answer(&kinds, path, query) {
        return Some(Ok(reply(document)));
    }
    let query = discovery::Query {
        accept: header(ACCEPT),
        known: header(IF_NONE_MATCH),
        address: header(HOST).unwrap_or_default(),
    };
    let answer = discovery::answer(&kinds, path, query)?;
    Some(answer.map(reply))
}

fn reply(document: Document) -> Reply {
    let mut response = Response::new(Body::full(document.body));
    *response.status_mut() = StatusCode::from_u16(document.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in document.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response
                .headers_mut()
                .insert(HeaderName::from_static(name), value);
        }
    }
    response
}
