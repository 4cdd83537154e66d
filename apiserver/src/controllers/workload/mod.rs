//! Workloads without containers: what controllers, a scheduler and a kubelet would make of them.
//!
//! Each kind has a module with one function `plan`: the object and the [`World`](super::world::World) in, steps out.
//! `actor` follows the objects and carries the plans out.

mod actor;
mod daemon_set;
mod deployment;
mod endpoints;
mod job;
mod node;
mod pod;
mod pods;
mod replica_set;
mod revision;
mod rollout;
mod stateful_set;
mod template;

pub(super) use actor::Actor;

#[cfg(test)]
mod tests;
