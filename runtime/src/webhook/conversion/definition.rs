//! The definition of a kind with several versions.

use std::cmp::Reverse;

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::core::Version;

use crate::error::{Error, Result};

/// Refuses versions that cannot be in one definition.
pub(super) fn versions_fit(
    hub: &CustomResourceDefinition,
    spokes: &[CustomResourceDefinition],
) -> Result<()> {
    let kind = &hub.spec.names.kind;
    let name = |crd: &CustomResourceDefinition| -> String {
        crd.spec
            .versions
            .first()
            .map(|version| version.name.clone())
            .unwrap_or_default()
    };
    let stored = |crd: &CustomResourceDefinition| crd.spec.versions.iter().any(|version| version.storage);
    if !stored(hub) {
        return Err(Error::new(format!(
            "version {} of {kind} is the hub but is not stored: remove `storage = false` from its `#[kube(..)]`",
            name(hub)
        )));
    }
    let mut seen = vec![name(hub)];
    for spoke in spokes {
        let version = name(spoke);
        if (&spoke.spec.group, &spoke.spec.names, &spoke.spec.scope)
            != (&hub.spec.group, &hub.spec.names, &hub.spec.scope)
        {
            return Err(Error::new(format!(
                "versions {} and {version} of {kind} are not of one kind: group, names and scope have to be the same in `#[kube(..)]`",
                name(hub)
            )));
        }
        if stored(spoke) {
            return Err(Error::new(format!(
                "versions {} and {version} of {kind} are both stored: add `storage = false` to the `#[kube(..)]` of the spoke",
                name(hub)
            )));
        }
        if seen.contains(&version) {
            return Err(Error::new(format!(
                "version {version} of {kind} is added twice: remove one"
            )));
        }
        seen.push(version);
    }
    Ok(())
}

/// Returns the definition of the hub with the versions of the spokes, the most preferred first.
pub(super) fn merged(
    mut hub: CustomResourceDefinition,
    spokes: Vec<CustomResourceDefinition>,
) -> CustomResourceDefinition {
    let versions = &mut hub.spec.versions;
    versions.extend(spokes.into_iter().flat_map(|spoke| spoke.spec.versions));
    versions.sort_by_key(|version| Reverse(Version::parse(&version.name).priority()));
    hub
}
