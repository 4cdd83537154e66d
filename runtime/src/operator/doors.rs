//! The servers through which people and machines look into an operator: metrics, health, debug.

use super::{Part, Stage};
use crate::debug::DebugPage;
use crate::health::HealthPage;
use crate::metrics::MetricsPage;
use crate::serve::Server;

/// Who may read the metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Access {
    /// Whoever reaches the port.
    Anyone,
    /// Who has a token with which the API server lets them `get` the path `/metrics`.
    Authorized,
}

/// What is served, and where.
#[derive(Default)]
pub(super) struct Doors {
    pub(super) metrics: Option<(Server, Access)>,
    pub(super) health: Option<Server>,
    pub(super) debug: Option<Server>,
}

impl Doors {
    /// Returns each server as a part, health first: the kubelet asks soon.
    pub(super) fn parts(self) -> impl Iterator<Item = (Stage, Part)> {
        let health = self
            .health
            .map(|server| server.part(|site| Ok(HealthPage::new(site).routes())));
        let metrics = self.metrics.map(|(server, access)| {
            server.part(move |site| {
                let page = match access {
                    Access::Anyone => MetricsPage::open(site),
                    Access::Authorized => MetricsPage::guarded(site),
                };
                Ok(page.routes())
            })
        });
        let debug = self
            .debug
            .map(|server| server.part(|site| Ok(DebugPage::new(site).routes())));
        let parts = [health, metrics, debug];
        parts.into_iter().flatten().map(|part| (Stage::Servers, part))
    }
}
