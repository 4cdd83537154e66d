//! A cluster to test against, whichever way it is run.

use std::fmt;
use std::path::Path;

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use krate::crd::CustomResource;
use krate::operator::Operator;
use krate_apiserver::{Builder, Server};
use kube::Client;

use crate::embedded::Embedded;
use crate::hooks::Hooks;
use crate::real::ControlPlane;
use crate::{Error, Result, Running, account, install};

/// The variable that names a folder with `etcd` and `kube-apiserver`; the one Go's envtest uses.
const ASSETS: &str = "KUBEBUILDER_ASSETS";

/// Where the operator's service account lives.
const OPERATOR_NAMESPACE: &str = "krate-system";

/// The namespace of a client that is not an operator's.
const DEFAULT_NAMESPACE: &str = "default";

/// A cluster of a test's own; it ends when this is dropped.
pub struct Cluster {
    client: Client,
    arm: Arm,
}

#[derive(Debug)]
enum Arm {
    Embedded(Embedded),
    Real(ControlPlane),
}

impl Cluster {
    /// Starts a real cluster if `KUBEBUILDER_ASSETS` is set, and an embedded one otherwise.
    ///
    /// # Errors
    ///
    /// Fails as [`embedded`](Self::embedded) and [`real`](Self::real) do.
    pub async fn start() -> Result<Self> {
        match std::env::var_os(ASSETS) {
            Some(assets) => Self::real_in(assets.as_ref()).await,
            None => Self::embedded(),
        }
    }

    /// Starts the embedded API server, in this process and without a socket.
    ///
    /// # Errors
    ///
    /// Fails when the machine yields no entropy for keys.
    pub fn embedded() -> Result<Self> {
        Self::embedded_with(Server::builder())
    }

    /// Starts an embedded API server with options: controllers, or a clock and chance of the test's own.
    ///
    /// # Errors
    ///
    /// Fails as [`embedded`](Self::embedded) does.
    pub fn embedded_with(builder: Builder) -> Result<Self> {
        let embedded = Embedded::start(builder)?;
        let client = embedded.client(None, DEFAULT_NAMESPACE)?;
        let arm = Arm::Embedded(embedded);
        Ok(Self { client, arm })
    }

    /// Starts a real kube-apiserver if `KUBEBUILDER_ASSETS` names a folder with its binaries.
    ///
    /// Without it there is nothing to start: that is said in one line on stderr, and the test should pass.
    ///
    /// # Errors
    ///
    /// Fails when a binary is missing, does not start, or does not become ready; the error has the end of its log.
    pub async fn real() -> Result<Option<Self>> {
        let Some(assets) = std::env::var_os(ASSETS) else {
            eprintln!("note: {ASSETS} is not set, so this test does not run against a real kube-apiserver");
            return Ok(None);
        };
        Self::real_in(assets.as_ref()).await.map(Some)
    }

    async fn real_in(assets: &Path) -> Result<Self> {
        let plane = ControlPlane::start(assets).await?;
        let client = plane.client(None, DEFAULT_NAMESPACE)?;
        let arm = Arm::Real(plane);
        Ok(Self { client, arm })
    }

    /// Returns a client that may do everything.
    #[must_use]
    pub fn client(&self) -> Client {
        self.client.clone()
    }

    /// Returns a client that acts as the holder of a token.
    ///
    /// # Errors
    ///
    /// Fails when no connection can be configured.
    pub fn client_with_token(&self, token: &str) -> Result<Client> {
        self.client_of(token, DEFAULT_NAMESPACE)
    }

    fn client_of(&self, token: &str, namespace: &str) -> Result<Client> {
        match &self.arm {
            Arm::Embedded(embedded) => embedded.client(Some(token), namespace),
            Arm::Real(plane) => plane.client(Some(token), namespace),
        }
    }

    /// Returns a kubeconfig of an administrator for other processes, `None` if the server has no socket.
    #[must_use]
    pub fn kubeconfig(&self) -> Option<String> {
        match &self.arm {
            Arm::Embedded(_) => None,
            Arm::Real(plane) => Some(plane.kubeconfig()),
        }
    }

