//! Rules of the object, apart from the schemas in it.

use serde_json::{Value, json};

use super::settle::is_established;
use super::{columns, conversion, formats, names, schema, shown, update};
use crate::object::{Meta as _, map_mut};
use crate::registry::strategy::{Hooks, NONE, Rules, name};

pub(crate) const HOOKS: Hooks = Hooks {
    default: |crd| {
        let spec = map_mut(map_mut(crd).entry("spec").or_insert(Value::Null));
        names::default(map_mut(spec.entry("names").or_insert(Value::Null)));
        conversion::default(spec);
        if let Some(status) = crd.get_mut("status").and_then(Value::as_object_mut) {
            status.entry("conditions").or_insert(Value::Null);
        }
    },
    prepare_create: |crd| {
        let stored = storage_version(crd).map(|version| json!([version]));
        let status = json!({
            "conditions": null,
            "acceptedNames": {"plural": "", "kind": ""},
            "storedVersions": stored.unwrap_or_default(),
        });
        map_mut(crd).insert("status".into(), status);
    },
    prepare_update: update::remember_storage,
    validate,
    validate_create: |rules, crd| {
        validate_create(rules, crd);
        conversion::validate(rules, &crd["spec"]["conversion"], true);
        schema::validate(rules, crd, None);
    },
    validate_update: |rules, new, old| {
        update::validate(rules, new, old);
        let before = &old["spec"]["conversion"]["webhook"]["clientConfig"]["caBundle"];
        let trusts_anything = !is_established(old) || !conversion::is_bundle(before);
        conversion::validate(rules, &new["spec"]["conversion"], trusts_anything);
        schema::validate(rules, new, Some(old));
    },
    warnings: formats::warnings,
    ..NONE
};

/// Returns the name of the version objects are stored in.
pub(super) fn storage_version(crd: &Value) -> Option<&str> {
    let mut versions = versions(crd).iter();
    versions.find(|version| version["storage"] == true)?["name"].as_str()
}

/// Returns the versions of a CRD.
pub(super) fn versions(crd: &Value) -> &[Value] {
    crd["spec"]["versions"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default()
}

/// The name says what is defined.
fn validate_create(rules: &mut Rules, crd: &Value) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (plural, group) = (text(&crd["spec"]["names"]["plural"]), text(&crd["spec"]["group"]));
    if crd.name() != format!("{plural}.{group}") {
        rules.invalid(
            "metadata.name",
            &json!(crd.name()),
            "must be spec.names.plural+\".\"+spec.group",
        );
    }
}

fn validate(rules: &mut Rules, crd: &Value) {
    let spec = &crd["spec"];
    let text = |field: &str| spec[field].as_str().unwrap_or_default();
    approval(rules, crd);
    group(rules, text("group"));
    match text("scope") {
        "" => rules.required("spec.scope", ""),
        scope => rules.one_of("spec.scope", scope, &["Cluster", "Namespaced"]),
    }
    if spec["preserveUnknownFields"] == true {
        let detail = "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in \
            spec.versions[*].schema instead";
        rules.invalid("spec.preserveUnknownFields", &json!(true), detail);
    }
    named_versions(rules, crd);
    names::validate(rules, &spec["names"]);
    columns::validate(rules, crd);
    stored_versions(rules, crd);
}

fn group(rules: &mut Rules, group: &str) {
    if group.is_empty() {
        return rules.required("spec.group", "");
    }
    rules.reasons("spec.group", group, name::subdomain(group));
    if !group.contains('.') {
        rules.invalid(
            "spec.group",
            &json!(group),
            "should be a domain with at least one dot",
        );
    }
}

const APPROVAL: &str = "api-approved.kubernetes.io";
const APPROVAL_POLICY: &str = "see https://github.com/kubernetes/enhancements/pull/1111";

