//! A real control plane: etcd and kube-apiserver as child processes on the loopback device.
//!
//! Everything they write is in a temporary folder; they are killed, and the folder is removed, with the
//! [`ControlPlane`].

mod child;
mod flags;

use std::fs;
use std::path::Path;
use std::time::Duration;

use k8s_openapi::ByteString;
use krate::Environment;
use kube::{Client, Config};
use rcgen::{Certificate, CertificateParams, KeyPair};
use serde_json::json;
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

use crate::{Error, Result};
use child::Child;
use flags::Ports;

/// Where everything listens.
const HOST: &str = "127.0.0.1";
const START_LIMIT: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(100);

/// The running processes.
#[derive(Debug)]
pub(crate) struct ControlPlane {
    // Dropped in this order: the API server before its database, the folder last.
    api_server: Child,
    _etcd: Child,
    folder: TempDir,
    ports: Ports,
    token: String,
    /// What the API server shows; it is its own authority.
    certificate: Certificate,
}

impl ControlPlane {
    /// Starts the binaries found in a folder, and returns once they answer.
    pub(crate) async fn start(assets: &Path) -> Result<Self> {
        let folder = tempfile::tempdir().map_err(Error::in_the_act("make a temporary folder"))?;
        let ports = Ports::pick()?;
        let token = Environment::system().uid();
        write_secrets(folder.path(), &token)?;
        let certificate = write_certificate(folder.path())?;
        let etcd = Child::start(assets, "etcd", &flags::etcd(&ports, folder.path()), folder.path())?;
        let flags = flags::api_server(&ports, folder.path());
        let api_server = Child::start(assets, "kube-apiserver", &flags, folder.path())?;
        let mut plane = Self {
            api_server,
            _etcd: etcd,
            folder,
            ports,
            token,
            certificate,
        };
        plane.ready().await?;
        Ok(plane)
    }

    /// Returns a client that acts as the holder of the token, or as an administrator, in a namespace unless it says
    /// another.
    pub(crate) fn client(&self, token: Option<&str>, namespace: &str) -> Result<Client> {
        let act = "configure a client";
        let mut config = Config::new(self.url().parse().map_err(Error::in_the_act(act))?);
        namespace.clone_into(&mut config.default_namespace);
        config.root_cert = Some(vec![self.certificate.der().to_vec()]);
        config.auth_info.token = Some(token.unwrap_or(&self.token).to_owned().into());
        Client::try_from(config).map_err(Error::in_the_act(act))
    }

    /// Returns the kubeconfig of an administrator.
    pub(crate) fn kubeconfig(&self) -> String {
        let (url, token) = (self.url(), &self.token);
        let authority = json!(ByteString(self.certificate.pem().into_bytes()));
        let cluster = json!({"server": url, "certificate-authority-data": authority});
        format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: real\n\
             clusters: [{{name: real, cluster: {cluster}}}]\n\
             users: [{{name: admin, user: {{token: '{token}'}}}}]\n\
             contexts: [{{name: real, context: {{cluster: real, user: admin}}}}]\n"
        )
    }

    fn url(&self) -> String {
        format!("https://{HOST}:{}", self.ports.api_server)
    }

    async fn ready(&mut self) -> Result<()> {
        let client = self.client(None, "default")?;
        let folder = self.folder.path().to_owned();
        let waiting = async {
            loop {
                if let Some(status) = self.api_server.ended()? {
                    return Err(Error::new(format!("kube-apiserver ended with {status}")));
                }
                let request = http::Request::get("/readyz").body(Vec::new());
                let request = request.map_err(Error::in_the_act("ask for readiness"))?;
                if client.request_text(request).await.is_ok() {
                    return Ok(());
                }
                sleep(POLL).await;
            }
        };
        let ready = timeout(START_LIMIT, waiting).await;
        let late = || {
            Err(Error::new(format!(
                "kube-apiserver is not ready after {START_LIMIT:?}"
            )))
        };
        ready
            .unwrap_or_else(|_| late())
            .map_err(|error| Error::new(format!("{error}\n{}", child::log_end(&folder, "kube-apiserver"))))
    }
}

/// Writes the key that signs service account tokens, and the administrator's token.
fn write_secrets(folder: &Path, token: &str) -> Result<()> {
    let key = KeyPair::generate().map_err(Error::in_the_act("make a key"))?;
    write(&folder.join(flags::KEY), &key.serialize_pem())?;
    write(&folder.join(flags::PUBLIC_KEY), &key.public_key_pem())?;
    let line = format!("{token},admin,admin,\"system:masters\"\n");
    write(&folder.join(flags::TOKENS), &line)
}

/// Writes what the API server shows to its clients.
fn write_certificate(folder: &Path) -> Result<Certificate> {
    let act = "make a certificate";
    let key = KeyPair::generate().map_err(Error::in_the_act(act))?;
    let params = CertificateParams::new([HOST.to_owned()]).map_err(Error::in_the_act(act))?;
    let certificate = params.self_signed(&key).map_err(Error::in_the_act(act))?;
    write(&folder.join(flags::CERTIFICATE), &certificate.pem())?;
    write(&folder.join(flags::CERTIFICATE_KEY), &key.serialize_pem())?;
    Ok(certificate)
}

fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).map_err(Error::in_the_act(format!("write `{}`", path.display())))
}
