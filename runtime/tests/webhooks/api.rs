//! A kind with two versions, and what its operator asks of it.

use krate::prelude::*;
use krate::webhook::{Admission, Defaulting, FieldErrors, Hub, Operation, Validating, Webhook, field};

pub(crate) mod v1 {
    use krate::prelude::*;

    #[derive(CustomResource, Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
    #[kube(group = "cache.example.com", version = "v1", kind = "Memcached", namespaced)]
    #[serde(rename_all = "camelCase")]
    pub(crate) struct MemcachedSpec {
        pub(crate) replicas: i32,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub(crate) owner: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub(crate) tls: Option<String>,
    }
}

pub(crate) mod v1alpha1 {
    use krate::prelude::*;
    use krate::webhook::Spoke;

    use super::v1;

    #[derive(CustomResource, Spoke, Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
    #[kube(
        group = "cache.example.com",
        version = "v1alpha1",
        kind = "Memcached",
        namespaced,
        storage = false
    )]
    #[spoke(hub = v1::Memcached, hub_only(tls), keep)]
    #[serde(rename_all = "camelCase")]
    pub(crate) struct MemcachedSpec {
        #[spoke(rename = replicas)]
        pub(crate) size: i32,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub(crate) owner: Option<String>,
        /// Removed from the stored version.
        #[spoke(spoke_only)]
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub(crate) note: Option<String>,
    }
}

impl Hub for v1::Memcached {}

/// Fills in the owner, and wants odd numbers.
pub(crate) struct Rules;

impl Defaulting for Rules {
    type Object = v1::Memcached;

    async fn apply_defaults(&self, memcached: &mut v1::Memcached, cx: &Admission) -> Result<()> {
        let owner = || cx.user().username.clone();
        memcached.spec.owner.get_or_insert_with(owner);
        Ok(())
    }
}

impl Validating for Rules {
    type Object = v1::Memcached;

    async fn validate_create(&self, new: &v1::Memcached, cx: &Admission) -> Result<()> {
        let replicas = new.spec.replicas;
        assert!(replicas != 666, "the number of the beast");
        if replicas == 1 {
            cx.warn("one has no spare");
        }
        let mut errors = FieldErrors::new();
        if replicas % 2 == 0 {
            errors.push(field("spec.replicas").invalid(replicas, "must be odd"));
        }
        errors.into_result()
    }

    async fn validate_update(&self, old: &v1::Memcached, new: &v1::Memcached, cx: &Admission) -> Result<()> {
        if old.spec.owner != new.spec.owner {
            Err(field("spec.owner").forbidden("may not change"))?;
        }
        self.validate_create(new, cx).await
    }

    async fn validate_delete(&self, old: &v1::Memcached, cx: &Admission) -> Result<()> {
        let kept = old.labels().contains_key("keep");
        if kept && !cx.is_dry_run() {
            return Err(Error::new("it is to be kept"));
        }
        Ok(())
    }
}

/// Labels every config map.
pub(crate) struct Labels;

impl Defaulting for Labels {
    type Object = krate::k8s_openapi::api::core::v1::ConfigMap;

    async fn apply_defaults(&self, config: &mut Self::Object, _: &Admission) -> Result<()> {
        config
            .labels_mut()
            .entry("labelled".into())
            .or_insert_with(|| "yes".into());
        Ok(())
    }
}

pub(crate) fn operator() -> Operator {
    Operator::new()
        .webhook(Webhook::defaulting(Rules))
        .webhook(Webhook::validating(Rules).operations([
            Operation::Create,
            Operation::Update,
            Operation::Delete,
        ]))
        .webhook(Webhook::defaulting(Labels))
        .webhook(Webhook::conversion::<v1::Memcached>().spoke::<v1alpha1::Memcached>())
}
