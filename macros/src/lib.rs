//! The derives of krate: CustomResource and Reconciler.

mod custom_resource;
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

/// Derives the root type of a custom resource from its spec; the attributes are kube's.
///
/// | Key | Says |
/// |---|---|
/// | `group`, `version`, `kind` | what the API server calls it; required |
/// | `root = "Name"` | the name of the generated struct; the kind if it is left out |
/// | `doc = "..."` | its documentation; the spec's if it is left out |
/// | `plural`, `singular`, `shortname`, `category` | further names; the last two as often as needed |
/// | `namespaced` | objects live in namespaces, not in the cluster as a whole |
/// | `status = "Status"` | the type of the status, which becomes a subresource |
/// | `printcolumn(name = "..", type_ = "..", json_path = "..")` | a column of `kubectl get`; also `description`, `format`, `priority` |
/// | `selectable = ".spec.field"` | a field that field selectors may use |
/// | `scale(spec_replicas_path = "..", status_replicas_path = "..")` | the scale subresource; also `label_selector_path` |
/// | `validation = "self.spec.min <= self.spec.max"` | a CEL rule over the whole object, or a `Rule` |
/// | `derive = "PartialEq"`, `attr = "allow(unused)"` | further derives and attributes of the struct |
/// | `annotation("key", "value")`, `label("key", "value")` | metadata of the definition, not of the objects |
/// | `storage = false`, `served = false`, `deprecated`, `deprecated = "use v2"` | what the version is for |
/// | `schema = "derived"`, `"manual"` or `"disabled"` | where the schema comes from |
/// | `no_spec` | the fields stand at the root of the object, not under `spec` |
/// | `crate = path::to::krate` | where the runtime is found if not at `::krate`; single crates with `crates(..)` |
#[proc_macro_derive(CustomResource, attributes(kube))]
pub fn derive_custom_resource(input: TokenStream) -> TokenStream {
    custom_resource::derive(input.into()).into()
}
