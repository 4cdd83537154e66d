//! Reads: from the cache where it has the kind, live otherwise.

use std::collections::BTreeMap;
use std::sync::Arc;

use kube::core::ObjectList;
use kube::core::params::ListParams;

use super::{Built, Context, ObjectName, Run, found};
use crate::Kind;
use crate::cache::{ObjectKey, Read, Store, get_request};
use crate::error::{ErrorKind, Result};
use crate::permission::{Permits, verb};
use crate::reconcile::{Object, Subject};

/// How many objects one page of a live list has.
const PAGE: u32 = 500;

/// Which objects to list: all, or those of a namespace, or with labels, or both.
///
/// ```
/// use krate::context::Filter;
///
/// let filter = Filter::all().in_namespace("default").label("app", "web");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    namespace: Option<String>,
    labels: BTreeMap<String, String>,
}

impl Filter {
    /// Takes every object.
    #[must_use]
    pub fn all() -> Self {
        Self::default()
    }

    /// Takes only objects of a namespace.
    #[must_use]
    pub fn in_namespace(mut self, namespace: impl Into<String>) -> Self {
        self.namespace = Some(namespace.into());
        self
    }

    /// Takes only objects with this label.
    #[must_use]
    pub fn label(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.labels.insert(name.into(), value.into());
        self
    }

    fn matches<K: Subject>(&self, object: &K) -> bool {
        let labels = object.meta().labels.as_ref();
        self.labels
            .iter()
            .all(|(name, value)| labels.and_then(|labels| labels.get(name)) == Some(value))
    }

    fn selector(&self) -> Option<String> {
        let parts: Vec<String> = self
            .labels
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        (!parts.is_empty()).then(|| parts.join(","))
    }
}

impl<R> Context<R> {
    /// Returns an object, or an error of kind [`NotFound`](ErrorKind::NotFound).
    ///
    /// A bare name means the namespace of the reconciled object; write `("kube-system", "name")` for another.
    /// A kind the reconciler owns or watches is read from the cache, which knows this operator's own writes; any
    /// other is read from the API server.
    pub async fn get<K: Object>(&self, name: impl Into<ObjectName>) -> Result<Arc<K>>
    where
        R: Permits<verb::get, K>,
    {
        let kind = Kind::of::<K>();
        let key = self.resolve(&kind, name)?;
        found(get(self.run(), &kind, &key).await?, kind.kind(), key)
    }

    /// Returns an object, or `None` if it does not exist; otherwise as [`get`](Self::get).
    pub async fn get_opt<K: Object>(&self, name: impl Into<ObjectName>) -> Result<Option<Arc<K>>>
    where
        R: Permits<verb::get, K>,
    {
        let kind = Kind::of::<K>();
        get(self.run(), &kind, &self.resolve(&kind, name)?).await
    }

    /// Returns the objects a filter takes, in order of namespace and name.
    pub async fn list<K: Object>(&self, filter: Filter) -> Result<Vec<Arc<K>>>
    where
        R: Permits<verb::list, K>,
    {
        list(self.run(), &Kind::of::<K>(), &filter).await
    }

    pub(super) fn resolve(&self, kind: &Kind, name: impl Into<ObjectName>) -> Result<ObjectKey> {
        name.into().resolve(kind, self.run().key.namespace())
    }
}

/// Returns an object, from the cache if that can tell.
pub(crate) async fn get<K: Subject>(run: &Run, kind: &Kind, key: &ObjectKey) -> Result<Option<Arc<K>>> {
    match run.store::<K>(kind).map(|store| store.read(key)) {
        Some(Read::Found(object)) => Ok(Some(object)),
        Some(Read::Absent) => Ok(None),
        Some(Read::Uncertain) | None => get_live(run, kind, key).await,
    }
}

/// Returns an object as the API server has it, and tells the cache.
pub(crate) async fn get_live<K: Subject>(run: &Run, kind: &Kind, key: &ObjectKey) -> Result<Option<Arc<K>>> {
    let request = get_request(kind, key, K::metadata_api());
    let doing = || format!("get {kind} `{key}`");
    let answer = match run.send::<K>(doing, request).await {
        Ok(mut object) => {
            object.meta_mut().managed_fields = None;
            Some(object)
        }
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let shared = answer.clone().map(Arc::new);
    if let Some(store) = run.store::<K>(kind) {
        store.observed(key, answer);
    }
    Ok(shared)
}

/// Returns the objects a filter takes, from the cache if that can tell.
pub(crate) async fn list<K: Subject>(run: &Run, kind: &Kind, filter: &Filter) -> Result<Vec<Arc<K>>> {
    let Some(store) = run.store::<K>(kind).filter(|store| covers(store, filter)) else {
        return list_live(run, kind, filter).await;
    };
    for key in store.uncertain() {
        get_live::<K>(run, kind, &key).await?;
    }
    for spot in store.blind_spots(filter.namespace.as_deref()) {
        let everything = Filter {
            namespace: spot.namespace.clone(),
            ..Filter::default()
        };
        store.listed(&spot, list_live(run, kind, &everything).await?);
    }
    let namespace = filter.namespace.as_deref().filter(|_| !kind.is_cluster_scoped());
    Ok(store.list_where(namespace, |object| filter.matches(object)))
}

/// A store that looks into some namespaces only knows nothing of others.
fn covers<K: Subject>(store: &Store<K>, filter: &Filter) -> bool {
    match &filter.namespace {
        Some(namespace) if !store.kind().is_cluster_scoped() => store.looks_into(namespace),
        _ => true,
    }
}

async fn list_live<K: Subject>(run: &Run, kind: &Kind, filter: &Filter) -> Result<Vec<Arc<K>>> {
    let namespace = filter.namespace.as_deref().filter(|_| !kind.is_cluster_scoped());
    let mut params = ListParams {
        label_selector: filter.selector(),
        ..ListParams::default()
    }
    .limit(PAGE);
    let mut all = Vec::new();
    loop {
        let request = list_request(kind, namespace, K::metadata_api(), &params);
        let doing = || format!("list {}", kind.plural());
        let page: ObjectList<K> = run.send(doing, request).await?;
        for mut object in page.items {
            // As the cache has it.
            object.meta_mut().managed_fields = None;
            all.push(Arc::new(object));
        }
        params.continue_token = page.metadata.continue_.filter(|token| !token.is_empty());
        if params.continue_token.is_none() {
            return Ok(all);
        }
    }
}

fn list_request(kind: &Kind, namespace: Option<&str>, metadata_only: bool, params: &ListParams) -> Built {
    let request = Run::request(kind, namespace);
    match metadata_only {
        true => request.list_metadata(params),
        false => request.list(params),
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::ConfigMap;

    use super::*;

    #[test]
    fn a_filter_means_the_same_to_the_cache_and_to_the_server() {
        let filter = Filter::all().label("b", "2").label("a", "1");
        assert_eq!(filter.selector().as_deref(), Some("a=1,b=2"));
        let check = |labels: &[(&str, &str)], expected: bool| {
            let mut object = ConfigMap::default();
            let labels = labels
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            object.metadata.labels = Some(labels.collect());
            assert_eq!(filter.matches(&object), expected);
        };
        check(&[("a", "1"), ("b", "2"), ("c", "3")], true);
        check(&[("a", "1")], false);
        check(&[("a", "1"), ("b", "3")], false);
        assert_eq!(Filter::all().selector(), None);
    }
}
