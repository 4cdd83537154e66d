//! Garbage collection: what nobody owns any more goes.

mod collector;
mod graph;
mod verdict;

pub(super) use collector::Collector;
