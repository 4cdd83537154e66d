//! What a request asks for: from method, path and query to values; pure.
//!
//! [`RequestInfo`] says which verb on which resource; the option types read the query and refuse what a real
//! server refuses, with its words. Who asks and whether it exists is not decided here.

mod delete;
mod duration;
mod info;
mod list;
mod query;
mod write;

pub use self::delete::{DeleteOptions, Preconditions, Propagation};
pub use self::duration::parse_duration;
pub use self::info::{RequestInfo, ResourcePath, Verb};
pub use self::list::{ListOptions, VersionMatch};
pub use self::query::Query;
pub use self::write::{FieldValidation, PatchKind, WriteOptions};
