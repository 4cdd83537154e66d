//! Any Rust type becomes a definition an API server accepts, and its validation says what serde says.
//!
//! [`row`] is a line of the table: a type, with values that fit it and values that do not. The rooms beside it hold the
//! lines: [`scalars`], [`collections`], [`enums`], [`fields`] with serde's attributes, [`structure`] with generics,
//! recursion and free JSON, [`kubernetes`] with types of Kubernetes' own, [`operators`], imitations of what public
//! operators define, and [`corners`], where a derive could go wrong. [`arms`] holds every line against an embedded server
//! and, where there are binaries, a real one.
#![allow(dead_code, reason = "the types are only described, read and written")]

mod arms;
mod collections;
mod corners;
mod enums;
mod fields;
mod kubernetes;
mod operators;
mod row;
mod scalars;
mod structure;
