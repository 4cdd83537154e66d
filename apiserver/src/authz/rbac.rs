//! Role-based access control over a compiled snapshot of roles and bindings.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::{Attributes, Rule, Target};
use crate::authn::{Identity, service_account_user};
use crate::object::Meta;

/// The stored objects access control is made of, each list in the order of its names.
#[derive(Debug, Default)]
pub struct Snapshot<'a> {
    /// `Role` objects.
    pub roles: Vec<&'a Value>,
    /// `ClusterRole` objects.
    pub cluster_roles: Vec<&'a Value>,
    /// `RoleBinding` objects.
    pub role_bindings: Vec<&'a Value>,
    /// `ClusterRoleBinding` objects.
    pub cluster_role_bindings: Vec<&'a Value>,
}

/// Roles and bindings, indexed by who is bound.
#[derive(Debug, Default)]
pub struct Rbac {
    cluster: Scope,
    namespaces: BTreeMap<String, Scope>,
}

/// The bindings of one namespace, or those of the cluster.
#[derive(Debug, Default)]
struct Scope {
    bindings: Vec<Binding>,
    users: BTreeMap<String, Vec<Bound>>,
    groups: BTreeMap<String, Vec<Bound>>,
}

#[derive(Debug)]
struct Binding {
    /// For example `RoleBinding "rb/default" of Role "rr"`.
    title: String,
    /// For example `User "alice"`.
    subjects: Vec<String>,
    /// The rules of the role, or why there are none.
    rules: Result<Arc<[Rule]>, String>,
}

/// A subject of a binding, by position; ordered as bindings are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Bound {
    binding: usize,
    subject: usize,
}

/// The answer to a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It may be done; the reason is empty for those who may do anything.
    Allowed(String),
    /// Nothing allows it; the reason names roles that are bound but missing, and is mostly empty.
    Denied(String),
}

/// All that an identity may do in a namespace.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// Rules, in the order of the bindings that grant them.
    pub rules: Vec<Rule>,
    /// Roles that are bound but missing.
    pub missing: Vec<String>,
}

impl Rbac {
    /// Returns the index of a snapshot.
    #[must_use]
    pub fn compile(snapshot: &Snapshot<'_>) -> Self {
        let roles = Roles::collect(snapshot);
        let mut rbac = Self::default();
        for binding in &snapshot.cluster_role_bindings {
            rbac.cluster.add(binding, &roles);
        }
        for binding in &snapshot.role_bindings {
            let namespace = rbac.namespaces.entry(binding.namespace().to_owned());
            namespace.or_default().add(binding, &roles);
        }
        rbac
    }

    /// Returns whether, and by which binding, the question is answered with yes.
    #[must_use]
    pub fn decide(&self, question: &Attributes<'_>) -> Decision {
        if question.user.is_master() {
            return Decision::Allowed(String::new());
        }
        let mut missing = Vec::new();
        for (binding, subject) in self.bound(question.user, namespace_of(&question.target)) {
            match &binding.rules {
                Err(why) => missing.push(why.clone()),
                Ok(rules) => {
                    if rules
                        .iter()
                        .any(|rule| rule.covers(question.verb, &question.target))
                    {
                        return Decision::Allowed(binding.grounds(subject));
                    }
                }
            }
        }
        Decision::Denied(describe_missing(missing))
    }

    /// Returns all rules that apply to `user` in `namespace`; in none if it is empty.
    #[must_use]
    pub fn rules_of(&self, user: &Identity, namespace: &str) -> Rules {
        let mut all = Rules::default();
        for (binding, _) in self.bound(user, namespace) {
            match &binding.rules {
                Ok(rules) => all.rules.extend(rules.iter().cloned()),
                Err(why) => all.missing.push(why.clone()),
            }
        }
        all
    }

    /// Yields the bindings of a user with the subject that stands for them, those of the cluster first.
    fn bound(&self, user: &Identity, namespace: &str) -> impl Iterator<Item = (&Binding, usize)> {
        let local = self.namespaces.get(namespace);
        [Some(&self.cluster), local]
            .into_iter()
            .flatten()
            .flat_map(|scope| scope.bound(user))
    }
}

fn namespace_of<'a>(target: &Target<'a>) -> &'a str {
    match *target {
        Target::Resource { namespace, .. } => namespace,
        Target::Path(_) => "",
    }
}

/// Joins what went wrong as the real server does: one bare, several in brackets, each once.
fn describe_missing(mut missing: Vec<String>) -> String {
    missing.sort_unstable();
    missing.dedup();
    match missing.as_slice() {
        [] => String::new(),
        [one] => format!("RBAC: {one}"),
        several => format!("RBAC: [{}]", several.join(", ")),
    }
}

