//! Who writes, through what.

use serde_json::Value;

use super::owner::{Manager, Operation};
use super::set::Set;
use super::shape::Shape;
use crate::fields::Element;
use crate::registry::Resource;

/// One request's part in ownership: who writes which kind, through which endpoint, when.
#[derive(Debug, Clone, Copy)]
pub struct Writer<'a> {
    /// The kind as the request addresses it.
    pub resource: &'a Resource,
    /// The field manager; empty counts as `unknown`.
    pub manager: &'a str,
    /// The subresource written through, empty for the object itself.
    pub subresource: &'a str,
    /// The wall clock as Kubernetes writes it.
    pub now: &'a str,
}

impl<'a> Writer<'a> {
    pub(super) fn shape(self) -> Shape<'a> {
        Shape::of(self.resource)
    }

    pub(super) fn named(self, name: &str, operation: Operation) -> Manager {
        Manager::new(name, operation, &self.resource.api_version(), self.subresource)
    }

    /// The fields this endpoint may not own.
    pub(super) fn reset_fields(self) -> Set {
        let fields = match self.subresource {
            "" => &self.resource.reset_fields.main,
            "status" => &self.resource.reset_fields.status,
            _ => return Set::default(),
        };
        Set::of(
            fields
                .iter()
                .map(|path| path.split('.').map(Element::field).collect::<Vec<_>>()),
        )
    }
}

/// Returns the fields that are nobody's: what the server itself sets on every object.
pub(super) fn nobodys() -> Set {
    const TOP: [&str; 3] = ["apiVersion", "kind", "metadata"];
    const META: [&str; 9] = [
        "name",
        "namespace",
        "creationTimestamp",
        "selfLink",
        "uid",
        "clusterName",
        "generation",
        "managedFields",
        "resourceVersion",
    ];
    let top = TOP.map(|name| vec![Element::field(name)]);
    let meta = META.map(|name| vec![Element::field("metadata"), Element::field(name)]);
    Set::of(top.into_iter().chain(meta))
}

/// Takes the entries out of an object.
pub(super) fn take_entries(object: &mut Value) -> Option<Value> {
    object
        .get_mut("metadata")?
        .as_object_mut()?
        .remove("managedFields")
}

/// The entries of an object.
pub(super) fn entries(object: &Value) -> Option<&Value> {
    object.get("metadata")?.get("managedFields")
}
