//! The pages below `/debug`.

use http::StatusCode;
use http::header::ACCEPT;
use serde::Serialize;

use super::view::{self, Wish};
use super::{ControllerView, InformerView, plain};
use crate::operator::Site;
use crate::query::Query;
use crate::serve::{Request, Response, Routes, respond};

/// How many objects of each list are shown if `limit` does not say.
const SHOWN: usize = 100;

const INDEX: &str = "\
/debug/controllers  what runs, what is queued and why, what ran last
                    ?controller=NAME &namespace=NAME &name=NAME &limit=100
/debug/informers    the state of every informer

Add ?format=json, or ask for application/json, for JSON.
";

/// What `/debug` answers.
#[derive(Clone, Debug)]
pub struct DebugPage {
    site: Site,
}

impl DebugPage {
    /// Returns the pages of an operator.
    #[must_use]
    pub fn new(site: &Site) -> Self {
        Self { site: site.clone() }
    }

    /// Returns what is asked for of every controller; the names are those of a query.
    fn controllers(&self, query: &Query) -> Vec<ControllerView> {
        let limit = query.get("limit").and_then(|limit| limit.parse().ok());
        let wish = Wish {
            controller: query.get("controller"),
            namespace: query.get("namespace"),
            name: query.get("name"),
            limit: limit.unwrap_or(SHOWN),
        };
        let views = self.site.look(|engine| view::controller(engine, &wish));
        views.into_iter().flatten().collect()
    }

    fn informers(&self) -> Vec<InformerView> {
        let reports = self.site.caches().reports();
        reports.iter().flat_map(view::informers).collect()
    }

    /// Returns the pages as routes of a server.
    #[must_use]
    pub fn routes(self) -> Routes {
        let informers = self.clone();
        let index = |_| async { respond(StatusCode::OK, TEXT, INDEX) };
        Routes::new()
            .get("/debug", index)
            .get("/debug/", |_| async {
                respond(StatusCode::NOT_FOUND, TEXT, INDEX)
            })
            .get("/debug/controllers", move |request| {
                let query = Query::of(request.uri());
                let views = self.controllers(&query);
                let answer = answer(&request, &query, &views, plain::controllers);
                std::future::ready(answer)
            })
            .get("/debug/informers", move |request| {
                let query = Query::of(request.uri());
                let views = informers.informers();
                let answer = answer(&request, &query, &views, plain::informers);
                std::future::ready(answer)
            })
    }
}

const TEXT: &str = "text/plain; charset=utf-8";

fn answer<T: Serialize>(
    request: &Request,
    query: &Query,
    views: &[T],
    plain: fn(&[T]) -> String,
) -> Response {
    let accept = request
        .headers()
        .get(ACCEPT)
        .and_then(|accept| accept.to_str().ok());
    let as_json = match query.get("format").as_deref() {
        Some(format) => format == "json",
        None => accept.is_some_and(|accept| accept.contains("application/json")),
    };
    if !as_json {
        return respond(StatusCode::OK, TEXT, plain(views));
    }
    match serde_json::to_vec_pretty(views) {
        Ok(json) => respond(StatusCode::OK, "application/json", json),
        Err(error) => respond(StatusCode::INTERNAL_SERVER_ERROR, TEXT, format!("{error}\n")),
    }
}
