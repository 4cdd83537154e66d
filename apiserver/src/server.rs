//! The server: built once, cloned cheaply, stopped in order.

use std::collections::BTreeSet;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures::FutureExt as _;
use http::{Request, Response};
use http_body_util::Full;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::admission;
use crate::authn::{Authenticator, Identity};
use crate::authz::Policy;
use crate::bootstrap;
use crate::controllers;
use crate::core::Core;
use crate::environment::Environment;
use crate::kubeconfig::{Credential, kubeconfig};
use crate::listen::{Endpoint, listen};
use crate::local::Local;
use crate::registry::Registry;
use crate::serve::{ApiService, RequestLog};
use crate::status::{Error, Result};
use crate::store::Store;
use crate::tls::Authority;
use crate::token::Issuer;
use crate::webhook::{Caller, Service};

/// How many changes of each kind are remembered unless the builder says otherwise.
const HISTORY: usize = 4096;

/// A Kubernetes API server in this process; clones are the same server.
#[derive(Debug, Clone)]
pub struct Server {
    core: Arc<Core>,
    tasks: TaskTracker,
    authority: Arc<Authority>,
}

/// Which of the cluster's controllers run beside the API.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Controllers {
    all: bool,
    names: BTreeSet<String>,
}

/// Options of a server; see [`Server::builder`].
#[derive(Debug)]
#[must_use]
pub struct Builder {
    environment: Environment,
    controllers: Controllers,
    history: usize,
    tokens: Vec<(String, Identity)>,
    webhooks: Caller,
}

impl Controllers {
    /// Returns all of them: a small cluster.
    #[must_use]
    pub fn all() -> Self {
        Self {
            all: true,
            names: BTreeSet::new(),
        }
    }

    /// Returns none: the bare API, as test environments have it.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Returns those of the given names.
    ///
    /// There are `garbage-collector` (owner references), `namespace` (emptying what is deleted), `namespace-content`
    /// (default service accounts, certificates), `cluster-role-aggregation`, and `workload` (deployments and the
    /// like, pods, endpoints, one node).
    #[must_use]
    pub fn only<N: Into<String>>(names: impl IntoIterator<Item = N>) -> Self {
        Self {
            all: false,
            names: names.into_iter().map(Into::into).collect(),
        }
    }

    /// Returns whether the controller of this name runs.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.all || self.names.contains(name)
    }
}

impl Builder {
    /// Takes time, chance and ids from `environment` instead of the machine.
    pub fn environment(mut self, environment: Environment) -> Self {
        self.environment = environment;
        self
    }

    /// Runs these controllers; without this, none.
    pub fn controllers(mut self, controllers: Controllers) -> Self {
        self.controllers = controllers;
        self
    }

    /// Remembers this many changes of each kind: watches that start further back get 410.
    pub fn history(mut self, changes: usize) -> Self {
        self.history = changes;
        self
    }

    /// Takes `token` as a bearer token of `identity`.
    pub fn token(mut self, token: impl Into<String>, identity: Identity) -> Self {
        self.tokens.push((token.into(), identity));
        self
    }

    /// Calls webhooks, of admission and of conversion, through `service` instead of over sockets.
    ///
    /// It gets what would go over the wire, with an absolute URL: that of the configuration, or
    /// `https://name.namespace.svc:port/path` for a service, whether there is such a service or not.
    pub fn webhook_transport<S, B>(mut self, service: S) -> Self
    where
        S: tower::Service<Request<Full<Bytes>>, Response = Response<B>> + Clone + Send + Sync + 'static,
        S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
        S::Future: Send,
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        self.webhooks = Caller::Service(Service::new(service));
        self
    }

    /// Returns the server, ready to answer; its controllers run on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// If the machine yields no entropy for keys.
    pub fn build(self) -> Result<Server> {
        let issuer = Issuer::new(self.environment.clone())?;
        let authenticator = Authenticator::new(Arc::new(issuer));
        let add = |all: Authenticator, (token, identity)| all.with_token(token, identity);
        let core = Core {
            store: Arc::new(Store::new(self.history)),
            registry: Registry::new(),
            authenticator: self.tokens.into_iter().fold(authenticator, add),
            policy: Policy::default(),
            log: RequestLog::default(),
            hooks: admission::Cache::default(),
            webhooks: self.webhooks,
            served: Mutex::default(),
            addresses: Mutex::default(),
            stop: CancellationToken::new(),
            environment: self.environment,
        };
        let server = Server {
            authority: Arc::new(Authority::new(&core.environment).map_err(Error::internal)?),
            core: Arc::new(core),
            tasks: TaskTracker::new(),
        };
        server.start(&self.controllers)?;
        Ok(server)
    }
}

