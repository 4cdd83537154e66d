//! The server behind a `kube::Client`, without a socket in between.

use crate::authn::Identity;
use crate::server::Server;

/// The namespace of requests that name none.
const NAMESPACE: &str = "default";

impl Server {
    /// Returns a client that acts as the administrator.
    ///
    /// Lower level: `kube::Client::new(server.service(), "default")`.
    #[must_use]
    pub fn client(&self) -> kube::Client {
        kube::Client::new(self.service(), NAMESPACE)
    }

    /// Returns a client that acts as `identity`, and may do what roles let it.
    #[must_use]
    pub fn client_as(&self, identity: Identity) -> kube::Client {
        kube::Client::new(self.service_as(identity), NAMESPACE)
    }
}
