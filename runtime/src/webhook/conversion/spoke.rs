//! The two traits of conversion: the version that is stored, and the versions that are not.

use std::collections::BTreeMap;

use crate::crd::CustomResource;
use crate::error::Result;
use crate::object::Object;

/// The version of a kind that is stored, and that all others are converted to and from.
///
/// It has no methods: `impl Hub for Memcached {}` says which version it is. Take the newest stable one, and the one
/// that can say everything the others can.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the stored version of a kind",
    label = "is no hub",
    note = "write `impl krate::webhook::Hub for {Self} {{}}` for the version that is stored"
)]
pub trait Hub: CustomResource + Object {}

/// A type of a version that is not stored, and how it becomes that of the stored version and back.
///
/// Implemented for the version of a kind, and for the structs and enums inside it. Lists, maps with texts as keys,
/// `Option` and `Box` of a spoke are spokes.
///
/// # Deriving it
///
/// `#[derive(Spoke)]` converts fields of the same name that have the same type, or a type that is a spoke of the
/// other. On the spec of a custom resource, beside `#[kube(..)]`, it names the stored version, and converts the
/// whole object with metadata and status.
///
/// | On | Attribute | Says |
/// |---|---|---|
/// | type | `#[spoke(hub = v1::Port)]` | what it is converted to |
/// | type | `hub_only(tls, mode = Mode::Off)` | fields only the stored version has, with the value they get: the default if none is given |
/// | type | `keep` | what a version has no room for is kept in an annotation, see [`KEEP`](Self::KEEP) |
/// | type | `crate = path::to::krate` | where the runtime is found if not at `::krate` |
/// | field, variant | `#[spoke(rename = replicas)]` | its name in the stored version |
/// | field | `with = module` | `module::to_hub` and `module::from_hub` convert it; both return a `Result` |
/// | field | `spoke_only`, `spoke_only = 3` | only this version has it, and gets this value: the default if none is given |
///
/// # Writing it
///
/// ```
/// use krate::Result;
/// use krate::webhook::Spoke;
///
/// /// Seconds in the new version.
/// struct Timeout(u64);
/// /// Milliseconds in the old one.
/// struct Patience(u64);
///
/// impl Spoke for Patience {
///     type Hub = Timeout;
///
///     fn to_hub(self) -> Result<Timeout> {
///         Ok(Timeout(self.0 / 1000))
///     }
///
///     fn from_hub(hub: Timeout) -> Result<Self> {
///         Ok(Self(hub.0 * 1000))
///     }
/// }
/// ```
///
/// This one loses milliseconds, and [`round_trips`](super::round_trips) says so.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not convert to the stored version",
    label = "is neither of the type of the hub's field nor a spoke of it",
    note = "derive it for a type of your own: `#[derive(Spoke)] #[spoke(hub = ..)]`",
    note = "for a field whose types differ, name functions that convert it: `#[spoke(with = module)]`"
)]
pub trait Spoke: Sized {
    /// What it is converted to.
    type Hub;

    /// Whether what one version has no room for is kept in the annotation [`KEPT`](super::KEPT) while an object is
    /// in that version.
    ///
    /// It counts for a version of a kind, not for types inside.
    const KEEP: bool = false;

    /// Returns what it is in the stored version.
    ///
    /// # Errors
    ///
    /// If it cannot be said there; the request of the user fails with this error.
    fn to_hub(self) -> Result<Self::Hub>;

    /// Returns what this version makes of it.
    ///
    /// # Errors
    ///
    /// If it cannot be said here. Better not to fail: one such object makes lists in this version fail.
    fn from_hub(hub: Self::Hub) -> Result<Self>;
}

impl<S: Spoke> Spoke for Option<S> {
    type Hub = Option<S::Hub>;

    fn to_hub(self) -> Result<Self::Hub> {
        self.map(S::to_hub).transpose()
    }

    fn from_hub(hub: Self::Hub) -> Result<Self> {
        hub.map(S::from_hub).transpose()
    }
}

impl<S: Spoke> Spoke for Box<S> {
    type Hub = Box<S::Hub>;

    fn to_hub(self) -> Result<Self::Hub> {
        (*self).to_hub().map(Box::new)
    }

    fn from_hub(hub: Self::Hub) -> Result<Self> {
        S::from_hub(*hub).map(Box::new)
    }
}

impl<S: Spoke> Spoke for Vec<S> {
    type Hub = Vec<S::Hub>;

    fn to_hub(self) -> Result<Self::Hub> {
        let convert = |(index, item): (usize, S)| item.to_hub().map_err(|error| at(error, index));
        self.into_iter().enumerate().map(convert).collect()
    }

    fn from_hub(hub: Self::Hub) -> Result<Self> {
        let convert = |(index, item)| S::from_hub(item).map_err(|error| at(error, index));
        hub.into_iter().enumerate().map(convert).collect()
    }
}

fn at(error: crate::Error, index: usize) -> crate::Error {
    error.context(format!("convert item {index}"))
}

impl<S: Spoke> Spoke for BTreeMap<String, S> {
    type Hub = BTreeMap<String, S::Hub>;

    fn to_hub(self) -> Result<Self::Hub> {
        let convert = |(key, value): (String, S)| Ok((key, value.to_hub()?));
        self.into_iter().map(convert).collect()
    }

    fn from_hub(hub: Self::Hub) -> Result<Self> {
        let convert = |(key, value)| Ok((key, S::from_hub(value)?));
        hub.into_iter().map(convert).collect()
    }
}
