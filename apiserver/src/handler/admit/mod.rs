//! Admission: the webhooks a write has to get past, on its way to the store.
//!
//! No lock is held while one is asked. Mutating webhooks see an object before the rules of its kind are applied
//! ([`mutate()`]), validating ones what would be stored ([`validate()`]); both see it in the version they asked for.

mod act;
mod ask;
mod gate;
mod mutate;
mod select;
mod validate;

pub(super) use self::act::Act;
pub(super) use self::gate::{Admits, remove};
pub(super) use self::mutate::mutate;
pub(super) use self::validate::validate;
