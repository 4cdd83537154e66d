//! An operator and everything that can go wrong between it and its API server.
//!
//! [`table`] goes through the faults one by one: after each, the cluster is as it would be without it. [`soak`] lets
//! them all happen at random. [`own_writes`] is about what an operator knows of its own writes while its watches
//! are late. All on the embedded server, in one process, on paused time, from a seed; a few faults also meet a real
//! one, in [`arms`].

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

mod arms;
mod own_writes;
mod shop;
mod soak;
mod table;
mod world;
