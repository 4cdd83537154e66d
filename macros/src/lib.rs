//! The derives of krate: CustomResource, Reconciler and Spoke.

// A macro that panics tells its author nothing but that.
#![cfg_attr(
    not(test),
    deny(
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::string_slice,
        clippy::todo,
        clippy::unimplemented,
        clippy::unreachable,
        clippy::unwrap_used,
    )
)]

mod cel;
mod custom_resource;
mod json_path;
mod kube_schema;
mod pattern;
mod reconciler;
mod rule;
mod spoke;
mod suggest;
mod wire;

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
/// | `validation = "self.spec.min <= self.spec.max"` | a CEL rule over the whole object, or a `Rule`; `validation(rule = "..", message = "..")` also takes `message_expression`, `reason`, `field_path` and `optional_old_self` |
/// | `derive = "PartialEq"`, `attr = "allow(unused)"` | further derives and attributes of the struct |
/// | `annotation("key", "value")`, `label("key", "value")` | metadata of the definition, not of the objects |
/// | `storage = false`, `served = false`, `deprecated`, `deprecated = "use v2"` | what the version is for |
/// | `skip` | the version is left out of the definition, while its type goes on to exist |
/// | `schema = "derived"`, `"manual"` or `"disabled"` | where the schema comes from |
/// | `no_spec` | the fields stand at the root of the object, not under `spec` |
/// | `crate = path::to::krate` | where the runtime is found if not at `::krate`; single crates with `crates(..)` |
#[proc_macro_derive(CustomResource, attributes(kube))]
pub fn derive_custom_resource(input: TokenStream) -> TokenStream {
    custom_resource::derive(input.into()).into()
}

/// Derives `JsonSchema` for a type whose `#[x_kube(..)]` attributes say what only Kubernetes knows.
///
/// Use it in place of `JsonSchema`; attributes of serde and schemars keep their meaning.
///
/// | Key | On | Says |
/// |---|---|---|
/// | `validation = "self.min <= self.max"` | types, fields | a CEL rule, an expression of kube's `Rule`, or `validation(rule = "..", message = "..")` with `message_expression`, `reason`, `field_path` and `optional_old_self`; as often as needed |
/// | `immutable` | fields | the value stays as it was first set |
/// | `at_most_one_of("a", "b")`, `exactly_one_of(..)`, `at_least_one_of(..)` | structs | which optional fields may be set together, by their names in JSON |
/// | `minimum`, `maximum`, `exclusive_minimum`, `exclusive_maximum`, `multiple_of` | numbers | bounds |
/// | `min_length`, `max_length`, `pattern` | texts | bounds, and a regular expression of RE2 |
/// | `format = "date-time"` | all | a format Kubernetes knows |
/// | `one_of("a", "b")` | all | the values allowed |
/// | `min_items`, `max_items`, `items(..)` | lists | bounds, and rules for each item |
/// | `min_properties`, `max_properties`, `values(..)` | maps | bounds, and rules for each value |
/// | `list_type = "map"`, `list_map_keys("name")`, `map_type`, `struct_type` | lists, maps, structs | how server-side apply merges |
/// | `merge_strategy = ListMerge::Set` | fields | the same, as kube spells it |
/// | `embedded_resource`, `preserve_unknown_fields`, `int_or_string`, `nullable` | all | what structural schemas have words for |
/// | `default = 3`, `example = 3` | fields, all | values, of any expression that serializes |
/// | `recursion_depth = 4` | types that contain themselves | how often they are written out; anything goes deeper down |
/// | `descriptions = "full"`, `"short"`, `"none"` | all | how much is said of Kubernetes' own types inside |
/// | `title = ".."`, `external_docs(url = "..", description = "..")` | all | documentation |
/// | `crate = path::to::krate` | types | where the runtime is found if not at `::krate` |
#[proc_macro_derive(KubeSchema, attributes(x_kube, schemars, serde, validate))]
pub fn derive_kube_schema(input: TokenStream) -> TokenStream {
    kube_schema::derive(input.into()).into()
}

/// Derives `Spoke`: how a type of a version that is not stored becomes that of the stored version, and back.
///
/// | On | Attribute | Says |
/// |---|---|---|
/// | type | `#[spoke(hub = v1::Port)]` | what it is converted to; on the spec of a custom resource the stored version, as in `v1::Memcached` |
/// | type | `hub_only(tls, mode = Mode::Off)` | fields only the hub has, with the value they get: the default if none is given |
/// | type | `keep` | what a version has no room for is kept in an annotation |
/// | type | `crate = path::to::krate` | where the runtime is found if not at `::krate` |
/// | field, variant | `#[spoke(rename = replicas)]` | its name in the hub |
/// | field | `with = module` | `module::to_hub` and `module::from_hub` convert it |
/// | field | `spoke_only`, `spoke_only = 3` | only this version has it, and gets this value: the default if none is given |
#[proc_macro_derive(Spoke, attributes(spoke))]
pub fn derive_spoke(input: TokenStream) -> TokenStream {
    spoke::derive(input.into()).into()
}
