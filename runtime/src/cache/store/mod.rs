//! The store of one kind: cheap handles to shared state. [`Store`] is where to start.

mod handle;
#[cfg(test)]
mod packed_tests;
mod progress;
mod read;
mod report;
mod state;
mod strain;
mod subscription;
#[cfg(test)]
mod tests;
mod write;

pub use handle::Store;
pub use read::Read;
pub(crate) use subscription::Handler;
