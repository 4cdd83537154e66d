//! What is wrong with the schemas of a CRD, in the stages of the real server.
//!
//! 1. [`root`]: what the root may not have, if the status is a subresource.
//! 2. [`structural`] and [`nested`]: of every field the schema says, outside any alternative, what type it is.
//! 3. [`super::defaulting`]: only for structural schemas.
//! 4. [`keywords`] and [`lists`]: each keyword by itself. Where nothing is wrong so far, the rules of the node are
//!    compiled, and what they cost is added up ([`expressions`]).
//!
//! What all versions agree on is checked once.

mod expressions;
mod keywords;
mod lists;
mod metadata;
mod nested;
mod root;
mod structural;

use serde_json::Value;

use self::keywords::Walk;
use super::rules::versions;
use super::{defaulting, path};
use crate::registry::strategy::Rules;

/// Checks the schemas of all versions; rules of schemas that were there before may cost more than a new one's.
pub(super) fn validate(rules: &mut Rules, crd: &Value, old: Option<&Value>) {
    for (index, version) in versions(crd).iter().enumerate() {
        if !version["schema"]["openAPIV3Schema"].is_object() {
            rules.required(format!("spec.versions[{index}].schema.openAPIV3Schema"), "");
        }
    }
    for (index, version) in path::distinct(crd, "schema") {
        let schema = &version["schema"]["openAPIV3Schema"];
        if schema.is_object() {
            let place = format!("{}.openAPIV3Schema", path::of(crd, index, "schema", "validation"));
            let unchanged = old.is_some_and(|old| is_unchanged(version, old));
            let status = has_status(crd, index);
            rules.extend(one(&place, schema, status, unchanged).into_errors());
        }
    }
}

fn is_unchanged(version: &Value, old: &Value) -> bool {
    let mut before = versions(old).iter();
    before.any(|before| before["name"] == version["name"] && before["schema"] == version["schema"])
}

fn has_status(crd: &Value, index: usize) -> bool {
    let has = |version: &Value| version["subresources"]["status"].is_object();
    match path::is_hoisted(crd, "schema") {
        true => versions(crd).iter().any(has),
        false => versions(crd).get(index).is_some_and(has),
    }
}

fn one(place: &str, schema: &Value, status: bool, unchanged: bool) -> Rules {
    let mut rules = Rules::default();
    if status {
        root::validate(&mut rules, place, schema);
    }
    if schema["nullable"] == true {
        rules.forbidden(format!("{place}.nullable"), "nullable cannot be true at the root");
    }
    let unsupported = structural::unsupported(schema);
    let mut whole = Rules::default();
    if unsupported.is_none() {
        structural::validate(&mut whole, place, schema);
        if whole.is_empty() {
            defaulting::validate(&mut whole, place, schema);
        }
    }
    let compiles = unsupported.is_none() && whole.is_empty();
    rules.extend(whole.into_errors());
    rules.extend(Walk::over(place, schema, compiles, unchanged));
    // It mostly is what was told above; then it is not told again.
    if let Some(field) = unsupported.filter(|_| rules.is_empty()) {
        let detail = format!("OpenAPIV3Schema '{field}' is not supported");
        rules.invalid(place, &"".into(), &detail);
    }
    rules
}
