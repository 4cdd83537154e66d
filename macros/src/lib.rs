//! The derives of krate: CustomResource and Reconciler.

mod reconciler;
mod suggest;

use proc_macro::TokenStream;

/// Derives `Reconciler`: what a reconciler is for, owns, watches and may do, from `#[reconciler(..)]`.
///
/// | Key | Says |
/// |---|---|
/// | `for = Memcached` | the kind that is reconciled; permits get, list, watch, update and patch on it, its status and its finalizers |
/// | `owns(Deployment, Service)` | kinds that are created for it; their changes trigger their owner; permits get, list, watch, create, patch and delete |
/// | `watches(Secret, via = Self::of_secret)` | kinds whose changes trigger what the function returns; without `via` they are only kept for reading; permits get, list and watch |
/// | `permits(Secret: [get], Pod/eviction: [create])` | what else is done |
/// | `finalizer = "cache.example.com/cleanup"` | deletion waits until `Reconcile::cleanup` succeeded |
/// | `name = "memcached"` | the name of the controller; the kind in lower case if it is left out |
/// | `external` | the definition of the kind belongs to someone else and is not printed by `manifests` |
/// | `crate = path::to::krate` | where the runtime is found if not at `::krate` |
#[proc_macro_derive(Reconciler, attributes(reconciler))]
pub fn derive_reconciler(input: TokenStream) -> TokenStream {
    reconciler::derive(input.into()).into()
}