impl Server {
    /// Starts to build a server: on the machine's clock, without controllers.
    pub fn builder() -> Builder {
        Builder {
            environment: Environment::system(),
            controllers: Controllers::none(),
            history: HISTORY,
            tokens: Vec::new(),
            webhooks: Caller::default(),
        }
    }

    /// Creates the first objects and starts the controllers.
    fn start(&self, controllers: &Controllers) -> Result<()> {
        let certificate = self.authority.pem();
        let local = self.local(Identity::control_plane("system:apiserver"), "kube-apiserver");
        let kinds = self.registry().kinds();
        let created = bootstrap::create(&local, &kinds, &certificate).now_or_never();
        created.ok_or_else(|| Error::internal("a server without webhooks has nothing to wait for"))??;
        for task in controllers::tasks(&self.core, controllers, &certificate) {
            let stop = self.core.stop.clone();
            self.tasks
                .spawn(async move { stop.run_until_cancelled(task).await });
        }
        Ok(())
    }

    /// Serves over TLS on `address`; port 0 lets the system choose one.
    ///
    /// # Errors
    ///
    /// If the address cannot be bound, or the cluster's own service cannot be pointed to it.
    pub async fn listen(&self, address: SocketAddr) -> io::Result<Endpoint> {
        let endpoint = listen(address, &self.authority, self.service()).await?;
        let local = self.local(Identity::control_plane("system:apiserver"), "kube-apiserver");
        bootstrap::announce(&local, endpoint.address)
            .await
            .map_err(io::Error::other)?;
        Ok(endpoint)
    }

    /// Returns what signs the certificates of the server and its clients.
    #[must_use]
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// Returns a kubeconfig for the administrator, by a client certificate.
    ///
    /// # Errors
    ///
    /// If the machine yields no entropy for the certificate's key.
    pub fn admin_kubeconfig(&self, endpoint: &Endpoint, name: &str) -> io::Result<String> {
        let pair = self
            .authority
            .client("kubernetes-admin", Some("system:masters"))?;
        Ok(kubeconfig(endpoint, name, &Credential::Certificate(&pair)))
    }

    /// Returns the server as a `tower` service; requests without credentials are the administrator's.
    #[must_use]
    pub fn service(&self) -> ApiService {
        ApiService::new(Arc::clone(&self.core), None)
    }

    /// Returns the server as a `tower` service on which every request is made by `identity`.
    #[must_use]
    pub fn service_as(&self, identity: Identity) -> ApiService {
        ApiService::new(Arc::clone(&self.core), Some(identity))
    }

    /// Returns an in-process client that acts as `identity` and calls itself `agent`, for example
    /// `kube-controller-manager`.
    #[must_use]
    pub fn local(&self, identity: Identity, agent: &str) -> Local {
        Local::new(Arc::clone(&self.core), identity, agent)
    }

    /// Returns the clock and ids the server works with.
    #[must_use]
    pub fn environment(&self) -> &Environment {
        &self.core.environment
    }

    /// Returns the kinds the server serves.
    #[must_use]
    pub fn registry(&self) -> &Registry {
        &self.core.registry
    }

    /// Returns what was asked of its services, in order.
    #[must_use]
    pub fn request_log(&self) -> &RequestLog {
        &self.core.log
    }

    /// Ends all watches and controllers and returns once the controllers are gone.
    pub async fn shutdown(&self) {
        self.core.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}
