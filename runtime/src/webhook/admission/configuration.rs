//! What the API server is told about admission webhooks: when to ask which, and what if it cannot.

use serde_json::{Map, Value, json};

use super::request::Operation;
use super::webhook::{Act, AdmissionWebhook};

/// What happens to a request when the webhook cannot be asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FailurePolicy {
    /// It fails.
    #[default]
    Fail,
    /// It goes on as if the webhook had admitted it.
    Ignore,
}

/// Whether a webhook is asked about other versions of its kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MatchPolicy {
    /// It is asked, with the object converted to its version.
    #[default]
    Equivalent,
    /// It is asked only about its own version.
    Exact,
}

/// What a webhook does beside answering.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SideEffects {
    /// Nothing.
    #[default]
    None,
    /// Something, but nothing if [it is a dry run](super::Admission::is_dry_run).
    NoneOnDryRun,
}

/// Whether a defaulting webhook is asked again when another changed the object after it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reinvocation {
    /// It is asked once.
    #[default]
    Never,
    /// It may be asked once more.
    IfNeeded,
}

/// Where the API server finds the webhooks of an operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place<'a> {
    /// The namespace of the service.
    pub(crate) namespace: &'a str,
    /// The name of the service.
    pub(crate) service: &'a str,
}

impl Place<'_> {
    /// Returns the client configuration for a path.
    pub(crate) fn client_config(&self, path: &str) -> Value {
        json!({ "service": { "namespace": self.namespace, "name": self.service, "path": path } })
    }
}

/// The name of the configuration of defaulting webhooks; kubebuilder's.
pub(crate) const MUTATING: &str = "mutating-webhook-configuration";
/// The name of the configuration of validating webhooks; kubebuilder's.
pub(crate) const VALIDATING: &str = "validating-webhook-configuration";

/// Returns the configurations of webhooks, mutating before validating, none where there is nothing to configure.
///
/// Webhooks are in order of their names: the API server asks in the order of the list.
pub(crate) fn configurations(webhooks: &[&AdmissionWebhook], place: Place<'_>) -> Vec<Value> {
    let configuration = |act, kind: &str, name: &str| {
        let mut entries: Vec<Value> = webhooks
            .iter()
            .filter(|webhook| webhook.act == act)
            .map(|webhook| webhook.entry(place))
            .collect();
        entries.sort_by(|a, b| a["name"].as_str().cmp(&b["name"].as_str()));
        (!entries.is_empty()).then(|| {
            json!({
                "apiVersion": "admissionregistration.k8s.io/v1",
                "kind": kind,
                "metadata": { "name": name },
                "webhooks": entries,
            })
        })
    };
    let mutating = configuration(Act::Mutate, "MutatingWebhookConfiguration", MUTATING);
    let validating = configuration(Act::Validate, "ValidatingWebhookConfiguration", VALIDATING);
    mutating.into_iter().chain(validating).collect()
}

impl AdmissionWebhook {
    /// Returns whether it is in the configuration of webhooks that change objects.
    pub(crate) fn is_mutating(&self) -> bool {
        self.act == Act::Mutate
    }

    /// Returns the name of the webhook, by which messages of the API server call it.
    pub(crate) fn full_name(&self) -> String {
        self.name.clone().unwrap_or_else(|| {
            let letter = match self.act {
                Act::Mutate => 'm',
                Act::Validate => 'v',
            };
            format!(
                "{letter}{}-{}.kb.io",
                self.target.kind.to_lowercase(),
                self.target.version
            )
        })
    }

    fn entry(&self, place: Place<'_>) -> Value {
        let mut entry = Map::new();
        let mut set = |key: &str, value: Value| entry.insert(key.to_owned(), value);
        set("name", self.full_name().into());
        set("admissionReviewVersions", json!(["v1"]));
        set("clientConfig", place.client_config(&self.served_at()));
        set("failurePolicy", format!("{:?}", self.failure_policy).into());
        set("matchPolicy", format!("{:?}", self.match_policy).into());
        set("sideEffects", format!("{:?}", self.side_effects).into());
        set("timeoutSeconds", self.timeout.as_secs().into());
        set("rules", json!([self.rule()]));
        if self.act == Act::Mutate {
            set("reinvocationPolicy", format!("{:?}", self.reinvocation).into());
        }
        if let Some(selector) = &self.namespace_selector {
            set("namespaceSelector", json!(selector));
        }
        if let Some(selector) = &self.object_selector {
            set("objectSelector", json!(selector));
        }
        if !self.match_conditions.is_empty() {
            let conditions = self.match_conditions.iter();
            let conditions =
                conditions.map(|(name, expression)| json!({ "name": name, "expression": expression }));
            set("matchConditions", conditions.collect());
        }
        Value::Object(entry)
    }

    fn rule(&self) -> Value {
        let operations = self.operations.iter().map(|operation| match operation {
            Operation::Create => "CREATE",
            Operation::Update => "UPDATE",
            Operation::Delete => "DELETE",
        });
        json!({
            "apiGroups": [self.target.group],
            "apiVersions": [self.target.version],
            "operations": operations.collect::<Vec<_>>(),
            "resources": self.resources,
        })
    }
}
