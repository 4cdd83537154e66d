//! Services need addresses and ports no other service has.

use std::sync::{MutexGuard, PoisonError};

use serde_json::Value;

use super::call::Call;
use crate::core::bucket_of;
use crate::object::Meta as _;
use crate::registry::addresses;
use crate::status::{Error, Result};

/// Gives a service the addresses it lacks; objects of other kinds are left alone.
///
/// While the guard is held nobody else is given any: keep it until the service is stored.
pub(super) fn settle<'c>(call: &'c Call<'_>, object: &mut Value) -> Result<Option<MutexGuard<'c, ()>>> {
    let resource = &call.resource;
    if !resource.group.is_empty() || resource.plural != "services" || !call.endpoint.name().is_empty() {
        return Ok(None);
    }
    let held = call.core.addresses.lock().unwrap_or_else(PoisonError::into_inner);
    let services = call.core.store.all(&bucket_of("", "services"));
    let stored = services.iter().map(|service| service.value());
    let errors = addresses::assign(object, stored, || call.core.environment.random());
    if errors.is_empty() {
        return Ok(Some(held));
    }
    Err(Error::invalid("", &resource.kind, object.name(), &errors))
}
