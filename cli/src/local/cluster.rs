//! The embedded cluster: started, served over TLS, and reachable through kubeconfig files.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use krate_apiserver::kubeconfig::{Credential, kubeconfig};
use krate_apiserver::listen::Endpoint;
use krate_apiserver::{Controllers, Server};

use crate::error::{Error, Result};
use crate::local::Api;

/// A running cluster. Dropping it ends it.
pub(crate) struct Cluster {
    server: Server,
    endpoint: Endpoint,
    folder: PathBuf,
}

impl Cluster {
    /// Starts a cluster on `port` (0: any) of the loopback and writes the admin's kubeconfig into `folder`.
    ///
    /// # Errors
    ///
    /// If the port is taken or the file cannot be written.
    pub(crate) async fn start(folder: &Path, port: u16) -> Result<Self> {
        let server = Server::builder().controllers(Controllers::all()).build();
        let server =
            server.map_err(|error| Error::machine("failed to start a cluster").because(error.message))?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let endpoint = server.listen(address).await.map_err(|error| {
            let help = "choose another port with `--port`, or none for any that is free";
            Error::machine(format!("failed to listen on {address}"))
                .because(error)
                .help(help)
        })?;
        let failed = |error| Error::machine("failed to make a certificate").because(error);
        let admin = server.admin_kubeconfig(&endpoint, "krate").map_err(failed)?;
        let cluster = Self {
            server,
            endpoint,
            folder: folder.to_owned(),
        };
        cluster.write("admin", &admin)?;
        Ok(cluster)
    }

    /// The API, as the cluster's admin.
    pub(crate) fn api(&self) -> Api {
        Api::new(&self.server)
    }

    /// The URL it serves.
    pub(crate) fn url(&self) -> &str {
        &self.endpoint.url
    }

    /// The admin's kubeconfig.
    pub(crate) fn kubeconfig(&self) -> PathBuf {
        self.folder.join("admin.kubeconfig")
    }

    /// Writes a kubeconfig for the bearer of `token` and returns its path.
    pub(crate) fn kubeconfig_for(&self, name: &str, token: &str) -> Result<PathBuf> {
        self.write(name, &kubeconfig(&self.endpoint, name, &Credential::Token(token)))
    }

    fn write(&self, name: &str, kubeconfig: &str) -> Result<PathBuf> {
        let path = self.folder.join(format!("{name}.kubeconfig"));
        let failed = |error| Error::machine(format!("failed to write `{}`", path.display())).because(error);
        fs_err::create_dir_all(&self.folder).map_err(failed)?;
        fs_err::write(&path, kubeconfig).map_err(failed)?;
        Ok(path)
    }

    /// Ends it: requests in flight first, then the rest.
    pub(crate) async fn stop(self) {
        self.endpoint.shutdown().await;
        self.server.shutdown().await;
    }
}
