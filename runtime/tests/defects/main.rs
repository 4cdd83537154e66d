//! Defects of other frameworks, each with a test that it is absent here.
//!
//! `f..` are those of kube's `Controller`: the same scenario runs on it and on krate, and the test asserts both that
//! krate does right and that the peer does not, so it is known to be able to fail. When a test fails because the
//! peer does right, the peer was mended: drop its half. `c..` are those of controller-runtime.
//! [`catalogue`] says which test stands for which defect, wherever it lives.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

mod catalogue;
mod peer;
mod queueing;
mod runs;
mod shutdown;
mod streams;
mod triggers;

#[allow(
    dead_code,
    reason = "shared with the tests of the engine, which use more of it"
)]
#[path = "../engine/probe.rs"]
mod probe;
#[allow(
    dead_code,
    reason = "shared with the tests of the engine, which use more of it"
)]
#[path = "../engine/script.rs"]
mod script;

use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

/// What makes an object a child of `owner`.
fn owned_by(owner: &serde_json::Value, api_version: &str, kind: &str) -> serde_json::Value {
    let (name, uid) = (&owner["metadata"]["name"], &owner["metadata"]["uid"]);
    let reference = serde_json::json!({
        "apiVersion": api_version, "kind": kind, "name": name, "uid": uid, "controller": true,
    });
    serde_json::json!({"metadata": {"ownerReferences": [reference]}})
}
