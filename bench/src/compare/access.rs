//! How contestants get to the server: by a kubeconfig, or as the service account of a pod.

use std::path::{Path, PathBuf};
use std::process::Command;

use http::{Method, Uri};
use k8s_openapi::ByteString;
use kube::Client;
use kube::config::{KubeConfigOptions, Kubeconfig};
use serde_json::{Value, json};

use super::field::Who;
use super::load::send;
use crate::Result;

const ACCOUNTS: &str = "/api/v1/namespaces/default/serviceaccounts";
const BINDINGS: &str = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings";
const NAME: &str = "bench";
/// Longer than any comparison.
const SECONDS: u32 = 24 * 3600;

/// The ways to the server.
pub(super) struct Access {
    kubeconfig: PathBuf,
    /// What kubelet would mount into a pod.
    account: PathBuf,
    server: Uri,
}

impl Access {
    /// Makes an account that may do everything, and returns a client of the administrator along with the ways.
    pub(super) async fn make(kubeconfig: &Path) -> Result<(Self, Client)> {
        let config = Kubeconfig::read_from(kubeconfig)?;
        let cluster = config.clusters.first().and_then(|named| named.cluster.clone());
        let cluster = cluster.ok_or("a kubeconfig without a cluster")?;
        let config = kube::Config::from_custom_kubeconfig(config, &KubeConfigOptions::default()).await?;
        let server = config.cluster_url.clone();
        let client = Client::try_from(config)?;

        let account = kubeconfig.with_extension("account");
        std::fs::create_dir_all(&account)?;
        let authorities = Value::from(cluster.certificate_authority_data);
        let ByteString(authorities) = serde_json::from_value(authorities)?;
        std::fs::write(account.join("ca.crt"), authorities)?;
        std::fs::write(account.join("namespace"), "default")?;
        std::fs::write(account.join("token"), token(&client).await?)?;
        let kubeconfig = kubeconfig.to_owned();
        let access = Self {
            kubeconfig,
            account,
            server,
        };
        Ok((access, client))
    }

    /// Tells a contestant where the server is. krate's is built as an image has it, so it knows no kubeconfig.
    pub(super) fn tell(&self, who: Who, command: &mut Command) {
        match who {
            Who::Krate => command
                .env_remove("KUBECONFIG")
                .env("KUBERNETES_SERVICE_HOST", self.server.host().unwrap_or_default())
                .env(
                    "KUBERNETES_SERVICE_PORT",
                    self.server.port_u16().unwrap_or(443).to_string(),
                )
                .env("KRATE_SERVICE_ACCOUNT", &self.account),
            _ => command
                .env("KUBECONFIG", &self.kubeconfig)
                .env_remove("KUBERNETES_SERVICE_HOST"),
        };
    }

    /// Removes the files.
    pub(super) fn remove(self) -> Result<()> {
        std::fs::remove_dir_all(self.account)?;
        Ok(std::fs::remove_file(self.kubeconfig)?)
    }
}

/// Returns a token of an account that may do everything.
async fn token(client: &Client) -> Result<String> {
    let account = json!({"metadata": {"name": NAME}});
    send(client, Method::POST, ACCOUNTS, "application/json", &account).await?;
    let binding = json!({
        "metadata": {"name": NAME},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
        "subjects": [{"kind": "ServiceAccount", "name": NAME, "namespace": "default"}],
    });
    send(client, Method::POST, BINDINGS, "application/json", &binding).await?;
    let asked = json!({"spec": {"expirationSeconds": SECONDS}});
    let path = format!("{ACCOUNTS}/{NAME}/token");
    let answer = send(client, Method::POST, &path, "application/json", &asked).await?;
    let token = answer["status"]["token"].as_str();
    Ok(token.ok_or("a token without a token")?.to_owned())
}
