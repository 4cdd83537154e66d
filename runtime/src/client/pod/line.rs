//! A connection to the API server: TCP that notices a dead peer, and TLS in it.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::future::BoxFuture;
use http::Uri;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tower::Service;

use super::Place;
use super::roots::Roots;
use crate::{Error, Result};

/// How long a connection may take until it is there.
const PATIENCE: Duration = Duration::from_secs(30);
/// After which silence, and how often then, the peer is asked whether it lives; Go's clients do the same.
const PROBE: Duration = Duration::from_secs(30);

/// Makes connections to one server.
#[derive(Clone)]
pub(super) struct Connector {
    server: Arc<Server>,
}

struct Server {
    host: String,
    port: u16,
    name: ServerName<'static>,
    roots: Roots,
}

impl Connector {
    /// Returns what connects to the server of a place.
    ///
    /// # Errors
    ///
    /// If the host is no name that a certificate could have.
    pub(super) fn new(place: &Place, roots: Roots) -> Result<Self> {
        let host = place.host().to_owned();
        let name = ServerName::try_from(host.clone())
            .map_err(|_| Error::new(format!("`{host}` is neither a name nor an address of a server")))?;
        let server = Server {
            host,
            port: place.port(),
            name,
            roots,
        };
        Ok(Self {
            server: Arc::new(server),
        })
    }
}

impl Server {
    async fn connect(&self) -> io::Result<Line> {
        let tcp = TcpStream::connect((self.host.as_str(), self.port)).await?;
        tcp.set_nodelay(true)?;
        watch_over(&tcp)?;
        let tls = TlsConnector::from(self.roots.config());
        let stream = tls.connect(self.name.clone(), tcp).await?;
        Ok(Line(TokioIo::new(stream)))
    }
}

/// Lets the system notice that a peer is gone without a word.
fn watch_over(tcp: &TcpStream) -> io::Result<()> {
    use rustix::net::sockopt;
    sockopt::set_socket_keepalive(tcp, true)?;
    sockopt::set_tcp_keepidle(tcp, PROBE)?;
    sockopt::set_tcp_keepintvl(tcp, PROBE)?;
    Ok(())
}

impl Service<Uri> for Connector {
    type Response = Line;
    type Error = io::Error;
    type Future = BoxFuture<'static, io::Result<Line>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    /// Connects; whatever the address says, there is one server.
    fn call(&mut self, _: Uri) -> Self::Future {
        let server = Arc::clone(&self.server);
        Box::pin(async move {
            let connected = timeout(PATIENCE, server.connect()).await;
            connected.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
        })
    }
}

/// A connection that is encrypted.
pub(super) struct Line(TokioIo<TlsStream<TcpStream>>);

impl Connection for Line {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl Read for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl Write for Line {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write_vectored(cx, parts)
    }
}
