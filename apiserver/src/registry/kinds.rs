//! The kinds served at one moment, and the registry that moves from one moment to the next.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use super::Resource;
use super::built_in::RESOURCES;

static BUILT_IN: LazyLock<Arc<Kinds>> = LazyLock::new(|| {
    let mut kinds = Kinds::default();
    for resource in RESOURCES.iter() {
        kinds.insert(Arc::clone(resource), Origin::BuiltIn);
    }
    Arc::new(kinds)
});

/// The kinds of one server; reads take a snapshot and never wait for long.
#[derive(Debug)]
pub struct Registry {
    kinds: RwLock<Arc<Kinds>>,
}

impl Default for Registry {
    fn default() -> Self {
        Self::new()
    }
}

impl Registry {
    /// Returns a registry of the built-in kinds.
    #[must_use]
    pub fn new() -> Self {
        Self {
            kinds: RwLock::new(Arc::clone(&BUILT_IN)),
        }
    }

    /// Returns the kinds as they are now.
    #[must_use]
    pub fn kinds(&self) -> Arc<Kinds> {
        Arc::clone(&self.kinds.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns the resource under `/apis/{group}/{version}/{plural}`; the core group is empty.
    #[must_use]
    pub fn lookup(&self, group: &str, version: &str, plural: &str) -> Option<Arc<Resource>> {
        self.kinds().lookup(group, version, plural).cloned()
    }

    /// Serves a custom kind in these versions, and in no others it was served in before.
    pub fn set_custom(&self, group: &str, plural: &str, versions: Vec<Resource>) {
        self.change(|kinds| {
            kinds.remove(group, plural);
            for resource in versions {
                kinds.insert(Arc::new(resource), Origin::Custom);
            }
        });
    }

    /// Stops serving a custom kind.
    pub fn remove_custom(&self, group: &str, plural: &str) {
        self.set_custom(group, plural, Vec::new());
    }

    fn change(&self, change: impl FnOnce(&mut Kinds)) {
        let mut current = self.kinds.write().unwrap_or_else(PoisonError::into_inner);
        let mut next = Kinds::clone(&current);
        next.generation += 1;
        change(&mut next);
        *current = Arc::new(next);
    }
}

/// The kinds served at one moment.
#[derive(Debug, Clone, Default)]
pub struct Kinds {
    groups: BTreeMap<String, Arc<Group>>,
    generation: u64,
}

/// An API group.
#[derive(Debug, Clone)]
pub struct Group {
    /// Name, empty for core.
    pub name: String,
    /// Its versions, the preferred one first.
    pub versions: Vec<GroupVersion>,
    /// Place among the built-in groups; custom groups come after them, by name.
    rank: Option<usize>,
}

/// One version of an API group.
#[derive(Debug, Clone)]
pub struct GroupVersion {
    /// Version, for example `v1beta1`.
    pub version: String,
    /// Its resources by plural name.
    pub resources: BTreeMap<String, Arc<Resource>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    BuiltIn,
    Custom,
}

impl Kinds {
    /// Returns the resource under `/apis/{group}/{version}/{plural}`.
    #[must_use]
    pub fn lookup(&self, group: &str, version: &str, plural: &str) -> Option<&Arc<Resource>> {
        self.groups.get(group)?.version(version)?.resources.get(plural)
    }

    /// Returns the resource of a kind, as an owner reference or an object's `apiVersion` and `kind` name it.
    #[must_use]
    pub fn by_kind(&self, group: &str, version: &str, kind: &str) -> Option<&Arc<Resource>> {
        let resources = &self.groups.get(group)?.version(version)?.resources;
        resources.values().find(|resource| resource.kind == kind)
    }

    /// Returns the group of this name.
    #[must_use]
    pub fn group(&self, name: &str) -> Option<&Group> {
        self.groups.get(name).map(Arc::as_ref)
    }

    /// Returns the groups in the order of discovery.
    #[must_use]
    pub fn groups(&self) -> Vec<&Group> {
        let mut groups: Vec<&Group> = self.groups.values().map(Arc::as_ref).collect();
        groups.sort_by_key(|group| group.rank.unwrap_or(usize::MAX));
        groups
    }

    /// Returns all resources, in every version, in the order of discovery.
    pub fn resources(&self) -> impl Iterator<Item = &Arc<Resource>> {
        let versions = self.groups().into_iter().flat_map(|group| group.versions.iter());
        versions.flat_map(|version| version.resources.values())
    }

    /// Returns each kind once, in its storage version if that is served, else in the preferred one.
    ///
    /// Walkers over all objects, such as the namespace controller, use it to see no object twice.
    #[must_use]
    pub fn stored(&self) -> Vec<&Arc<Resource>> {
        let mut chosen: BTreeMap<(&str, &str), &Arc<Resource>> = BTreeMap::new();
        for resource in self.resources() {
            let stored =
                resource.group == resource.storage_group && resource.version == resource.storage_version;
            let key = (resource.storage_group.as_str(), resource.plural.as_str());
            if stored || !chosen.contains_key(&key) {
                chosen.insert(key, resource);
            }
        }
        chosen.into_values().collect()
    }

    /// Returns a number that grows with every change; what is computed from the kinds can be kept while it stays.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation
    }

    fn insert(&mut self, resource: Arc<Resource>, origin: Origin) {
        let rank = (origin == Origin::BuiltIn).then_some(self.groups.len());
        let group = self.groups.entry(resource.group.clone());
        let group = Arc::make_mut(group.or_insert_with(|| Arc::new(Group::empty(&resource.group, rank))));
        let version = group.version_mut(&resource.version, origin);
        version.resources.insert(resource.plural.clone(), resource);
    }

    fn remove(&mut self, group: &str, plural: &str) {
        let Some(found) = self.groups.get_mut(group) else {
            return;
        };
        let versions = &mut Arc::make_mut(found).versions;
        for version in versions.iter_mut() {
            version.resources.remove(plural);
        }
        versions.retain(|version| !version.resources.is_empty());
        if versions.is_empty() {
            self.groups.remove(group);
        }
    }
}

impl Group {
    fn empty(name: &str, rank: Option<usize>) -> Self {
        Self {
            name: name.to_owned(),
            versions: Vec::new(),
            rank,
        }
    }

