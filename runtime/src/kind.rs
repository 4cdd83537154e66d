//! Which kind an object is of, as a value: for kinds known at compile time and for those found at run time.

use std::any::{Any, TypeId};
use std::fmt;
use std::sync::Arc;

use kube::Resource;
use kube::core::{ApiResource, ClusterResourceScope, TypeMeta};
use kube::discovery::Scope;

/// A Kubernetes kind: group, version, kind, plural, and whether its objects live in namespaces; cheap to clone.
///
/// Code that names its kinds as types never needs it. It stands in for the type where the kind is known at run time
/// only, together with [`DynamicObject`](kube::core::DynamicObject):
///
/// ```
/// use krate::Kind;
/// use krate::k8s_openapi::api::apps::v1::Deployment;
///
/// let widgets = Kind::namespaced("example.com", "v1", "Widget", "widgets");
/// assert_eq!(widgets.api_version(), "example.com/v1");
/// assert_eq!(Kind::of::<Deployment>().plural(), "deployments");
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind {
    parts: Arc<Parts>,
}

#[derive(PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Parts {
    group: String,
    version: String,
    kind: String,
    plural: String,
    cluster_scoped: bool,
}

impl Kind {
    /// Returns a kind whose objects live in namespaces; the group is empty for core kinds.
    #[must_use]
    pub fn namespaced(
        group: impl Into<String>,
        version: impl Into<String>,
        kind: impl Into<String>,
        plural: impl Into<String>,
    ) -> Self {
        Self::from_parts(Parts {
            group: group.into(),
            version: version.into(),
            kind: kind.into(),
            plural: plural.into(),
            cluster_scoped: false,
        })
    }

    /// Returns a kind whose objects live outside namespaces; the group is empty for core kinds.
    #[must_use]
    pub fn cluster(
        group: impl Into<String>,
        version: impl Into<String>,
        kind: impl Into<String>,
        plural: impl Into<String>,
    ) -> Self {
        Self::from_parts(Parts {
            group: group.into(),
            version: version.into(),
            kind: kind.into(),
            plural: plural.into(),
            cluster_scoped: true,
        })
    }

    /// Returns a kind as discovery describes it.
    ///
    /// ```no_run
    /// # async fn example(client: kube::Client) -> krate::Result<()> {
    /// use kube::core::GroupVersionKind;
    ///
    /// let (resource, abilities) =
    ///     kube::discovery::pinned_kind(&client, &GroupVersionKind::gvk("example.com", "v1", "Widget")).await?;
    /// let widgets = krate::Kind::discovered(&resource, &abilities.scope);
    /// # let _ = widgets;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn discovered(resource: &ApiResource, scope: &Scope) -> Self {
        Self::from_parts(Parts {
            group: resource.group.clone(),
            version: resource.version.clone(),
            kind: resource.kind.clone(),
            plural: resource.plural.clone(),
            cluster_scoped: *scope == Scope::Cluster,
        })
    }

    /// Returns the kind of a type.
    #[must_use]
    pub fn of<K: Resource<DynamicType = (), Scope: 'static>>() -> Self {
        Self::described_by::<K>(&())
    }

    /// Returns the kind of a type, `None` if the type stands for kinds that are known at run time only.
    #[must_use]
    pub fn known<K: Resource<Scope: 'static>>() -> Option<Self> {
        let nothing: &dyn Any = &();
        nothing
            .downcast_ref::<K::DynamicType>()
            .map(Self::described_by::<K>)
    }

    fn described_by<K: Resource<Scope: 'static>>(dynamic: &K::DynamicType) -> Self {
        Self::from_parts(Parts {
            group: K::group(dynamic).into_owned(),
            version: K::version(dynamic).into_owned(),
            kind: K::kind(dynamic).into_owned(),
            plural: K::plural(dynamic).into_owned(),
            cluster_scoped: TypeId::of::<K::Scope>() == TypeId::of::<ClusterResourceScope>(),
        })
    }

    fn from_parts(parts: Parts) -> Self {
        Self {
            parts: Arc::new(parts),
        }
    }

    /// Returns the group, empty for core kinds.
    #[must_use]
    pub fn group(&self) -> &str {
        &self.parts.group
    }

    /// Returns the version without the group.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.parts.version
    }

    /// Returns the name of the kind, such as `Deployment`.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.parts.kind
    }

    /// Returns the plural, as addresses and roles spell the kind.
    #[must_use]
    pub fn plural(&self) -> &str {
        &self.parts.plural
    }

    /// Returns true if objects of this kind live outside namespaces.
    #[must_use]
    pub fn is_cluster_scoped(&self) -> bool {
        self.parts.cluster_scoped
    }

    /// Returns group and version as objects spell them: `apps/v1`, or `v1` for core kinds.
    #[must_use]
    pub fn api_version(&self) -> String {
        match self.group() {
            "" => self.version().to_owned(),
            group => format!("{group}/{}", self.version()),
        }
    }

    /// Returns the path of the objects of this kind in a namespace, or in all.
    #[must_use]
    pub fn url_path(&self, namespace: Option<&str>) -> String {
        let root = if self.group().is_empty() { "api" } else { "apis" };
        let within = namespace.map(|namespace| format!("namespaces/{namespace}/"));
        format!(
            "/{root}/{}/{}{}",
            self.api_version(),
            within.unwrap_or_default(),
            self.plural()
        )
    }

    /// Returns how an object of this kind says what it is.
    #[must_use]
    pub fn type_meta(&self) -> TypeMeta {
        TypeMeta {
            api_version: self.api_version(),
            kind: self.kind().to_owned(),
        }
    }

    /// Returns what `kube` asks for to work with [`DynamicObject`](kube::core::DynamicObject)s of this kind.
    #[must_use]
    pub fn api_resource(&self) -> ApiResource {
        ApiResource {
            group: self.group().to_owned(),
            version: self.version().to_owned(),
            api_version: self.api_version(),
            kind: self.kind().to_owned(),
            plural: self.plural().to_owned(),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind())
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.kind(), self.api_version())
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::apps::v1::Deployment;
    use k8s_openapi::api::core::v1::Node;
    use kube::core::{DynamicObject, PartialObjectMeta};

    use super::*;

    #[test]
    fn a_kind_is_where_its_type_is() {
        fn check<K: Resource<DynamicType = (), Scope: 'static>>(namespace: Option<&str>) {
            let kind = Kind::of::<K>();
            assert_eq!(kind.url_path(namespace), K::url_path(&(), namespace));
            assert_eq!(kind.api_version(), K::api_version(&()));
        }
        check::<Deployment>(Some("a"));
        check::<Deployment>(None);
        check::<Node>(None);
        check::<PartialObjectMeta<Node>>(None);
        assert!(Kind::of::<Node>().is_cluster_scoped());
        assert!(!Kind::of::<Deployment>().is_cluster_scoped());
    }

    #[test]
    fn a_dynamic_type_is_of_no_known_kind() {
        assert_eq!(Kind::known::<DynamicObject>(), None);
        assert_eq!(Kind::known::<Node>(), Some(Kind::of::<Node>()));
    }

    #[test]
    fn a_kind_goes_to_kube_and_back() {
        let kind = Kind::namespaced("example.com", "v1", "Widget", "widgets");
        assert_eq!(Kind::discovered(&kind.api_resource(), &Scope::Namespaced), kind);
    }
}
