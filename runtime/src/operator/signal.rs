//! The signals of the operating system: the first asks to finish, the second cuts off.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing::info;

use super::Stop;

/// SIGTERM and SIGINT, taken over from the moment this is made.
pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Passes signals on to a handle, for as long as it is polled.
    pub(super) async fn pass_to(mut self, stop: &Stop) {
        self.next().await;
        info!("stopping, a second signal cuts off what still runs");
        stop.request();
        self.next().await;
        stop.force();
        std::future::pending::<()>().await;
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