impl Scope {
    fn add(&mut self, object: &Value, roles: &Roles<'_>) {
        let position = self.bindings.len();
        let mut binding = Binding {
            title: title(object),
            subjects: Vec::new(),
            rules: roles.rules(object),
        };
        let subjects = object.get("subjects").and_then(Value::as_array);
        for subject in subjects
            .into_iter()
            .flatten()
            .filter_map(|one| Subject::read(one, object.namespace()))
        {
            let bound = Bound {
                binding: position,
                subject: binding.subjects.len(),
            };
            binding.subjects.push(subject.title);
            let list = if subject.is_group {
                &mut self.groups
            } else {
                &mut self.users
            };
            list.entry(subject.key).or_default().push(bound);
        }
        self.bindings.push(binding);
    }

    fn bound(&self, user: &Identity) -> impl Iterator<Item = (&Binding, usize)> {
        let by_user = self.users.get(&user.user);
        let by_group = user.groups.iter().filter_map(|group| self.groups.get(group));
        let mut all: Vec<Bound> = by_user.into_iter().chain(by_group).flatten().copied().collect();
        all.sort_unstable();
        all.dedup_by_key(|bound| bound.binding);
        all.into_iter()
            .map(|bound| (&self.bindings[bound.binding], bound.subject))
    }
}

impl Binding {
    fn grounds(&self, subject: usize) -> String {
        format!("RBAC: allowed by {} to {}", self.title, self.subjects[subject])
    }
}

fn title(binding: &Value) -> String {
    let role = |field: &str| binding["roleRef"][field].as_str().unwrap_or_default();
    let (kind, name) = (role("kind"), role("name"));
    match binding.namespace() {
        "" => format!("ClusterRoleBinding {:?} of {kind} {name:?}", binding.name()),
        namespace => format!(
            "RoleBinding \"{}/{namespace}\" of {kind} {name:?}",
            binding.name()
        ),
    }
}

/// Who a binding names.
struct Subject {
    key: String,
    is_group: bool,
    title: String,
}

impl Subject {
    fn read(value: &Value, binding_namespace: &str) -> Option<Self> {
        let text = |field: &str| value.get(field).and_then(Value::as_str).unwrap_or_default();
        let name = text("name");
        let kind = text("kind");
        let (key, shown) = match kind {
            "User" | "Group" => (name.to_owned(), name.to_owned()),
            "ServiceAccount" => {
                let own = text("namespace");
                let namespace = if own.is_empty() { binding_namespace } else { own };
                (
                    service_account_user(namespace, name),
                    format!("{name}/{namespace}"),
                )
            }
            _ => return None,
        };
        Some(Self {
            key,
            is_group: kind == "Group",
            title: format!("{kind} {shown:?}"),
        })
    }
}

/// The roles bindings refer to.
struct Roles<'a> {
    cluster: BTreeMap<&'a str, Arc<[Rule]>>,
    local: BTreeMap<(&'a str, &'a str), Arc<[Rule]>>,
}

impl<'a> Roles<'a> {
    fn collect(snapshot: &Snapshot<'a>) -> Self {
        let cluster = snapshot.cluster_roles.iter();
        let local = snapshot.roles.iter();
        Self {
            cluster: cluster.map(|role| (role.name(), rules_in(role))).collect(),
            local: local
                .map(|role| ((role.namespace(), role.name()), rules_in(role)))
                .collect(),
        }
    }

    fn rules(&self, binding: &Value) -> Result<Arc<[Rule]>, String> {
        let role = |field: &str| binding["roleRef"][field].as_str().unwrap_or_default();
        let name = role("name");
        let (found, resource) = match role("kind") {
            "Role" => (self.local.get(&(binding.namespace(), name)), "role"),
            _ => (self.cluster.get(name), "clusterrole"),
        };
        found
            .cloned()
            .ok_or_else(|| format!("{resource}.rbac.authorization.k8s.io {name:?} not found"))
    }
}

