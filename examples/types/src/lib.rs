//! The API types of an operator in a crate of their own, shared by the operator, its clients and its tests.
//!
//! It depends on krate without the feature `runtime`: the derives, conditions and conversions are there, and nothing
//! that could reach a cluster.

pub mod v1;
pub mod v1alpha1;
