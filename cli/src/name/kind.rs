//! The kind of an API, and what Rust and Kubernetes derive from it.

use heck::{ToSnakeCase, ToUpperCamelCase};

use crate::error::{Error, Result};

use super::{KEYWORDS, LABEL_MAX};

/// A kind: an upper-case letter, then letters and digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kind(String);

/// Kinds every cluster has: `kubectl get` and the imports of a scaffold would mean those.
const BUILT_IN: [&str; 41] = [
    "APIService",
    "Binding",
    "CertificateSigningRequest",
    "ClusterRole",
    "ClusterRoleBinding",
    "ComponentStatus",
    "ConfigMap",
    "ControllerRevision",
    "CronJob",
    "CSIDriver",
    "CSINode",
    "CustomResourceDefinition",
    "DaemonSet",
    "Deployment",
    "Endpoints",
    "EndpointSlice",
    "Event",
    "HorizontalPodAutoscaler",
    "Ingress",
    "IngressClass",
    "Job",
    "Lease",
    "LimitRange",
    "Namespace",
    "NetworkPolicy",
    "Node",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "Pod",
    "PodDisruptionBudget",
    "PodTemplate",
    "PriorityClass",
    "ReplicaSet",
    "ReplicationController",
    "ResourceQuota",
    "Role",
    "RoleBinding",
    "Secret",
    "Service",
    "ServiceAccount",
    "StatefulSet",
];

/// Names a scaffolded file already uses for something else.
const TAKEN: [&str; 32] = [
    "Action",
    "Arc",
    "Box",
    "Cluster",
    "Condition",
    "Conditions",
    "Container",
    "Context",
    "Copy",
    "Clone",
    "Custom",
    "CustomResource",
    "Debug",
    "Default",
    "Error",
    "ExitCode",
    "JsonSchema",
    "None",
    "ObjectMeta",
    "Ok",
    "Operator",
    "Option",
    "Reconcile",
    "Reconciler",
    "Resource",
    "Result",
    "Self",
    "Some",
    "Status",
    "String",
    "Vec",
    "Send",
];

/// Endings that mean another type of the same API.
const ENDINGS: [(&str, &str); 3] = [
    ("List", "Kubernetes calls the list of a kind so"),
    ("Spec", "the Rust type of a kind's `spec` is called so"),
    ("Status", "the Rust type of a kind's `status` is called so"),
];

impl Kind {
    pub(crate) fn parse(text: &str) -> Result<Kind> {
        let fault = shape_fault(text).or_else(|| meaning_fault(text));
        match fault {
            None => Ok(Kind(text.to_owned())),
            Some((why, help)) => Err(Error::usage(format!("`{text}` cannot be a kind: {why}")).help(help)),
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the name of the Rust module: `MemcachedCluster` is in `memcached_cluster`.
    pub(crate) fn module(&self) -> String {
        self.0.to_snake_case()
    }

    /// Returns the singular resource name, as Kubernetes derives it.
    pub(crate) fn lower(&self) -> String {
        self.0.to_lowercase()
    }
}

fn shape_fault(text: &str) -> Option<(String, String)> {
    let camel = text.to_upper_camel_case();
    let help = if is_camel(&camel) {
        format!("write `{camel}`")
    } else {
        "write a name such as `Memcached`".to_owned()
    };
    if !text.is_empty() && !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        Some(("only letters and digits are allowed".into(), help))
    } else if !is_camel(text) {
        Some(("it must start with a capital letter".into(), help))
    } else if text.len() > LABEL_MAX - "List".len() {
        Some((
            "it is longer than 59 characters, and its list is called so, too, with `List` at the end".into(),
            "choose a shorter name".into(),
        ))
    } else {
        None
    }
}

fn is_camel(text: &str) -> bool {
    text.as_bytes().first().is_some_and(u8::is_ascii_uppercase)
}

fn meaning_fault(text: &str) -> Option<(String, String)> {
    let other = || "choose another name".to_owned();
    let module = text.to_snake_case();
    let ending = ENDINGS
        .iter()
        .find(|(ending, _)| text.ends_with(ending) && text != *ending);
    if BUILT_IN.iter().any(|kind| kind.eq_ignore_ascii_case(text)) {
        Some(("Kubernetes has a kind of that name".into(), other()))
    } else if TAKEN.contains(&text) {
        Some((
            format!("a scaffolded file uses `{text}` for something else"),
            other(),
        ))
    } else if KEYWORDS.contains(&module.as_str()) {
        Some((
            format!("its module would be called `{module}`, a word Rust reserves"),
            other(),
        ))
    } else {
        ending.map(|(ending, why)| (format!("it ends with `{ending}`, and {why}"), other()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_checked_by_shape_and_meaning() {
        let check = |text: &str, expected: &str| {
            let message = Kind::parse(text).map_or_else(|error| error.to_string(), |_| "ok".to_owned());
            assert!(message.ends_with(expected), "{text}: {message}");
        };
        check("Memcached", "ok");
        check("ETCDCluster", "ok");
        check("V2", "ok");
        check("", "it must start with a capital letter");
        check("memcached", "it must start with a capital letter");
        check("2Cached", "it must start with a capital letter");
        check("Mem-cached", "only letters and digits are allowed");
        check("Café", "only letters and digits are allowed");
        check(&"A".repeat(59), "ok");
        check(
            &"A".repeat(60),
            "it is longer than 59 characters, and its list is called so, too, with `List` at the end",
        );
        check("Type", "a word Rust reserves");
        check("Mod", "a word Rust reserves");
        check("Deployment", "Kubernetes has a kind of that name");
        check("Configmap", "Kubernetes has a kind of that name");
        check("Result", "for something else");
        check("MemcachedList", "Kubernetes calls the list of a kind so");
        check("MemcachedSpec", "the Rust type of a kind's `spec` is called so");
    }

    #[test]
    fn a_near_kind_is_offered() {
        let check = |text: &str, help: &str| assert_eq!(Kind::parse(text).unwrap_err().help, [help]);
        check("memcached", "write `Memcached`");
        check("mem-cached", "write `MemCached`");
        check("9", "write a name such as `Memcached`");
    }

    #[test]
    fn module_and_singular_follow_from_the_kind() {
        let kind = Kind::parse("MemcachedCluster").unwrap();
        assert_eq!(
            (kind.module(), kind.lower()),
            ("memcached_cluster".into(), "memcachedcluster".into())
        );
    }
}
