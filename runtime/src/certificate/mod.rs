//! The certificates an operator serves with, and who trusts them.
//!
//! A [`Slot`] holds the certificate a server shows at the moment; what fills it exchanges it while the server runs.

mod pair;
mod slot;

pub use pair::Pair;
pub use slot::Slot;
