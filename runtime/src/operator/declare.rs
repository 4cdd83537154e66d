//! An operator as its program declares it.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use kube::Client;
use prometheus_client::registry::Registry;
use tokio::sync::watch;

use super::doors::Doors;
use super::duty::Duty;
use super::hall::Hall;
use super::{Access, Handle, Leading, Part, Sight, Site, Stage};
use crate::cache::Namespaces;
use crate::certificate::Certificates;
use crate::client::Limit;
use crate::controller::{Controller, Prepare};
use crate::crd::{Definition, SchemaError};
use crate::election::LeaderElection;
use crate::environment::Environment;
use crate::manifest::PeopleRoles;
use crate::permission::Permission;
use crate::reconcile::Reconcile;
use crate::serve::Server;
use crate::webhook::{Serving, Webhook};
use crate::{Kind, Result};

/// How long running reconciles have to finish when the operator stops.
const GRACE: Duration = Duration::from_secs(30);

/// How many objects a controller remembers the last run of, for `/debug`.
const REMEMBERED: usize = 1000;

/// An operator: controllers, what they need, and the order in which it all starts and stops.
///
/// ```no_run
/// use krate::Operator;
/// # async fn example<R: krate::Reconcile<Object: krate::cache::Known>>(reconciler: R) -> krate::Result<()> {
/// Operator::new().namespaced(["shop"]).controller(reconciler).run().await
/// # }
/// ```
pub struct Operator {
    pub(super) client: Option<Client>,
    pub(super) environment: Option<Environment>,
    pub(super) namespaces: Namespaces,
    pub(super) controllers: Vec<Box<dyn Prepare>>,
    pub(super) webhooks: Vec<Webhook>,
    /// From the first webhook on.
    pub(super) hall: Option<Hall>,
    pub(super) webhook_serving: Serving,
    pub(super) webhook_server: Option<Server>,
    pub(super) parts: Vec<(Stage, Part)>,
    pub(super) duties: Vec<Duty>,
    pub(super) permissions: Vec<Permission>,
    pub(super) definitions: Vec<fn() -> Result<Definition, SchemaError>>,
    pub(super) people_roles: PeopleRoles,
    pub(super) grace: Duration,
    pub(super) keep_managed_fields: bool,
    pub(super) decoded: BTreeSet<Kind>,
    pub(super) sight: Sight,
    pub(super) doors: Doors,
    pub(super) election: Option<LeaderElection>,
    pub(super) limit: Option<Limit>,
    pub(super) running: watch::Sender<Option<Site>>,
}

impl Operator {
    /// Returns an operator for the whole cluster, without controllers.
    #[must_use]
    pub fn new() -> Self {
        Self {
            client: None,
            environment: None,
            namespaces: Namespaces::All,
            controllers: Vec::new(),
            webhooks: Vec::new(),
            hall: None,
            webhook_serving: Serving::default(),
            webhook_server: None,
            parts: Vec::new(),
            duties: Vec::new(),
            permissions: Vec::new(),
            definitions: Vec::new(),
            people_roles: PeopleRoles::default(),
            grace: GRACE,
            keep_managed_fields: false,
            decoded: BTreeSet::new(),
            sight: Sight::default(),
            doors: Doors::default(),
            election: None,
            limit: None,
            running: watch::Sender::new(None),
        }
    }

    /// Returns a way to the operator once it runs, for what is made before: a reconciler that adds controllers itself.
    #[must_use]
    pub fn handle(&self) -> Handle {
        Handle::new(self.running.subscribe())
    }

    /// Uses this client instead of the one the machine is configured for.
    #[must_use]
    pub fn client(mut self, client: Client) -> Self {
        self.client = Some(client);
        self
    }

    /// Uses this wall clock, chance and ids instead of the machine's.
    #[must_use]
    pub fn environment(mut self, environment: Environment) -> Self {
        self.environment = Some(environment);
        self
    }

    /// Looks at these namespaces only, with one watch per kind and namespace.
    ///
    /// It gets a `Role` in each of them, and no permission beyond them but for what is in no namespace.
    #[must_use]
    pub fn namespaced<N: Into<String>>(mut self, namespaces: impl IntoIterator<Item = N>) -> Self {
        self.namespaces = Namespaces::Only(namespaces.into_iter().map(Into::into).collect());
        self
    }

    /// Looks at the namespaces with these labels only, with one watch per kind and namespace.
    ///
    /// The selector is written as the server takes it: `team=shop,stage!=test`. Watches start and stop as namespaces
    /// come, go, and change their labels; an object of a namespace that no longer matches counts as gone, and nothing
    /// is cleaned up for it. The role is a `ClusterRole`, since it cannot be known where the operator will work.
    ///
    /// ```
    /// let operator = krate::Operator::new().namespaces_labelled("example.com/shop=true");
    /// # let _ = operator;
    /// ```
    #[must_use]
    pub fn namespaces_labelled(mut self, selector: impl Into<String>) -> Self {
        self.namespaces = Namespaces::Labelled(selector.into());
        self
    }

