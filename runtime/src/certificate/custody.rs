//! One replica looking after the Secret: reads it, serves with it, tells others, writes what is due.
//!
//! Watches only say that there is something to look at; what is acted upon is read anew. So a replica that is behind
//! cannot bring back what another has just changed, and the cache holds no keys.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::api::admissionregistration::v1::{
    MutatingWebhookConfiguration, ValidatingWebhookConfiguration,
};
use k8s_openapi::api::core::v1::Secret;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::Api;
use kube::api::PostParams;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep};
use tracing::{info, warn};

use super::certificates::Keep;
use super::injection::{Injection, Standing};
use super::material::{Data, LABEL, Material, is_ours};
use super::plan::plan;
use super::{SelfManaged, Target};
use crate::cache::{Caches, Namespaces, Selection, Setting};
use crate::operator::{Scope, Site};
use crate::{Error, ErrorKind, Kind, Result};

/// The longest time between two looks: clocks jump, machines sleep.
const LONGEST: Duration = Duration::from_secs(3600);
/// How long to wait after the first failure, and at most.
const BACK_OFF: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));
/// How often a look starts over because somebody else wrote first.
const RACES: u32 = 10;

pub(super) struct Custody<'a> {
    managed: &'a SelfManaged,
    site: Site,
    keep: Keep,
    namespace: String,
    secret: String,
    targets: Vec<Target>,
    names: Vec<String>,
    secrets: Api<Secret>,
    injection: Injection,
}

impl<'a> Custody<'a> {
    pub(super) fn new(managed: &'a SelfManaged, site: &Site, keep: Keep) -> Self {
        let client = site.client();
        let namespace = managed.namespace.clone();
        let namespace = namespace.unwrap_or_else(|| client.default_namespace().to_owned());
        let targets = managed.all_targets();
        Self {
            managed,
            site: site.clone(),
            keep,
            names: managed.all_names(&namespace),
            secret: managed.secret_name(),
            secrets: Api::namespaced(client.clone(), &namespace),
            injection: Injection::new(client.clone(), &targets),
            targets,
            namespace,
        }
    }

    /// Looks after the Secret until the operator stops.
    pub(super) async fn run(mut self, scope: &Scope) -> Result<()> {
        let changed = Arc::new(Notify::new());
        let caches = self.watch(&changed);
        let _informers = caches.start(&Setting {
            client: self.site.client().clone(),
            environment: self.site.environment().clone(),
            keep_managed_fields: false,
            decoded: BTreeSet::new(),
        });
        let mut failures = 0;
        loop {
            let looked = tokio::select! {
                looked = self.look() => looked,
                () = scope.stopped() => break,
            };
            if self.keep.slot.get().is_some() {
                scope.ready();
            }
            let wait = match looked {
                Ok(wait) => {
                    failures = 0;
                    self.keep.looked(Ok(()));
                    self.spread(wait.min(LONGEST))
                }
                Err(error) if error.is_terminal() && self.keep.slot.get().is_none() => return Err(error),
                Err(error) => {
                    failures += 1;
                    if self.keep.looked(Err(error.to_string())) {
                        warn!(%error, "failed to look after the certificate, trying again");
                    }
                    let doubled = BACK_OFF.0.saturating_mul(1 << u32::min(failures - 1, 10));
                    self.spread(doubled.min(BACK_OFF.1))
                }
            };
            tokio::select! {
                () = sleep(wait) => {}
                () = changed.notified() => {}
                () = scope.stopped() => break,
            }
        }
        caches.close();
        Ok(())
    }

    /// Replicas that look at the same time write at the same time: up to a tenth more for each.
    fn spread(&self, wait: Duration) -> Duration {
        let most = u64::try_from((wait / 10).as_millis()).unwrap_or(u64::MAX).max(1);
        wait + Duration::from_millis(self.site.environment().random() % most)
    }

    /// Returns the caches that tell of changes; metadata is enough for that.
    fn watch(&self, changed: &Arc<Notify>) -> Caches {
        let here = Namespaces::Only([self.namespace.clone()].into());
        let caches = Caches::new(here.clone());
        watch(&caches, &Kind::of::<Secret>(), here, &self.secret, changed);
        for target in &self.targets {
            let kind = match target {
                Target::Mutating(_) => Kind::of::<MutatingWebhookConfiguration>(),
                Target::Validating(_) => Kind::of::<ValidatingWebhookConfiguration>(),
                Target::Definition(_) => Kind::of::<CustomResourceDefinition>(),
            };
            watch(&caches, &kind, Namespaces::All, target.name(), changed);
        }
        caches
    }

