//! A connection to the API server: TCP that notices a dead peer, and TLS in it.

use std::io;
use std::time::Duration;

use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::Place;
use super::roots::Roots;
use crate::{Error, Result};

/// How long a connection may take until it is there.
const PATIENCE: Duration = Duration::from_secs(30);
/// After which silence, and how often then, the peer is asked whether it lives; Go's clients do the same.
const PROBE: Duration = Duration::from_secs(30);

/// A connection that is encrypted.
pub(super) type Line = TokioIo<TlsStream<TcpStream>>;

/// Makes connections to one server.
pub(super) struct Connector {
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
        Ok(Self {
            host,
            port: place.port(),
            name,
            roots,
        })
    }

    /// Connects.
    ///
    /// # Errors
    ///
    /// If nobody answers in time, or it is not the server.
    pub(super) async fn connect(&self) -> io::Result<Line> {
        let connected = timeout(PATIENCE, self.shake_hands()).await;
        connected.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
    }

    async fn shake_hands(&self) -> io::Result<Line> {
        let tcp = TcpStream::connect((self.host.as_str(), self.port)).await?;
        tcp.set_nodelay(true)?;
        watch_over(&tcp)?;
        let tls = TlsConnector::from(self.roots.config());
        let stream = tls.connect(self.name.clone(), tcp).await?;
        Ok(TokioIo::new(stream))
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
