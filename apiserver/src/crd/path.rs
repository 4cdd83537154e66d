//! Paths in error texts: what is the same in all versions is named once.

use serde_json::Value;

use super::rules::versions;

/// Returns the path of a part of version `index`: hoisted to the spec if all versions agree on it.
pub(super) fn of(crd: &Value, index: usize, part: &str, hoisted: &str) -> String {
    if is_hoisted(crd, part) {
        format!("spec.{hoisted}")
    } else {
        format!("spec.versions[{index}].{part}")
    }
}

/// Returns whether all versions agree on a part, so that it is checked once.
pub(super) fn is_hoisted(crd: &Value, part: &str) -> bool {
    let versions = versions(crd);
    versions.windows(2).all(|pair| pair[0][part] == pair[1][part])
}

/// Returns the versions whose part is to be checked, with their index.
pub(super) fn distinct<'v>(crd: &'v Value, part: &str) -> impl Iterator<Item = (usize, &'v Value)> {
    let count = if is_hoisted(crd, part) { 1 } else { usize::MAX };
    versions(crd).iter().enumerate().take(count)
}
