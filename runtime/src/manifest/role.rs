//! From permissions to roles: the fewest rules that say exactly what is declared.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::cache::Namespaces;
use crate::permission::{Permission, Verb};

/// The name of the role, as kubebuilder has it.
const NAME: &str = "manager-role";
/// The name of what an operator of some namespaces needs beyond them.
const CLUSTER_NAME: &str = "manager-cluster-role";

/// Returns the roles of an operator: a `ClusterRole`, or a `Role` per namespace it works in, beside a `ClusterRole`
/// for what is in no namespace, if there is any.
pub(super) fn roles(permissions: &[&Permission], namespaces: &Namespaces) -> Vec<Value> {
    let Namespaces::Only(names) = namespaces else {
        return vec![role("ClusterRole", NAME, None, &rules(permissions))];
    };
    let (cluster, namespaced): (Vec<&Permission>, Vec<&Permission>) = permissions
        .iter()
        .partition(|permission| permission.is_cluster_scoped());
    let rules_inside = rules(&namespaced);
    let inside = names
        .iter()
        .map(|name| role("Role", NAME, Some(name), &rules_inside));
    let outside = (!cluster.is_empty()).then(|| role("ClusterRole", CLUSTER_NAME, None, &rules(&cluster)));
    inside.chain(outside).collect()
}

fn role(kind: &str, name: &str, namespace: Option<&str>, rules: &[Value]) -> Value {
    let metadata = match namespace {
        Some(namespace) => json!({ "name": name, "namespace": namespace }),
        None => json!({ "name": name }),
    };
    json!({
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": kind,
        "metadata": metadata,
        "rules": rules,
    })
}

/// Returns one rule for all resources of a group with the same verbs, in order of group and resource.
///
/// Rules of different groups are not merged: a rule permits every resource it names in every group it names.
fn rules(permissions: &[&Permission]) -> Vec<Value> {
    let mut rules: Vec<(&str, Vec<&str>, Vec<&str>)> = Vec::new();
    for ((group, resource), verbs) in verbs_by_resource(permissions) {
        let mut verbs: Vec<&str> = verbs.into_iter().map(Verb::as_str).collect();
        verbs.sort_unstable();
        let same = rules.iter_mut().find(|rule| rule.0 == group && rule.2 == verbs);
        match same {
            Some((_, resources, _)) => resources.push(resource),
            None => rules.push((group, vec![resource], verbs)),
        }
    }
    let rule =
        |(group, resources, verbs)| json!({ "apiGroups": [group], "resources": resources, "verbs": verbs });
    rules.into_iter().map(rule).collect()
}

fn verbs_by_resource<'a>(permissions: &[&'a Permission]) -> BTreeMap<(&'a str, &'a str), BTreeSet<Verb>> {
    let mut all: BTreeMap<_, BTreeSet<Verb>> = BTreeMap::new();
    for permission in permissions {
        let resource = (permission.group(), permission.resource());
        all.entry(resource).or_default().extend(permission.verbs());
    }
    all.retain(|_, verbs| !verbs.is_empty());
    all
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
    use k8s_openapi::api::core::v1::{Namespace, Pod, Secret};

    use super::*;

    fn permissions() -> Vec<Permission> {
        vec![
            Permission::of::<StatefulSet>([Verb::Watch, Verb::Get]),
            Permission::of::<Secret>([Verb::Get]),
            Permission::of::<Deployment>([Verb::Get, Verb::Watch]),
            Permission::of_subresource::<Pod>("eviction", [Verb::Create]),
            Permission::of::<Secret>([Verb::List]),
            Permission::of::<Namespace>([Verb::Get]),
            Permission::of::<Pod>([]),
        ]
    }

    fn shown(namespaces: &Namespaces) -> Vec<Value> {
        let permissions = permissions();
        roles(&permissions.iter().collect::<Vec<_>>(), namespaces)
    }

    #[test]
    fn resources_of_a_group_with_the_same_verbs_share_a_rule() {
        let expected = json!([
            { "apiGroups": [""], "resources": ["namespaces"], "verbs": ["get"] },
            { "apiGroups": [""], "resources": ["pods/eviction"], "verbs": ["create"] },
            { "apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list"] },
            { "apiGroups": ["apps"], "resources": ["deployments", "statefulsets"], "verbs": ["get", "watch"] },
        ]);
        let [role] = shown(&Namespaces::All).try_into().unwrap();
        assert_eq!(
            (&role["kind"], &role["rules"]),
            (&json!("ClusterRole"), &expected)
        );
    }

    #[test]
    fn an_operator_of_some_namespaces_gets_no_more_than_these() {
        let namespaces = Namespaces::Only(["a", "b"].map(String::from).into());
        let roles = shown(&namespaces);
        let shape: Vec<_> = roles
            .iter()
            .map(|role| {
                (
                    role["kind"].as_str(),
                    role["metadata"]["name"].as_str(),
                    role["metadata"]["namespace"].as_str(),
                )
            })
            .collect();
        assert_eq!(
            shape,
            [
                (Some("Role"), Some(NAME), Some("a")),
                (Some("Role"), Some(NAME), Some("b")),
                (Some("ClusterRole"), Some(CLUSTER_NAME), None),
            ]
        );
        assert_eq!(roles[2]["rules"][0]["resources"], json!(["namespaces"]));
        assert!(!roles[0].to_string().contains("namespaces\""), "{}", roles[0]);
    }
}
