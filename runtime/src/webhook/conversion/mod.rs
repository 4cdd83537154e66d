//! Conversion: the versions of a kind, turned into each other.
//!
//! One version is the [`Hub`], the one that is stored; every other is a [`Spoke`], which converts to the hub and
//! back. Derive `Spoke` where fields are the same or only have other names, and write it where they are not.
//!
//! ```
//! use krate::prelude::*;
//! use krate::webhook::{Hub, Spoke, Webhook};
//!
//! mod v1 {
//!     # use krate::prelude::*;
//!     #[derive(CustomResource, Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
//!     #[kube(group = "cache.example.com", version = "v1", kind = "Memcached", namespaced)]
//!     pub struct MemcachedSpec {
//!         pub replicas: i32,
//!     }
//! }
//!
//! mod v1alpha1 {
//!     # use krate::prelude::*;
//!     # use krate::webhook::Spoke;
//!     # use super::v1;
//!     #[derive(CustomResource, Spoke, Serialize, Deserialize, JsonSchema, Clone, Debug, PartialEq)]
//!     #[kube(group = "cache.example.com", version = "v1alpha1", kind = "Memcached", namespaced, storage = false)]
//!     #[spoke(hub = v1::Memcached)]
//!     pub struct MemcachedSpec {
//!         #[spoke(rename = replicas)]
//!         pub size: i32,
//!     }
//! }
//!
//! impl Hub for v1::Memcached {}
//!
//! fn operator() -> Operator {
//!     Operator::new().webhook(Webhook::conversion::<v1::Memcached>().spoke::<v1alpha1::Memcached>())
//! }
//!
//! # /*
//! #[test]
//! # */
//! fn nothing_is_lost() -> Result<()> {
//!     krate::webhook::conversion::round_trips::<v1alpha1::Memcached>()
//! }
//! # fn main() {
//! #     nothing_is_lost().unwrap();
//! #     operator().manifests().unwrap();
//! # }
//! ```
//!
//! Inside: `family` knows the versions of a kind, `review` is the wire, `keep` keeps in an annotation what a version
//! has no room for, `generate` makes up objects for [`round_trips`].

#[doc(hidden)]
pub mod derived;

#[cfg(feature = "runtime")]
mod family;
#[cfg(feature = "runtime")]
mod generate;
#[cfg(feature = "runtime")]
mod keep;
#[cfg(feature = "runtime")]
mod review;
#[cfg(feature = "runtime")]
mod round_trip;
mod spoke;

#[cfg(feature = "runtime")]
pub use family::ConversionWebhook;
#[cfg(feature = "runtime")]
pub use keep::KEPT;
pub use krate_macros::Spoke;
#[cfg(feature = "runtime")]
pub use round_trip::{RoundTrips, round_trips};
pub use spoke::{Hub, Spoke};

#[cfg(feature = "runtime")]
pub(super) use family::Converts;
#[cfg(feature = "runtime")]
pub(super) use review::answer;
