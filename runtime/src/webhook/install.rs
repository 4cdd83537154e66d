//! What has to be installed for webhooks: configurations, the service they name, and definitions that name `/convert`.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::admission::{AdmissionWebhook, MUTATING, Place, VALIDATING, configurations};
use super::declare::{Kind, Webhook};
use super::service::{CONVERT, check};
use crate::certificate::Target;
use crate::crd::Definition;
use crate::error::Result;
use crate::permission::Permission;

/// The name of the service behind which webhooks are; kubebuilder's.
pub const SERVICE: &str = "webhook-service";
/// The port webhooks are served at unless another is chosen; kubebuilder's.
pub const PORT: u16 = 9443;

/// The namespace manifests name; kustomize replaces it with the operator's.
const NAMESPACE: &str = "system";

/// What the webhooks of an operator need installed.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Installed {
    /// `MutatingWebhookConfiguration`, `ValidatingWebhookConfiguration`.
    pub(crate) configurations: Vec<Value>,
    /// The service, if there is any webhook.
    pub(crate) service: Option<Value>,
    /// The kinds that are converted: the definitions of all versions of each.
    pub(crate) converted: Vec<Vec<Definition>>,
    /// The value of `spec.conversion` of these definitions.
    pub(crate) conversion: Value,
    pub(crate) permissions: Vec<Permission>,
}

/// Returns what has to be installed for these webhooks, which are served at a port.
///
/// # Errors
///
/// If they cannot be together, or a kind has a schema that no API server would take.
pub(crate) fn install(webhooks: &[Webhook], port: u16) -> Result<Installed> {
    check(webhooks)?;
    if webhooks.is_empty() {
        return Ok(Installed::default());
    }
    let place = Place {
        namespace: NAMESPACE,
        service: SERVICE,
    };
    let mut admission: Vec<&AdmissionWebhook> = Vec::new();
    let mut converted = Vec::new();
    for webhook in webhooks {
        match &webhook.0 {
            Kind::Admission(webhook) => admission.push(webhook),
            Kind::Conversion(family) => {
                converted.push(family.definitions()?);
            }
        }
    }
    let permissions = admission.iter().flat_map(|webhook| webhook.permissions());
    Ok(Installed {
        configurations: configurations(&admission, place),
        service: Some(service(port)),
        converted,
        conversion: json!({
            "strategy": "Webhook",
            "webhook": {
                "clientConfig": place.client_config(CONVERT),
                "conversionReviewVersions": ["v1"],
            },
        }),
        permissions: permissions.cloned().collect(),
    })
}

/// Returns what names these webhooks, and so has to know by what their server is verified.
pub(super) fn targets(webhooks: &[Webhook]) -> Vec<Target> {
    let target = |webhook: &Webhook| match &webhook.0 {
        Kind::Admission(webhook) if webhook.is_mutating() => Target::Mutating(MUTATING.to_owned()),
        Kind::Admission(_) => Target::Validating(VALIDATING.to_owned()),
        Kind::Conversion(family) => Target::Definition(family.crd_name()),
    };
    let targets: BTreeSet<Target> = webhooks.iter().map(target).collect();
    targets.into_iter().collect()
}

