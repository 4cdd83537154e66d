//! One webhook of a configuration, and which writes it wants to see.

use std::time::Duration;

use serde_json::Value;

use super::attributes::{Attributes, Shape};
use crate::cel::Condition;
use crate::object::Meta as _;
use crate::selector::LabelSelector;
use crate::webhook::{Client, Version, review_version};

/// What happens when a webhook cannot be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnFailure {
    Fail,
    Ignore,
}

/// Whether a mutating webhook is asked again after later ones changed the object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reinvocation {
    Never,
    IfNeeded,
}

/// A webhook, read from its configuration.
#[derive(Debug)]
pub(crate) struct Hook {
    pub(crate) name: String,
    pub(crate) client: Client,
    pub(crate) version: Version,
    pub(crate) timeout: Duration,
    pub(crate) on_failure: OnFailure,
    pub(crate) reinvocation: Reinvocation,
    /// It may be asked about what will not be stored.
    pub(crate) dry_run: bool,
    /// It also wants writes to other versions of what its rules name.
    pub(crate) equivalent: bool,
    /// What has to hold of a write besides.
    pub(crate) conditions: Vec<Condition>,
    namespaces: Option<LabelSelector>,
    objects: Option<LabelSelector>,
    rules: Vec<Rule>,
}

#[derive(Debug)]
struct Rule {
    operations: Vec<String>,
    groups: Vec<String>,
    versions: Vec<String>,
    resources: Vec<String>,
    scope: String,
}

impl Hook {
    /// Reads one entry of `webhooks`, which validation has let pass.
    pub(super) fn new(webhook: &Value) -> Self {
        let text = |field: &str| webhook[field].as_str().unwrap_or_default();
        let selector = |field: &str| {
            let selector = LabelSelector::of_object(&webhook[field]);
            (!selector.is_empty()).then_some(selector)
        };
        Self {
            name: text("name").to_owned(),
            client: Client::new(&webhook["clientConfig"]),
            version: review_version(&webhook["admissionReviewVersions"]),
            timeout: Duration::from_secs(webhook["timeoutSeconds"].as_u64().unwrap_or(10)),
            on_failure: if text("failurePolicy") == "Ignore" {
                OnFailure::Ignore
            } else {
                OnFailure::Fail
            },
            reinvocation: if text("reinvocationPolicy") == "IfNeeded" {
                Reinvocation::IfNeeded
            } else {
                Reinvocation::Never
            },
            dry_run: matches!(text("sideEffects"), "None" | "NoneOnDryRun"),
            equivalent: text("matchPolicy") != "Exact",
            conditions: conditions(&webhook["matchConditions"]),
            namespaces: selector("namespaceSelector"),
            objects: selector("objectSelector"),
            rules: rules(&webhook["rules"]),
        }
    }

    /// Whether its rules name the write, were it made to `shape`.
    pub(crate) fn names(&self, attributes: &Attributes, shape: &Shape) -> bool {
        self.rules.iter().any(|rule| rule.matches(attributes, shape))
    }

    /// The labels a namespace has to have, if that matters.
    pub(crate) fn namespaces(&self) -> Option<&LabelSelector> {
        self.namespaces.as_ref()
    }

    /// Whether it wants to see an object like this, before or after the write.
    pub(crate) fn wants(&self, object: Option<&Value>, old: Option<&Value>) -> bool {
        let Some(selector) = &self.objects else {
            return true;
        };
        let selects = |object: Option<&Value>| {
            object.is_some_and(|object| object.metadata().is_some() && selector.matches(object))
        };
        selects(object) || selects(old)
    }
}

fn conditions(conditions: &Value) -> Vec<Condition> {
    let conditions = conditions.as_array().into_iter().flatten();
    let texts = conditions.filter_map(|condition| condition["expression"].as_str());
    texts.map(Condition::compile).collect()
}

fn rules(rules: &Value) -> Vec<Rule> {
    let texts = |value: &Value| {
        let texts = value.as_array().into_iter().flatten().filter_map(Value::as_str);
        texts.map(str::to_owned).collect()
    };
    let rule = |rule: &Value| Rule {
        operations: texts(&rule["operations"]),
        groups: texts(&rule["apiGroups"]),
        versions: texts(&rule["apiVersions"]),
        resources: texts(&rule["resources"]),
        scope: rule["scope"].as_str().unwrap_or("*").to_owned(),
    };
    rules.as_array().into_iter().flatten().map(rule).collect()
}

