//! The cluster the machine is configured for.

use kube::{Client, Config};

use super::measured;
use crate::metrics::ClientMeter;
use crate::{Error, Result};

/// Returns a client for the cluster of the kubeconfig, or of the pod this runs in.
pub(crate) async fn find(meter: ClientMeter) -> Result<Client> {
    let config = Config::infer()
        .await
        .map_err(|error| Error::new(error.to_string()).context("find a cluster"))?;
    let host = config
        .cluster_url
        .authority()
        .map(ToString::to_string)
        .unwrap_or_default();
    let client = Client::try_from(config).map_err(|error| Error::from(error).context("find a cluster"))?;
    Ok(measured(client, meter, &host))
}
