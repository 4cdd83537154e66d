//! The versions of a kind, and the ways between them.

use std::collections::BTreeSet;
use std::fmt;
use std::marker::PhantomData;

use kube::Resource;
use serde_json::{Value, json};

use super::keep::{Kept, losses, restore};
use super::spoke::{Hub, Spoke};
use crate::crd::{Conversion, CustomResource, Definition, merge};
use crate::error::{Error, Result};
use crate::reconcile::Object;

/// Converts the versions of a kind into each other, through the version `H`, which is the one that is stored.
///
/// Made by [`Webhook::conversion`](crate::webhook::Webhook::conversion). The definition of the kind then has all its
/// versions, and tells the API server to ask the operator. Fields a type does not know are lost; with a structural
/// schema the API server has dropped them before.
#[must_use]
pub struct ConversionWebhook<H> {
    spokes: Vec<Box<dyn Version>>,
    hub: PhantomData<fn() -> H>,
}

/// A conversion whose types are forgotten.
pub(in crate::webhook) trait Converts: Send + Sync {
    fn group(&self) -> String;
    fn kind(&self) -> String;
    fn crd_name(&self) -> String;
    /// Refuses versions that cannot be together.
    fn check(&self) -> Result<()>;
    /// Returns the definition of each version that is not skipped, that of the hub first.
    fn definitions(&self) -> Result<Vec<Definition>>;
    /// Converts an object from one version to another.
    fn convert(&self, object: Value, from: &str, to: &str) -> Result<Value>;
}

/// A version that is not stored, with the way in, to the stored one, and back out.
pub(super) trait Version: Send + Sync {
    fn name(&self) -> String;
    /// Returns its definition, unless it is left out of that of the kind.
    fn definition(&self) -> Result<Option<Definition>>;
    fn inward(&self, object: Value) -> Result<Value>;
    fn outward(&self, object: Value) -> Result<Value>;
}

impl<H: Hub> ConversionWebhook<H> {
    pub(in crate::webhook) fn new() -> Self {
        Self {
            spokes: Vec::new(),
            hub: PhantomData,
        }
    }

    /// Adds a version that is not stored.
    pub fn spoke<S: Spoke<Hub = H> + CustomResource + Object>(mut self) -> Self {
        self.spokes.push(Box::new(Way::<S>(PhantomData)));
        self
    }

    fn version(&self, name: &str) -> Result<&dyn Version> {
        let found = self.spokes.iter().find(|spoke| spoke.name() == name);
        found.map(AsRef::as_ref).ok_or_else(|| {
            Error::new(format!(
                "this operator knows no version `{name}` of {}: add it with `spoke::<..>()`",
                H::kind(&())
            ))
        })
    }
}

impl<H: Hub> Converts for ConversionWebhook<H> {
    fn group(&self) -> String {
        H::group(&()).into_owned()
    }

    fn kind(&self) -> String {
        H::kind(&()).into_owned()
    }

    fn crd_name(&self) -> String {
        H::DECLARATION.crd_name.to_owned()
    }

    fn check(&self) -> Result<()> {
        if self.spokes.is_empty() {
            return Err(Error::new(format!(
                "the conversion of {} has no version beside the stored one: add one with `spoke::<..>()`",
                H::kind(&())
            )));
        }
        let definitions = self.definitions()?;
        merge(&definitions, Conversion::ByWebhook)?;
        if !H::DECLARATION.storage {
            return Err(Error::new(format!(
                "`{}` is the hub but is not stored: remove `storage = false` from its `#[kube(..)]`, and add it to the version that is stored",
                std::any::type_name::<H>()
            )));
        }
        let mut seen = BTreeSet::new();
        let twice = definitions
            .iter()
            .find(|definition| !seen.insert(definition.type_name()));
        twice.map_or(Ok(()), |definition| {
            Err(Error::new(format!(
                "`{}` is added twice to the conversion of {}: remove one `spoke::<..>()`",
                definition.type_name(),
                definition.kind(),
            )))
        })
    }

