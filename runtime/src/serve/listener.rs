//! Accepting connections, and ending them in order.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{debug, info, warn};

use super::connection::Front;
use super::protocol::Protocol;
use super::report::{Counted, Counters};
use super::{Handle, Limits, Observe, Routes, Server};
use crate::Result;

/// How long accepting waits after it failed: doubling from the first to the last, as Go does.
const BACK_OFF: (Duration, Duration) = (Duration::from_millis(5), Duration::from_secs(1));

/// A server that listens and does not answer yet.
pub struct Listener {
    socket: TcpListener,
    address: SocketAddr,
    acceptor: Option<TlsAcceptor>,
    http2: Option<Protocol>,
    limits: Limits,
    observers: Arc<[Arc<dyn Observe>]>,
    handle: Handle,
}

impl Listener {
    pub(super) async fn open(server: Server) -> Result<Option<Self>> {
        let config = server.tls.as_ref().map(super::Tls::config).transpose()?;
        let Some(socket) = server.address.listen().await? else {
            debug!(server = server.handle.name(), "off");
            return Ok(None);
        };
        let address = socket.local_addr()?;
        server.handle.set_address(address);
        Ok(Some(Self {
            socket,
            address,
            acceptor: config.map(TlsAcceptor::from),
            http2: server.tls.and_then(|tls| tls.http2),
            limits: server.limits,
            observers: server.observers.into(),
            handle: server.handle,
        }))
    }

    /// Returns where it listens, with the port the system chose if none was asked for.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until `stopped`; then lets requests in flight finish, and returns when every connection is closed.
    ///
    /// # Errors
    ///
    /// If a path is served by two handlers. A running server does not fail.
    pub async fn serve(self, routes: Routes, stopped: impl Future<Output = ()> + Send) -> Result<()> {
        routes.check()?;
        info!(server = self.handle.name(), address = %self.address, tls = self.acceptor.is_some(), "serving");
        let drain = self.limits.drain;
        let (tasks, cut) = (TaskTracker::new(), CancellationToken::new());
        // Whoever drops this future drops every connection.
        let _cut = cut.clone().drop_guard();
        let finish = CancellationToken::new();
        let front = Arc::new(Front {
            acceptor: self.acceptor,
            http2: self.http2,
            routes,
            limits: self.limits,
            observers: self.observers,
            counters: Arc::clone(&self.handle.counters),
            finish: finish.clone(),
            cut: cut.clone(),
        });
        tokio::select! {
            () = accept(&self.socket, &front, &tasks) => {}
            () = stopped => {}
        }
        // Closed before anything else: a client that comes now is to try another replica.
        drop(self.socket);
        finish.cancel();
        tasks.close();
        if timeout(drain, tasks.wait()).await.is_err() {
            warn!(
                server = self.handle.name(),
                "cutting off requests that did not finish in time"
            );
            cut.cancel();
            tasks.wait().await;
        }
        Ok(())
    }
}

/// Accepts for as long as it is polled: errors are waited out, most often others have to close first.
async fn accept(socket: &TcpListener, front: &Arc<Front>, tasks: &TaskTracker) {
    let places = Arc::new(Semaphore::new(
        front.limits.connections.min(Semaphore::MAX_PERMITS),
    ));
    let mut wait = BACK_OFF.0;
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        match socket.accept().await {
            Ok((stream, from)) => {
                wait = BACK_OFF.0;
                Counters::count(&front.counters.accepted);
                let open = Counted::new(&front.counters, |counters| &counters.connections);
                let front = Arc::clone(front);
                tasks.spawn(async move {
                    let _held = (place, open);
                    no_delay(&stream);
                    front.take(stream, from).await;
                });
            }
            Err(error) => {
                if wait == BACK_OFF.0 {
                    warn!(%error, "failed to accept a connection, trying again");
                }
                Counters::count(&front.counters.accept_errors);
                sleep(wait).await;
                wait = (wait * 2).min(BACK_OFF.1);
            }
        }
    }
}

/// Answers are small and should not wait for each other.
fn no_delay(stream: &TcpStream) {
    if let Err(error) = stream.set_nodelay(true) {
        debug!(%error, "failed to switch off delays");
    }
}

impl std::fmt::Debug for Listener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Listener")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}