    /// Creates a namespace, unless it is there.
    ///
    /// # Errors
    ///
    /// Fails when the API server refuses.
    pub async fn namespace(&self, name: &str) -> Result<()> {
        install::namespace(&self.client, name).await
    }

    /// Installs the definition of a kind and waits until it is served.
    ///
    /// # Errors
    ///
    /// Fails when the kind has no structural schema, or the API server refuses the definition.
    pub async fn install<K: CustomResource>(&self) -> Result<()> {
        let act = format!("describe the kind `{}`", K::DECLARATION.kind);
        let crd = K::try_crd().map_err(Error::in_the_act(act))?;
        self.install_definition(&crd).await
    }

    /// Installs a definition and waits until it is served.
    ///
    /// # Errors
    ///
    /// Fails when the API server refuses it.
    pub async fn install_definition(&self, crd: &CustomResourceDefinition) -> Result<()> {
        install::definition(&self.client, crd).await
    }

    /// Runs an operator in the background, as it would run once installed: its definitions and roles are applied
    /// first, and it acts as a service account that may do what its manifests say and nothing else.
    ///
    /// If it holds an election and does not say in which namespace, the lease is in `krate-system`.
    ///
    /// Its webhooks are served on this machine, and installed with that address before this returns. They stay
    /// installed when the operator stops, so that writes of such objects fail until it runs again, as they would.
    ///
    /// # Errors
    ///
    /// Fails when the operator has no manifests, or the API server refuses them.
    pub async fn run(&self, operator: Operator) -> Result<Running> {
        let manifests = operator
            .manifests()
            .map_err(Error::in_the_act("write manifests"))?;
        let client = self.install_operator(&operator, "operator").await?;
        let election = operator.election().cloned();
        let election = election.map(|election| match election.chosen_namespace() {
            Some(_) => election,
            None => election.namespace(OPERATOR_NAMESPACE),
        });
        let operator = operator.client(client).leader_election(election);
        let hooks = Hooks::of(&manifests);
        if hooks.is_empty() {
            return Ok(Running::start(operator));
        }
        let (operator, installed) = hooks.serve(operator, self.client())?;
        let running = Running::start(operator);
        match installed.await {
            Ok(installed) => installed.map(|()| running),
            // It ended before its webhooks were up, and says why.
            Err(_) => Err(running
                .stop()
                .await
                .err()
                .unwrap_or_else(|| Error::new("the operator ended at once"))),
        }
    }

    /// Installs what an operator needs under the name of a service account, and returns a client that acts as it, and
    /// whose namespace is that of the account, `krate-system`, as in a pod.
    ///
    /// Use it where [`run`](Self::run) does too much: two operators in a cluster, or none running. Webhooks are not
    /// installed, as there is nobody to answer.
    ///
    /// # Errors
    ///
    /// Fails as [`run`](Self::run) does.
    pub async fn install_operator(&self, operator: &Operator, account: &str) -> Result<Client> {
        let manifests = operator
            .manifests()
            .map_err(Error::in_the_act("write manifests"))?;
        for crd in manifests.crds() {
            let mut crd = crd.clone();
            if let Some(spec) = crd["spec"].as_object_mut() {
                spec.remove("conversion");
            }
            let crd = serde_json::from_value(crd);
            let crd = crd.map_err(Error::in_the_act("read a definition"))?;
            self.install_definition(&crd).await?;
        }
        self.namespace(OPERATOR_NAMESPACE).await?;
        let mut roles = manifests.roles().to_vec();
        if let Some(election) = operator.election() {
            let namespace = election.chosen_namespace().unwrap_or(OPERATOR_NAMESPACE);
            roles.push(account::lease_role(namespace));
        }
        for place in roles
            .iter()
            .filter_map(|role| role["metadata"]["namespace"].as_str())
            .filter(|place| *place != account::OWN_NAMESPACE)
        {
            self.namespace(place).await?;
        }
        let token = account::create(&self.client, OPERATOR_NAMESPACE, account, &roles).await?;
        self.client_of(&token, OPERATOR_NAMESPACE)
    }
}

impl fmt::Debug for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cluster")
            .field("arm", &self.arm)
            .finish_non_exhaustive()
    }
}
