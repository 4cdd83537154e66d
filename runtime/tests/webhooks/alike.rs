//! Two versions with the same fields: one definition, and nobody has to convert anything.

use krate::k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use krate::kube::Api;
use krate::kube::api::{ListParams, PostParams};
use krate::prelude::*;
use krate_testing::{Cluster, eventually};

type Outcome = Result<(), Box<dyn std::error::Error>>;

mod v1 {
    use krate::prelude::*;

    #[derive(CustomResource, Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
    #[kube(
        group = "zoo.example.com",
        version = "v1",
        kind = "Zoo",
        namespaced,
        status = "ZooStatus"
    )]
    pub(crate) struct ZooSpec {
        #[schemars(range(max = 100))]
        pub(crate) animals: i32,
    }

    #[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, Default, PartialEq)]
    pub(crate) struct ZooStatus {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub(crate) seen: Option<i32>,
    }
}

mod v1beta1 {
    use krate::prelude::*;

    use super::v1::ZooStatus;

    #[derive(CustomResource, Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
    #[kube(
        group = "zoo.example.com",
        version = "v1beta1",
        kind = "Zoo",
        namespaced,
        status = "ZooStatus",
        storage = false,
        deprecated
    )]
    pub(crate) struct ZooSpec {
        pub(crate) animals: i32,
    }
}

#[derive(Reconciler)]
#[reconciler(for = v1::Zoo)]
struct Keeper;

impl Reconcile for Keeper {
    async fn reconcile(&self, zoo: Arc<v1::Zoo>, cx: &Context<Self>) -> krate::Result<Action> {
        let seen = zoo.spec.animals;
        cx.status(&zoo, |status| status.seen = Some(seen)).await?;
        Ok(Action::done())
    }
}

#[tokio::test(start_paused = true)]
async fn an_object_is_the_same_in_both_versions() -> Outcome {
    let cluster = Cluster::embedded()?;
    let operator = Operator::new().controller(Keeper).definition::<v1beta1::Zoo>();
    let running = cluster.run(operator).await?;
    let definitions: Api<CustomResourceDefinition> = Api::all(cluster.client());
    let definition = definitions.get("zoos.zoo.example.com").await?;
    let versions = definition.spec.versions.iter();
    let versions: Vec<(&str, bool)> = versions
        .map(|version| (version.name.as_str(), version.storage))
        .collect();
    assert_eq!(versions, [("v1", true), ("v1beta1", false)]);

    let new: Api<v1::Zoo> = Api::namespaced(cluster.client(), "default");
    let old: Api<v1beta1::Zoo> = Api::namespaced(cluster.client(), "default");
    let zoo = v1beta1::Zoo::new("berlin", v1beta1::ZooSpec { animals: 7 });
    old.create(&PostParams::default(), &zoo).await?;
    // Reconciled in the stored version, and told in the other.
    let seen = |zoo: &v1beta1::Zoo| zoo.status.as_ref().and_then(|status| status.seen);
    eventually(&old, "berlin", |zoo| seen(zoo) == Some(7)).await?;
    let mut zoo = new.get("berlin").await?;
    zoo.spec.animals = 8;
    new.replace("berlin", &PostParams::default(), &zoo).await?;
    eventually(&old, "berlin", |zoo| seen(zoo) == Some(8)).await?;
    let items = old.list(&ListParams::default()).await?.items;
    assert_eq!(items.iter().map(|zoo| zoo.spec.animals).collect::<Vec<_>>(), [8]);
    Ok(running.stop().await?)
}

#[test]
fn versions_that_differ_are_refused_by_the_names_of_their_types() {
    #[derive(CustomResource, Serialize, Deserialize, JsonSchema, Clone, Debug)]
    #[kube(
        group = "zoo.example.com",
        version = "v2",
        kind = "Zoo",
        namespaced,
        status = "v1::ZooStatus",
        storage = false
    )]
    struct ZooSpec {
        inhabitants: i32,
    }
    let operator = Operator::new().controller(Keeper).definition::<Zoo>();
    let error = operator.manifests().unwrap_err().to_string();
    let of = concat!(
        module_path!(),
        "::versions_that_differ_are_refused_by_the_names_of_their_types::"
    );
    assert_eq!(
        error.replace(of, "here::").replace(concat!(module_path!(), "::"), ""),
        "versions v1 (`v1::Zoo`) and v2 (`here::Zoo`) of Zoo differ, and nothing converts them:
  `spec.animals` is only in v1: writes in v2 drop it
  `spec.inhabitants` is only in v2: writes in v1 drop it
help: give both the same fields, or derive `Spoke` and add `.webhook(Webhook::conversion::<v1::Zoo>().spoke::<here::Zoo>())`"
    );
}
