//! The command lines of a control plane.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;

use crate::{Error, Result};

/// The file with the key that signs service account tokens.
pub(super) const KEY: &str = "service-accounts.pem";
/// The file with the key that checks them.
pub(super) const PUBLIC_KEY: &str = "service-accounts.pub.pem";
/// The file with the administrator's token.
pub(super) const TOKENS: &str = "tokens.csv";

/// The file with the certificate that kube-apiserver shows, which is its own authority.
pub(super) const CERTIFICATE: &str = "apiserver.crt";
/// The file with the key to it.
pub(super) const CERTIFICATE_KEY: &str = "apiserver.key";

/// Where the processes listen.
#[derive(Debug)]
pub(super) struct Ports {
    pub(super) etcd: u16,
    pub(super) etcd_peer: u16,
    pub(super) api_server: u16,
}

impl Ports {
    /// Returns ports that were free a moment ago.
    pub(super) fn pick() -> Result<Self> {
        let act = "find a free port";
        let listen = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(Error::in_the_act(act));
        // All are held before one is given back, so that they differ.
        let listeners = [listen()?, listen()?, listen()?];
        let port = |index: usize| {
            let address = listeners[index].local_addr();
            address
                .map(|address| address.port())
                .map_err(Error::in_the_act(act))
        };
        Ok(Self {
            etcd: port(0)?,
            etcd_peer: port(1)?,
            api_server: port(2)?,
        })
    }
}

/// Returns the flags of etcd.
pub(super) fn etcd(ports: &Ports, folder: &Path) -> Vec<String> {
    let client = format!("http://127.0.0.1:{}", ports.etcd);
    let peer = format!("http://127.0.0.1:{}", ports.etcd_peer);
    vec![
        format!("--data-dir={}", folder.join("etcd").display()),
        "--unsafe-no-fsync".to_owned(),
        format!("--listen-client-urls={client}"),
        format!("--advertise-client-urls={client}"),
        format!("--listen-peer-urls={peer}"),
        format!("--initial-advertise-peer-urls={peer}"),
        format!("--initial-cluster=default={peer}"),
    ]
}

/// Returns the flags of kube-apiserver.
pub(super) fn api_server(ports: &Ports, folder: &Path) -> Vec<String> {
    let file = |name: &str| folder.join(name).display().to_string();
    vec![
        format!("--etcd-servers=http://127.0.0.1:{}", ports.etcd),
        format!("--tls-cert-file={}", file(CERTIFICATE)),
        format!("--tls-private-key-file={}", file(CERTIFICATE_KEY)),
        format!("--secure-port={}", ports.api_server),
        "--bind-address=127.0.0.1".to_owned(),
        "--service-account-issuer=https://kubernetes.default.svc".to_owned(),
        format!("--service-account-key-file={}", file(PUBLIC_KEY)),
        format!("--service-account-signing-key-file={}", file(KEY)),
        "--authorization-mode=RBAC".to_owned(),
        format!("--token-auth-file={}", file(TOKENS)),
        "--service-cluster-ip-range=10.0.0.0/24".to_owned(),
        "--allow-privileged=true".to_owned(),
        // Pods may be created without the account a controller would make.
        "--disable-admission-plugins=ServiceAccount".to_owned(),
    ]
}
