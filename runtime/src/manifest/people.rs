//! Roles for people: who may look at the kinds of an operator, who may change them, and who looks after them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// Which roles there are for people who work with the kinds of an operator.
///
/// For each kind there are three `ClusterRole`s, named as kubebuilder names them:
///
/// | Role | May |
/// |---|---|
/// | `memcached-admin-role` | everything |
/// | `memcached-editor-role` | read, create, change and delete |
/// | `memcached-viewer-role` | read |
///
/// The operator itself needs none of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum PeopleRoles {
    /// They are added to the cluster's own `admin`, `edit` and `view`, as
    /// [Kubernetes recommends](https://kubernetes.io/docs/reference/access-authn-authz/rbac/#aggregated-clusterroles):
    /// who has one of those in a namespace has these there too.
    #[default]
    Aggregated,
    /// They stand alone: nobody has them until they are bound.
    Separate,
    /// There are none.
    None,
}

/// What a role is called, which of the cluster's roles it is added to, and what it permits.
const ROLES: [(&str, &str, &[&str]); 3] = [
    ("admin", "admin", &["*"]),
    (
        "editor",
        "edit",
        &["create", "delete", "get", "list", "patch", "update", "watch"],
    ),
    ("viewer", "view", &["get", "list", "watch"]),
];

/// Returns the roles for the kinds of some definitions, in their order.
pub(super) fn people_roles(crds: &[Value], which: PeopleRoles) -> Vec<Value> {
    if which == PeopleRoles::None {
        return Vec::new();
    }
    let kinds: Vec<Kind<'_>> = crds.iter().map(Kind::of).collect();
    let mut uses: BTreeMap<&str, usize> = BTreeMap::new();
    for kind in &kinds {
        *uses.entry(kind.singular).or_default() += 1;
    }
    let roles = kinds.iter().flat_map(|kind| {
        let name = kind.name(uses.get(kind.singular) > Some(&1));
        ROLES.map(|role| kind.role(&name, role, which))
    });
    roles.collect()
}

/// A kind as roles speak of it.
struct Kind<'a> {
    group: &'a str,
    plural: &'a str,
    singular: &'a str,
    has_status: bool,
}

impl<'a> Kind<'a> {
    fn of(crd: &'a Value) -> Self {
        let spec = &crd["spec"];
        let text = |value: &'a Value| value.as_str().unwrap_or_default();
        let mut versions = spec["versions"].as_array().into_iter().flatten();
        let plural = text(&spec["names"]["plural"]);
        Self {
            group: text(&spec["group"]),
            plural,
            singular: spec["names"]["singular"].as_str().unwrap_or(plural),
            has_status: versions.any(|version| version["subresources"]["status"].is_object()),
        }
    }

    /// Returns what its roles start with; a singular that two groups share does not say enough.
    fn name(&self, is_shared: bool) -> String {
        if is_shared {
            format!("{}.{}", self.singular, self.group)
        } else {
            self.singular.to_owned()
        }
    }

    fn role(&self, name: &str, (who, added_to, verbs): (&str, &str, &[&str]), which: PeopleRoles) -> Value {
        let mut metadata = json!({ "name": format!("{name}-{who}-role") });
        if which == PeopleRoles::Aggregated {
            let label = format!("rbac.authorization.k8s.io/aggregate-to-{added_to}");
            metadata["labels"] = json!({ label: "true" });
        }
        let rule = |resource: String, verbs: &[&str]| json!({ "apiGroups": [self.group], "resources": [resource], "verbs": verbs });
        let mut rules = vec![rule(self.plural.to_owned(), verbs)];
        if self.has_status {
            rules.push(rule(format!("{}/status", self.plural), &["get"]));
        }
        json!({
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRole",
            "metadata": metadata,
            "rules": rules,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crd(group: &str, singular: &str, status: bool) -> Value {
        let subresources = if status {
            json!({"status": {}})
        } else {
            Value::Null
        };
        json!({"spec": {
            "group": group,
            "names": {"singular": singular, "plural": format!("{singular}s")},
            "versions": [{"name": "v1", "subresources": subresources}],
        }})
    }

    #[test]
    fn each_kind_has_three_roles_added_to_those_of_the_cluster() {
        let roles = people_roles(&[crd("example.com", "zoo", true)], PeopleRoles::Aggregated);
        let label = |to: &str| json!({ format!("rbac.authorization.k8s.io/aggregate-to-{to}"): "true" });
        let rules = |verbs: Value| {
            json!([
                {"apiGroups": ["example.com"], "resources": ["zoos"], "verbs": verbs},
                {"apiGroups": ["example.com"], "resources": ["zoos/status"], "verbs": ["get"]},
            ])
        };
        let role = |who: &str, to: &str, verbs: Value| {
            json!({
                "apiVersion": "rbac.authorization.k8s.io/v1",
                "kind": "ClusterRole",
                "metadata": {"name": format!("zoo-{who}-role"), "labels": label(to)},
                "rules": rules(verbs),
            })
        };
        let edit = json!(["create", "delete", "get", "list", "patch", "update", "watch"]);
        let expected = [
            role("admin", "admin", json!(["*"])),
            role("editor", "edit", edit),
            role("viewer", "view", json!(["get", "list", "watch"])),
        ];
        assert_eq!(roles, expected);
    }

    #[test]
    fn they_may_stand_alone_or_not_be_there() {
        let crds = [crd("example.com", "zoo", false)];
        let separate = people_roles(&crds, PeopleRoles::Separate);
        assert_eq!(separate[2]["metadata"], json!({"name": "zoo-viewer-role"}));
        assert_eq!(separate[2]["rules"].as_array().unwrap().len(), 1);
        assert_eq!(people_roles(&crds, PeopleRoles::None), Vec::<Value>::new());
    }

    #[test]
    fn kinds_of_one_name_are_told_apart_by_their_groups() {
        let crds = [
            crd("a.com", "zoo", false),
            crd("b.com", "zoo", false),
            crd("b.com", "ape", false),
        ];
        let roles = people_roles(&crds, PeopleRoles::Separate);
        let names: Vec<&str> = roles
            .iter()
            .filter_map(|role| role["metadata"]["name"].as_str())
            .collect();
        let viewers: Vec<&str> = names.into_iter().filter(|name| name.contains("viewer")).collect();
        assert_eq!(
            viewers,
            [
                "zoo.a.com-viewer-role",
                "zoo.b.com-viewer-role",
                "ape-viewer-role"
            ]
        );
    }
}
