//! An operator as it is installed in earnest: behind a service, under a prefix, and nobody brings a certificate.

use krate::certificate::{self, Source};
use krate::k8s_openapi::api::admissionregistration::v1::{
    MutatingWebhookConfiguration, ValidatingWebhookConfiguration,
};
use krate::k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use krate::kube::api::{DynamicObject, ListParams, Patch, PatchParams, PostParams};
use krate::kube::core::{ApiResource, GroupVersionKind};
use krate::kube::{self, Api};
use krate::manifest::Manifests;
use krate::operator::Stop;
use krate::prelude::*;
use krate_testing::{Cluster, eventually};
use serde_json::{Value, json};

use super::api::{operator, v1, v1alpha1};

type Outcome = Result<(), Box<dyn std::error::Error>>;

const NAMESPACE: &str = "krate-system";
const SERVICE: &str = "shop-webhook-service";

/// Applies objects as kustomize would have written them: in the namespace, and with the prefix, of the operator.
async fn install(client: &kube::Client, manifests: &Manifests) -> kube::Result<()> {
    let converted = manifests
        .crds()
        .iter()
        .filter(|crd| crd["spec"]["conversion"].is_object());
    for object in manifests.webhooks().iter().chain(converted) {
        let mut object = object.clone();
        if object["kind"] != "CustomResourceDefinition" {
            let name = format!("shop-{}", object["metadata"]["name"].as_str().unwrap_or_default());
            object["metadata"]["name"] = name.into();
        }
        if object["kind"] == "Service" {
            object["metadata"]["namespace"] = NAMESPACE.into();
        }
        let webhooks = object.get_mut("webhooks").and_then(Value::as_array_mut);
        for webhook in webhooks.into_iter().flatten() {
            lead(&mut webhook["clientConfig"]);
        }
        if let Some(conversion) = object.pointer_mut("/spec/conversion/webhook") {
            lead(&mut conversion["clientConfig"]);
        }
        apply(client, object).await?;
    }
    Ok(())
}

fn lead(config: &mut Value) {
    config["service"]["namespace"] = NAMESPACE.into();
    config["service"]["name"] = SERVICE.into();
}

async fn apply(client: &kube::Client, object: Value) -> kube::Result<()> {
    let object: DynamicObject = serde_json::from_value(object).map_err(kube::Error::SerdeError)?;
    let kind = GroupVersionKind::try_from(&object.types.clone().unwrap_or_default());
    let resource = ApiResource::from_gvk(&kind.expect("each object says what it is"));
    let api: Api<DynamicObject> = match &object.metadata.namespace {
        Some(namespace) => Api::namespaced_with(client.clone(), namespace, &resource),
        None => Api::all_with(client.clone(), &resource),
    };
    let params = PatchParams::apply("kubectl").force();
    api.patch(&object.name_any(), &params, &Patch::Apply(&object))
        .await
        .map(drop)
}

/// Leads the service to a port of this machine, as it leads to pods elsewhere.
async fn expose(client: &kube::Client, port: u16) -> kube::Result<()> {
    let slice = json!({
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "name": "shop-webhook-service-1",
            "namespace": NAMESPACE,
            "labels": {"kubernetes.io/service-name": SERVICE},
        },
        "addressType": "IPv4",
        "endpoints": [{"addresses": ["127.0.0.1"]}],
        "ports": [{"name": "https", "port": port}],
    });
    apply(client, slice).await
}

#[tokio::test]
async fn an_operator_nobody_gave_a_certificate_serves_what_is_installed_with_it() -> Outcome {
    // Services lead somewhere only where something routes; the embedded server does that itself.
    let cluster = Cluster::embedded()?;
    let admin = cluster.client();
    cluster.namespace("shop").await?;
    let operator = operator().webhook_port(0).name_prefix("shop-");
    let manifests = operator.manifests().map_err(|error| error.to_string())?;
    // What it may do is what its role says, and nothing else.
    let client = cluster.install_operator(&operator, "operator").await?;
    install(&admin, &manifests).await?;
    let handle = operator.handle();
    let stop = Stop::new();
    let running = tokio::spawn({
        let stop = stop.clone();
        async move { operator.client(client).run_until(&stop).await }
    });

    let mutating: Api<MutatingWebhookConfiguration> = Api::all(admin.clone());
    eventually(
        &mutating,
        "shop-mutating-webhook-configuration",
        |configuration| {
            let webhooks = configuration.webhooks.iter().flatten();
            webhooks
                .map(|webhook| &webhook.client_config)
                .all(|config| config.ca_bundle.is_some())
        },
    )
    .await?;
    let validating: Api<ValidatingWebhookConfiguration> = Api::all(admin.clone());
    eventually(
        &validating,
        "shop-validating-webhook-configuration",
        |configuration| {
            let webhooks = configuration.webhooks.iter().flatten();
            webhooks
                .map(|webhook| &webhook.client_config)
                .all(|config| config.ca_bundle.is_some())
        },
    )
    .await?;
    let definitions: Api<CustomResourceDefinition> = Api::all(admin.clone());
    eventually(&definitions, "memcacheds.cache.example.com", |definition| {
        let conversion = definition.spec.conversion.as_ref();
        let webhook = conversion.and_then(|conversion| conversion.webhook.as_ref());
        webhook
            .and_then(|webhook| webhook.client_config.as_ref())
            .is_some_and(|config| config.ca_bundle.is_some())
    })
    .await?;

    let site = handle.site().await.expect("the operator runs");
    let address = loop {
        let servers = site.servers();
        let webhook = servers.iter().find(|server| server.name == "webhook");
        if let Some(address) = webhook.and_then(|server| server.address) {
            break address;
        }
        assert!(!running.is_finished(), "the operator has ended");
        tokio::task::yield_now().await;
    };
    expose(&admin, address.port()).await?;
    let told: Vec<certificate::Report> = site.certificates();
    assert_eq!(told.len(), 1);
    assert_eq!(
        (told[0].source, told[0].injected),
        (Source::SelfManaged, Some(true))
    );

    let spec = |replicas| v1::MemcachedSpec {
        replicas,
        owner: None,
        tls: None,
    };
    let new: Api<v1::Memcached> = Api::namespaced(admin.clone(), "shop");
    let params = PostParams::default();
    let created = new.create(&params, &v1::Memcached::new("a", spec(3))).await?;
    assert!(created.spec.owner.is_some());
    let refused = new.create(&params, &v1::Memcached::new("b", spec(2))).await;
    let refused = refused.unwrap_err().to_string();
    assert!(
        refused.contains("spec.replicas: Invalid value: 2: must be odd"),
        "{refused}"
    );
    let old: Api<v1alpha1::Memcached> = Api::namespaced(admin, "shop");
    let sizes: Vec<i32> = old
        .list(&ListParams::default())
        .await?
        .items
        .iter()
        .map(|item| item.spec.size)
        .collect();
    assert_eq!(sizes, [3]);

    stop.request();
    Ok(running.await?.map_err(|error| error.to_string())?)
}
