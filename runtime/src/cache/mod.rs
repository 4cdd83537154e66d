//! What an operator knows of the cluster: one informer per kind and scope fills one [`Store`], everyone reads it.
//!
//! ```text
//! list/watch ─▶ informer ─▶ table ─▶ change ─▶ trigger
//!                             ▲
//!              own writes ─▶ overlay (until the watch has caught up)
//! ```
//!
//! The store is level-based: it holds the newest state known, never a history. It is not a client: a read never
//! starts a request, and a kind nobody declared has no store. Start reading at [`Store`]; [`Caches`] is where an
//! operator keeps its stores.

mod blind;
mod caches;
mod change;
mod decode;
#[cfg(test)]
mod fill;
mod index;
mod informer;
mod key;
mod live;
mod overlay;
mod pace;
mod replay;
mod selection;
mod status;
mod store;
mod table;
mod trouble;
mod version;
mod wire;

pub use caches::Caches;
pub(crate) use caches::Setting;
pub use change::Change;
pub use index::Index;
pub use key::ObjectKey;
pub(crate) use live::fetch;
pub use selection::{Namespaces, Selection};
pub use status::{InformerReport, Phase, Report, Status};
pub(crate) use store::Handler;
pub use store::{Read, Store};
pub use version::ResourceVersion;

/// A kind that can be kept in a [`Store`]; implemented for every kind known at compile time.
pub trait Cached:
    kube::Resource<DynamicType = ()>
    + Clone
    + std::fmt::Debug
    + serde::de::DeserializeOwned
    + Send
    + Sync
    + 'static
{
}

impl<K> Cached for K where
    K: kube::Resource<DynamicType = ()>
        + Clone
        + std::fmt::Debug
        + serde::de::DeserializeOwned
        + Send
        + Sync
        + 'static
{
}

/// Returns true if objects of this kind live in no namespace.
#[must_use]
pub fn is_cluster_scoped<K: Cached>() -> bool {
    use std::any::TypeId;
    TypeId::of::<K::Scope>() == TypeId::of::<kube::core::ClusterResourceScope>()
}
