//! A cluster by a kubeconfig: everything kube knows of them.

use kube::{Client, Config};

use super::measured_client;
use crate::metrics::ClientMeter;
use crate::{Error, Result};

/// Whether this program reads kubeconfigs.
pub(super) const IS_READ: bool = true;

/// Returns a client for the cluster of the kubeconfig.
pub(super) async fn client(meter: ClientMeter) -> Result<Client> {
    let config = Config::infer()
        .await
        .map_err(|error| Error::new(error.to_string()))?;
    let host = config
        .cluster_url
        .authority()
        .map(ToString::to_string)
        .unwrap_or_default();
    let client = Client::try_from(config)?;
    Ok(measured_client(client, meter, &host))
}