    /// Returns the version of this name.
    #[must_use]
    pub fn version(&self, name: &str) -> Option<&GroupVersion> {
        self.versions.iter().find(|version| version.version == name)
    }

    fn version_mut(&mut self, name: &str, origin: Origin) -> &mut GroupVersion {
        if self.version(name).is_none() {
            self.versions.push(GroupVersion {
                version: name.to_owned(),
                resources: BTreeMap::new(),
            });
            if origin == Origin::Custom {
                self.versions
                    .sort_by(|a, b| priority(&b.version).cmp(&priority(&a.version)));
            }
        }
        let found = self.versions.iter_mut().find(|version| version.version == name);
        found.expect("pushed above if it was missing")
    }
}

/// Orders versions as Kubernetes does: `v2` > `v1` > `v2beta1` > `v1beta2` > `v1alpha1` > anything else by name.
pub(crate) fn priority(version: &str) -> (u8, u64, u64, std::cmp::Reverse<&str>) {
    let (stability, major, minor) = kube_version(version).unwrap_or_default();
    let name = if stability == 0 { version } else { "" };
    (stability, major, minor, std::cmp::Reverse(name))
}

fn kube_version(version: &str) -> Option<(u8, u64, u64)> {
    let rest = version.strip_prefix('v')?;
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let major = rest[..digits].parse().ok()?;
    let stage = &rest[digits..];
    if stage.is_empty() {
        return Some((3, major, 0));
    }
    [("beta", 2), ("alpha", 1)].into_iter().find_map(|(name, rank)| {
        let minor = stage.strip_prefix(name)?;
        Some((
            rank,
            major,
            if minor.is_empty() { 0 } else { minor.parse().ok()? },
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn custom(group: &str, version: &str, plural: &str) -> Resource {
        let kinds = Registry::new().kinds();
        let base = kinds.lookup("", "v1", "configmaps").unwrap();
        Resource {
            group: group.to_owned(),
            storage_group: group.to_owned(),
            version: version.to_owned(),
            plural: plural.to_owned(),
            ..Resource::clone(base)
        }
    }

    fn groups(registry: &Registry) -> Vec<String> {
        registry
            .kinds()
            .groups()
            .iter()
            .map(|group| group.name.clone())
            .collect()
    }

    #[test]
    fn built_in_kinds_are_found_by_plural_and_by_kind() {
        let registry = Registry::new();
        let deployments = registry.lookup("apps", "v1", "deployments").unwrap();
        assert_eq!(deployments.kind, "Deployment");
        assert!(deployments.has_status && deployments.scale.is_some() && deployments.has_generation);
        assert_eq!(registry.kinds().by_kind("", "v1", "Pod").unwrap().plural, "pods");
        assert!(registry.lookup("apps", "v2", "deployments").is_none());
    }

    #[test]
    fn custom_groups_follow_the_built_in_ones_by_name() {
        let registry = Registry::new();
        let built_in = groups(&registry).len();
        registry.set_custom("b.io", "bs", vec![custom("b.io", "v1", "bs")]);
        registry.set_custom("a.io", "as", vec![custom("a.io", "v1", "as")]);
        let names = groups(&registry);
        assert_eq!(names[..3], ["", "apiregistration.k8s.io", "apps"]);
        assert_eq!(names[built_in..], ["a.io", "b.io"]);
    }

    #[test]
    fn a_group_goes_with_its_last_kind() {
        let registry = Registry::new();
        let before = groups(&registry);
        registry.set_custom("b.io", "bs", vec![custom("b.io", "v1", "bs")]);
        registry.remove_custom("b.io", "bs");
        assert_eq!(groups(&registry), before);
    }

    #[test]
    fn versions_are_ordered_by_stability_then_number() {
        let registry = Registry::new();
        let names = ["v1alpha1", "foo", "v1", "v2beta1", "v10", "v2", "v2beta2", "bar"];
        registry.set_custom(
            "b.io",
            "bs",
            names
                .iter()
                .map(|version| custom("b.io", version, "bs"))
                .collect(),
        );
        let kinds = registry.kinds();
        let order: Vec<&str> = kinds
            .group("b.io")
            .unwrap()
            .versions
            .iter()
            .map(|version| version.version.as_str())
            .collect();
        assert_eq!(
            order,
            ["v10", "v2", "v1", "v2beta2", "v2beta1", "v1alpha1", "bar", "foo"]
        );
    }

    #[test]
    fn a_kind_served_in_two_groups_or_versions_is_stored_once() {
        let kinds = Registry::new().kinds();
        let stored = kinds.stored();
        let of = |plural: &str| -> Vec<String> {
            stored
                .iter()
                .filter(|one| one.plural == plural)
                .map(|one| one.api_version())
                .collect()
        };
        assert_eq!(of("events"), ["v1"]);
        assert_eq!(of("horizontalpodautoscalers"), ["autoscaling/v2"]);
    }

    #[test]
    fn a_snapshot_does_not_move() {
        let registry = Registry::new();
        let before = registry.kinds();
        registry.set_custom("b.io", "bs", vec![custom("b.io", "v1", "bs")]);
        assert!(before.lookup("b.io", "v1", "bs").is_none());
        assert!(registry.kinds().generation() > before.generation());
    }
}
