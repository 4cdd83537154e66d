//! Keeping less of an object than there is: what a function makes of it, and its metadata.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use kube::Resource;
use kube::core::ObjectMeta;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::reconcile::Object;

/// What to keep of the objects of a kind.
///
/// Each object is decoded as it arrives, handed to [`project`](Self::project), and dropped; the store holds what that
/// returns, as a [`Projected`]. Where the small type can be decoded by itself, do without the function: a struct with
/// `metadata` and the few fields of interest, `#[derive(Deserialize)]` and kube's
/// `#[derive(Resource)] #[resource(inherit = Pod)]`, is a kind that can be watched as it is, and costs less.
///
/// ```
/// use krate::cache::{Project, Projected};
/// use krate::k8s_openapi::api::core::v1::Pod;
/// use krate::trigger::Watch;
/// use krate::cache::ObjectKey;
///
/// /// Where a pod runs.
/// #[derive(Clone, Debug)]
/// struct Placement {
///     node: Option<String>,
/// }
///
/// impl Project for Placement {
///     type Object = Pod;
///
///     fn project(pod: Pod) -> Self {
///         Self { node: pod.spec.and_then(|spec| spec.node_name) }
///     }
/// }
///
/// let watch = Watch::new(|pod: &Projected<Placement>| pod.node.as_deref().map(ObjectKey::cluster));
/// # let _ = watch;
/// ```
pub trait Project: Clone + fmt::Debug + Send + Sync + 'static {
    /// The kind it is made of.
    type Object: Object;

    /// Returns what to keep of an object; its metadata is kept anyhow.
    fn project(object: Self::Object) -> Self;
}

/// A projection of an object with its metadata; a kind as good as the whole object for whoever watches it.
#[derive(Clone, Debug)]
pub struct Projected<T> {
    metadata: ObjectMeta,
    value: T,
}

impl<T> Projected<T> {
    /// Returns what was kept of the object.
    #[must_use]
    pub fn value(&self) -> &T {
        &self.value
    }
}

impl<T> Deref for Projected<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<'de, T: Project> Deserialize<'de> for Projected<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let object = T::Object::deserialize(deserializer)?;
        let metadata = object.meta().clone();
        Ok(Self {
            metadata,
            value: T::project(object),
        })
    }
}

/// Only the metadata is written: a projection is for reading.
impl<T> Serialize for Projected<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Written<'a> {
            metadata: &'a ObjectMeta,
        }
        let metadata = &self.metadata;
        Written { metadata }.serialize(serializer)
    }
}

impl<T: Project> Resource for Projected<T> {
    type DynamicType = ();
    type Scope = <T::Object as Resource>::Scope;

    fn kind(_: &()) -> Cow<'_, str> {
        T::Object::kind(&())
    }

    fn group(_: &()) -> Cow<'_, str> {
        T::Object::group(&())
    }

    fn version(_: &()) -> Cow<'_, str> {
        T::Object::version(&())
    }

    fn plural(_: &()) -> Cow<'_, str> {
        T::Object::plural(&())
    }

    fn meta(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn meta_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::Pod;
    use serde_json::json;

    use super::*;
    use crate::Kind;

    #[derive(Clone, Debug, PartialEq)]
    struct Node(Option<String>);

    impl Project for Node {
        type Object = Pod;

        fn project(pod: Pod) -> Self {
            Self(pod.spec.and_then(|spec| spec.node_name))
        }
    }

    #[test]
    fn a_projection_has_its_metadata_and_what_was_kept() {
        let pod = json!({
            "metadata": { "name": "web", "labels": { "a": "b" } },
            "spec": { "nodeName": "n1", "containers": [] },
        });
        let projected: Projected<Node> = serde_json::from_value(pod).unwrap();
        assert_eq!(projected.value(), &Node(Some("n1".into())));
        assert_eq!(projected.meta().name.as_deref(), Some("web"));
        assert_eq!(Kind::of::<Projected<Node>>(), Kind::of::<Pod>());
    }
}
