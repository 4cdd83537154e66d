//! What is written into a lease, field by field as client-go does.

use jiff::Timestamp;
use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;
use kube::core::ObjectMeta;

use super::options::Settled;

/// Returns who holds a lease, `None` if nobody does.
pub(super) fn holder(lease: &Lease) -> Option<&str> {
    let holder = lease.spec.as_ref()?.holder_identity.as_deref()?;
    Some(holder).filter(|holder| !holder.is_empty())
}

/// Returns how often the lease changed hands.
pub(super) fn transitions(lease: &Lease) -> i32 {
    lease
        .spec
        .as_ref()
        .and_then(|spec| spec.lease_transitions)
        .unwrap_or_default()
}

/// Returns the first lease of its name, ours.
pub(super) fn first(settled: &Settled, now: Timestamp) -> Lease {
    let metadata = ObjectMeta {
        name: Some(settled.name.clone()),
        namespace: Some(settled.namespace.clone()),
        ..ObjectMeta::default()
    };
    Lease {
        metadata,
        spec: Some(ours(settled, 0, MicroTime(now), now)),
    }
}

/// Returns the lease after it changed hands to us.
pub(super) fn claimed(lease: &Lease, settled: &Settled, now: Timestamp) -> Lease {
    let spec = ours(settled, transitions(lease).saturating_add(1), MicroTime(now), now);
    with(lease, spec)
}

/// Returns our lease, renewed.
pub(super) fn renewed(lease: &Lease, settled: &Settled, now: Timestamp) -> Lease {
    let acquired = lease.spec.as_ref().and_then(|spec| spec.acquire_time.clone());
    let spec = ours(
        settled,
        transitions(lease),
        acquired.unwrap_or(MicroTime(now)),
        now,
    );
    with(lease, spec)
}

/// Returns our lease, given up: nobody holds it, and for those who do not look at that it is over in a second.
pub(super) fn released(lease: &Lease, now: Timestamp) -> Lease {
    let spec = LeaseSpec {
        holder_identity: None,
        lease_duration_seconds: Some(1),
        acquire_time: Some(MicroTime(now)),
        renew_time: Some(MicroTime(now)),
        ..lease.spec.clone().unwrap_or_default()
    };
    with(lease, spec)
}

fn ours(settled: &Settled, transitions: i32, acquired: MicroTime, now: Timestamp) -> LeaseSpec {
    LeaseSpec {
        holder_identity: Some(settled.identity.clone()),
        lease_duration_seconds: Some(settled.times.whole_seconds()),
        acquire_time: Some(acquired),
        renew_time: Some(MicroTime(now)),
        lease_transitions: Some(transitions),
        ..LeaseSpec::default()
    }
}

/// Others' labels, annotations and owners stay; so does the version, which guards the write.
fn with(lease: &Lease, mut spec: LeaseSpec) -> Lease {
    let old = lease.spec.clone().unwrap_or_default();
    spec.strategy = old.strategy;
    spec.preferred_holder = old.preferred_holder;
    Lease {
        metadata: lease.metadata.clone(),
        spec: Some(spec),
    }
}
