//! Without the feature `kubeconfig` no YAML is read, so there are no older definitions.

use std::path::Path;

use crate::error::{Error, Result};
use crate::manifest::{Format, Manifests};
use crate::program::Exit;

/// Says why nothing is compared, and what to do.
pub(super) fn tell(_: &Manifests, from: &Path, _: Format) -> Result<Exit> {
    Err(Error::new(format!(
        "`{}` is not read: this program was built without krate's feature `kubeconfig`, which brings what reads YAML; help: build it with that feature, as `cargo run` does in a scaffolded project",
        from.display()
    )))
}
