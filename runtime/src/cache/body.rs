//! One object as a table keeps it.

use std::sync::Arc;

use super::Cached;
use super::decode::{Arrived, decode_again};
use super::packed::Packed;
use crate::Kind;

/// An object, in one form or the other.
pub(super) enum Body<K> {
    /// As text, decoded when it is read.
    Packed(Packed),
    /// As it is.
    Decoded(Arc<K>),
}

impl<K: Cached> Body<K> {
    /// Returns what a table keeps of an object that arrived.
    pub(super) fn of(arrived: &Arrived<K>) -> Self {
        match &arrived.packed {
            Some(packed) => Self::Packed(packed.clone()),
            None => Self::Decoded(Arc::clone(&arrived.object)),
        }
    }

    /// Returns the object; `None` if it cannot be decoded, which it could when it arrived.
    pub(super) fn open(&self, kind: &Kind) -> Option<Arc<K>> {
        match self {
            Self::Packed(packed) => decode_again(packed, kind),
            Self::Decoded(object) => Some(Arc::clone(object)),
        }
    }

    pub(super) fn uid(&self) -> Option<&str> {
        match self {
            Self::Packed(packed) => packed.uid(),
            Self::Decoded(object) => object.meta().uid.as_deref(),
        }
    }

    pub(super) fn version(&self) -> Option<&str> {
        match self {
            Self::Packed(packed) => packed.version(),
            Self::Decoded(object) => object.meta().resource_version.as_deref(),
        }
    }
}

impl<K> Clone for Body<K> {
    fn clone(&self) -> Self {
        match self {
            Self::Packed(packed) => Self::Packed(packed.clone()),
            Self::Decoded(object) => Self::Decoded(Arc::clone(object)),
        }
    }
}
