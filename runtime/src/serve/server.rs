//! A server as a part of an operator declares it.

use std::sync::Arc;

use super::listener::Listener;
use super::{Address, Handle, Limits, Observe, Routes, Tls};
use crate::Result;
use crate::operator::{Part, Site};

/// An HTTP server: where it listens, over TLS or not, and within which limits.
///
/// ```no_run
/// use http::StatusCode;
/// use krate::Operator;
/// use krate::operator::Stage;
/// use krate::serve::{Routes, Server, respond};
///
/// # fn example() -> krate::Result<()> {
/// let server = Server::new("health", ":8081".parse()?);
/// let part = server.part(|_site| {
///     Ok(Routes::new().get("/healthz", |_| async { respond(StatusCode::OK, "text/plain", "ok") }))
/// });
/// let operator = Operator::new().part(Stage::Servers, part);
/// # let _ = operator;
/// # Ok(())
/// # }
/// ```
#[must_use]
pub struct Server {
    pub(super) address: Address,
    pub(super) tls: Option<Tls>,
    pub(super) limits: Limits,
    pub(super) observers: Vec<Arc<dyn Observe>>,
    pub(super) handle: Handle,
}

impl Server {
    /// Returns a plain server with a name for logs and reports.
    pub fn new(name: &str, address: Address) -> Self {
        Self {
            address,
            tls: None,
            limits: Limits::default(),
            observers: Vec::new(),
            handle: Handle::new(name),
        }
    }

    /// Serves over TLS.
    pub fn tls(mut self, tls: Tls) -> Self {
        self.tls = Some(tls);
        self
    }

    /// Sets what the server puts up with.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Tells `observer` of every request, beside those told already.
    pub fn observe(mut self, observer: Arc<dyn Observe>) -> Self {
        self.observers.push(observer);
        self
    }

    /// Returns a view of the server that outlives the declaration: its address, its counters.
    #[must_use]
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Listens; `None` if the address says not to.
    ///
    /// # Errors
    ///
    /// If the address cannot be bound, or the authorities of clients cannot be read.
    pub async fn listen(self) -> Result<Option<Listener>> {
        Listener::open(self).await
    }

    /// Returns the server as a part of an operator; `routes` is called once the operator starts.
    pub fn part(self, routes: impl FnOnce(&Site) -> Result<Routes> + Send + 'static) -> Part {
        let name = format!("the {} server", self.handle.name());
        Part::new(name, move |scope| async move {
            let routes = routes(scope.site())?;
            scope.site().add_server(self.handle());
            let Some(listener) = self.listen().await? else {
                scope.ready();
                scope.stopped().await;
                return Ok(());
            };
            scope.ready();
            listener.serve(routes, scope.stopped()).await
        })
    }
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server")
            .field("name", &self.handle.name())
            .field("address", &self.address)
            .field("tls", &self.tls)
            .finish_non_exhaustive()
    }
}
