//! An operator with everything that faults can hurt: children by name and by the server's name, a status, a
//! finalizer, and something outside the cluster.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::OwnerReference;
use krate::cache::ObjectKey;
use krate::context::Filter;
use krate::prelude::*;
use kube::api::ObjectMeta;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A shop with some aisles and tills.
#[derive(CustomResource, Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[kube(
    group = "fault.example.com",
    version = "v1",
    kind = "Shop",
    namespaced,
    status = "ShopStatus"
)]
pub(crate) struct ShopSpec {
    /// Aisles come and go.
    pub(crate) aisles: i32,
    /// Tills are only ever added, so one too many stays.
    pub(crate) tills: i32,
}

#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ShopStatus {
    pub(crate) aisles: i32,
    pub(crate) tills: i32,
    pub(crate) observed_generation: Option<i64>,
    pub(crate) conditions: Conditions,
}

/// What is known outside of the operator; clones share it.
#[derive(Clone, Default)]
pub(crate) struct Diary(Arc<Mutex<Pages>>);

#[derive(Default)]
pub(crate) struct Pages {
    /// The shops that are registered with the authorities, by name and uid.
    pub(crate) register: BTreeSet<(String, String)>,
    /// How many runs there were.
    pub(crate) runs: usize,
    /// The runs under way, by name, and the names of which there were several at once.
    inside: BTreeMap<String, usize>,
    pub(crate) crowded: BTreeSet<String>,
    /// The errors of runs.
    pub(crate) errors: Vec<String>,
}

impl Diary {
    pub(crate) fn pages(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().unwrap()
    }

    fn enter(&self, name: &str) -> Visit {
        let mut pages = self.pages();
        pages.runs += 1;
        let inside = pages.inside.entry(name.to_owned()).or_default();
        *inside += 1;
        if *inside > 1 {
            pages.crowded.insert(name.to_owned());
        }
        Visit {
            diary: self.clone(),
            name: name.to_owned(),
        }
    }
}

/// A run under way.
struct Visit {
    diary: Diary,
    name: String,
}

impl Drop for Visit {
    fn drop(&mut self) {
        let mut pages = self.diary.pages();
        *pages.inside.entry(self.name.clone()).or_default() -= 1;
    }
}

#[derive(Reconciler)]
#[reconciler(
    for = Shop,
    owns(ConfigMap),
    watches(Secret, via = Self::of_till),
    permits(Secret: [create]),
    finalizer = "fault.example.com/close"
)]
pub(crate) struct Shops {
    pub(crate) diary: Diary,
    /// Runs again after this time, whatever happened.
    pub(crate) again: Option<Duration>,
}

impl Shops {
    fn of_till(till: &Secret) -> Option<ObjectKey> {
        let shop = till.metadata.labels.as_ref()?.get("shop")?;
        Some(ObjectKey::namespaced(till.metadata.namespace.as_ref()?, shop))
    }

    async fn keep(&self, shop: &Shop, cx: &Context<Self>) -> krate::Result<Action> {
        let name = shop.name_any();
        self.diary.pages().register.insert((name.clone(), uid(shop)));
        let aisles: Vec<ConfigMap> = (0..shop.spec.aisles).map(|number| aisle(shop, number)).collect();
        let aisles = cx.apply_children(shop, aisles).force().await?.len();
        let filter = Filter::all()
            .in_namespace(shop.namespace().unwrap_or_default())
            .label("shop", &name);
        let tills = cx.list::<Secret>(filter).await?;
        let mut tills = tills.iter().filter(|it| belongs(it, shop)).count();
        while tills < usize::try_from(shop.spec.tills).unwrap_or_default() {
            cx.create(&till(shop)).await?;
            tills += 1;
        }
        cx.status(shop, |status| {
            status.aisles = i32::try_from(aisles).unwrap_or_default();
            status.tills = i32::try_from(tills).unwrap_or_default();
            status.conditions.set(Condition::ready("Open", "come in"));
        })
        .await?;
        Ok(self.again.map_or(Action::done(), Action::requeue))
    }
}

impl Reconcile for Shops {
    async fn reconcile(&self, shop: Arc<Shop>, cx: &Context<Self>) -> krate::Result<Action> {
        let _visit = self.diary.enter(&shop.name_any());
        let done = self.keep(&shop, cx).await;
        if let Err(error) = &done {
            self.diary.pages().errors.push(error.to_string());
        }
        done
    }

    async fn cleanup(&self, shop: Arc<Shop>, _: &Context<Self>) -> krate::Result<Action> {
        let _visit = self.diary.enter(&shop.name_any());
        self.diary.pages().register.remove(&(shop.name_any(), uid(&shop)));
        Ok(Action::done())
    }
}

fn uid(shop: &Shop) -> String {
    shop.metadata.uid.clone().unwrap_or_default()
}

fn belongs(till: &Secret, shop: &Shop) -> bool {
    let mut owners = till.metadata.owner_references.iter().flatten();
    till.metadata.deletion_timestamp.is_none() && owners.any(|owner| owner.uid == uid(shop))
}

fn aisle(shop: &Shop, number: i32) -> ConfigMap {
    ConfigMap {
        metadata: ObjectMeta {
            name: Some(format!("{}-aisle-{number}", shop.name_any())),
            ..ObjectMeta::default()
        },
        data: Some([("number".to_owned(), number.to_string())].into()),
        ..ConfigMap::default()
    }
}

/// A till gets its name from the server, so a second one is not noticed by its name.
fn till(shop: &Shop) -> Secret {
    let owner = OwnerReference {
        api_version: Shop::api_version(&()).into_owned(),
        kind: Shop::kind(&()).into_owned(),
        name: shop.name_any(),
        uid: uid(shop),
        ..OwnerReference::default()
    };
    Secret {
        metadata: ObjectMeta {
            generate_name: Some(format!("{}-till-", shop.name_any())),
            namespace: shop.namespace(),
            labels: Some([("shop".to_owned(), shop.name_any())].into()),
            owner_references: Some(vec![owner]),
            ..ObjectMeta::default()
        },
        ..Secret::default()
    }
}
