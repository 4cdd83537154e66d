//! The answers to probes.

use http::{StatusCode, Uri};

use super::checks::Probe;
use super::report::{Line, Outcome, verbose};
use super::{Checks, caches};
use crate::cache::Caches;
use crate::operator::Site;
use crate::query::{Query, decode};
use crate::serve::{Response, Routes, respond};

/// What `/healthz` and `/readyz` answer.
#[derive(Clone, Debug)]
pub struct HealthPage {
    caches: Caches,
    checks: Checks,
}

impl HealthPage {
    /// Returns the page of an operator.
    #[must_use]
    pub fn new(site: &Site) -> Self {
        Self {
            caches: site.caches().clone(),
            checks: site.checks().clone(),
        }
    }

    /// Returns the page as routes of a server: each probe, and each check below it.
    #[must_use]
    pub fn routes(self) -> Routes {
        let paths = [
            ("/healthz", Probe::Live),
            ("/healthz/", Probe::Live),
            ("/readyz", Probe::Ready),
            ("/readyz/", Probe::Ready),
        ];
        paths.into_iter().fold(Routes::new(), |routes, (path, probe)| {
            let page = self.clone();
            routes.get(path, move |request| {
                let (page, uri) = (page.clone(), request.uri().clone());
                async move { page.answer(probe, &uri).await }
            })
        })
    }

    async fn answer(&self, probe: Probe, uri: &Uri) -> Response {
        let below = uri.path().split_once(probe.name());
        let below = decode(below.map_or("", |(_, below)| below.trim_start_matches('/')));
        match below.as_str() {
            "" => self.all(probe, &Query::of(uri)).await,
            name => self.one(probe, name).await,
        }
    }

    async fn all(&self, probe: Probe, query: &Query) -> Response {
        let excluded: Vec<&str> = query.all("exclude").filter(|name| !name.is_empty()).collect();
        let lines = self.lines(probe, |name| excluded.contains(&name)).await;
        let is_known = |name: &&str| lines.iter().any(|line| line.name == *name);
        let unmatched: Vec<&str> = excluded.iter().copied().filter(|name| !is_known(name)).collect();
        let failed = lines.iter().any(Line::has_failed);
        let text = match failed || query.has("verbose") {
            true => verbose(probe.name(), &lines, &unmatched),
            false => "ok".to_owned(),
        };
        text_of(failed, text)
    }

    async fn one(&self, probe: Probe, name: &str) -> Response {
        let lines = self.lines(probe, |other| other != name).await;
        match lines.into_iter().find(|line| line.name == name) {
            None => respond(StatusCode::NOT_FOUND, TEXT, "there is no such check\n"),
            Some(line) => match line.outcome {
                Outcome::Failed { reason } => text_of(true, format!("internal server error: {reason}\n")),
                Outcome::Ok { .. } | Outcome::Excluded => text_of(false, "ok".to_owned()),
            },
        }
    }

    async fn lines(&self, probe: Probe, leave_out: impl Fn(&str) -> bool) -> Vec<Line> {
        let mut lines = vec![Line {
            name: "ping".to_owned(),
            outcome: Outcome::Ok { note: None },
        }];
        if probe == Probe::Ready {
            lines.extend(caches::lines(&self.caches.reports(), self.checks.needs_caches()));
        }
        for line in &mut lines {
            if leave_out(&line.name) {
                line.outcome = Outcome::Excluded;
            }
        }
        lines.extend(self.checks.ask(probe, leave_out).await);
        lines
    }
}

const TEXT: &str = "text/plain; charset=utf-8";

fn text_of(failed: bool, text: String) -> Response {
    let status = match failed {
        true => StatusCode::INTERNAL_SERVER_ERROR,
        false => StatusCode::OK,
    };
    respond(status, TEXT, text)
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
