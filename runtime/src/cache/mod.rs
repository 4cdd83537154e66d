//! What an operator knows of the cluster: one informer per kind and scope fills one [`Store`], everyone reads it.
//!
//! ```text
//! list/watch ─▶ informer ─▶ table ─▶ change ─▶ trigger
//!                             ▲
//!              own writes ─▶ overlay (until the watch has caught up)
//! ```
//!
//! Objects are kept as text and decoded when they are read: 2.0 KB instead of 4.3 KB for an object of 2.4 KB, for 3 to
//! 8 µs a read. What is small by choice (projections), and what the operator says, stays decoded; the numbers are in
//! the architecture chapter of the book.
//!
//! The store is level-based: it holds the newest state known, never a history. It is not a client: a read never
//! starts a request, and a kind nobody declared has no store. Start reading at [`Store`]; [`Caches`] is where an
//! operator keeps its stores.

mod blind;
mod body;
mod caches;
mod change;
mod choice;
mod decode;
#[cfg(test)]
mod fill;
mod form;
mod hot;
mod index;
mod informer;
mod key;
mod live;
mod overlay;
mod pace;
mod packed;
mod past;
mod projection;
mod replay;
mod selection;
mod slot;
mod status;
mod store;
mod table;
mod text;
mod tie;
mod trouble;
mod version;
mod wire;

pub use caches::Caches;
pub(crate) use caches::{Informers, Setting};
pub use change::Change;
pub use index::Index;
pub use key::ObjectKey;
pub(crate) use live::{fetch, get_request};
pub use past::Past;
pub use projection::{Project, Projected};
pub use selection::{Namespaces, Selection};
pub use status::{InformerReport, Phase, Report, Status};
pub(crate) use store::Handler;
pub use store::{Read, Store};
pub(crate) use tie::Tie;
pub use version::ResourceVersion;

/// The metadata of an object of kind `K`, as a kind of its own: lists and watches of it carry nothing else.
///
/// For kinds of which a reconciler needs to know that they are there, and whose they are. In the derive:
/// `owns(metadata(Deployment))`, `watches(metadata(Secret), via = ..)`.
pub type Metadata<K> = kube::core::PartialObjectMeta<K>;

/// The metadata of an object of any kind; of which, the store knows.
pub(crate) type AnyMetadata = Metadata<kube::core::DynamicObject>;

/// An object that can be kept in a [`Store`]; implemented for every type that fits.
///
/// Its kind may be known at run time only, as that of a [`DynamicObject`](kube::core::DynamicObject); where a kind is
/// declared by its type alone, the bound is [`Known`].
pub trait Cached:
    kube::Resource<Scope: 'static> + Clone + std::fmt::Debug + serde::de::DeserializeOwned + Send + Sync + 'static
{
}

impl<K> Cached for K where
    K: kube::Resource<Scope: 'static>
        + Clone
        + std::fmt::Debug
        + serde::de::DeserializeOwned
        + Send
        + Sync
        + 'static
{
}

/// An object that can be kept in a [`Store`], and whose type says of which kind it is.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say of which kind it is",
    label = "no kind known at compile time that can be cached",
    note = "a kind known at run time only is declared with its `krate::Kind`, as in `triggers.owns_kind(kind)`"
)]
pub trait Known: Cached + kube::Resource<DynamicType = ()> {}

impl<K: Cached + kube::Resource<DynamicType = ()>> Known for K {}
