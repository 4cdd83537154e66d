//! The house of an operator: client, caches, controllers and servers, started and stopped in order.
//!
//! Started: servers, webhooks, caches, tasks, controllers that run everywhere, election, controllers. Stopped:
//! controllers – nothing new is started and what runs may finish, its context untouched – then tasks, caches, webhooks,
//! servers, and the lease last of all, so that nobody else takes over while this process can still write.
//!
//! Nothing here is global: a process may hold any number of operators. Start reading at [`Operator`].

// What runs an operator, and what `manifests` asks of it, gives an error in place of a panic.
#![cfg_attr(
    not(test),
    deny(
        clippy::expect_used,
        clippy::panic,
        clippy::string_slice,
        clippy::todo,
        clippy::unimplemented,
        clippy::unreachable,
        clippy::unwrap_used,
    )
)]

mod declare;
mod doors;
mod duty;
mod hall;
mod handle;
mod house;
mod install;
mod lead;
mod part;
mod roster;
mod run;
mod signal;
mod site;
mod stop;

pub use declare::Operator;
pub use doors::Access;
pub use duty::Leading;
pub use handle::Handle;
pub use part::{Part, Scope, Stage};
pub use roster::Added;
pub(crate) use site::Sight;
pub use site::Site;
pub use stop::Stop;
