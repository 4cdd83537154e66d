//! The question asked of authorization, and how its refusal reads.

use crate::authn::Identity;
use crate::status::{Details, Error, GroupResource};

/// One question: may this user do this to that.
#[derive(Debug, Clone, Copy)]
pub struct Attributes<'a> {
    /// Who asks.
    pub user: &'a Identity,
    /// API verb such as `list`, or the lower-case HTTP method for a path.
    pub verb: &'a str,
    /// What is asked for.
    pub target: Target<'a>,
}

/// What a question is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target<'a> {
    /// Objects of a resource.
    Resource {
        /// API group, empty for core.
        group: &'a str,
        /// Plural name.
        resource: &'a str,
        /// Subresource, empty for the object itself.
        subresource: &'a str,
        /// Namespace, empty at cluster scope.
        namespace: &'a str,
        /// Object name, empty if the question is about no particular one.
        name: &'a str,
    },
    /// A path outside the API, for example `/metrics`.
    Path(&'a str),
}

impl Attributes<'_> {
    /// Returns the 403 that refuses the request; `reason` says more than the plain denial, often it is empty.
    #[must_use]
    pub fn refusal(&self, reason: &str) -> Error {
        let mut why = self.to_string();
        if !reason.is_empty() {
            why = format!("{why}: {reason}");
        }
        match self.target {
            Target::Resource {
                group,
                resource,
                name,
                ..
            } => Error::forbidden(GroupResource { group, resource }, name, &why),
            Target::Path(_) => Error {
                reason: Some("Forbidden"),
                details: Some(Box::<Details>::default()),
                ..Error::untyped(403, format!("forbidden: {why}"))
            },
        }
    }
}

impl std::fmt::Display for Attributes<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "User {:?} cannot {} ", self.user.user, self.verb)?;
        match self.target {
            Target::Path(path) => write!(f, "path {path:?}"),
            Target::Resource {
                group,
                resource,
                subresource,
                namespace,
                ..
            } => {
                let slash = if subresource.is_empty() { "" } else { "/" };
                write!(
                    f,
                    "resource \"{resource}{slash}{subresource}\" in API group {group:?} "
                )?;
                if namespace.is_empty() {
                    f.write_str("at the cluster scope")
                } else {
                    write!(f, "in the namespace {namespace:?}")
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn resource(text: &str) -> Target<'_> {
        let parts: Vec<&str> = text.split(' ').collect();
        let [group, resource, subresource, namespace, name] = parts[..] else {
            panic!("five parts in {text:?}");
        };
        let bare = |part| if part == "-" { "" } else { part };
        Target::Resource {
            group: bare(group),
            resource,
            subresource: bare(subresource),
            namespace: bare(namespace),
            name: bare(name),
        }
    }

    fn check(user: &str, verb: &str, target: Target<'_>, expected: &str) {
        let user = Identity::new(user, [""; 0]);
        let attributes = Attributes {
            user: &user,
            verb,
            target,
        };
        assert_eq!(attributes.refusal("").message, expected);
    }

    #[test]
    fn a_refusal_names_user_verb_resource_and_scope() {
        let cases = [
            (
                "list",
                "- pods - default -",
                r#"pods is forbidden: User "alice" cannot list resource "pods" in API group "" in the namespace "default""#,
            ),
            (
                "list",
                "- nodes - - -",
                r#"nodes is forbidden: User "alice" cannot list resource "nodes" in API group "" at the cluster scope"#,
            ),
            (
                "get",
                "apps deployments - default x",
                r#"deployments.apps "x" is forbidden: User "alice" cannot get resource "deployments" in API group "apps" in the namespace "default""#,
            ),
            (
                "patch",
                "y.io ws status t5 a",
                r#"ws.y.io "a" is forbidden: User "alice" cannot patch resource "ws/status" in API group "y.io" in the namespace "t5""#,
            ),
            (
                "deletecollection",
                "- pods - default -",
                r#"pods is forbidden: User "alice" cannot deletecollection resource "pods" in API group "" in the namespace "default""#,
            ),
        ];
        for (verb, target, expected) in cases {
            check("alice", verb, resource(target), expected);
        }
    }

    #[test]
    fn a_path_is_refused_without_details_of_a_resource() {
        let user = Identity::anonymous();
        let attributes = Attributes {
            user: &user,
            verb: "get",
            target: Target::Path("/metrics"),
        };
        assert_eq!(
            attributes.refusal("").to_status(),
            json!({
                "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
                "message": "forbidden: User \"system:anonymous\" cannot get path \"/metrics\"",
                "reason": "Forbidden", "details": {}, "code": 403,
            })
        );
    }

    #[test]
    fn a_reason_follows_the_refusal() {
        let user = Identity::new("carl", [""; 0]);
        let attributes = Attributes {
            user: &user,
            verb: "get",
            target: Target::Path("/x"),
        };
        assert_eq!(
            attributes.refusal("RBAC: gone").message,
            "forbidden: User \"carl\" cannot get path \"/x\": RBAC: gone"
        );
    }
}
