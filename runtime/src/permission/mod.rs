//! What a reconciler may do, as types and as values.
//!
//! `#[derive(Reconciler)]` turns the attribute's `for`, `owns`, `watches` and `permits` into both at once:
//! implementations of [`Permits`], which the methods of [`Context`](crate::Context) ask for, and a list of
//! [`Permission`]s, from which `manifests rbac` prints the role. So the role cannot lack what the code calls.
//!
//! Start with [`Permits`]; [`verb`] has the verbs, [`subresource`] what stands behind the `/` in `pods/status`.

// What `manifests` runs gives an error in place of a panic.
#![cfg_attr(
    not(test),
    deny(
        clippy::expect_used,
        clippy::panic,
        clippy::string_slice,
        clippy::todo,
        clippy::unimplemented,
        clippy::unreachable,
        clippy::unwrap_used,
    )
)]

pub mod subresource;
pub mod verb;

mod declared;

pub use declared::Permission;
pub use verb::Verb;

/// A reconciler that is permitted the verb `V` on objects of kind `K`.
///
/// `V` is one of the types in [`verb`], `K` a kind or one of its [`subresource`]s.
/// Implemented by `#[derive(Reconciler)]`; an implementation by hand adds nothing to the role unless
/// [`Reconciler::permissions`](crate::Reconciler::permissions) says the same.
///
/// ```
/// use krate::permission::{Permits, verb};
/// use krate::k8s_openapi::api::core::v1::Secret;
///
/// struct Reader;
/// impl Permits<verb::get, Secret> for Reader {}
///
/// fn read<R: Permits<verb::get, Secret>>(_: &R) {}
/// read(&Reader);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not permitted to `{V}` `{K}`",
    label = "needs the permission to `{V}` `{K}`",
    note = "declare it on `{Self}`: `#[reconciler(permits({K}: [{V}]))]`"
)]
pub trait Permits<V, K> {}

/// A reconciler that owns objects of kind `K`: it creates them, keeps them and prunes them.
///
/// Implemented by `#[derive(Reconciler)]` for each kind in `owns(..)`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not own `{K}`",
    label = "`{K}` is not declared as owned",
    note = "declare it on `{Self}`: `#[reconciler(owns({K}))]`"
)]
pub trait Owns<K> {}
