//! A cluster to test against, whichever way it is run.

use std::fmt;

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use krate::crd::CustomResource;
use krate::operator::Operator;
use krate::reconcile::Reconciler;
use kube::Client;

use crate::real::ControlPlane;
use crate::{Error, Result, Running, account, install};

/// The variable that names a folder with `etcd` and `kube-apiserver`; the one Go's envtest uses.
const ASSETS: &str = "KUBEBUILDER_ASSETS";

/// A cluster of a test's own; it ends when this is dropped.
pub struct Cluster {
    client: Client,
    arm: Arm,
}

#[derive(Debug)]
enum Arm {
    Real(ControlPlane),
}

impl Cluster {
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
        let plane = ControlPlane::start(assets.as_ref()).await?;
        let client = plane.client(None)?;
        let arm = Arm::Real(plane);
        Ok(Some(Self { client, arm }))
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
        match &self.arm {
            Arm::Real(plane) => plane.client(Some(token)),
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

    /// Creates a service account that may do what a reconciler declares and nothing else, and returns a client
    /// that acts as it.
    ///
    /// # Errors
    ///
    /// Fails when the API server refuses.
    pub async fn client_of<R: Reconciler>(&self, namespace: &str, name: &str) -> Result<Client> {
        let token = account::create(&self.client, namespace, name, &R::permissions()).await?;
        self.client_with_token(&token)
    }

    /// Runs an operator in the background.
    ///
    /// Give it the client it shall act with first, for example that of [`client_of`](Self::client_of).
    #[must_use]
    pub fn run(&self, operator: Operator) -> Running {
        Running::start(operator)
    }
}

impl fmt::Debug for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cluster")
            .field("arm", &self.arm)
            .finish_non_exhaustive()
    }
}
