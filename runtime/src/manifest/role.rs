//! From permissions to roles: the fewest rules that say exactly what is declared.

use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::Namespace;
use serde_json::{Value, json};

use crate::cache::Namespaces;
use crate::permission::{Permission, Verb};

/// The name of the role, as kubebuilder has it.
const NAME: &str = "manager-role";
/// The name of what an operator needs in the namespace it is in itself.
const OWN_NAME: &str = "manager-own-role";
/// The namespace of that; kustomize replaces it with the operator's.
pub(super) const OWN_NAMESPACE: &str = "system";

/// Returns the roles of an operator: a `ClusterRole`, and if it works in some namespaces only, a `Role` in each, which
/// leaves to the `ClusterRole` what is in no namespace. What is for the operator's own namespace stands in a `Role` there.
///
/// Only the roles of the namespaces it works in have `prefix` before their names: kustomize, which puts it before the
/// others, would move them to the operator's namespace.
pub(super) fn roles(permissions: &[&Permission], namespaces: &Namespaces, prefix: &str) -> Vec<Value> {
    let (own, working): (Vec<&Permission>, Vec<&Permission>) = permissions
        .iter()
        .partition(|permission| permission.is_in_own_namespace());
    let mut roles = working_roles(&working, namespaces, &format!("{prefix}{NAME}"));
    if !own.is_empty() {
        roles.push(role("Role", OWN_NAME, Some(OWN_NAMESPACE), &rules(&own)));
    }
    roles
}

fn working_roles(permissions: &[&Permission], namespaces: &Namespaces, inside: &str) -> Vec<Value> {
    let Namespaces::Only(names) = namespaces else {
        // Whoever picks namespaces by their labels has to see them.
        let choice = matches!(namespaces, Namespaces::Labelled(_))
            .then(|| Permission::of::<Namespace>([Verb::Get, Verb::List, Verb::Watch]));
        let all: Vec<&Permission> = permissions.iter().copied().chain(&choice).collect();
        return vec![role("ClusterRole", NAME, None, &rules(&all))];
    };
    let (cluster, namespaced): (Vec<&Permission>, Vec<&Permission>) = permissions
        .iter()
        .partition(|permission| permission.is_cluster_scoped());
    let rules_inside = rules(&namespaced);
    // It is there even if it permits nothing, so that its binding names something.
    let outside = role("ClusterRole", NAME, None, &rules(&cluster));
    let inside = names
        .iter()
        .map(|name| role("Role", inside, Some(name), &rules_inside));
    [outside].into_iter().chain(inside).collect()
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
/// Rules of different groups are not merged: a rule permits every resource it names in every group it names. For the
/// same reason rules for different names are not.
fn rules(permissions: &[&Permission]) -> Vec<Value> {
    let mut rules: Vec<Rule<'_>> = Vec::new();
    for ((group, resource, names), verbs) in verbs_by_resource(permissions) {
        let mut verbs: Vec<&str> = verbs.into_iter().map(Verb::as_str).collect();
        verbs.sort_unstable();
        let is_same =
            |rule: &&mut Rule<'_>| rule.group == group && rule.verbs == verbs && rule.names == names;
        match rules.iter_mut().find(is_same) {
            Some(rule) => rule.resources.push(resource),
            None => rules.push(Rule {
                group,
                resources: vec![resource],
                names,
                verbs,
            }),
        }
    }
    rules.iter().map(Rule::to_value).collect()
}

struct Rule<'a> {
    group: &'a str,
    resources: Vec<&'a str>,
    names: &'a BTreeSet<String>,
    verbs: Vec<&'a str>,
}

impl Rule<'_> {
    fn to_value(&self) -> Value {
        let mut rule = json!({ "apiGroups": [self.group], "resources": self.resources, "verbs": self.verbs });
        if !self.names.is_empty() {
            rule["resourceNames"] = json!(self.names);
        }
        rule
    }
}

/// A group, a resource of it, and the names of objects if it is narrowed to them.
type Resource<'a> = (&'a str, &'a str, &'a BTreeSet<String>);

