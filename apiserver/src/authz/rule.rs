//! One rule of a role.

use serde_json::{Map, Value, json};

use super::Target;

/// What a role lets its subjects do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rule {
    /// Verbs, or `*`.
    pub verbs: Vec<String>,
    /// API groups, or `*`.
    pub api_groups: Vec<String>,
    /// Resources: `pods`, `pods/log`, `*/scale` or `*`.
    pub resources: Vec<String>,
    /// Object names; empty means all.
    pub resource_names: Vec<String>,
    /// Paths outside the API; a trailing `*` takes any ending.
    pub non_resource_urls: Vec<String>,
}

impl Rule {
    /// Reads a rule; a field that is not a list of strings grants nothing.
    #[must_use]
    pub fn from_value(value: &Value) -> Self {
        let strings = |field: &str| -> Vec<String> {
            let list = value.get(field).and_then(Value::as_array);
            list.into_iter()
                .flatten()
                .filter_map(|one| one.as_str().map(str::to_owned))
                .collect()
        };
        Self {
            verbs: strings("verbs"),
            api_groups: strings("apiGroups"),
            resources: strings("resources"),
            resource_names: strings("resourceNames"),
            non_resource_urls: strings("nonResourceURLs"),
        }
    }

    /// Returns the rule as JSON without its empty fields.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let fields = [
            ("verbs", &self.verbs),
            ("apiGroups", &self.api_groups),
            ("resources", &self.resources),
            ("resourceNames", &self.resource_names),
            ("nonResourceURLs", &self.non_resource_urls),
        ];
        let filled = fields.into_iter().filter(|(_, list)| !list.is_empty());
        Value::Object(
            filled
                .map(|(key, list)| (key.to_owned(), json!(list)))
                .collect::<Map<_, _>>(),
        )
    }

    /// Returns whether the rule lets `verb` be done to `target`.
    ///
    /// As in the real server `pods/*` covers nothing: only `*`, `*/<subresource>` and exact names do.
    #[must_use]
    pub fn covers(&self, verb: &str, target: &Target<'_>) -> bool {
        has(&self.verbs, verb)
            && match *target {
                Target::Path(path) => self.non_resource_urls.iter().any(|url| covers_path(url, path)),
                Target::Resource {
                    group,
                    resource,
                    subresource,
                    name,
                    ..
                } => {
                    has(&self.api_groups, group)
                        && (self.resources.iter()).any(|rule| covers_resource(rule, resource, subresource))
                        && (self.resource_names.is_empty()
                            || self.resource_names.iter().any(|one| one == name))
                }
            }
    }
}

fn has(list: &[String], wanted: &str) -> bool {
    list.iter().any(|one| one == "*" || one == wanted)
}

fn covers_resource(rule: &str, resource: &str, subresource: &str) -> bool {
    match rule.split_once('/') {
        None => rule == "*" || (subresource.is_empty() && rule == resource),
        Some((left, right)) => {
            !subresource.is_empty() && right == subresource && (left == "*" || left == resource)
        }
    }
}

fn covers_path(rule: &str, path: &str) -> bool {
    match rule.strip_suffix('*') {
        Some(prefix) => path.starts_with(prefix.trim_end_matches('*')),
        None => rule == path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_resource(rule: &Value, verb: &str, target: [&str; 4], expected: bool) {
        let [group, resource, subresource, name] = target;
        let target = Target::Resource {
            group,
            resource,
            subresource,
            namespace: "default",
            name,
        };
        assert_eq!(
            Rule::from_value(rule).covers(verb, &target),
            expected,
            "{rule} on {verb} {target:?}"
        );
    }

    #[test]
    fn verbs_groups_and_resources_match_exactly_or_by_star() {
        let pods = json!({"verbs": ["get", "list"], "apiGroups": [""], "resources": ["pods"]});
        check_resource(&pods, "get", ["", "pods", "", "x"], true);
        check_resource(&pods, "watch", ["", "pods", "", ""], false);
        check_resource(&pods, "get", ["apps", "pods", "", "x"], false);
        check_resource(&pods, "get", ["", "pods", "log", "x"], false);
        let all = json!({"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]});
        check_resource(&all, "patch", ["y.io", "ws", "status", "x"], true);
    }

    #[test]
    fn a_subresource_is_named_or_starred_before_the_slash_only() {
        let rule = |resource: &str| json!({"verbs": ["get"], "apiGroups": ["*"], "resources": [resource]});
        check_resource(&rule("pods/log"), "get", ["", "pods", "log", "x"], true);
        check_resource(
            &rule("*/scale"),
            "get",
            ["apps", "deployments", "scale", "x"],
            true,
        );
        check_resource(&rule("*/scale"), "get", ["apps", "deployments", "", "x"], false);
        check_resource(&rule("pods/*"), "get", ["", "pods", "log", "x"], false);
    }

    #[test]
    fn resource_names_narrow_a_rule_to_named_requests() {
        let rule =
            json!({"verbs": ["*"], "apiGroups": [""], "resources": ["configmaps"], "resourceNames": ["a"]});
        check_resource(&rule, "get", ["", "configmaps", "", "a"], true);
        check_resource(&rule, "get", ["", "configmaps", "", "b"], false);
        check_resource(&rule, "list", ["", "configmaps", "", ""], false);
    }

    #[test]
    fn paths_match_exactly_or_by_prefix() {
        let check = |url: &str, path: &str, expected: bool| {
            let rule = Rule::from_value(&json!({"verbs": ["get"], "nonResourceURLs": [url]}));
            assert_eq!(rule.covers("get", &Target::Path(path)), expected, "{url} {path}");
        };
        check("/healthz", "/healthz", true);
        check("/healthz", "/healthz/ping", false);
        check("/api/*", "/api/v1", true);
        check("/api/*", "/api", false);
        check("*", "/metrics", true);
    }

    #[test]
    fn a_malformed_rule_grants_nothing() {
        check_resource(
            &json!({"verbs": "*", "apiGroups": 1}),
            "get",
            ["", "pods", "", ""],
            false,
        );
    }
}
