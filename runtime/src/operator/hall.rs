//! The hall: what only an operator with webhooks has.

use std::sync::Arc;

use super::{Operator, Site, Stage};
use crate::Result;
use crate::certificate::Certificates;
use crate::metrics::Meters;
use crate::permission::Permission;
use crate::webhook::{self, Call, Installed, Observer, Panicked, Webhooks};

/// What is done for webhooks, as values and not as code that is called.
///
/// Only [`Operator::webhook`] names it, so a program without webhooks does not have their server, the reviews and the
/// keeper of their certificate in it.
#[derive(Clone, Copy)]
pub(super) struct Hall {
    /// Adds the server, and what keeps its certificate.
    pub(super) serve: fn(&mut Operator, &Site) -> Result<()>,
    /// Returns what the API server has to know.
    pub(super) install: fn(&Operator) -> Result<Installed>,
    /// Returns what the certificate needs.
    pub(super) permissions: fn(&Operator) -> Vec<Permission>,
}

impl Hall {
    pub(super) fn new() -> Self {
        Self {
            serve,
            install: |operator| webhook::install(&operator.webhooks, operator.webhook_serving.port),
            permissions: |operator| certificates(operator).map_or_else(Vec::new, |own| own.permissions()),
        }
    }
}

/// Returns the certificate of the server, if it is not another's business.
fn certificates(operator: &Operator) -> Option<Certificates> {
    let is_ours = operator.webhook_server.is_none();
    is_ours.then(|| operator.webhook_serving.certificates(&operator.webhooks))
}

/// Adds the server, before whatever else is up before objects are read, and before it what keeps its certificate: a
/// server without one refuses every handshake.
fn serve(operator: &mut Operator, site: &Site) -> Result<()> {
    let certificates = certificates(operator);
    let webhooks = Webhooks::new(std::mem::take(&mut operator.webhooks), site.client().clone())?;
    site.set_webhooks(webhooks.clone());
    let serving = &operator.webhook_serving;
    let own = || {
        certificates
            .as_ref()
            .map(|certificates| serving.server(certificates))
    };
    let Some(server) = operator.webhook_server.take().or_else(own) else {
        return Ok(());
    };
    let meters = operator.sight.metrics.meters();
    webhooks.observe(Arc::new(Panics(meters.clone())));
    let server = server.observe(Arc::new(meters.clone()));
    let part = server.part(move |_| Ok(webhooks.routes()));
    operator.parts.insert(0, (Stage::Webhooks, part));
    if let Some(certificates) = certificates {
        operator.parts.insert(0, (Stage::Webhooks, certificates.part()));
    }
    Ok(())
}

/// Counts the panics that a server does not see, as they are answered with a review.
struct Panics(Meters);

impl Observer for Panics {
    fn answered(&self, call: &Call<'_>) {
        match call.panicked {
            Some(Panicked::Admission) => self.0.webhook(call.path).panicked(),
            Some(Panicked::Conversion) => self.0.conversion_panicked(),
            None => {}
        }
    }
}
