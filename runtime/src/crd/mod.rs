//! Custom resources: from Rust types to the definitions an API server accepts.
//!
//! `#[derive(CustomResource)]` writes down what the attributes say as a [`Declaration`]; everything else happens
//! here, at run time, where it can be tested: [`schema`] turns the type's JSON Schema into a structural one, and
//! [`CustomResource::try_crd`] puts both together.
//! [`versions`] puts the versions of a kind into one definition, and [`mod@evolve`] tells what a new definition breaks.
//! It does *not* talk to a cluster.

// What `manifests` runs gives an error in place of a panic.
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

pub mod evolve;
pub mod schema;
#[doc(hidden)]
#[cfg_attr(
    not(test),
    expect(
        clippy::indexing_slicing,
        clippy::panic,
        reason = "it runs while compiling, where a panic is the error"
    )
)]
pub mod shape;
pub mod versions;

mod column;
mod custom_resource;
mod declaration;
mod duration;
mod embedded;
mod path;
mod root;

pub use column::Column;
#[doc(hidden)]
pub use custom_resource::stores;
pub use custom_resource::{CustomResource, definition, infallible};
pub use declaration::{Declaration, Deprecation, Scale, Scope};
pub use duration::{DurationError, GoDuration, go_duration};
pub use embedded::EmbeddedObject;
pub use evolve::{Change, Impact, evolve};
#[doc(hidden)]
pub use root::{BareParts, Parts};
pub use root::{serialize, serialize_flat};
pub use schema::{
    Descriptions, SchemaError, SchemaOptions, SchemaProblem, structural_schema, structural_schema_with,
};
pub use versions::{Conversion, Definition, MergeError, merge};