/// The groups of Kubernetes itself are given out.
fn approval(rules: &mut Rules, crd: &Value) {
    let group = crd["spec"]["group"].as_str().unwrap_or_default();
    let protected = ["k8s.io", "kubernetes.io"];
    if !protected
        .iter()
        .any(|domain| group == *domain || group.ends_with(&format!(".{domain}")))
    {
        return;
    }
    let field = format!("metadata.annotations[{APPROVAL}]");
    let wanted = format!("protected groups must have approval annotation {APPROVAL:?}");
    match crd["metadata"]["annotations"][APPROVAL]
        .as_str()
        .unwrap_or_default()
    {
        "" => rules.required(field, &format!("{wanted}, {APPROVAL_POLICY}")),
        text if text.starts_with("unapproved") || text.contains("://") => {}
        text => {
            let detail = format!(
                "{wanted} with either a URL or a reason starting with \"unapproved\", {APPROVAL_POLICY}"
            );
            rules.invalid(field, &json!(text), &detail);
        }
    }
}

fn named_versions(rules: &mut Rules, crd: &Value) {
    let versions = versions(crd);
    for (index, version) in versions.iter().enumerate() {
        let text = version["name"].as_str().unwrap_or_default();
        names::label(rules, &format!("spec.versions[{index}].name"), text);
        deprecation(
            rules,
            &format!("spec.versions[{index}].deprecationWarning"),
            version,
        );
    }
    let names: Vec<&str> = versions
        .iter()
        .filter_map(|version| version["name"].as_str())
        .collect();
    let mut wrong = |detail: &str| {
        let shown = shown::versions(&crd["spec"]["versions"]);
        rules.push(shown::invalid("spec.versions", &shown, detail));
    };
    if (1..names.len()).any(|index| names[..index].contains(&names[index])) {
        wrong("must contain unique version names");
    }
    if versions
        .iter()
        .filter(|version| version["storage"] == true)
        .count()
        != 1
    {
        wrong("must have exactly one version marked as storage version");
    }
    let first = names.first().copied().unwrap_or_default();
    if !first.is_empty() {
        names::label(rules, "spec.version", first);
    }
}

fn deprecation(rules: &mut Rules, field: &str, version: &Value) {
    let Some(warning) = version["deprecationWarning"].as_str() else {
        return;
    };
    if version["deprecated"] != true {
        let detail = "can only be set for deprecated versions";
        return rules.invalid(field, &json!(warning), detail);
    }
    if warning.len() > 256 {
        rules.invalid(field, &json!(warning), "must be <= 256 characters long");
    }
    if warning.is_empty() {
        rules.invalid(field, &json!(warning), "must not be an empty string");
    }
    // No other space than the plain one counts as printable.
    let hidden = |one: char| one.is_control() || (one.is_whitespace() && one != ' ');
    if let Some((index, _)) = warning.char_indices().find(|(_, one)| hidden(*one)) {
        let detail = format!(
            "must only contain printable UTF-8 characters; non-printable character found at index {index}"
        );
        rules.invalid(field, &json!(warning), &detail);
    }
}

fn stored_versions(rules: &mut Rules, crd: &Value) {
    let stored = &crd["status"]["storedVersions"];
    let list = stored.as_array().map(Vec::as_slice).unwrap_or_default();
    if list.is_empty() {
        rules.invalid(
            "status.storedVersions",
            &Value::Null,
            "must have at least one stored version",
        );
    }
    let last = versions(crd).iter().rfind(|version| version["storage"] == true);
    if let Some(name) = last.map(|version| &version["name"])
        && !list.is_empty()
        && !list.contains(name)
    {
        let detail = format!(
            "must have the storage version {}",
            name.as_str().unwrap_or_default()
        );
        rules.invalid("status.storedVersions", stored, &detail);
    }
    for (index, version) in list.iter().enumerate() {
        if !versions(crd).iter().any(|one| one["name"] == *version) {
            let text = version.as_str().unwrap_or_default();
            let detail = format!(
                "missing from spec.versions; {text} was previously a storage version, and must remain in \
                 spec.versions until a storage migration ensures no data remains persisted in {text} and removes \
                 {text} from status.storedVersions"
            );
            rules.invalid(format!("status.storedVersions[{index}]"), version, &detail);
        }
    }
}
