//! What happens by itself in a cluster. Each controller is a task that writes like any client.
//!
//! Controllers share no state. Each has a [`Feed`](feed::Feed) of what it follows, a [`Queue`](queue::Queue) of what
//! it still has to look at, and a [`Client`](client::Client) to write by. What they decide is planned by pure
//! functions and carried out afterwards. [`tasks`] is where they start.

mod client;
mod condition;
mod feed;
mod garbage;
mod namespace;
mod namespace_content;
mod plan;
mod queue;
mod role;
mod start;
mod workload;
mod world;

pub(crate) use start::tasks;
