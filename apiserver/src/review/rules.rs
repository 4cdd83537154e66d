//! What may I do in a namespace.

use serde_json::{Value, json};

use super::{Reviewer, spec, text, tidy_metadata};
use crate::authz::Rule;
use crate::status::{Error, Result};

/// Lists all rules that apply to the asking user in the namespace of the review.
pub(super) fn review(reviewer: &Reviewer<'_>, mut body: Value) -> Result<Value> {
    tidy_metadata(&mut body);
    let namespace = text(spec(&body)?, "namespace");
    if namespace.is_empty() {
        return Err(Error::bad_request("no namespace on request"));
    }
    let mut found = reviewer.rbac.rules_of(reviewer.identity, namespace);
    if reviewer.identity.is_master() {
        found.rules.extend(everything());
    }
    let (paths, resources): (Vec<&Rule>, Vec<&Rule>) =
        found.rules.iter().partition(|rule| rule.resources.is_empty());
    let values = |rules: Vec<&Rule>| -> Vec<Value> { rules.into_iter().map(Rule::to_value).collect() };
    body["status"] = json!({
        "resourceRules": values(resources),
        "nonResourceRules": values(paths),
        "incomplete": false,
    });
    if !found.missing.is_empty() {
        body["status"]["evaluationError"] = json!(found.missing.join(", "));
    }
    // The real server does not echo the spec.
    body["spec"] = json!({});
    Ok(body)
}

/// The rules of those whom no rule restricts, where no role says so.
fn everything() -> [Rule; 2] {
    let star = || vec!["*".to_owned()];
    let resources = Rule {
        verbs: star(),
        api_groups: star(),
        resources: star(),
        ..Rule::default()
    };
    let paths = Rule {
        verbs: star(),
        non_resource_urls: star(),
        ..Rule::default()
    };
    [resources, paths]
}