    /// Adds a controller: a reconciler, or a [`Controller`] with options.
    #[must_use]
    pub fn controller<R: Reconcile>(mut self, controller: impl Into<Controller<R>>) -> Self {
        self.controllers.push(Box::new(controller.into()));
        self
    }

    /// Adds a webhook: defaulting, validating or conversion.
    #[must_use]
    pub fn webhook(mut self, webhook: impl Into<Webhook>) -> Self {
        self.webhooks.push(webhook.into());
        self.hall = Some(Hall::new());
        self
    }

    /// Serves webhooks at this port; 9443 at first, and with 0 whichever is free.
    #[must_use]
    pub fn webhook_port(mut self, port: u16) -> Self {
        self.webhook_serving.port = port;
        self
    }

    /// Serves webhooks with this certificate; at first with one the operator [manages itself](crate::certificate::SelfManaged).
    ///
    /// A `SelfManaged` with other options needs no targets: what names the operator's webhooks is told anyway.
    /// As a program, `--webhook-cert-path` has the last word.
    ///
    /// ```
    /// use krate::Operator;
    /// use krate::certificate::{Mounted, SelfManaged};
    /// use krate::webhook::SERVICE;
    ///
    /// // Where kubebuilder's manifests mount what cert-manager makes.
    /// let operator = Operator::new().webhook_certificate(Mounted::default());
    /// // In a cluster with a domain of its own.
    /// let operator = Operator::new().webhook_certificate(SelfManaged::new(SERVICE).domain("example.com"));
    /// # let _ = operator;
    /// ```
    #[must_use]
    pub fn webhook_certificate(mut self, certificate: impl Into<Certificates>) -> Self {
        self.webhook_serving.certificate = Some(certificate.into());
        self
    }