    /// Brings everything up to date, and returns how long it stays so.
    async fn look(&mut self) -> Result<Duration> {
        for _ in 0..RACES {
            let secret = self.read().await?;
            let material = Material::read(
                secret
                    .as_ref()
                    .and_then(|secret| secret.data.clone())
                    .unwrap_or_default(),
            );
            if let Some(leaf) = &material.leaf {
                self.serve(leaf);
            }
            let (standing, injected) = match material.bundle.is_empty() {
                true => (Standing::default(), Ok(())),
                false => self.injection.keep(material.bundle_pem()).await,
            };
            let settling = self.managed.lifetimes.settling();
            let settled = standing
                .since
                .map(|since| (since + settling).saturating_duration_since(Instant::now()));
            self.keep.note(|report| {
                report.injected = Some(standing.since.is_some());
                report.injections += standing.written;
            });
            let now = self.site.environment().now();
            let is_known = settled.is_some_and(|left| left.is_zero());
            let step = plan(&material, &self.names, &self.managed.lifetimes, now, is_known)?;
            if let Some(data) = step.write {
                if self.write(secret, data).await? {
                    info!(secret = self.secret, namespace = self.namespace, "{}", step.what);
                }
                continue;
            }
            injected?;
            let until = Duration::try_from(now.duration_until(step.look)).unwrap_or_default();
            let waits = [Some(until), settled.filter(|left| !left.is_zero()), standing.wait];
            return Ok(waits.into_iter().flatten().min().unwrap_or(until));
        }
        Err(Error::new("other replicas keep writing the Secret").context(self.doing("write")))
    }

    fn serve(&self, leaf: &super::Pair) {
        let before = self.keep.slot.get();
        self.keep.serve(leaf);
        if before.is_none_or(|before| before.der() != leaf.der()) {
            info!(not_after = %leaf.not_after(), "serving with a new certificate");
        }
    }

    async fn read(&self) -> Result<Option<Secret>> {
        let secret = self.secrets.get_opt(&self.secret).await;
        let secret = secret.map_err(|error| Error::from(error).context(self.doing("read")))?;
        match secret {
            Some(secret) if !is_ours(&secret) => Err(Error::terminal(self.foreign())),
            secret => Ok(secret),
        }
    }

    /// Writes the Secret unless somebody else was faster; returns whether it was written.
    async fn write(&self, old: Option<Secret>, data: Data) -> Result<bool> {
        let name = &self.secret;
        let is_new = old.is_none();
        let mut secret = old.unwrap_or_default();
        secret.data = Some(data);
        secret.metadata.name = Some(name.clone());
        let labels = secret.metadata.labels.get_or_insert_default();
        labels.insert(LABEL.0.to_owned(), LABEL.1.to_owned());
        let params = PostParams {
            field_manager: Some("krate-certificates".to_owned()),
            ..PostParams::default()
        };
        let written = if is_new {
            secret.type_ = Some("kubernetes.io/tls".to_owned());
            self.secrets.create(&params, &secret).await
        } else {
            // It carries the version it was read at: what changed since is not overwritten.
            self.secrets.replace(name, &params, &secret).await
        };
        match written.map_err(Error::from) {
            Ok(_) => Ok(true),
            Err(error) => match error.kind() {
                ErrorKind::AlreadyExists | ErrorKind::Conflict => Ok(false),
                // Deleted in the meantime; for a new one it is the namespace that is missing.
                ErrorKind::NotFound if !is_new => Ok(false),
                _ => Err(error.context(self.doing("write"))),
            },
        }
    }

    fn doing(&self, verb: &str) -> String {
        format!("{verb} the Secret `{}/{}`", self.namespace, self.secret)
    }

    fn foreign(&self) -> Error {
        let (namespace, name) = (&self.namespace, &self.secret);
        Error::new(format!(
            "the Secret `{namespace}/{name}` was not made by this operator\nhelp: to have it managed, delete it: `kubectl -n {namespace} delete secret {name}`; to use it as it is, mount it and choose `Mounted`; to keep both, choose another name with `SelfManaged::secret`"
        ))
    }
}

fn watch(caches: &Caches, kind: &Kind, namespaces: Namespaces, name: &str, changed: &Arc<Notify>) {
    let selection = Selection {
        namespaces,
        fields: Some(format!("metadata.name={name}")),
        ..Selection::default()
    };
    let changed = Arc::clone(changed);
    let store = caches.declare_metadata(kind, &selection);
    store.subscribe(Arc::new(move |_| changed.notify_one())).keep();
}
