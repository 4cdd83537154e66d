//! Which cluster an operator works in if it is not told.

use std::ffi::OsString;

use kube::Client;

use super::kubeconfig;
use super::pod::{self, Place};
use crate::Result;
use crate::metrics::ClientMeter;

/// Names a kubeconfig. Whoever sets it means it, in a pod too.
const KUBECONFIG: &str = "KUBECONFIG";

/// Returns a client for the cluster that `KUBECONFIG` names, that of the pod this runs in, or that of the kubeconfig in
/// the home folder: the first there is, in the order of controller-runtime.
pub(crate) async fn find(meter: ClientMeter) -> Result<Client> {
    let found = match where_to(|name| std::env::var_os(name)) {
        Ok(Some(place)) => pod::connect(&place, meter),
        Ok(None) => kubeconfig::client(meter).await,
        Err(error) => Err(error),
    };
    found.map_err(|error| error.context("find a cluster"))
}

/// Returns the place of the pod this runs in, if that is where to go.
fn where_to(variable: impl Fn(&str) -> Option<OsString>) -> Result<Option<Place>> {
    if variable(KUBECONFIG).is_some_and(|file| !file.is_empty()) {
        return Ok(None);
    }
    let place = Place::of_pod(variable)?;
    // Who works in a pod without an account may have a kubeconfig there.
    Ok(place.filter(|place| place.has_account() || !kubeconfig::IS_READ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn goes_to_pod(variables: &[(&str, &str)]) -> bool {
        let value = |name: &str| variables.iter().find(|(known, _)| *known == name);
        let found = where_to(|name| value(name).map(|(_, value)| value.into()));
        found.unwrap().is_some()
    }

    #[test]
    fn a_pod_goes_to_its_own_cluster_unless_a_kubeconfig_is_named() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("token"), "a").unwrap();
        let account = ("KRATE_SERVICE_ACCOUNT", folder.path().to_str().unwrap());
        let (host, port) = (("KUBERNETES_SERVICE_HOST", "a"), ("KUBERNETES_SERVICE_PORT", "1"));
        assert!(goes_to_pod(&[host, port, account]));
        assert!(goes_to_pod(&[host, port, account, ("KUBECONFIG", "")]));
        assert!(!goes_to_pod(&[host, port, account, ("KUBECONFIG", "a")]));
        assert!(!goes_to_pod(&[account]));
        let nowhere = ("KRATE_SERVICE_ACCOUNT", "/nowhere");
        assert_eq!(goes_to_pod(&[host, port, nowhere]), !kubeconfig::IS_READ);
    }
}
