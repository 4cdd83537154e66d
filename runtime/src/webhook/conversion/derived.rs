//! What `#[derive(Spoke)]` calls: how a field is converted, by which method the compiler picks.

use std::marker::PhantomData;

use super::spoke::Spoke;
use crate::error::Result;

/// The types of a field here and in the stored version.
#[derive(Debug)]
pub struct Pair<A, B>(PhantomData<fn(A) -> B>);

impl<A, B> Pair<A, B> {
    /// Returns the pair; the functions are never called, they only say which fields are meant.
    #[must_use]
    pub fn of<S, H>(_: fn(&S) -> Option<&A>, _: fn(&H) -> Option<&B>) -> Self {
        Self(PhantomData)
    }
}

/// On `&Pair`, a method of `Pair` is found first, if its bound holds: the types are the same.
pub trait Same {
    /// Returns how the field is converted.
    fn way(&self) -> Unchanged;
}

impl<T> Same for Pair<T, T> {
    fn way(&self) -> Unchanged {
        Unchanged
    }
}

/// Then one of `&Pair`: the types are those of a spoke and its hub, or nothing that converts.
pub trait Differs<A, B> {
    /// Returns how the field is converted.
    fn way(&self) -> Spokes<A, B>;
}

impl<A, B> Differs<A, B> for &Pair<A, B> {
    fn way(&self) -> Spokes<A, B> {
        Spokes(PhantomData)
    }
}

/// The field is moved.
#[derive(Clone, Copy, Debug)]
pub struct Unchanged;

/// The field is converted.
#[derive(Debug)]
pub struct Spokes<A, B>(PhantomData<fn(A) -> B>);

impl Unchanged {
    /// Returns the field as it is.
    pub fn to_hub<T>(self, value: T) -> Result<T> {
        Ok(value)
    }

    /// Returns the field as it is.
    pub fn from_hub<T>(self, value: T) -> Result<T> {
        Ok(value)
    }
}

impl<A, B> Spokes<A, B> {
    /// Converts the field.
    pub fn to_hub(self, value: A) -> Result<B>
    where
        A: Spoke<Hub = B>,
    {
        value.to_hub()
    }

    /// Converts the field back.
    pub fn from_hub(self, value: B) -> Result<A>
    where
        A: Spoke<Hub = B>,
    {
        A::from_hub(value)
    }
}

/// Says which field did not convert.
pub fn field<T>(name: &str, converted: Result<T>) -> Result<T> {
    converted.map_err(|error| error.context(format!("convert `{name}`")))
}