fn rules_in(role: &Value) -> Arc<[Rule]> {
    let rules = role.get("rules").and_then(Value::as_array);
    rules.into_iter().flatten().map(Rule::from_value).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rbac() -> Rbac {
        let reader = json!({"metadata": {"name": "r", "namespace": "a4"}, "rules": [
            {"verbs": ["get"], "apiGroups": [""], "resources": ["configmaps"], "resourceNames": ["a"]},
        ]});
        let health = json!({"metadata": {"name": "health"}, "rules": [
            {"verbs": ["get"], "nonResourceURLs": ["/healthz"]},
        ]});
        let bind = |name: &str, namespace: &str, kind: &str, role: &str, subjects: Value| {
            json!({
                "metadata": {"name": name, "namespace": namespace},
                "roleRef": {"kind": kind, "name": role}, "subjects": subjects,
            })
        };
        let everyone = bind(
            "health",
            "",
            "ClusterRole",
            "health",
            json!([
                {"kind": "Group", "name": "system:authenticated"}, {"kind": "Group", "name": "system:unauthenticated"},
            ]),
        );
        let users = bind(
            "b",
            "a4",
            "Role",
            "r",
            json!([
                {"kind": "User", "name": "bob"}, {"kind": "ServiceAccount", "name": "default"},
                {"kind": "ServiceAccount", "name": "x", "namespace": "y"},
            ]),
        );
        let carl = json!([{"kind": "User", "name": "carl"}]);
        let broken = bind("c", "a4", "Role", "nope", carl.clone());
        let broken_too = bind("c2", "a4", "ClusterRole", "nopec", carl);
        Rbac::compile(&Snapshot {
            roles: vec![&reader],
            cluster_roles: vec![&health],
            role_bindings: vec![&users, &broken, &broken_too],
            cluster_role_bindings: vec![&everyone],
        })
    }

    fn decide(user: &Identity, verb: &str, namespace: &str, name: &str) -> Decision {
        let target = Target::Resource {
            group: "",
            resource: "configmaps",
            subresource: "",
            namespace,
            name,
        };
        rbac().decide(&Attributes { user, verb, target })
    }

    fn allowed(reason: &str) -> Decision {
        Decision::Allowed(reason.to_owned())
    }

    fn denied(reason: &str) -> Decision {
        Decision::Denied(reason.to_owned())
    }

    #[test]
    fn the_reason_names_binding_role_and_subject() {
        let check = |user: Identity, expected: &str| {
            assert_eq!(decide(&user, "get", "a4", "a"), allowed(expected));
        };
        check(
            Identity::new("bob", [""; 0]),
            r#"RBAC: allowed by RoleBinding "b/a4" of Role "r" to User "bob""#,
        );
        check(
            Identity::service_account("a4", "default"),
            r#"RBAC: allowed by RoleBinding "b/a4" of Role "r" to ServiceAccount "default/a4""#,
        );
        check(
            Identity::service_account("y", "x"),
            r#"RBAC: allowed by RoleBinding "b/a4" of Role "r" to ServiceAccount "x/y""#,
        );
        check(Identity::admin(), "");
    }

    #[test]
    fn a_role_counts_in_its_namespace_only() {
        let bob = Identity::new("bob", [""; 0]);
        assert_eq!(decide(&bob, "get", "other", "a"), denied(""));
        assert_eq!(decide(&bob, "get", "", "a"), denied(""));
        assert_eq!(decide(&bob, "get", "a4", ""), denied(""));
    }

    #[test]
    fn missing_roles_are_named_in_the_denial() {
        let carl = Identity::new("carl", [""; 0]);
        assert_eq!(
            decide(&carl, "get", "a4", "a"),
            denied(
                r#"RBAC: [clusterrole.rbac.authorization.k8s.io "nopec" not found, role.rbac.authorization.k8s.io "nope" not found]"#
            )
        );
    }

    #[test]
    fn groups_are_bound_too_even_that_of_nobody() {
        let check = |user: &Identity, path: &str, expected: Decision| {
            let target = Target::Path(path);
            let verb = "get";
            assert_eq!(rbac().decide(&Attributes { user, verb, target }), expected);
        };
        check(
            &Identity::anonymous(),
            "/healthz",
            allowed(
                r#"RBAC: allowed by ClusterRoleBinding "health" of ClusterRole "health" to Group "system:unauthenticated""#,
            ),
        );
        check(&Identity::anonymous(), "/metrics", denied(""));
    }

    #[test]
    fn the_rules_of_a_user_are_those_of_the_cluster_and_the_namespace() {
        let bob = Identity::new("bob", [""; 0]);
        assert_eq!(rbac().rules_of(&bob, "a4").rules.len(), 2);
        assert_eq!(rbac().rules_of(&bob, "other").rules.len(), 1);
        let carl = Identity::new("carl", [""; 0]);
        assert_eq!(rbac().rules_of(&carl, "a4").missing.len(), 2);
    }
}
