//! An operator for websites: a ConfigMap for each page, a Secret if it is locked, and a journal of what it does.

use std::sync::{Arc, Mutex};

use http::Request;
use krate::ErrorKind;
use krate::k8s_openapi::api::core::v1::{ConfigMap, Secret};
use krate::prelude::*;
use kube::Client;
use kube::client::Body;
use serde_json::{Value, json};
use tokio::sync::watch;

pub(crate) const FINALIZER: &str = "example.com/cleanup";

/// Site is a website.
#[derive(CustomResource, Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
#[kube(
    group = "example.com",
    version = "v1",
    kind = "Site",
    namespaced,
    status = "SiteStatus",
    derive = "PartialEq"
)]
pub(crate) struct SiteSpec {
    /// The pages.
    pub(crate) pages: Vec<String>,
    /// Whether it needs a password.
    #[serde(default)]
    pub(crate) locked: bool,
}

/// How the website stands.
#[derive(Serialize, Deserialize, JsonSchema, Clone, Debug, Default, PartialEq)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct SiteStatus {
    /// The generation this is about.
    pub(crate) observed_generation: Option<i64>,
    /// What holds and what does not.
    pub(crate) conditions: Conditions,
}

impl Site {
    pub(crate) fn reason(&self, condition: &str) -> Option<String> {
        Some(self.status.as_ref()?.conditions.get(condition)?.reason.clone())
    }

    pub(crate) fn since(&self, condition: &str) -> Option<krate::k8s_openapi::jiff::Timestamp> {
        Some(
            self.status
                .as_ref()?
                .conditions
                .get(condition)?
                .last_transition_time
                .as_ref()?
                .0,
        )
    }
}

/// What the operator did, for the test to read.
#[derive(Clone, Default)]
pub(crate) struct Journal {
    writes: Arc<Mutex<Vec<String>>>,
    cleaned: Arc<Mutex<usize>>,
    reconciles: Arc<watch::Sender<usize>>,
    round: Arc<watch::Sender<Option<String>>>,
}

impl Journal {
    /// Returns the client, with every write noted that goes through it.
    pub(crate) fn listen(&self, client: Client) -> Client {
        let writes = Arc::clone(&self.writes);
        let service = tower::service_fn(move |request: Request<Body>| {
            if request.method() != http::Method::GET {
                writes
                    .lock()
                    .expect("no test panics while holding it")
                    .push(format!("{} {}", request.method(), request.uri().path()));
            }
            let client = client.clone();
            async move { client.send(request).await }
        });
        Client::new(service, "default")
    }

    /// Returns what was written so far, events apart: these are sent in the background.
    pub(crate) fn object_writes(&self) -> Vec<String> {
        let writes = self.writes.lock().expect("no test panics while holding it");
        writes
            .iter()
            .filter(|line| !line.contains("/events"))
            .cloned()
            .collect()
    }

    pub(crate) fn cleaned(&self) -> usize {
        *self.cleaned.lock().expect("no test panics while holding it")
    }

    pub(crate) fn reconciles(&self) -> usize {
        *self.reconciles.borrow()
    }

    /// Waits until this many runs have ended.
    pub(crate) async fn reconciled(&self, count: usize) {
        let mut reconciles = self.reconciles.subscribe();
        reconciles
            .wait_for(|done| *done >= count)
            .await
            .expect("the journal outlives the wait");
    }
}

impl Journal {
    /// Waits until a run has seen the annotation `round` with this value, and ended.
    pub(crate) async fn saw(&self, round: usize) {
        let mut rounds = self.round.subscribe();
        let wanted = Some(round.to_string());
        rounds
            .wait_for(|seen| *seen == wanted)
            .await
            .expect("the journal outlives the wait");
    }

    fn ended(&self, site: &Site) {
        self.reconciles.send_modify(|done| *done += 1);
        self.round.send_replace(site.annotations().get("round").cloned());
    }
}

#[derive(Reconciler)]
#[reconciler(for = Site, owns(ConfigMap, Secret), finalizer = "example.com/cleanup")]
pub(crate) struct Sites {
    pub(crate) journal: Journal,
}

impl Reconcile for Sites {
    async fn reconcile(&self, site: Arc<Site>, cx: &Context<Self>) -> Result<Action> {
        let pages: Vec<ConfigMap> = site.spec.pages.iter().map(|page| page_of(&site, page)).collect();
        let lock = site.spec.locked.then(|| lock_of(&site));
        let condition = match cx.apply_children(&site, (pages, lock)).force().await {
            Ok(_) if site.spec.pages.is_empty() => Condition::not_ready("Empty", "there are no pages"),
            Ok(_) => Condition::ready("Published", "all pages are there"),
            Err(error) if error.kind() == ErrorKind::Controlled => {
                Condition::not_ready("Controlled", error.to_string())
            }
            Err(error) => return Err(error),
        };
        cx.event(&site, Event::normal("Published", "the pages are there"));
        cx.status(&site, |status| status.conditions.set(condition))
            .await?;
        self.journal.ended(&site);
        Ok(Action::done())
    }

    async fn cleanup(&self, _: Arc<Site>, _: &Context<Self>) -> Result<Action> {
        *self
            .journal
            .cleaned
            .lock()
            .expect("no test panics while holding it") += 1;
        Ok(Action::done())
    }
}

fn page_of(site: &Site, page: &str) -> ConfigMap {
    object(json!({
        "metadata": { "name": format!("{}-{page}", site.name_any()), "labels": { "site": site.name_any() } },
        "data": { "page": page },
    }))
}

fn lock_of(site: &Site) -> Secret {
    object(json!({ "metadata": { "name": site.name_any() }, "stringData": { "password": "secret" } }))
}

fn object<K: serde::de::DeserializeOwned>(value: Value) -> K {
    serde_json::from_value(value).expect("the object is well-formed")
}