    /// Says what is put before the names of what is installed, as kustomize's `namePrefix` does; at first nothing.
    ///
    /// Under these names the operator finds its webhook configurations, answers as the Service and keeps the Secret of
    /// its certificate. Manifests do not have it in what kustomize renames, only where roles speak of names. As a
    /// program, `--name-prefix` has the last word.
    #[must_use]
    pub fn name_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.webhook_serving.prefix = prefix.into();
        self
    }

    /// Serves webhooks with this server, in place of the one the port and the certificate make.
    ///
    /// Its certificate is its own business, and so is who is told of it.
    #[must_use]
    pub fn webhook_server(mut self, server: Server) -> Self {
        self.webhook_server = Some(server);
        self
    }

    pub(crate) fn webhook_serving(&mut self) -> &mut Serving {
        &mut self.webhook_serving
    }

    /// Does something beside the controllers where the lease is: a sweep, a poll of a system outside the cluster.
    ///
    /// It starts when they do, anew in each term, and without an election once; the caches are there. It ends after
    /// [`Leading::ended`], or earlier if it has nothing more to do; with a lost lease it is dropped. If it fails, the
    /// operator stops. What every replica does is a [`part`](Self::part); what concerns one object belongs into a
    /// reconciler, which retries.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use krate::Operator;
    /// use krate::operator::Leading;
    /// use tokio::time::interval;
    ///
    /// async fn sweep(leading: Leading) -> krate::Result<()> {
    ///     let mut hourly = interval(Duration::from_secs(3600));
    ///     loop {
    ///         tokio::select! {
    ///             () = leading.ended() => return Ok(()),
    ///             _ = hourly.tick() => println!("a sweep with {:?}", leading.client().default_namespace()),
    ///         }
    ///     }
    /// }
    ///
    /// let operator = Operator::new().while_leading("the sweep", sweep);
    /// # let _ = operator;
    /// ```
    #[must_use]
    pub fn while_leading<F>(
        mut self,
        name: impl Into<String>,
        run: impl Fn(Leading) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<()>> + Send + 'static,
    {
        self.duties.push(Duty::new(name.into(), run));
        self
    }

    /// Adds a server, a task or the election.
    #[must_use]
    pub fn part(mut self, stage: Stage, part: Part) -> Self {
        self.parts.push((stage, part));
        self
    }

    /// Keeps the certificate of a server fresh: before any webhook is served, on every replica.
    ///
    /// What it may do for that becomes part of the roles in [`manifests`](Self::manifests).
    #[must_use]
    pub fn certificates(mut self, certificates: &Certificates) -> Self {
        self.permissions.extend(certificates.permissions());
        self.part(Stage::Webhooks, certificates.part())
    }

    /// Permits something to a part of the operator: it becomes part of the roles in [`manifests`](Self::manifests).
    #[must_use]
    pub fn permits(mut self, permissions: impl IntoIterator<Item = Permission>) -> Self {
        self.permissions.extend(permissions);
        self
    }

    /// Sets how long running reconciles have to finish when the operator stops; 30 seconds at first.
    #[must_use]
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// Holds an election, so that of several replicas one acts; `None` takes that back.
    ///
    /// Every replica keeps its caches warm. Controllers run where the lease is, and what they write is fenced: nothing
    /// of a former leader reaches the API server. As a program, `--leader-elect=false` turns it off.
    ///
    /// ```
    /// use krate::Operator;
    /// use krate::election::LeaderElection;
    ///
    /// let operator = Operator::new().leader_election(LeaderElection::new("shop.example.com"));
    /// # let _ = operator;
    /// ```
    #[must_use]
    pub fn leader_election(mut self, election: impl Into<Option<LeaderElection>>) -> Self {
        self.election = election.into();
        self
    }

    /// Returns the election the operator holds, if it holds one.
    #[must_use]
    pub fn election(&self) -> Option<&LeaderElection> {
        self.election.as_ref()
    }

    /// Sends at most `qps` requests a second in the long run, and `burst` at once, whoever sends them.
    ///
    /// There is no limit at first, as in controller-runtime: the API server's own fairness does it better. Requests
    /// wait for their turn; those of the election do not.
    #[must_use]
    pub fn limit(mut self, qps: f64, burst: u32) -> Self {
        self.limit = Some(Limit { qps, burst });
        self
    }

    /// Keeps `managedFields` of cached objects; they often take more memory than the rest of an object.
    #[must_use]
    pub fn keep_managed_fields(mut self) -> Self {
        self.keep_managed_fields = true;
        self
    }

    /// Keeps the cached objects of a kind decoded, where whole lists of it are hot: about twice the memory, and a list
    /// costs next to nothing.
    ///
    /// At first objects are kept as text, and decoded when they are read: microseconds each, some 40 ms for a list of
    /// ten thousand. [`Report::decoded`](crate::cache::Report::decoded), the metric
    /// `krate_cache_decoded_objects_total`, tells how often that is done; where it takes a twentieth of a core, the log
    /// says so, too. Projections and structs of a few fields stay decoded anyhow.
    ///
    /// ```
    /// use krate::k8s_openapi::api::core::v1::Pod;
    /// use krate::{Kind, Operator};
    ///
    /// let operator = Operator::new().keep_decoded(Kind::of::<Pod>());
    /// # let _ = operator;
    /// ```
    #[must_use]
    pub fn keep_decoded(mut self, kind: Kind) -> Self {
        self.decoded.insert(kind);
        self
    }

    /// Registers metrics of the program's own; they are shown beside krate's.
    ///
    /// ```
    /// use krate::Operator;
    /// use krate::metrics::prometheus_client::metrics::counter::Counter;
    ///
    /// let scaled: Counter = Counter::default();
    /// let shown = scaled.clone();
    /// let operator = Operator::new()
    ///     .metrics(|registry| registry.register("memcached_scaled", "How often a size was changed", shown));
    /// # let _ = operator;
    /// ```
    #[must_use]
    pub fn metrics(self, register: impl FnOnce(&mut Registry)) -> Self {
        self.sight.metrics.register(register);
        self
    }

    /// Adds a check of whether others may rely on this replica, a line of `/readyz`.
    ///
    /// ```
    /// use krate::{Error, Operator};
    ///
    /// let operator = Operator::new().check("license", || async {
    ///     std::env::var("LICENSE").map(drop).map_err(Error::from)
    /// });
    /// # let _ = operator;
    /// ```
    #[must_use]
    pub fn check<F>(self, name: impl Into<String>, check: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<()>> + Send + 'static,
    {
        self.sight.checks.ready(name, check);
        self
    }

    /// Adds a check of whether this process can go on at all, a line of `/healthz`.
    ///
    /// Where it fails for long, the kubelet starts the process anew; see [`Checks::live`](crate::health::Checks::live).
    #[must_use]
    pub fn live_check<F>(self, name: impl Into<String>, check: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<()>> + Send + 'static,
    {
        self.sight.checks.live(name, check);
        self
    }

    /// Serves `/metrics`, to anyone or to those whom the API server lets.
    #[must_use]
    pub fn serve_metrics(mut self, server: Server, access: Access) -> Self {
        self.doors.metrics = Some((server, access));
        self
    }

    /// Serves `/healthz` and `/readyz`.
    #[must_use]
    pub fn serve_health(mut self, server: Server) -> Self {
        self.doors.health = Some(server);
        self
    }

    /// Serves `/debug`; keep it to a loopback address, it shows names of objects and texts of errors.
    ///
    /// Each controller then remembers the last run of up to a thousand objects that succeeded, and as many that
    /// failed.
    #[must_use]
    pub fn serve_debug(mut self, server: Server) -> Self {
        self.sight.remembered = REMEMBERED;
        self.doors.debug = Some(server);
        self
    }
}

impl Default for Operator {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let controllers: Vec<String> = self
            .controllers
            .iter()
            .map(|controller| controller.name())
            .collect();
        f.debug_struct("Operator")
            .field("namespaces", &self.namespaces)
            .field("controllers", &controllers)
            .field("webhooks", &self.webhooks)
            .field("parts", &self.parts)
            .finish_non_exhaustive()
    }
}
