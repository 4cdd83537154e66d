//! The test every conversion should have: nothing is lost there and back.

use std::marker::PhantomData;

use fastrand::Rng;
use schemars::JsonSchema;
use serde_json::{Value, json};

use super::family::{Version, Way};
use super::generate::Maker;
use super::spoke::{Hub, Spoke};
use crate::crd::{CustomResource, Scope};
use crate::error::{Error, Result};
use crate::reconcile::Object;

/// How many objects [`round_trips`] tries in each direction.
const OBJECTS: usize = 500;

/// Checks that objects survive a trip to another version and back, in both directions; call it in a test.
///
/// Objects are made up from the schemas of the two types, the same ones every time. Patterns and CEL rules are
/// not looked at: where a conversion needs them, hand over objects of your own with [`RoundTrips::object`].
///
/// ```no_run
/// # use krate::prelude::JsonSchema;
/// # use krate::{CustomResource, webhook::{Hub, Spoke}, reconcile::Object};
/// # fn example<V1Alpha1>() -> krate::Result<()>
/// # where V1Alpha1: Spoke<Hub: Hub + JsonSchema> + CustomResource + Object + JsonSchema {
/// krate::webhook::conversion::round_trips::<V1Alpha1>()
/// # }
/// ```
///
/// # Errors
///
/// With the first field that is not what it was, and the object; or if a conversion fails, or if the schema says so
/// little that hardly any object made from it can be read.
pub fn round_trips<S>() -> Result<()>
where
    S: Spoke<Hub: Hub + JsonSchema> + CustomResource + Object + JsonSchema,
{
    RoundTrips::<S>::new().check()
}

/// A check of round trips with options; [`round_trips`] is the one without.
#[derive(Clone, Debug)]
#[must_use]
pub struct RoundTrips<S> {
    seed: u64,
    objects: usize,
    given: Vec<Value>,
    spoke: PhantomData<fn() -> S>,
}

impl<S> RoundTrips<S>
where
    S: Spoke<Hub: Hub + JsonSchema> + CustomResource + Object + JsonSchema,
{
    /// Returns a check of 500 objects in each direction.
    #[expect(clippy::new_without_default, reason = "a check is no value to fall back to")]
    pub fn new() -> Self {
        Self {
            seed: 0,
            objects: OBJECTS,
            given: Vec::new(),
            spoke: PhantomData,
        }
    }

    /// Makes up other objects.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Sets how many objects are made up for each direction; none leaves those that are given.
    pub fn objects(mut self, objects: usize) -> Self {
        self.objects = objects;
        self
    }

    /// Adds an object to be tried, of either version.
    pub fn object(mut self, object: Value) -> Self {
        self.given.push(object);
        self
    }

    /// Makes the trips.
    ///
    /// # Errors
    ///
    /// As [`round_trips`] does.
    pub fn check(self) -> Result<()> {
        let way = Way::<S>(PhantomData);
        let there = |object| way.inward(object);
        let back = |object| way.outward(object);
        let mut rng = Rng::with_seed(self.seed);
        for object in self.given {
            if object["apiVersion"] == json!(S::api_version(&())) {
                trip::<S>(object, there, back)?;
            } else {
                trip::<S::Hub>(object, back, there)?;
            }
        }
        trips::<S>(self.objects, &mut rng, there, back)?;
        trips::<S::Hub>(self.objects, &mut rng, back, there)
    }
}

/// Makes trips of objects of one version.
fn trips<K: CustomResource + Object + JsonSchema>(
    objects: usize,
    rng: &mut Rng,
    there: impl Fn(Value) -> Result<Value>,
    back: impl Fn(Value) -> Result<Value>,
) -> Result<()> {
    let mut maker = Maker::of::<K>(rng);
    let mut unread = 0;
    for _ in 0..objects {
        let mut object = maker.value();
        object["apiVersion"] = json!(K::api_version(&()));
        object["kind"] = json!(K::kind(&()));
        object["metadata"] = maker.metadata(K::DECLARATION.scope == Scope::Namespaced);
        if serde_json::from_value::<K>(object.clone()).is_err() {
            unread += 1;
            continue;
        }
        trip::<K>(object, &there, &back)?;
    }
    if unread * 2 > objects {
        return Err(Error::new(format!(
            "of {objects} objects made from the schema of {}, {} could not be read: hand over some of your own with `RoundTrips::object`",
            K::api_version(&()),
            unread
        )));
    }
    Ok(())
}

/// Makes one trip, and compares what left with what came back, both as the type writes them.
fn trip<K: Object>(
    object: Value,
    there: impl Fn(Value) -> Result<Value>,
    back: impl Fn(Value) -> Result<Value>,
) -> Result<()> {
    let version = K::version(&()).into_owned();
    let left = canonical::<K>(&object)?;
    let failed = |error: Error| error.context(format!("make a round trip from {version} with {left}"));
    let away = there(left.clone()).map_err(failed)?;
    let returned = canonical::<K>(&back(away.clone()).map_err(failed)?)?;
    match difference(&left, &returned, String::new()) {
        None => Ok(()),
        Some((path, was, is)) => Err(Error::new(format!(
            "`{path}` is lost on a round trip from {version}: it was {was}, and came back as {is}\n  left as  {left}\n  was away as  {away}\nhelp: convert it, or keep it with `#[spoke(keep)]`"
        ))),
    }
}

fn canonical<K: Object>(object: &Value) -> Result<Value> {
    let typed: K = serde_json::from_value(object.clone())?;
    Ok(serde_json::to_value(typed)?)
}

/// Returns the first place where two values differ, and what is there.
fn difference(left: &Value, right: &Value, path: String) -> Option<(String, String, String)> {
    match (left, right) {
        _ if left == right => None,
        (Value::Object(a), Value::Object(b)) => {
            let keys: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            keys.into_iter().find_map(|key| {
                let path = format!("{path}.{key}").trim_start_matches('.').to_owned();
                match (a.get(key), b.get(key)) {
                    (Some(a), Some(b)) => difference(a, b, path),
                    (a, b) => Some((path, shown(a), shown(b))),
                }
            })
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            let mut items = a.iter().zip(b).enumerate();
            items.find_map(|(index, (a, b))| difference(a, b, format!("{path}[{index}]")))
        }
        _ => Some((path, shown(Some(left)), shown(Some(right)))),
    }
}

fn shown(value: Option<&Value>) -> String {
    value.map_or_else(|| "nothing".to_owned(), ToString::to_string)
}
