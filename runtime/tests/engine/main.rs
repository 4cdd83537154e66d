//! The engine of an operator – informers, controllers, start and stop – against a server that is told how to fail.
//!
//! Everything runs in one process on paused time: no sockets, no waiting, the same order each time.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

mod comings;
mod controllers;
mod exposition;
mod informers;
mod kinds;
mod namespaces;
mod observed;
mod operators;
mod outside;
#[allow(dead_code, reason = "shared with the tests of defects, which use more of it")]
mod probe;
#[allow(dead_code, reason = "shared with the tests of defects, which use more of it")]
mod script;