impl Rule {
    fn matches(&self, attributes: &Attributes, shape: &Shape) -> bool {
        has(&self.operations, attributes.operation.as_str())
            && has(&self.groups, &shape.group)
            && has(&self.versions, &shape.version)
            && self.names(&shape.plural, &attributes.subresource)
            && self.spans(attributes)
    }

    fn names(&self, plural: &str, subresource: &str) -> bool {
        self.resources.iter().any(|entry| {
            let (resource, below) = entry.split_once('/').unwrap_or((entry, ""));
            (resource == "*" || resource == plural) && (below == "*" || below == subresource)
        })
    }

    fn spans(&self, attributes: &Attributes) -> bool {
        let namespaced = !attributes.namespace.is_empty() && !attributes.is_namespace();
        match self.scope.as_str() {
            "Namespaced" => namespaced,
            "Cluster" => !namespaced,
            _ => true,
        }
    }
}

fn has(wanted: &[String], found: &str) -> bool {
    wanted.iter().any(|one| one == "*" || one == found)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::admission::Operation;

    fn attributes(plural: &str, subresource: &str, namespace: &str) -> Attributes {
        Attributes {
            operation: Operation::Create,
            shape: Shape {
                group: String::new(),
                version: "v1".to_owned(),
                plural: plural.to_owned(),
                object: (String::new(), "v1".to_owned(), "Pod".to_owned()),
            },
            subresource: subresource.to_owned(),
            namespace: namespace.to_owned(),
            name: "a".to_owned(),
            options: Value::Null,
            dry_run: false,
            user: Value::Null,
        }
    }

    fn names(rule: &Value, attributes: &Attributes) -> bool {
        let mut whole = json!({
            "apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"],
        });
        for (field, value) in rule.as_object().unwrap() {
            whole[field] = value.clone();
        }
        Hook::new(&json!({"rules": [whole]})).names(attributes, &attributes.shape)
    }

    #[test]
    fn rules_name_resources_subresources_and_scopes() {
        let pod = attributes("pods", "", "n");
        let status = attributes("pods", "status", "n");
        let node = attributes("nodes", "", "");
        let namespace = attributes("namespaces", "", "n");
        let cases = [
            (json!({}), &pod, true),
            (json!({}), &status, false),
            (json!({"resources": ["*"]}), &pod, true),
            (json!({"resources": ["*"]}), &status, false),
            (json!({"resources": ["*/*"]}), &status, true),
            (json!({"resources": ["pods/*"]}), &pod, true),
            (json!({"resources": ["*/status"]}), &status, true),
            (json!({"resources": ["*/status"]}), &pod, false),
            (json!({"operations": ["UPDATE"]}), &pod, false),
            (json!({"operations": ["*"]}), &pod, true),
            (json!({"apiGroups": ["apps"]}), &pod, false),
            (json!({"apiVersions": ["*"]}), &pod, true),
            (json!({"scope": "Cluster"}), &pod, false),
            (json!({"scope": "Namespaced"}), &pod, true),
            (json!({"resources": ["nodes"], "scope": "Cluster"}), &node, true),
            (
                json!({"resources": ["nodes"], "scope": "Namespaced"}),
                &node,
                false,
            ),
            (
                json!({"resources": ["namespaces"], "scope": "Cluster"}),
                &namespace,
                true,
            ),
            (
                json!({"resources": ["namespaces"], "scope": "Namespaced"}),
                &namespace,
                false,
            ),
        ];
        for (rule, write, expected) in cases {
            assert_eq!(names(&rule, write), expected, "{rule} {write:?}");
        }
    }

    #[test]
    fn an_object_selector_looks_at_both_states() {
        let hook = Hook::new(&json!({"objectSelector": {"matchLabels": {"a": "1"}}}));
        let labelled = json!({"metadata": {"labels": {"a": "1"}}});
        let bare = json!({"metadata": {}});
        assert!(hook.wants(Some(&labelled), Some(&bare)));
        assert!(hook.wants(Some(&bare), Some(&labelled)));
        assert!(!hook.wants(Some(&bare), None));
    }
}
