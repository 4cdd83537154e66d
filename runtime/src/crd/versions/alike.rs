//! What has to be the same in all versions, since a definition says it once.

use std::collections::BTreeMap;

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;

use super::{Definition, MergeError};

type Pairs = Option<BTreeMap<String, String>>;

/// Refuses a definition that is of another kind than the first, or is named or scoped otherwise.
pub(super) fn alike(first: &Definition, other: &Definition) -> Result<(), MergeError> {
    let (a, b) = (facts(first.crd()), facts(other.crd()));
    let Some(((what, a), (_, b))) = a.into_iter().zip(b).find(|(a, b)| a != b) else {
        return Ok(());
    };
    Err(MergeError::new(format!(
        "{} of {} differ in {what}, `{a}` and `{b}`: write the same in the `#[kube(..)]` of both",
        pair(first, other),
        first.kind(),
    )))
}

/// Returns what is said once for all versions, under the name of its attribute.
fn facts(crd: &CustomResourceDefinition) -> [(&'static str, String); 7] {
    let names = &crd.spec.names;
    let list = |names: &Option<Vec<String>>| names.as_deref().unwrap_or_default().join("`, `");
    [
        ("group", crd.spec.group.clone()),
        ("kind", names.kind.clone()),
        ("plural", names.plural.clone()),
        ("singular", names.singular.clone().unwrap_or_default()),
        ("scope", crd.spec.scope.clone()),
        ("shortname", list(&names.short_names)),
        ("category", list(&names.categories)),
    ]
}

/// Adds annotations or labels to those of other versions; each may say its own, but not the opposite.
pub(super) fn add(
    what: &str,
    all: &mut Pairs,
    (first, other): (&Definition, &Definition),
    more: &Pairs,
) -> Result<(), MergeError> {
    for (key, value) in more.iter().flatten() {
        let known = all
            .get_or_insert_default()
            .entry(key.clone())
            .or_insert_with(|| value.clone());
        if known != value {
            return Err(MergeError::new(format!(
                "{} of {} differ in the {what} `{key}`, `{known}` and `{value}`: write it in the `#[kube(..)]` of one only",
                pair(first, other),
                first.kind(),
            )));
        }
    }
    Ok(())
}

fn pair(first: &Definition, other: &Definition) -> String {
    let called = |definition: &Definition| {
        let version = definition.versions().next();
        version.map_or_else(
            || format!("`{}`", definition.type_name()),
            |version| version.called(),
        )
    };
    format!("versions {} and {}", called(first), called(other))
}
