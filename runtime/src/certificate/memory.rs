//! A certificate the process makes for itself.

use std::time::Duration;

use tokio::time::sleep;

use super::Pair;
use super::authority::self_signed;
use super::certificates::Keep;
use crate::operator::Scope;
use crate::{Environment, Result};

const LIFETIME: Duration = Duration::from_secs(365 * 24 * 3600);

/// A self-signed certificate that lives and ends with the process, renewed once a third of its year is left.
///
/// It hides what is sent and proves nothing: for an endpoint whose clients do not verify it, as Prometheus with
/// `insecure_skip_verify` scraping metrics. Webhooks need [`SelfManaged`](super::SelfManaged) or
/// [`Mounted`](super::Mounted).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InMemory {
    names: Vec<String>,
}

impl InMemory {
    /// Returns a certificate for these DNS names and addresses, for `localhost` if there are none.
    #[must_use]
    pub fn new<N: Into<String>>(names: impl IntoIterator<Item = N>) -> Self {
        let mut names: Vec<String> = names.into_iter().map(Into::into).collect();
        if names.is_empty() {
            names = ["localhost", "127.0.0.1", "::1"].map(String::from).into();
        }
        Self { names }
    }

    pub(super) async fn keep(&self, scope: &Scope, keep: Keep) -> Result<()> {
        loop {
            keep.serve(&self.make(scope.site().environment())?);
            keep.looked(Ok(()));
            scope.ready();
            tokio::select! {
                () = sleep(LIFETIME / 3 * 2) => {}
                () = scope.stopped() => return Ok(()),
            }
        }
    }

    fn make(&self, environment: &Environment) -> Result<Pair> {
        let issued = self_signed(&self.names, environment.now(), LIFETIME)?;
        Pair::from_pem(issued.certificate.as_bytes(), issued.key.as_bytes())
    }
}
