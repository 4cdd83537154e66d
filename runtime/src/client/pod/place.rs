//! Where a pod finds its API server and what it shows to it.

use std::ffi::OsString;
use std::net::Ipv6Addr;
use std::path::{Path, PathBuf};

use crate::{Error, Result};

/// The address of the API server, as kubelet tells every container.
const HOST: &str = "KUBERNETES_SERVICE_HOST";
const PORT: &str = "KUBERNETES_SERVICE_PORT";
/// A folder to read in place of kubelet's.
const FOLDER: &str = "KRATE_SERVICE_ACCOUNT";
/// Where kubelet mounts the service account of a pod.
const MOUNTED: &str = "/var/run/secrets/kubernetes.io/serviceaccount";
/// The namespace of requests that name none, should the account not say its own.
const NAMESPACE: &str = "default";

/// An API server, and the folder of the service account that talks to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::client) struct Place {
    host: String,
    port: u16,
    folder: PathBuf,
}

impl Place {
    /// Returns the place of this pod by its environment, `None` if this is not a pod.
    ///
    /// # Errors
    ///
    /// If the port is not one.
    pub(in crate::client) fn of_pod(variable: impl Fn(&str) -> Option<OsString>) -> Result<Option<Self>> {
        let text = |name| variable(name).and_then(|value| value.into_string().ok());
        let (Some(host), Some(port)) = (text(HOST), text(PORT)) else {
            return Ok(None);
        };
        if host.is_empty() {
            return Ok(None);
        }
        let port = port
            .parse()
            .map_err(|_| Error::new(format!("`{PORT}` is `{port}`, which is not a port")))?;
        let folder = variable(FOLDER).map_or_else(|| MOUNTED.into(), PathBuf::from);
        Ok(Some(Self { host, port, folder }))
    }

    /// Returns whether the pod has a service account: one that opted out has no folder.
    pub(in crate::client) fn has_account(&self) -> bool {
        self.token().exists()
    }

    /// Returns the server's name or address, as a certificate has it.
    pub(super) fn host(&self) -> &str {
        &self.host
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// Returns host and port as a URI has them.
    pub(super) fn authority(&self) -> String {
        let (host, port) = (&self.host, self.port);
        match host.parse::<Ipv6Addr>() {
            Ok(_) => format!("[{host}]:{port}"),
            Err(_) => format!("{host}:{port}"),
        }
    }

    /// Returns the file of the token.
    pub(super) fn token(&self) -> PathBuf {
        self.folder.join("token")
    }

    /// Returns the file of the authorities that may sign the server's certificate.
    pub(super) fn authorities(&self) -> PathBuf {
        self.folder.join("ca.crt")
    }

    /// Returns the namespace of the pod.
    pub(super) fn namespace(&self) -> String {
        let namespace = std::fs::read_to_string(self.folder.join("namespace"));
        let namespace = namespace.unwrap_or_default();
        match namespace.trim() {
            "" => NAMESPACE.to_owned(),
            namespace => namespace.to_owned(),
        }
    }
}

/// Reads a file of the account; the error says what to look at.
pub(super) fn read(file: &Path) -> Result<String> {
    std::fs::read_to_string(file).map_err(|error| {
        Error::from(error).context(format!(
            "read `{}`, which a pod has unless it or its service account sets `automountServiceAccountToken: false`",
            file.display()
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(variables: &[(&str, &str)]) -> Result<Option<Place>> {
        let value = |name: &str| variables.iter().find(|(known, _)| *known == name);
        Place::of_pod(|name| value(name).map(|(_, value)| value.into()))
    }

    #[test]
    fn a_place_follows_from_the_environment() {
        let check = |host: &str, port: &str, authority: &str| {
            let found = place(&[(HOST, host), (PORT, port)]).unwrap().unwrap();
            assert_eq!(found.authority(), authority);
            assert_eq!(found.token(), Path::new(MOUNTED).join("token"));
        };
        check("10.0.0.1", "443", "10.0.0.1:443");
        check("fd00::1", "6443", "[fd00::1]:6443");
        check("kubernetes.default.svc", "443", "kubernetes.default.svc:443");
    }

    #[test]
    fn outside_of_a_pod_there_is_none() {
        let check = |variables: &[(&str, &str)]| assert_eq!(place(variables).unwrap(), None);
        check(&[]);
        check(&[(HOST, "10.0.0.1")]);
        check(&[(PORT, "443")]);
        check(&[(HOST, ""), (PORT, "443")]);
    }

    #[test]
    fn a_folder_may_be_named() {
        let variables = [(HOST, "a"), (PORT, "1"), (FOLDER, "/account")];
        let found = place(&variables).unwrap().unwrap();
        assert_eq!(found.authorities(), Path::new("/account/ca.crt"));
    }

    #[test]
    fn a_port_that_is_none_is_told() {
        let error = place(&[(HOST, "a"), (PORT, "tcp://10.0.0.1:443")]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`KUBERNETES_SERVICE_PORT` is `tcp://10.0.0.1:443`, which is not a port"
        );
    }
}