fn service(port: u16) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": { "name": SERVICE, "namespace": NAMESPACE },
        "spec": {
            "ports": [{ "name": "https", "port": 443, "protocol": "TCP", "targetPort": port }],
            "selector": { "control-plane": "controller-manager" },
        },
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use k8s_openapi::api::core::v1::{ConfigMap, Pod};
    use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

    use super::*;
    use crate::Operator;
    use crate::certificate::{Mounted, SelfManaged};
    use crate::manifest::Format;
    use crate::permission::Verb;
    use crate::prelude::*;
    use crate::serve::{Address, Server};
    use crate::webhook::{
        Admission, Defaulting, FailurePolicy, Hub, MatchPolicy, Operation, Reinvocation, SideEffects,
        Validating,
    };

    #[derive(CustomResource, Serialize, Deserialize, JsonSchema, Clone, Debug)]
    #[kube(
        group = "cache.example.com",
        version = "v1",
        kind = "Memcached",
        namespaced,
        crate = "crate"
    )]
    struct MemcachedSpec {
        size: i32,
    }

    impl Hub for Memcached {}

    mod old {
        use crate::prelude::*;
        use crate::webhook::Spoke;

        #[derive(CustomResource, Spoke, Serialize, Deserialize, JsonSchema, Clone, Debug)]
        #[kube(
            group = "cache.example.com",
            version = "v1alpha1",
            kind = "Memcached",
            namespaced,
            storage = false,
            crate = "crate"
        )]
        #[spoke(hub = super::Memcached, crate = crate)]
        pub(super) struct MemcachedSpec {
            #[spoke(rename = size)]
            pub(super) count: i32,
        }
    }

    struct Rules<K>(std::marker::PhantomData<fn() -> K>);

    fn rules<K>() -> Rules<K> {
        Rules(std::marker::PhantomData)
    }

    impl<K: crate::Object> Defaulting for Rules<K> {
        type Object = K;
        async fn apply_defaults(&self, _: &mut K, _: &Admission) -> Result<()> {
            Ok(())
        }
    }

    impl<K: crate::Object> Validating for Rules<K> {
        type Object = K;
        async fn validate_create(&self, _: &K, _: &Admission) -> Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_kubebuilder_would_write_is_what_is_installed() {
        let operator = Operator::new()
            .webhook(Webhook::validating(rules::<Memcached>()))
            .webhook(Webhook::defaulting(rules::<Memcached>()))
            .webhook(Webhook::defaulting(rules::<Pod>()));
        let text = operator
            .manifests()
            .unwrap()
            .only_webhooks()
            .to_text(Format::Yaml)
            .unwrap();
        snapbox::assert_data_eq!(text, snapbox::file!["install.yaml"]);
    }

    #[test]
    fn options_are_told_to_the_api_server() {
        let webhook = Webhook::defaulting(rules::<ConfigMap>())
            .operations([Operation::Update])
            .subresource("status")
            .failure_policy(FailurePolicy::Ignore)
            .match_policy(MatchPolicy::Exact)
            .side_effects(SideEffects::NoneOnDryRun)
            .reinvocation(Reinvocation::IfNeeded)
            .timeout(Duration::from_secs(3))
            .namespace_selector(LabelSelector {
                match_labels: Some([("a".to_owned(), "b".to_owned())].into()),
                ..LabelSelector::default()
            })
            .object_selector(LabelSelector::default())
            .match_condition("named", "object.metadata.name != ''")
            .name("config.example.com")
            .path("/config")
            .permits([Permission::of::<Pod>([Verb::Get])]);
        let installed = install(&[webhook.into()], 9443).unwrap();
        let expected = json!({
            "name": "config.example.com",
            "admissionReviewVersions": ["v1"],
            "clientConfig": {"service": {"name": "webhook-service", "namespace": "system", "path": "/config"}},
            "failurePolicy": "Ignore",
            "matchPolicy": "Exact",
            "sideEffects": "NoneOnDryRun",
            "timeoutSeconds": 3,
            "reinvocationPolicy": "IfNeeded",
            "namespaceSelector": {"matchLabels": {"a": "b"}},
            "objectSelector": {},
            "matchConditions": [{"name": "named", "expression": "object.metadata.name != ''"}],
            "rules": [{
                "apiGroups": [""], "apiVersions": ["v1"], "operations": ["UPDATE"],
                "resources": ["configmaps", "configmaps/status"],
            }],
        });
        assert_eq!(installed.configurations[0]["webhooks"], json!([expected]));
        assert_eq!(installed.permissions, [Permission::of::<Pod>([Verb::Get])]);
    }

    #[test]
    fn a_kind_that_is_converted_has_all_its_versions() {
        let operator = Operator::new().webhook(Webhook::conversion::<Memcached>().spoke::<old::Memcached>());
        let manifests = operator.manifests().unwrap();
        let [crd] = manifests.crds() else {
            panic!("one definition is expected");
        };
        let versions = crd["spec"]["versions"].as_array().unwrap().iter();
        let versions: Vec<&Value> = versions.map(|version| &version["name"]).collect();
        assert_eq!(versions, ["v1", "v1alpha1"]);
        let expected = json!({
            "strategy": "Webhook",
            "webhook": {
                "clientConfig": {"service": {"name": "webhook-service", "namespace": "system", "path": "/convert"}},
                "conversionReviewVersions": ["v1"],
            },
        });
        assert_eq!(crd["spec"]["conversion"], expected);
        // A conversion needs a service, and no configuration.
        let kinds: Vec<&Value> = manifests
            .webhooks()
            .iter()
            .map(|object| &object["kind"])
            .collect();
        assert_eq!(kinds, ["Service"]);
    }

    #[test]
    fn the_certificate_of_the_operator_itself_needs_a_role_and_no_other_does() {
        let operator = || {
            Operator::new()
                .webhook(Webhook::defaulting(rules::<Pod>()))
                .webhook(Webhook::conversion::<Memcached>().spoke::<old::Memcached>())
                .name_prefix("shop-")
        };
        let names = |operator: Operator| {
            let manifests = operator.manifests().unwrap();
            let roles = manifests.roles().iter();
            let rules = roles.flat_map(|role| role["rules"].as_array().unwrap().clone());
            let named = rules.filter_map(|mut rule| rule["resourceNames"].as_array_mut().map(std::mem::take));
            named.flatten().collect::<Vec<_>>()
        };
        let expected = [
            "shop-mutating-webhook-configuration",
            "memcacheds.cache.example.com",
            "shop-webhook-service-cert",
        ];
        assert_eq!(names(operator()), expected);
        // Options of it change nothing about who is told.
        let domain = SelfManaged::new(SERVICE).domain("example.com");
        assert_eq!(names(operator().webhook_certificate(domain)), expected);
        assert!(names(operator().webhook_certificate(Mounted::default())).is_empty());
        let server = Server::new("webhook", Address::loopback(0));
        assert!(names(operator().webhook_server(server)).is_empty());
        assert!(names(Operator::new().name_prefix("shop-")).is_empty());
    }

    #[test]
    fn without_webhooks_nothing_is_installed() {
        assert_eq!(install(&[], PORT).unwrap(), Installed::default());
    }
}