fn verbs_by_resource<'a>(permissions: &[&'a Permission]) -> BTreeMap<Resource<'a>, BTreeSet<Verb>> {
    let mut all: BTreeMap<_, BTreeSet<Verb>> = BTreeMap::new();
    for permission in permissions {
        let resource = (permission.group(), permission.resource(), permission.names());
        all.entry(resource).or_default().extend(permission.verbs());
    }
    all.retain(|_, verbs| !verbs.is_empty());
    all
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::apps::v1::{Deployment, StatefulSet};
    use k8s_openapi::api::core::v1::{Pod, Secret};

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
        roles(&permissions.iter().collect::<Vec<_>>(), namespaces, "shop-")
    }

    /// Permissions at random: few groups, resources, names and verbs, so that many overlap.
    fn random(rng: &mut fastrand::Rng) -> Vec<Permission> {
        let one = |rng: &mut fastrand::Rng| {
            let group = rng.choice(["", "apps", "batch"]).unwrap_or_default();
            let resource = rng.choice(["as", "bs", "as/status", "cs"]).unwrap_or_default();
            let verbs: Vec<Verb> = Verb::ALL.iter().copied().filter(|_| rng.u8(..4) == 0).collect();
            let mut permission = Permission::namespaced(group, resource, verbs);
            if rng.u8(..4) == 0 {
                permission = permission.named(rng.choice(["x", "y"]).unwrap_or_default());
            }
            permission
        };
        (0..rng.usize(..12)).map(|_| one(rng)).collect()
    }

    /// What permissions say, one verb on one thing at a time.
    fn said(permissions: &[Permission]) -> BTreeSet<[String; 4]> {
        let mut all = BTreeSet::new();
        for permission in permissions {
            for verb in permission.verbs() {
                let names: Vec<&String> = permission.names().iter().collect();
                let names = if names.is_empty() {
                    vec![String::new()]
                } else {
                    names.into_iter().cloned().collect()
                };
                for name in names {
                    all.insert(
                        [permission.group(), permission.resource(), &name, verb.as_str()].map(str::to_owned),
                    );
                }
            }
        }
        all
    }

    /// What the rules of a role permit, one verb on one thing at a time.
    fn permitted(role: &Value) -> BTreeSet<[String; 4]> {
        let list = |value: &Value| -> Vec<String> {
            let items = value.as_array().into_iter().flatten();
            items
                .filter_map(|item| item.as_str().map(str::to_owned))
                .collect()
        };
        let mut all = BTreeSet::new();
        for rule in role["rules"].as_array().unwrap() {
            let names = list(&rule["resourceNames"]);
            let names = if names.is_empty() {
                vec![String::new()]
            } else {
                names
            };
            for group in list(&rule["apiGroups"]) {
                for resource in list(&rule["resources"]) {
                    for name in &names {
                        for verb in list(&rule["verbs"]) {
                            all.insert([group.clone(), resource.clone(), name.clone(), verb]);
                        }
                    }
                }
            }
        }
        all
    }

    #[test]
    fn a_role_permits_what_is_declared_and_not_a_verb_more() {
        for seed in 0..300 {
            let permissions = random(&mut fastrand::Rng::with_seed(seed));
            let of: Vec<&Permission> = permissions.iter().collect();
            let [role] = roles(&of, &Namespaces::All, "").try_into().unwrap();
            assert_eq!(
                permitted(&role),
                said(&permissions),
                "seed {seed}: {permissions:?}"
            );
        }
    }

    #[test]
    fn whoever_picks_namespaces_by_label_may_see_them() {
        let [role] = shown(&Namespaces::Labelled("team=a".into())).try_into().unwrap();
        let rules = role["rules"].to_string();
        assert!(
            rules.contains(r#""resources":["namespaces"],"verbs":["get","list","watch"]"#),
            "{rules}"
        );
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
                (Some("ClusterRole"), Some(NAME), None),
                (Some("Role"), Some("shop-manager-role"), Some("a")),
                (Some("Role"), Some("shop-manager-role"), Some("b")),
            ]
        );
        assert_eq!(roles[0]["rules"][0]["resources"], json!(["namespaces"]));
        assert!(!roles[1].to_string().contains("namespaces\""), "{}", roles[1]);
    }

    #[test]
    fn an_operator_of_some_namespaces_has_a_role_beyond_them_to_bind() {
        let namespaces = Namespaces::Only(["a".to_owned()].into());
        let secrets = Permission::of::<Secret>([Verb::Get]);
        let [beyond, _] = roles(&[&secrets], &namespaces, "").try_into().unwrap();
        assert_eq!(
            (&beyond["kind"], &beyond["rules"]),
            (&json!("ClusterRole"), &json!([]))
        );
    }

    #[test]
    fn what_is_for_the_own_namespace_or_for_some_names_stands_alone() {
        let permissions = [
            Permission::of::<Secret>([Verb::Get]),
            Permission::of::<Secret>([Verb::Create]).in_own_namespace(),
            Permission::of::<Secret>([Verb::Get, Verb::Update])
                .named("cert")
                .in_own_namespace(),
            Permission::of::<Namespace>([Verb::Patch]).named("b").named("a"),
        ];
        let roles = roles(&permissions.iter().collect::<Vec<_>>(), &Namespaces::All, "");
        let rules: Vec<&Value> = roles.iter().map(|role| &role["rules"]).collect();
        let everywhere = json!([
            { "apiGroups": [""], "resources": ["namespaces"], "resourceNames": ["a", "b"], "verbs": ["patch"] },
            { "apiGroups": [""], "resources": ["secrets"], "verbs": ["get"] },
        ]);
        let own = json!([
            { "apiGroups": [""], "resources": ["secrets"], "verbs": ["create"] },
            { "apiGroups": [""], "resources": ["secrets"], "resourceNames": ["cert"], "verbs": ["get", "update"] },
        ]);
        assert_eq!(rules, [&everywhere, &own]);
        assert_eq!(
            roles[1]["metadata"],
            json!({ "name": OWN_NAME, "namespace": OWN_NAMESPACE })
        );
    }
}
