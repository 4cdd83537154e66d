//! Cluster roles that collect the rules of others, by label.

use std::sync::Arc;

use serde_json::{Value, json};

use super::client::Client;
use super::feed::Feed;
use crate::core::Core;
use crate::object::{Meta, ObjectRef};
use crate::selector::LabelSelector;

const BUCKET: &str = "rbac.authorization.k8s.io/clusterroles";

/// Keeps the rules of aggregated roles up to date, for as long as the server runs.
pub(super) struct Aggregation {
    core: Arc<Core>,
    client: Client,
    feed: Feed<()>,
}

impl Aggregation {
    pub(super) fn new(core: Arc<Core>, client: Client) -> Self {
        let mut feed = Feed::new(core.store.clone());
        feed.follow(BUCKET, ());
        Self { core, client, feed }
    }

    pub(super) async fn run(mut self) {
        loop {
            // Aggregated roles may be collected themselves, so every change is looked at until nothing changes.
            while !self.feed.look().is_empty() {
                self.aggregate().await;
            }
            self.feed.changed().await;
        }
    }

    async fn aggregate(&self) {
        let roles = self.core.store.all(BUCKET);
        for role in roles.iter().filter(|role| !role.is_deleting()) {
            let Some(rules) = collected(role, &roles) else {
                continue;
            };
            if role.value()["rules"].as_array() == Some(&rules) {
                continue;
            }
            let path = format!("/apis/rbac.authorization.k8s.io/v1/clusterroles/{}", role.name());
            let patch = json!({"rules": rules});
            if let Err(error) = self.client.merge(&path, patch).await {
                // The change that got in the way is looked at next.
                tracing::debug!(%error, path, "failed to aggregate a role");
            }
        }
    }
}

/// Returns the rules of all roles an aggregated role selects, each once, in the order of the roles' names.
fn collected(role: &ObjectRef, all: &[ObjectRef]) -> Option<Vec<Value>> {
    let selectors = role
        .value()
        .pointer("/aggregationRule/clusterRoleSelectors")?
        .as_array()?;
    let mut rules: Vec<Value> = Vec::new();
    for selector in selectors.iter().map(LabelSelector::of_object) {
        let selected = all
            .iter()
            .filter(|one| one.name() != role.name() && selector.matches(one.value()));
        for rule in selected
            .filter_map(|one| one.value()["rules"].as_array())
            .flatten()
        {
            if !rules.contains(rule) {
                rules.push(rule.clone());
            }
        }
    }
    Some(rules)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::Object;

    #[test]
    fn rules_are_collected_by_label_each_once() {
        let role = |name: &str, label: &str, rules: Value| -> ObjectRef {
            let value = json!({"metadata": {"name": name, "labels": {"to": label}}, "rules": rules});
            Arc::new(Object::new(value, 1))
        };
        let aggregated = json!({
            "metadata": {"name": "all", "labels": {"to": "x"}},
            "aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {"to": "x"}}]},
        });
        let aggregated = Arc::new(Object::new(aggregated, 1));
        let all = [
            aggregated.clone(),
            role("a", "x", json!([{"verbs": ["get"]}, {"verbs": ["list"]}])),
            role("b", "y", json!([{"verbs": ["delete"]}])),
            role("c", "x", json!([{"verbs": ["get"]}])),
        ];
        let expected = vec![json!({"verbs": ["get"]}), json!({"verbs": ["list"]})];
        assert_eq!(collected(&aggregated, &all), Some(expected));
        assert_eq!(collected(&all[1], &all), None);
    }
}
