//! Without the feature `kubeconfig` there is no cluster but that of the pod.

use kube::Client;

use crate::metrics::ClientMeter;
use crate::{Error, Result};

/// Whether this program reads kubeconfigs.
pub(super) const IS_READ: bool = false;

/// Says why there is no client, and what to do.
pub(super) async fn client(_: ClientMeter) -> Result<Client> {
    Err(Error::new(
        "this is not a pod, or `KUBECONFIG` asks for another cluster than that of the pod, and this program was built without krate's feature `kubeconfig`; help: run it in a pod, or build it with that feature, which is what `cargo run` does in a scaffolded project",
    ))
}
