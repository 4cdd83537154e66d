//! Several definitions with a version each become one with several.

use std::cmp::Reverse;

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    CustomResourceConversion, CustomResourceDefinition,
};
use kube::core::Version as Priority;

use super::alike::{add, alike};
use super::definition::Version;
use super::room::check_room;
use super::{Definition, MergeError};

/// How objects get from one version to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conversion {
    /// The API server changes `apiVersion` and nothing else, so all versions have to have the same fields.
    None,
    /// A webhook is asked; which one, is for the caller to write down.
    ByWebhook,
}

/// Returns one definition with the versions of all, the
/// [most preferred](https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/#version-priority)
/// first.
///
/// An operator does this by itself for the kinds of its controllers, of its conversions, and of
/// [`Operator::definition`](crate::Operator::definition). Call it where there is no operator:
///
/// ```
/// use krate::crd::{Conversion, Definition, merge};
/// use krate::prelude::*;
///
/// mod v1 {
///     # use krate::prelude::*;
///     #[derive(CustomResource, Serialize, Deserialize, JsonSchema, Clone, Debug)]
///     #[kube(group = "example.com", version = "v1", kind = "Zoo", namespaced)]
///     pub struct ZooSpec {
///         pub animals: i32,
///     }
/// }
///
/// mod v1beta1 {
///     # use krate::prelude::*;
///     #[derive(CustomResource, Serialize, Deserialize, JsonSchema, Clone, Debug)]
///     #[kube(group = "example.com", version = "v1beta1", kind = "Zoo", namespaced, storage = false)]
///     pub struct ZooSpec {
///         pub animals: i32,
///     }
/// }
///
/// let versions = [Definition::of::<v1beta1::Zoo>()?, Definition::of::<v1::Zoo>()?];
/// let crd = merge(&versions, Conversion::None)?;
/// assert_eq!(crd.spec.versions.len(), 2);
/// # Ok::<(), krate::Error>(())
/// ```
///
/// # Errors
///
/// If names or scope differ, a version comes from two types, not exactly one version is stored, none is served, or
/// nothing converts versions whose fields differ. The error names the types.
pub fn merge(
    definitions: &[Definition],
    conversion: Conversion,
) -> Result<CustomResourceDefinition, MergeError> {
    let Some((first, others)) = definitions.split_first() else {
        return Err(MergeError::new("there is no definition to merge"));
    };
    let mut merged = first.crd().clone();
    for other in others {
        alike(first, other)?;
        let (metadata, more) = (&mut merged.metadata, &other.crd().metadata);
        let both = (first, other);
        add("annotation", &mut metadata.annotations, both, &more.annotations)?;
        add("label", &mut metadata.labels, both, &more.labels)?;
    }
    let versions = distinct(definitions)?;
    check_stored(first.kind(), &versions)?;
    check_served(first.kind(), &versions)?;
    // A definition made elsewhere may bring all its versions, and what converts them.
    if versions.len() > first.crd().spec.versions.len() && conversion == Conversion::None {
        check_room(first.kind(), &versions)?;
        merged.spec.conversion = Some(CustomResourceConversion {
            strategy: "None".to_owned(),
            webhook: None,
        });
    }
    merged.spec.versions = versions.iter().map(|version| version.version.clone()).collect();
    Ok(merged)
}

/// Returns each version once, the most preferred first: two controllers may be for the same one.
fn distinct(definitions: &[Definition]) -> Result<Vec<Version<'_>>, MergeError> {
    let mut versions: Vec<Version<'_>> = Vec::new();
    for version in definitions.iter().flat_map(Definition::versions) {
        let name = &version.version.name;
        match versions.iter().find(|other| other.version.name == *name) {
            None => versions.push(version),
            Some(other) if other.version == version.version => {}
            Some(other) => {
                return Err(MergeError::new(format!(
                    "version {name} of {} comes from two types, `{}` and `{}`: remove one, or give it another `version` in `#[kube(..)]`",
                    version.definition.kind(),
                    other.definition.type_name(),
                    version.definition.type_name(),
                )));
            }
        }
    }
    versions.sort_by_key(|version| Reverse(Priority::parse(&version.version.name).priority()));
    Ok(versions)
}

fn check_stored(kind: &str, versions: &[Version<'_>]) -> Result<(), MergeError> {
    let called = |stored: bool| -> Vec<String> {
        let picked = versions
            .iter()
            .filter(|version| version.version.storage == stored);
        picked.map(Version::called).collect()
    };
    match called(true).as_slice() {
        [_] => Ok(()),
        [] => Err(MergeError::new(format!(
            "no version of {kind} is stored: remove `storage = false` from the `#[kube(..)]` of {}",
            listed(&called(false), "or")
        ))),
        all => {
            let how = if all.len() == 2 { "both" } else { "all" };
            let all = listed(all, "and");
            Err(MergeError::new(format!(
                "versions {all} of {kind} are {how} stored: add `storage = false` to the `#[kube(..)]` of all but one"
            )))
        }
    }
}

fn check_served(kind: &str, versions: &[Version<'_>]) -> Result<(), MergeError> {
    if versions.iter().any(|version| version.version.served) {
        return Ok(());
    }
    let all: Vec<String> = versions.iter().map(Version::called).collect();
    Err(MergeError::new(format!(
        "no version of {kind} is served: remove `served = false` from the `#[kube(..)]` of {}",
        listed(&all, "or")
    )))
}

/// Returns `a, b and c`.
fn listed(items: &[String], word: &str) -> String {
    match items {
        [items @ .., last] if !items.is_empty() => format!("{} {word} {last}", items.join(", ")),
        items => items.concat(),
    }
}
