//! In which form a store keeps its objects: packed as text, or decoded.
//!
//! Packed is the default. A whole object that is decoded takes about three times its text, and what is asked of a
//! store is mostly a few objects at a time, which are decoded in microseconds. Where a type holds but a part of its
//! kind it is the other way round, so what is small by choice stays decoded; and so does what the operator says,
//! where lists over a whole kind are hot. The numbers are in the architecture chapter of the book.

use std::collections::BTreeSet;

use super::Cached;
use crate::Kind;

/// How objects are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// As text, decoded when they are read.
    Packed,
    /// As they are.
    Decoded,
}

/// What is kept of objects, and how.
#[derive(Clone, Copy, Debug)]
pub(super) struct Keep {
    pub(super) managed_fields: bool,
    pub(super) form: Form,
}

impl Form {
    /// Returns the form for a type of the objects of a kind; `decoded` are the kinds that the operator wants so.
    pub(super) fn of<K: Cached>(kind: &Kind, decoded: &BTreeSet<Kind>) -> Self {
        let is_part = !K::metadata_api() && part::<K>(kind).is_some();
        match is_part || decoded.contains(kind) {
            true => Self::Decoded,
            false => Self::Packed,
        }
    }
}

/// Returns what a type keeps of the objects of a kind, as reports call it; nothing if it is all.
pub(super) fn name<K: Cached>(kind: &Kind) -> String {
    match K::metadata_api() {
        true => "metadata".to_owned(),
        false => part::<K>(kind).unwrap_or_default().to_owned(),
    }
}

/// Returns the name of a type that is not the one of the whole kind: a projection, or a struct of a few fields.
fn part<K: Cached>(kind: &Kind) -> Option<&'static str> {
    let name = std::any::type_name::<K>();
    // Of a generic type, what it is about.
    let inner = name.split(['<', '>']).rfind(|part| !part.is_empty());
    let short = inner.unwrap_or(name).rsplit("::").next().unwrap_or(name);
    (short != kind.kind() && short != "DynamicObject").then_some(short)
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::{ConfigMap, Pod};
    use kube::core::{DynamicObject, PartialObjectMeta};

    use super::super::{Known, Project, Projected};
    use super::*;

    /// How many keys there are.
    #[derive(Clone, Debug)]
    struct Size;

    impl Project for Size {
        type Object = ConfigMap;

        fn project(_: ConfigMap) -> Self {
            Self
        }
    }

    #[track_caller]
    fn check<K: Known>(named: &str, form: Form) {
        let kind = Kind::of::<K>();
        assert_eq!(
            (name::<K>(&kind).as_str(), Form::of::<K>(&kind, &BTreeSet::new())),
            (named, form)
        );
        assert_eq!(Form::of::<K>(&kind, &[kind.clone()].into()), Form::Decoded);
    }

    #[test]
    fn whole_objects_and_metadata_are_packed_and_parts_are_not() {
        check::<Pod>("", Form::Packed);
        check::<PartialObjectMeta<Pod>>("metadata", Form::Packed);
        check::<Projected<Size>>("Size", Form::Decoded);
    }

    #[test]
    fn objects_of_a_kind_known_at_run_time_are_packed() {
        let kind = Kind::of::<Pod>();
        assert_eq!(Form::of::<DynamicObject>(&kind, &BTreeSet::new()), Form::Packed);
        assert_eq!(name::<DynamicObject>(&kind), "");
    }
}