    fn definitions(&self) -> Result<Vec<Definition>> {
        let spokes = self.spokes.iter().map(|spoke| spoke.definition());
        std::iter::once(Ok(Some(Definition::of::<H>()?)))
            .chain(spokes)
            .filter_map(Result::transpose)
            .collect()
    }

    fn convert(&self, object: Value, from: &str, to: &str) -> Result<Value> {
        if from == to {
            return Ok(object);
        }
        let hub = H::version(&());
        let stored = if from == hub {
            object
        } else {
            self.version(from)?.inward(object)?
        };
        if to == hub {
            return Ok(stored);
        }
        self.version(to)?.outward(stored)
    }
}

/// The way between a spoke and its hub.
pub(super) struct Way<S>(pub(super) PhantomData<fn() -> S>);

impl<S> Version for Way<S>
where
    S: Spoke<Hub: Hub> + CustomResource + Object,
{
    fn name(&self) -> String {
        S::version(&()).into_owned()
    }

    fn definition(&self) -> Result<Option<Definition>> {
        let skip = S::DECLARATION.skip;
        Ok((!skip).then(Definition::of::<S>).transpose()?)
    }

    fn inward(&self, object: Value) -> Result<Value> {
        Trip {
            from: &S::version(&()),
            to: &S::Hub::version(&()),
            keep: S::KEEP,
        }
        .make(object, S::to_hub, S::from_hub)
    }

    fn outward(&self, object: Value) -> Result<Value> {
        Trip {
            from: &S::Hub::version(&()),
            to: &S::version(&()),
            keep: S::KEEP,
        }
        .make(object, S::from_hub, S::to_hub)
    }
}

/// A conversion from one version to another.
struct Trip<'a> {
    from: &'a str,
    to: &'a str,
    keep: bool,
}

impl Trip<'_> {
    /// Converts an object: what was kept for the new version comes back, and what it has no room for is kept.
    fn make<A: Object, B: Object>(
        &self,
        mut object: Value,
        there: impl Fn(A) -> Result<B>,
        back: impl Fn(B) -> Result<A>,
    ) -> Result<Value> {
        let mut kept = Kept::take(&mut object);
        let typed: A = decoded(&object)?;
        // As the type writes it: what it does not know is not lost on this trip.
        let known = if self.keep { encoded(&typed)? } else { Value::Null };
        let mut converted = encoded(&there(typed)?)?;
        restore(&mut converted, &kept.losses_of(self.to));
        if self.keep {
            let returned = encoded(&back(decoded(&converted)?)?)?;
            kept.set(self.from, losses(&known, &returned));
        }
        settle_metadata(&mut converted, &object);
        kept.write(&mut converted);
        Ok(converted)
    }
}

/// The API server lets a conversion change labels and annotations, and nothing else of the metadata.
fn settle_metadata(converted: &mut Value, original: &Value) {
    let mut metadata = original["metadata"].clone();
    if let Some(fields) = metadata.as_object_mut() {
        for key in ["labels", "annotations"] {
            match converted["metadata"].get_mut(key).map(Value::take) {
                Some(value) => fields.insert(key.to_owned(), value),
                None => fields.remove(key),
            };
        }
        converted["metadata"] = metadata;
    }
}

fn decoded<K: Object>(object: &Value) -> Result<K> {
    serde_path_to_error::deserialize(object).map_err(|error| {
        Error::new(format!(
            "the object is no {} of version {}: {error}",
            K::kind(&()),
            K::version(&()),
        ))
    })
}

fn encoded<K: Object>(object: &K) -> Result<Value> {
    let mut value = serde_json::to_value(object)?;
    // Types that leave these out are free to.
    value["apiVersion"] = json!(K::api_version(&()));
    value["kind"] = json!(K::kind(&()));
    Ok(value)
}

impl<H: Hub> fmt::Debug for ConversionWebhook<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let spokes: Vec<String> = self.spokes.iter().map(|spoke| spoke.name()).collect();
        f.debug_struct("ConversionWebhook")
            .field("kind", &H::kind(&()))
            .field("spokes", &spokes)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
#[path = "family_tests.rs"]
mod tests;
