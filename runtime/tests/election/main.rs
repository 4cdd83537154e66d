//! Several replicas of an operator and one lease, on paused time against the embedded server.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

mod duty;
mod handover;
mod loss;
mod replica;
